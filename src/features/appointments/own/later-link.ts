import type { TenantTx } from '#platform/db/db.ts'
import { capability } from '#platform/random.ts'
import { declares, type Scene } from '../scene.ts'

/** Where a link to an appointment is looked up: the one made with the booking, and those made for later mails. */
export const linkFields = ['manageLink', 'laterLink'] as const

const newLink = async (
  tx: TenantTx,
  { deps }: Pick<Scene, 'deps'>,
  recordId: string,
  field: (typeof linkFields)[number],
): Promise<string> => {
  const token = capability(deps.random)
  await deps.vault.addLookup(tx, recordId, field, token)
  return token
}

/** A further link to the appointment of this record, for a mail that nobody's request leads to: of the first link only
 *  the check value is stored, so nobody can send it again. It can do what the first one can, and goes with the record. */
export const newLaterLink = async (tx: TenantTx, { deps }: Scene, recordId: string): Promise<string> =>
  newLink(tx, { deps }, recordId, 'laterLink')

/** The same for a mail that goes out with or without one; null where this tenant does not promise such links. */
export const laterLinkIfDeclared = async (tx: TenantTx, scene: Scene, recordId: string): Promise<string | null> =>
  declares(scene.running, 'laterLink') ? newLaterLink(tx, scene, recordId) : null

/** A further link for somebody who has proven the mailbox of this record: the links that are there already stay good. */
export const newFoundLink = async (tx: TenantTx, { deps }: Pick<Scene, 'deps'>, recordId: string): Promise<string> =>
  newLink(tx, { deps }, recordId, 'manageLink')

/** The only link to the appointment of this record from now on: whatever links there were lead nowhere any more. */
export const newOnlyLink = async (tx: TenantTx, { deps }: Pick<Scene, 'deps'>, recordId: string): Promise<string> => {
  const token = capability(deps.random)
  await deps.vault.replaceLookups(tx, recordId, 'manageLink', token)
  return token
}
