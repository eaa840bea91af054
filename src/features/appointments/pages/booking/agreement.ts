import type { Context } from '#features/feature.ts'
import { remembersAgreement, termsOf } from '#features/terms/index.ts'
import { endingOf } from '../../scene.ts'
import type { Agreed } from './way.ts'

/* What the person has ticked on the way to a booking, and what of it this Jobcenter asks for. */

/** The boxes of the consent page, as far as the person ticked them on the way. */
export const agreedOf = ({ kenntnis, einwilligung, bedingungen }: Context['form']): Agreed => ({
  ...(kenntnis === 'yes' ? { kenntnis } : {}),
  ...(einwilligung === 'yes' ? { einwilligung } : {}),
  ...(bedingungen === 'yes' ? { bedingungen } : {}),
})

/** Whether this tenant's terms of use, if it has some, are agreed to: in the form, or once before in this browser. */
export const hasAgreedToTerms = (context: Context, { bedingungen }: Agreed): boolean =>
  termsOf(context.running) === null || Boolean(bedingungen) || remembersAgreement(context)

/** Whether a consent that this booking rests on is given; where it rests on none, nothing is missing. */
export const hasConsented = ({ running }: Context, { einwilligung }: Agreed): boolean =>
  endingOf(running) === 'erase' || Boolean(einwilligung)
