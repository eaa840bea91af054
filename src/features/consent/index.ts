import { createHash } from 'node:crypto'
import type { TenantTx } from '#platform/db/db.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { type Random, uuid } from '#platform/random.ts'
import type { Activity } from '#register/register.ts'
import { insertConsent, updateWithdrawn } from './sql.ts'

/** Keeps the proof of a consent (Art. 7(1) GDPR): which text in which language, when, for which record. No person. */
export const recordConsent = async (
  tx: TenantTx,
  given: { activity: Activity; language: Language; recordId: string; at: Temporal.Instant; random: Random },
): Promise<void> => {
  const { activity, language } = given
  if (!activity.consent) throw new Error(`activity ${activity.id} does not rest on consent`)
  const { purpose, refusal, withdrawal, text } = activity.consent
  const shown = JSON.stringify([purpose, refusal, withdrawal, text].map((part) => [part[language], part.de]))
  await insertConsent(tx, {
    id: uuid(given.random),
    activity: activity.id,
    textVersion: activity.consent.version,
    textHash: createHash('sha256').update(shown).digest('hex'),
    language,
    recordId: given.recordId,
    givenAt: given.at,
  })
}

/** Notes that the consent to this record's processing was withdrawn; the proof stays, the record goes. */
export const recordWithdrawal = (tx: TenantTx, recordId: string, at: Temporal.Instant): Promise<void> =>
  updateWithdrawn(tx, recordId, at)
