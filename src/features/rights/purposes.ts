import type { LookReason } from '#register/register.ts'

/** The activity under which codes are kept. */
export const activityId = 'rights.code'

/** For what a mailbox's records are opened, and who opens them: a code to prove whose mailbox it is, everything else once
 *  that is proven. */
export const looking = {
  prove: { purpose: 'prove', actor: 'person' },
  sendCode: { purpose: 'prove', actor: 'mail' },
  rights: { purpose: 'rights', actor: 'person' },
} as const satisfies Record<string, LookReason>
