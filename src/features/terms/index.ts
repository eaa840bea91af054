import { type Feature, get, post } from '#features/feature.ts'
import type { RunningTenant } from '#register/register.ts'
import { activityId, cookieName, termsOf } from './agreement.ts'
import { agree, showTerms, takeBack, toTerms } from './http.citizen.ts'
import { routes } from './routes.ts'

export { remembering, remembersAgreement, termsOf } from './agreement.ts'
export { TermsBox } from './view.citizen.tsx'

const hasTerms = (running: RunningTenant): boolean => termsOf(running) !== null

export const terms: Feature = {
  name: 'terms',
  needs: [
    {
      activity: activityId,
      fields: [{ id: 'agreement', store: 'device' }],
      triggers: ['terms.agreed'],
      cookies: [cookieName],
      optional: true,
    },
  ],
  pages: [
    get(routes.terms, showTerms),
    post(routes.terms, agree),
    get(routes.takeBack, toTerms),
    post(routes.takeBack, takeBack),
  ],
  inputs: ['bedingungen'],
  footer: [{ text: 'terms.title', route: routes.terms, shown: hasTerms }],
  device: [{ text: 'terms.manage', route: routes.terms, shown: hasTerms }],
}
