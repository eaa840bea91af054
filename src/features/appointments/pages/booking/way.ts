import type { Typed } from '#register/form.ts'
import type { Concern } from '../../concern.ts'

/* The way from a chosen time to the booking: its pages, and what is carried along them. */

/** What a booking carries from page to page: nothing is stored anywhere before it is confirmed. */
export type Journey = {
  holdId: string
  concern: Concern
  startsAt: Temporal.Instant
  heldUntil: Temporal.Instant | null
  /** Whether the person can still ask for more time. */
  mayExtend: boolean
  /** Whether the person has just been given more time. */
  isExtended?: boolean
  typed: Typed
  /** What the person has ticked on the consent page; asked once, not again after each change. */
  agreed: Agreed
}

/** The boxes that were ticked on the consent page. */
export type Agreed = { kenntnis?: string; einwilligung?: string; bedingungen?: string }

/** The pages on which a time is held, as their forms name them. */
export const steps = ['angaben', 'einwilligung', 'pruefen'] as const
export type Step = (typeof steps)[number]
