import { createHash } from 'node:crypto'
import type { Feature } from '#features/feature.ts'
import type { Duty } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { type Random, uuid } from '#platform/random.ts'
import { type Activity, remainsFor } from '#register/register.ts'
import { insertConsent, shorten, updateEnded, updateEndedAt, updateWithdrawn } from './sql.ts'
import { consentTables } from './tables.ts'

type ConsentText = NonNullable<Activity['consent']>

/** What an activity's consent says, and under which version.
 *  @throws if the activity does not rest on consent. */
const consentOf = (activity: Activity): ConsentText => {
  if (!activity.consent) throw new Error(`activity ${activity.id} does not rest on consent`)
  return activity.consent
}

/** SHA-256 over all that is shown with a consent in one language, and in German, which is decisive: 64 hexadecimal digits. */
export const consentHash = ({ purpose, refusal, withdrawal, text }: ConsentText, language: Language): string => {
  const shown = JSON.stringify([purpose, refusal, withdrawal, text].map((part) => [part[language], part.de]))
  return createHash('sha256').update(shown).digest('hex')
}

/** Keeps the proof of a consent (Art. 7(1) GDPR): which text in which language, when, for which record. No person. */
export const recordConsent = async (
  tx: TenantTx,
  given: { activity: Activity; language: Language; recordId: string; at: Temporal.Instant; random: Random },
): Promise<void> => {
  const { activity, language } = given
  const text = consentOf(activity)
  await insertConsent(tx, {
    id: uuid(given.random),
    activity: activity.id,
    textVersion: text.version,
    textHash: consentHash(text, language),
    language,
    recordId: given.recordId,
    givenAt: given.at,
    keptFor: remainsFor(activity, 'consentProof'),
  })
}

/** Notes that the consent to this record's processing was withdrawn; the proof stays, the record goes. */
export const recordWithdrawal = (tx: TenantTx, recordId: string, at: Temporal.Instant): Promise<void> =>
  updateWithdrawn(tx, recordId, at)

/** Erases proofs when the register says so. */
const proofs: Duty = {
  name: 'consent proofs',
  keep: async (tx, now, running) => {
    await updateEnded(tx, now)
    for (const activity of running?.activities.values() ?? []) {
      if (activity.consent) await shorten(tx, activity.id, remainsFor(activity, 'consentProof'))
    }
    await deleteEnded(tx, 'consent_record', now)
  },
  firstDue: (tx) => firstEnd(tx, 'consent_record'),
}

export const consent: Feature = {
  name: 'consent',
  needs: [],
  tables: consentTables,
  pages: [],
  duties: [proofs],
  // The time of a proof began when the record went, not with the restore.
  restored: { erased: (_deps, tx, { records, at }) => updateEndedAt(tx, records, at) },
}
