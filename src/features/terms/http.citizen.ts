import type { Handler } from '#features/feature.ts'
import { redirect } from '#platform/http/response.ts'
import { forgetting, remembering } from './agreement.ts'
import { routes } from './routes.ts'
import { termsPage } from './view.citizen.tsx'

export const showTerms: Handler = async (context) => termsPage(context)

export const agree: Handler = async (context) => remembering(context, redirect(routes.terms.href(context.place, {})))

export const takeBack: Handler = async (context) => forgetting(redirect(routes.terms.href(context.place, {})))
