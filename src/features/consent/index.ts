import { createHash } from 'node:crypto'
import type { Feature, Sweep } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { type Random, uuid } from '#platform/random.ts'
import { type Activity, remainsFor } from '#register/register.ts'
import { deleteProofs, insertConsent, updateEnded, updateWithdrawn } from './sql.ts'

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
    keptFor: remainsFor(activity, 'consentProof'),
  })
}

/** Notes that the consent to this record's processing was withdrawn; the proof stays, the record goes. */
export const recordWithdrawal = (tx: TenantTx, recordId: string, at: Temporal.Instant): Promise<void> =>
  updateWithdrawn(tx, recordId, at)

/** Erases proofs when the register says so. */
const eraseProofs: Sweep = {
  name: 'consent',
  run: (deps, running, now) =>
    deps.db.inTenant(running.tenant.id, async (tx) => {
      await updateEnded(tx, now)
      for (const activity of running.activities.values()) {
        if (activity.consent) await deleteProofs(tx, activity.id, remainsFor(activity, 'consentProof'), now)
      }
    }),
}

export const consent: Feature = { name: 'consent', needs: [], pages: [], sweeps: [eraseProofs] }
