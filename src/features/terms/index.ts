import { type Feature, get, post } from '#features/feature.ts'
import { activityId, cookieName } from './agreement.ts'
import { agree, showTerms, takeBack, toTerms } from './http.citizen.ts'
import { routes } from './routes.ts'

export { remembering, remembersAgreement, termsOf } from './agreement.ts'
export { TermsBox } from './view.citizen.tsx'

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
}
