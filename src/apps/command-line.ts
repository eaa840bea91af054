import { ConfigError, parseConfig, RefusedError } from '#platform/config.ts'
import { type Command, UsageError } from './command.ts'
import { backup } from './commands/backup.ts'
import { deletionConcept } from './commands/deletion-concept.ts'
import { demo } from './commands/demo.ts'
import { doctor } from './commands/doctor.ts'
import { keys } from './commands/keys.ts'
import { mail } from './commands/mail.ts'
import { migrate } from './commands/migrate.ts'
import { notice } from './commands/notice.ts'
import { processorNotice } from './commands/processor-notice.ts'
import { receipt } from './commands/receipt.ts'
import { record } from './commands/record.ts'
import { restore } from './commands/restore.ts'
import { retention } from './commands/retention.ts'
import { serve } from './commands/serve.ts'
import { statistics } from './commands/statistics.ts'
import { tenant } from './commands/tenant.ts'
import { DifferenceError } from './doctor/index.ts'

const commands: readonly Command[] = [
  serve,
  migrate,
  doctor,
  tenant,
  notice,
  record,
  deletionConcept,
  processorNotice,
  retention,
  backup,
  restore,
  keys,
  receipt,
  mail,
  statistics,
  demo,
]

const help = (): string =>
  ['anlaufstelle <command>', '', ...commands.map(({ usage, about }) => `  ${usage}\n      ${about}`), ''].join('\n')

const main = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const [name = 'help', ...rest] = args
  const command = commands.find((each) => each.name === name)
  if (name === 'help' || name === '--help' || rest.includes('--help')) {
    const more = command?.details ? `${command.details}\n` : ''
    process.stdout.write(command ? `anlaufstelle ${command.usage}\n  ${command.about}\n${more}` : help())
    return 0
  }
  if (!command) throw new UsageError(`there is no command ${name}\n\n${help()}`)
  try {
    return await command.run(parseConfig(env), rest)
  } catch (error) {
    if (error instanceof UsageError) error.message += `\nUsage: anlaufstelle ${command.usage}`
    throw error
  }
}

/** Exit code and words of what ended a command. */
const endOf = (error: unknown): [code: number, words: string] => {
  if (error instanceof UsageError) return [2, error.message]
  if (error instanceof ConfigError) return [78, error.message]
  if (error instanceof DifferenceError || error instanceof RefusedError) return [1, error.message]
  return [1, error instanceof Error ? (error.stack ?? error.message) : String(error)]
}

/** Runs what the command line says, and resolves with the exit code. Whatever goes wrong stands on stderr. */
export const runCommand = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  try {
    return await main(args, env)
  } catch (error) {
    const [code, words] = endOf(error)
    process.stderr.write(`${words}\n`)
    return code
  }
}
