import type { Duty } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { type FormKeys, readNote, signNote } from '#platform/http/form-token.ts'
import { insertCheck, listChecks } from './sql.ts'

/** How long a check of all pages is trusted while nothing changes. What no fingerprint sees, such as a library changed by
 *  hand, is seen after that. */
const trustedFor = Temporal.Duration.from('PT720H')

const purpose = 'page check'

/** Notes that every page of this tenant agreed with its register, under this fingerprint. Each fingerprint has a note of its
 *  own: during an upgrade, nodes of two versions start beside each other. */
export const noteCheck = (tx: TenantTx, keys: FormKeys, fingerprint: string, now: Temporal.Instant): Promise<void> =>
  insertCheck(tx, {
    note: signNote(keys, purpose, fingerprint),
    checkedAt: now,
    eraseAt: now.add(trustedFor),
  })

/** When the pages were checked under this fingerprint; null when they were not, or when nobody with the keys says so. */
export const findCheck = async (
  tx: TenantTx,
  keys: FormKeys,
  fingerprint: string,
  now: Temporal.Instant,
): Promise<Temporal.Instant | null> => {
  const ours = (await listChecks(tx, now)).filter(({ note }) => readNote(keys, purpose, note) === fingerprint)
  return ours.map(({ checkedAt }) => checkedAt).sort(Temporal.Instant.compare)[0] ?? null
}

/** Notes past their time say nothing any more. */
export const checks: Duty = {
  name: 'page checks',
  keep: (tx, now) => deleteEnded(tx, 'page_check', now),
  firstDue: (tx) => firstEnd(tx, 'page_check'),
}
