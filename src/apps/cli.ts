import { renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { listOpenDeliveries } from '#features/mail/index.ts'
import { noticeHrefs } from '#features/rights/routes.ts'
import { systemClock } from '#platform/clock.ts'
import { type Config, ConfigError, parseConfig } from '#platform/config.ts'
import { languages } from '#platform/i18n/translate.ts'
import { loadRegister, problemLine } from '#register/load.ts'
import { buildNotice, noticeText } from '#register/notice.ts'
import type { RunningTenant } from '#register/register.ts'
import { clockOf, compose, connect, demoClockFile, leave, prepareDatabase } from './compose.ts'
import { features, needs } from './features.ts'
import { serve } from './serve.ts'
import { sweep } from './worker.ts'

/** Wrong words on the command line: exit code 2. */
class UsageError extends Error {}

const say = (line: string) => process.stdout.write(`${line}\n`)

type Command = { usage: string; about: string; run: (config: Config, args: string[]) => Promise<number> }

const options = <O extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(args: string[], known: O) => {
  try {
    return parseArgs({ args, options: known, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'unknown option')
  }
}

const tenantOf = (config: Config, slug: string | undefined): RunningTenant => {
  const register = loadRegister(config.tenantsDir, needs)
  const running = slug === undefined ? undefined : register.running.get(slug)
  if (!running)
    throw new UsageError(`no running tenant ${slug ?? ''}; there are: ${[...register.running.keys()].join(', ')}`)
  return running
}

const runServe = async (config: Config, args: string[]): Promise<number> => {
  const { values } = options(args, { web: { type: 'boolean' }, worker: { type: 'boolean' } })
  const both = !values.web && !values.worker
  return serve(config, { web: both || values.web === true, worker: both || values.worker === true }, say)
}

const runMigrate = async (config: Config): Promise<number> => {
  const { owner, local } = await connect(config, say)
  const ran = await prepareDatabase(owner)
  say(ran.length === 0 ? 'The database is up to date.' : `Ran ${ran.join(', ')}.`)
  if (local) await leave(local)
  return 0
}

const checkTenants = async (config: Config, args: string[]): Promise<number> => {
  const { positionals } = options(args, {})
  if (positionals[0] !== 'check') throw new UsageError('say: tenant check [folder]')
  const register = loadRegister(positionals[1] ?? config.tenantsDir, needs)
  for (const slug of register.running.keys()) say(`${slug}: in order`)
  for (const { problems } of register.quarantined.values()) for (const problem of problems) say(problemLine(problem))
  return register.quarantined.size === 0 ? 0 : 1
}

const printNotice = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { lang: { type: 'string' } })
  const language = languages.find((each) => each === (values.lang ?? 'de'))
  if (!language) throw new UsageError(`--lang: one of ${languages.join(', ')}`)
  const running = tenantOf(config, positionals[0])
  const place = { slug: running.tenant.slug, language }
  process.stdout.write(noticeText(buildNotice(running, language), noticeHrefs(place, config.publicUrl)))
  return 0
}

const mailStatus = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { json: { type: 'boolean' } })
  if (positionals[0] !== 'status') throw new UsageError('say: mail status [--json]')
  const { deps, close } = await compose(config, { say: () => {} })
  const lines = []
  for (const { tenant } of deps.register.running.values()) {
    const open = await deps.db.inTenant(tenant.id, (tx) => listOpenDeliveries(tx, 100))
    lines.push(
      ...open.map((delivery) => ({ tenant: tenant.slug, ...delivery, queuedAt: delivery.queuedAt.toString() })),
    )
  }
  await close()
  if (values.json) say(JSON.stringify(lines))
  else if (lines.length === 0) say('Every mail has been accepted by the mail server.')
  for (const line of values.json ? [] : lines) {
    say(
      `${line.tenant}  ${line.queuedAt}  ${line.kind}  ${line.status}  ${line.attempts} tries  ${line.code ?? ''}  ${line.id}`,
    )
  }
  return 0
}

const shiftPattern = /^([+-])(\d+)([dh])$/

const moveClock = async (config: Config, args: string[]): Promise<number> => {
  if (config.databaseUrl !== null) throw new UsageError('only the embedded demonstration has a clock that can be moved')
  const found = shiftPattern.exec(args[1] ?? '')
  if (args[0] !== 'clock' || (!found && args[1] !== 'reset'))
    throw new UsageError('say: demo clock +15d, demo clock +3h or demo clock reset')
  const hours = found ? Number(`${found[1]}${found[2]}`) * (found[3] === 'd' ? 24 : 1) : 0
  const shifted = systemClock().until(clockOf(config)(), {
    largestUnit: 'hour',
    smallestUnit: 'hour',
    roundingMode: 'halfExpand',
  })
  const { deps, close } = await compose(config, { say })
  const shift = Temporal.Duration.from({ hours: found ? shifted.hours + hours : 0 })
  // Whole or not at all: a server that runs reads this file twice a second.
  writeFileSync(`${demoClockFile(config)}.new`, shift.toString())
  renameSync(`${demoClockFile(config)}.new`, demoClockFile(config))
  const clock = clockOf(config)
  await sweep({ ...deps, clock }, features)
  say(`It is now ${clock().round('second')} in the demonstration.`)
  for (const { tenant } of deps.register.running.values()) {
    for (const line of await deps.db.inTenant(tenant.id, (tx) => deps.vault.ledger(tx, 5))) {
      say(
        `  ${tenant.slug}: erased ${line.count} of ${line.activity} by rule ${line.rule} at ${line.at.round('second')}`,
      )
    }
  }
  await close()
  return 0
}

const commands: Record<string, Command> = {
  serve: { usage: 'serve [--web|--worker]', about: 'run the web server and the worker, or one of them', run: runServe },
  migrate: { usage: 'migrate', about: 'bring the database to the newest version', run: runMigrate },
  tenant: {
    usage: 'tenant check [folder]',
    about: 'check the files of all tenants; names file, line and remedy',
    run: checkTenants,
  },
  notice: { usage: 'notice <tenant> [--lang de|en]', about: 'print the privacy notice as text', run: printNotice },
  mail: {
    usage: 'mail status [--json]',
    about: 'list mails that have not been accepted by the mail server',
    run: mailStatus,
  },
  demo: {
    usage: 'demo clock +15d|+3h|reset',
    about: 'move the clock of the embedded demonstration and erase what falls due',
    run: moveClock,
  },
}

const help = (): string =>
  [
    'anlaufstelle <command>',
    '',
    ...Object.values(commands).map(({ usage, about }) => `  ${usage.padEnd(34)}${about}`),
    '',
  ].join('\n')

const main = async (args: string[]): Promise<number> => {
  const [name = 'help', ...rest] = args
  const command = commands[name]
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
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  }
}
