import type { Config } from '#platform/config.ts'
import { refuseUnfinishedRestore } from '#platform/db/restoring.ts'
import { type Command, say } from '../command.ts'
import { clockOf, connect, leave, prepareDatabase } from '../compose.ts'
import { declaredOperator } from '../register.ts'

const runMigrate = async (config: Config): Promise<number> => {
  const { owner, local } = await connect(config, declaredOperator(config, clockOf(config)), say)
  try {
    await refuseUnfinishedRestore(owner)
    const ran = await prepareDatabase(owner)
    say(ran.length === 0 ? 'The database is up to date.' : `Ran ${ran.join(', ')}.`)
    return 0
  } finally {
    if (local) await leave(local)
  }
}

export const migrate: Command = {
  name: 'migrate',
  usage: 'migrate',
  about: 'bring the database to the newest version',
  run: runMigrate,
}
