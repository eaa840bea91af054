/** Why a record must not be erased although its date has come (Art. 17(3)(b) and (e) GDPR): claims that are made or
 *  defended, a court's order, and duties to keep in commercial (§ 257 HGB) and tax law (§ 147 AO). */
export const legalHoldReasons = ['legal-claim', 'court-order', 'commercial-law', 'tax-law'] as const

export type LegalHoldReason = (typeof legalHoldReasons)[number]

export const isLegalHoldReason = (text: string | undefined): text is LegalHoldReason =>
  legalHoldReasons.some((each) => each === text)

/** A legal hold on a record, as the person it is about may see it. */
export type LegalHold = {
  reason: LegalHoldReason
  /** When it was placed. */
  since: Temporal.Instant
  /** From when on the record is only kept, as its date has come (Art. 18 GDPR); null: it is still in use. */
  restrictedSince: Temporal.Instant | null
}

/** What placing a legal hold came to. A record whose date has passed is as good as erased and can no longer be held. */
export type Placed =
  | { kind: 'held'; activity: string }
  | { kind: 'unknown' }
  | { kind: 'held-already'; legalHold: LegalHold }

/** What releasing one came to: an erasure, if one was due, and otherwise the record goes on as before. */
export type Released =
  | { kind: 'erased'; activity: string; rule: string }
  | { kind: 'released'; eraseAt: Temporal.Instant | null }
  | { kind: 'unknown' }
  | { kind: 'not-held' }

/** When a held record became a restricted one: noted by then, or at its date if no sweep has come by yet. */
export const restrictedSince = (
  noted: Temporal.Instant | null,
  eraseAt: Temporal.Instant | null,
  now: Temporal.Instant,
): Temporal.Instant | null => noted ?? (eraseAt && Temporal.Instant.compare(eraseAt, now) <= 0 ? eraseAt : null)
