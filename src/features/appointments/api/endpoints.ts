import { z } from 'zod'
import { endpoint } from '#features/endpoint.ts'
import type { Endpoint } from '#features/feature.ts'
import { apiRoutes as at } from '../routes.ts'
import * as appointments from './http.appointments.ts'
import * as holds from './http.holds.ts'
import * as offer from './http.offer.ts'
import * as schema from './schema.ts'

/** What programs may do: the same as people on the pages, by the same functions. */
export const endpoints: readonly Endpoint[] = [
  endpoint({
    ...{ id: 'listSites', method: 'GET', route: at.sites, status: 200, answer: schema.Sites },
    summary: 'Where appointments take place',
    handler: offer.showSites,
  }),
  endpoint({
    ...{ id: 'listServices', method: 'GET', route: at.services, status: 200, answer: schema.Services },
    summary: 'What appointments are for',
    handler: offer.showServices,
  }),
  endpoint({
    ...{ id: 'listFreeStarts', method: 'GET', route: at.availability, status: 200, answer: schema.Availability },
    summary: 'Free times for one visit',
    query: schema.AvailabilityQuery,
    refuses: ['invalid'],
    handler: offer.showAvailability,
  }),
  endpoint({
    ...{ id: 'listFields', method: 'GET', route: at.fields, status: 200, answer: schema.Fields },
    summary: 'What a booking asks for, and why, as the register declares it',
    query: schema.FieldsQuery,
    handler: offer.showFields,
  }),
  endpoint({
    ...{ id: 'showConsent', method: 'GET', route: at.consent, status: 200, answer: schema.Consent },
    summary: 'What a person has to be shown and to agree to',
    handler: offer.showConsent,
  }),
  endpoint({
    ...{ id: 'holdTime', method: 'POST', route: at.holds, status: 201, answer: schema.Hold },
    summary: 'Keeps a time for some minutes',
    body: schema.HoldBody,
    refuses: ['unauthorized', 'taken', 'notOffered', 'invalid'],
    handler: holds.hold,
  }),
  endpoint({
    ...{ id: 'extendHold', method: 'POST', route: at.extend, status: 200, answer: schema.ExtendedHold },
    summary: 'Keeps a held time for longer, ten times at most',
    bearer: 'holdKey',
    refuses: ['unauthorized', 'enough', 'gone'],
    handler: holds.extend,
  }),
  endpoint({
    ...{ id: 'releaseHold', method: 'DELETE', route: at.hold, status: 204, answer: z.undefined() },
    summary: 'Gives a held time up',
    bearer: 'holdKey',
    refuses: ['unauthorized', 'gone'],
    handler: holds.release,
  }),
  endpoint({
    ...{ id: 'book', method: 'POST', route: at.appointments, status: 201, answer: schema.BookedAppointment },
    summary: 'Books a held time; sent again, it books once and answers the same',
    bearer: 'holdKey',
    body: schema.BookingBody,
    refuses: ['unauthorized', 'taken', 'gone', 'invalid'],
    handler: appointments.book,
  }),
  endpoint({
    ...{ id: 'showAppointment', method: 'GET', route: at.own, status: 200, answer: schema.Appointment },
    summary: 'The appointment of the token',
    bearer: 'manageToken',
    refuses: ['unauthorized', 'gone'],
    handler: appointments.show,
  }),
  endpoint({
    ...{ id: 'listFreeStartsToMove', method: 'GET', route: at.ownAvailability, status: 200 },
    summary: 'Free times to move to; the time of the appointment itself counts as free',
    bearer: 'manageToken',
    query: schema.OwnAvailabilityQuery,
    answer: schema.Availability,
    refuses: ['unauthorized', 'tooLate', 'gone'],
    handler: appointments.showOwnAvailability,
  }),
  endpoint({
    ...{ id: 'moveAppointment', method: 'POST', route: at.move, status: 200, answer: schema.Appointment },
    summary: 'Moves the appointment',
    bearer: 'manageToken',
    body: schema.MoveBody,
    refuses: ['unauthorized', 'taken', 'notOffered', 'tooLate', 'gone'],
    handler: appointments.move,
  }),
  endpoint({
    ...{ id: 'cancelAppointment', method: 'DELETE', route: at.own, status: 200, answer: schema.Ended },
    summary: 'Cancels the appointment; its data are erased at once',
    bearer: 'manageToken',
    refuses: ['unauthorized', 'tooLate', 'gone'],
    handler: appointments.cancel,
  }),
  endpoint({
    ...{ id: 'withdrawConsent', method: 'POST', route: at.withdraw, status: 200, answer: schema.Ended },
    summary:
      'Withdraws the consent to this booking or, where it rests on none, has its data erased; an appointment still to come is cancelled',
    bearer: 'manageToken',
    refuses: ['unauthorized', 'gone'],
    handler: appointments.withdraw,
  }),
]
