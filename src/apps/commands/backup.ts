import type { Config } from '#platform/config.ts'
import { openLedger } from '#vault/ledger/ledger.ts'
import { makeBackup } from '../backup/backup.ts'
import { type Command, options, say, UsageError } from '../command.ts'
import { clockOf, connect, leave } from '../compose.ts'
import { declaredOperator } from '../register.ts'

const runBackup = async (config: Config, args: string[]): Promise<number> => {
  const { positionals } = options(args, {})
  const [dir] = positionals
  if (dir === undefined || positionals.length > 1) throw new UsageError('say: backup <dir>')
  const operator = declaredOperator(config, clockOf(config))
  const { owner, connection, local } = await connect(config, operator, say)
  const place = {
    owner,
    connection,
    ledger: openLedger(config.ledgerFile),
    clock: clockOf(config),
    window: operator.backup.window,
  }
  try {
    const { folder, keys, rows, removedKeys } = await makeBackup(place, dir, say)
    say(`Data: ${folder} (${rows} rows with the keys; they open nothing without them)`)
    say(`Keys: ${keys}`)
    if (removedKeys.length > 0) say(`Removed, as their window is over: ${removedKeys.join(', ')}`)
    return 0
  } finally {
    if (local) await leave(local)
  }
}

export const backup: Command = {
  name: 'backup',
  usage: 'backup <dir>',
  about: 'write all data, and apart from them their keys, into a folder',
  run: runBackup,
}
