import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { systemClock } from '#platform/clock.ts'
import type { Config } from '#platform/config.ts'
import { type Command, say, UsageError } from '../command.ts'
import { clockOf, demoClockFile, withComposed } from '../compose.ts'
import { features } from '../features.ts'
import { publishTenants } from '../publishing.ts'
import { sweep } from '../worker.ts'

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
  const shift = Temporal.Duration.from({ hours: found ? shifted.hours + hours : 0 })
  mkdirSync(config.dataDir, { recursive: true })
  // Whole or not at all: a server that runs reads this file twice a second.
  writeFileSync(`${demoClockFile(config)}.new`, shift.toString())
  renameSync(`${demoClockFile(config)}.new`, demoClockFile(config))
  // Only now: a clock goes by what it read for half a second.
  const clock = clockOf(config)
  // As a server does: nobody else has to have been there before.
  await withComposed(config, { say, clock, serving: true }, async ({ deps }) => {
    await publishTenants(deps)
    await sweep(deps, features)
    say(`It is now ${clock().round('second')} in the demonstration.`)
    for (const { tenant } of deps.register.running.values()) {
      for (const line of await deps.db.inTenant(tenant.id, (tx) => deps.keeper.ledger(tx, 5))) {
        say(
          `  ${tenant.slug}: erased ${line.count} of ${line.activity} by rule ${line.rule} at ${line.at.round('second')}`,
        )
      }
    }
  })
  return 0
}

export const demo: Command = {
  name: 'demo',
  usage: 'demo clock +15d|+3h|reset',
  about: 'move the clock of the embedded demonstration and erase what falls due',
  run: moveClock,
}
