import type { LookReason } from '#register/register.ts'

/** For what records of bookings are opened, and who opens them. */
export const looking = {
  change: { purpose: 'change', actor: 'person' },
  closure: { purpose: 'closure', actor: 'mail' },
  remind: { purpose: 'remind', actor: 'mail' },
  earlier: { purpose: 'earlier', actor: 'mail' },
} as const satisfies Record<string, LookReason>
