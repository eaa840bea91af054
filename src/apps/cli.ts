import { ConfigError, parseConfig, RefusedError } from '#platform/config.ts'
import { type Command, UsageError } from './command.ts'
import { backup } from './commands/backup.ts'
import { demo } from './commands/demo.ts'
import { keys } from './commands/keys.ts'
import { mail } from './commands/mail.ts'
import { migrate } from './commands/migrate.ts'
import { notice } from './commands/notice.ts'
import { restore } from './commands/restore.ts'
import { serve } from './commands/serve.ts'
import { tenant } from './commands/tenant.ts'

const commands: readonly Command[] = [serve, migrate, tenant, notice, mail, backup, restore, keys, demo]

const help = (): string =>
  ['anlaufstelle <command>', '', ...commands.map(({ usage, about }) => `  ${usage.padEnd(44)}${about}`), ''].join('\n')

const main = async (args: string[]): Promise<number> => {
  const [name = 'help', ...rest] = args
  const command = commands.find((each) => each.name === name)
  if (name === 'help' || name === '--help' || rest.includes('--help')) {
    process.stdout.write(command ? `anlaufstelle ${command.usage}\n  ${command.about}\n` : help())
    return 0
  }
  if (!command) throw new UsageError(`there is no command ${name}\n\n${help()}`)
  return command.run(parseConfig(process.env), rest)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  } else if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 78
  } else if (error instanceof RefusedError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  }
}
