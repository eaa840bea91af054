import { form } from '#features/addresses.ts'
import type { Feature } from '#features/feature.ts'
import type { RunningTenant } from '#register/register.ts'
import { cookieName } from './agreement.ts'
import { agree, showTerms, takeBack } from './http.citizen.ts'
import { routes } from './routes.ts'
import { activityId, agreeable } from './tenant.ts'

export { remembering, remembersAgreement, termsOf } from './agreement.ts'
export { TermsBox } from './view.citizen.tsx'

const hasTerms = (running: RunningTenant): boolean => agreeable.of(running) !== null

export const terms: Feature = {
  name: 'terms',
  addition: agreeable,
  needs: [
    {
      activity: activityId,
      fields: [{ id: 'agreement', store: 'device' }],
      triggers: ['terms.agreed'],
      cookies: [cookieName],
    },
  ],
  pages: [
    form(routes.terms, { access: 'public', where: hasTerms, show: showTerms, act: agree }),
    form(routes.takeBack, { access: 'public', where: hasTerms, elsewhere: routes.terms, act: takeBack }),
  ].flat(),
  inputs: ['bedingungen'],
  footer: [{ text: 'terms.title', route: routes.terms, shown: hasTerms }],
  deviceLinks: [{ text: 'terms.manage', route: routes.terms, shown: hasTerms }],
}
