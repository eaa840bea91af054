import type { Config } from '#platform/config.ts'
import { problemLine } from '#register/load/load.ts'
import { type Command, options, say } from '../command.ts'
import { clientDir, withComposed } from '../compose.ts'
import { differenceLine, examine } from '../doctor/index.ts'
import { features } from '../features.ts'

const runDoctor = async (config: Config, args: string[]): Promise<number> => {
  const { values } = options(args, { json: { type: 'boolean' } })
  return withComposed(config, {}, async ({ deps, connection }) => {
    const differences = await examine(deps, connection, features, clientDir)
    const problems = [...deps.register.quarantined.values()].flatMap((tenant) => tenant.problems)
    if (values.json) say(JSON.stringify({ differences, problems }))
    else {
      for (const difference of differences) say(differenceLine(difference))
      for (const problem of problems) say(problemLine(problem))
      for (const slug of deps.register.running.keys()) say(`${slug}: its files fit what is stored`)
      if (differences.length === 0) say('Database, queues, hosts, pages and log are as the register says.')
    }
    return differences.length + problems.length === 0 ? 0 : 1
  })
}

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor [--json]',
  about: 'hold the running system against the register; names every difference',
  run: runDoctor,
}
