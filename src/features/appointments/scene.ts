import type { Deps } from '#features/feature.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { routes } from './routes.ts'
import { activityId } from './tenant.ts'

export { activityId } from './tenant.ts'

/** One tenant at one moment: what everything that happens to an appointment needs. */
export type Scene = { deps: Deps; running: RunningTenant; now: Temporal.Instant }

/** Whether this tenant's booking declares a field: what needs it is offered there only. */
export const declares = (running: RunningTenant, field: string): boolean =>
  getActivity(running, activityId).fields.some(({ id }) => id === field)

/** The address of the page of an appointment, as it stands outside the browser. It holds the token. */
export const manageAddress = ({ deps, running }: Pick<Scene, 'deps' | 'running'>, language: Language, token: string) =>
  deps.config.publicUrl + routes.manage.href({ slug: running.tenant.slug, language }, { token })

/** How a person ends the storing of a booking: by withdrawing the consent it rests on, or, where it rests on none, by
 *  having it erased. */
export type Ending = 'withdraw' | 'erase'
export const endingOf = (running: RunningTenant): Ending =>
  getActivity(running, activityId).consent ? 'withdraw' : 'erase'
