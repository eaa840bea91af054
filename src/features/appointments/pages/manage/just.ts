import type { Context } from '#features/feature.ts'
import type { Place } from '#platform/http/routes.ts'
import { routes } from '../../routes.ts'

/** What has just been done with an appointment, as the address of its page says it: the page names it first. It says
 *  nothing of the person, and an address that lies about it shows no more than another sentence. */
const justDone = { booked: '1', moved: '2', waiting: '3', left: '4', newLink: '5' } as const

export type Just = keyof typeof justDone

/** The address of an appointment's page after something has been done with it. */
export const addressAfter = (place: Place, token: string, what: Just): string =>
  routes.manage.href(place, { token }, { neu: justDone[what] })

/** Whether this has just been done, by the address of the page. */
export const isJust = ({ query }: Context, what: Just): boolean => query.neu === justDone[what]
