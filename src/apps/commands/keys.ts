import type { Config } from '#platform/config.ts'
import { type Command, options, say, UsageError } from '../command.ts'
import { type Composed, withComposed } from '../compose.ts'
import { rotateMasterKey, rotateTenantKeys } from '../rotation.ts'

const rotateMaster = async ({ deps }: Composed): Promise<void> => {
  const { goesOn, wrapped } = await rotateMasterKey(deps)
  if (goesOn) say('Went on with a rotation that was interrupted.')
  say(`${deps.config.keyFile} holds a new master key; ${wrapped} keys of tenants were wrapped anew.`)
  say('Keep a copy of it, bring it to every machine that runs a server, and make a backup now.')
  say(
    `Earlier backups need the old key: destroy your copy of it when their window is over (${deps.register.operator?.backup.window}).`,
  )
}

const rotateTenants = async ({ deps }: Composed): Promise<void> => {
  say(
    'New keys are announced. In two minutes every server knows them; an interrupted rotation is completed by a worker.',
  )
  for (const { tenantId, records, failed } of await rotateTenantKeys(deps)) {
    say(
      `${tenantId}: ${records} records wrapped anew${failed > 0 ? `, ${failed} do not open and keep the old key` : ''}`,
    )
  }
  say('Old keys go in an hour; where links to appointments need them, with the last of these appointments.')
}

const rotate = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { master: { type: 'boolean' } })
  if (positionals.join(' ') !== 'rotate') throw new UsageError('say: keys rotate [--master]')
  await withComposed(config, { say }, values.master ? rotateMaster : rotateTenants)
  return 0
}

export const keys: Command = {
  name: 'keys',
  usage: 'keys rotate [--master]',
  about: 'give every tenant a new key, or replace the master key, while servers run',
  run: rotate,
}
