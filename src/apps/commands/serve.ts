import type { Config } from '#platform/config.ts'
import { type Command, options, say } from '../command.ts'
import { serve as run } from '../serve.ts'

const runServe = async (config: Config, args: string[]): Promise<number> => {
  const { values } = options(args, { web: { type: 'boolean' }, worker: { type: 'boolean' } })
  const both = !values.web && !values.worker
  return run(config, { web: both || values.web === true, worker: both || values.worker === true }, say)
}

export const serve: Command = {
  name: 'serve',
  usage: 'serve [--web|--worker]',
  about: 'run the web server and the worker, or one of them',
  run: runServe,
}
