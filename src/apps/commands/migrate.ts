import type { Config } from '#platform/config.ts'
import { refuseUnfinishedRestore } from '#platform/db/restoring.ts'
import { type Command, say } from '../command.ts'
import { connect, leave, prepareDatabase } from '../compose.ts'

const runMigrate = async (config: Config): Promise<number> => {
  const { owner, local } = await connect(config, say)
  await refuseUnfinishedRestore(owner)
  const ran = await prepareDatabase(owner)
  say(ran.length === 0 ? 'The database is up to date.' : `Ran ${ran.join(', ')}.`)
  if (local) await leave(local)
  return 0
}

export const migrate: Command = {
  name: 'migrate',
  usage: 'migrate',
  about: 'bring the database to the newest version',
  run: runMigrate,
}
