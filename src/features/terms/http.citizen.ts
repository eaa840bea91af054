import type { Handler } from '#features/feature.ts'
import { notFound, redirect } from '#platform/http/response.ts'
import { forgetting, remembering, termsOf } from './agreement.ts'
import { routes } from './routes.ts'
import { termsPage } from './view.citizen.tsx'

export const showTerms: Handler = async (context) => (termsOf(context.running) ? termsPage(context) : notFound)

export const agree: Handler = async (context) =>
  termsOf(context.running) ? remembering(context, redirect(routes.terms.href(context.place, {}))) : notFound

export const takeBack: Handler = async (context) =>
  termsOf(context.running) ? forgetting(redirect(routes.terms.href(context.place, {}))) : notFound

export const toTerms: Handler = async (context) => redirect(routes.terms.href(context.place, {}))
