import { listOpenDeliveries } from '#features/mail/index.ts'
import type { Config } from '#platform/config.ts'
import { type Command, options, say, UsageError } from '../command.ts'
import { withComposed } from '../compose.ts'

const mailStatus = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { json: { type: 'boolean' } })
  if (positionals[0] !== 'status') throw new UsageError('say: mail status [--json]')
  const lines = await withComposed(config, {}, async ({ deps }) => {
    const found = []
    for (const { tenant } of deps.register.running.values()) {
      const open = await deps.db.inTenant(tenant.id, (tx) => listOpenDeliveries(tx, 100))
      found.push(
        ...open.map((delivery) => ({ tenant: tenant.slug, ...delivery, queuedAt: delivery.queuedAt.toString() })),
      )
    }
    return found
  })
  if (values.json) say(JSON.stringify(lines))
  else if (lines.length === 0) say('Every mail has been accepted by the mail server.')
  for (const line of values.json ? [] : lines) {
    say(
      `${line.tenant}  ${line.queuedAt}  ${line.kind}  ${line.status}  ${line.attempts} tries  ${line.code ?? ''}  ${line.id}`,
    )
  }
  return 0
}

export const mail: Command = {
  name: 'mail',
  usage: 'mail status [--json]',
  about: 'list mails that have not been accepted by the mail server',
  run: mailStatus,
}
