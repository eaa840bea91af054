import type { Config } from '#platform/config.ts'
import { restoreBackup } from '../backup/restore.ts'
import { type Command, options, say, UsageError } from '../command.ts'
import { clockOf, connect, leave } from '../compose.ts'
import { declaredOperator } from '../register.ts'

const runRestore = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { 'without-ledger': { type: 'boolean' } })
  const [folder] = positionals
  if (folder === undefined || positionals.length > 1) throw new UsageError('say: restore <dir>/<backup>')
  const { owner, connection, local } = await connect(config, declaredOperator(config, clockOf(config)), say)
  try {
    const withoutLedger = values['without-ledger'] === true
    const { rows, lines, records, legalHolds } = await restoreBackup({ owner, connection }, config, folder, {
      say,
      clock: clockOf(config),
      withoutLedger,
    })
    say(`Restored ${rows} rows.`)
    say(
      withoutLedger
        ? 'Nothing was repeated. What was erased after the backup is back, and legal holds placed since are lost: erase and hold by hand what you know of.'
        : `Read ${lines} erasures and erased ${records} records again. Legal holds changed since: ${legalHolds} records.`,
    )
    return 0
  } finally {
    if (local) await leave(local)
  }
}

export const restore: Command = {
  name: 'restore',
  usage: 'restore <dir>/<backup> [--without-ledger]',
  about: 'load a backup into an empty database and erase again what was erased since',
  run: runRestore,
}
