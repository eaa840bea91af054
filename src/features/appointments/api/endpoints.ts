import { z } from 'zod'
import { endpoint } from '#features/endpoint.ts'
import type { Endpoint } from '#features/feature.ts'
import { apiRoutes as at } from '../routes.ts'
import * as appointments from './http.appointments.ts'
import * as holds from './http.holds.ts'
import * as offer from './http.offer.ts'
import * as schema from './schema.ts'

const tags = {
  offer: { name: 'offer', description: 'What can be booked, and what a booking asks for; nobody needs a key' },
  holds: { name: 'holds', description: 'Times that are kept for a few minutes; each has its key' },
  appointments: { name: 'appointments', description: 'What was booked; each appointment has its token' },
}

const holdParts = { id: 'Id of the hold, as the answer to `holdTime` had it' }

/** What programs may do: the same as people on the pages, by the same functions. */
export const endpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listSites',
    tag: tags.offer,
    method: 'GET',
    route: at.sites,
    status: 200,
    answer: schema.Sites,
    summary: 'Where appointments take place',
    description:
      'Each site with its address and its usual opening hours. Holidays, closures and other exceptions show in the free times only.',
    handler: offer.showSites,
  }),
  endpoint({
    id: 'listServices',
    tag: tags.offer,
    method: 'GET',
    route: at.services,
    status: 200,
    answer: schema.Services,
    summary: 'What appointments are for',
    description:
      'What somebody can come or be called for, how long it takes, and at which sites. Services of one channel can share a visit, `maxServices` of them at most.',
    handler: offer.showServices,
  }),
  endpoint({
    id: 'listFreeStarts',
    tag: tags.offer,
    method: 'GET',
    route: at.availability,
    status: 200,
    answer: schema.Availability,
    summary: 'Free times for one visit',
    description:
      'Starts from which a desk is free for the whole visit. None is nearer than the lead time of the Jobcenter, which may count only the hours in which the site is open, and none lies beyond the days for which it takes bookings. Asking keeps nothing: hold a time before a person begins to type.',
    query: schema.AvailabilityQuery,
    refuses: ['invalid'],
    handler: offer.showAvailability,
  }),
  endpoint({
    id: 'listFields',
    tag: tags.offer,
    method: 'GET',
    route: at.fields,
    status: 200,
    answer: schema.Fields,
    summary: 'What a booking asks for, and why, as the register declares it',
    description:
      'Each field with its label, why it is needed and what happens without it, in the words of the privacy notice: show them to the person who types. Which fields there are may change at any time.',
    query: schema.FieldsQuery,
    handler: offer.showFields,
  }),
  endpoint({
    id: 'showConsent',
    tag: tags.offer,
    method: 'GET',
    route: at.consent,
    status: 200,
    answer: schema.Consent,
    summary: 'What a person has to be shown and to agree to',
    description:
      'The privacy notice in force, the consent where the booking rests on one, and the terms of use where there are some. Their hashes and version go into `agreed` of a booking.',
    handler: offer.showConsent,
  }),
  endpoint({
    id: 'holdTime',
    tag: tags.holds,
    method: 'POST',
    route: at.holds,
    status: 201,
    answer: schema.Hold,
    summary: 'Keeps a time for some minutes',
    description:
      'Until `until` nobody else can take the time. The answer has the key of the hold, with which it is booked, extended and given up. A hold that was taken in time can be booked though the lead time has begun meanwhile.',
    body: schema.HoldBody,
    refuses: ['unauthorized', 'taken', 'notOffered', 'invalid'],
    handler: holds.hold,
  }),
  endpoint({
    id: 'extendHold',
    tag: tags.holds,
    method: 'POST',
    route: at.extend,
    status: 200,
    answer: schema.ExtendedHold,
    summary: 'Keeps a held time for longer, ten times at most',
    description:
      'The minutes of a hold begin anew. One that ran out can be extended, too, as long as nobody has taken its time.',
    parts: holdParts,
    bearer: 'holdKey',
    refuses: ['unauthorized', 'enough', 'gone'],
    handler: holds.extend,
  }),
  endpoint({
    id: 'releaseHold',
    tag: tags.holds,
    method: 'DELETE',
    route: at.hold,
    status: 204,
    answer: z.undefined(),
    summary: 'Gives a held time up',
    description: 'Its time is free for everybody at once.',
    parts: holdParts,
    bearer: 'holdKey',
    refuses: ['unauthorized', 'gone'],
    handler: holds.release,
  }),
  endpoint({
    id: 'book',
    tag: tags.appointments,
    method: 'POST',
    route: at.appointments,
    status: 201,
    answer: schema.BookedAppointment,
    summary: 'Books a held time; sent again, it books once and answers the same',
    description:
      'Makes an appointment of the hold, stores the fields, notes the consent, and sends a mail where an address was given. The answer has the token for everything about this appointment.',
    bearer: 'holdKey',
    body: schema.BookingBody,
    refuses: ['unauthorized', 'taken', 'gone', 'invalid'],
    handler: appointments.book,
  }),
  endpoint({
    id: 'showAppointment',
    tag: tags.appointments,
    method: 'GET',
    route: at.own,
    status: 200,
    answer: schema.Appointment,
    summary: 'The appointment of the token',
    description: 'When and where it is, with calendar entry, signed receipt, and what is stored of it.',
    bearer: 'manageToken',
    refuses: ['unauthorized', 'gone'],
    handler: appointments.show,
  }),
  endpoint({
    id: 'listFreeStartsToMove',
    tag: tags.appointments,
    method: 'GET',
    route: at.ownAvailability,
    status: 200,
    summary: 'Free times to move to; the time of the appointment itself counts as free',
    description: 'As `listFreeStarts`, for the services and the site of the appointment.',
    bearer: 'manageToken',
    query: schema.OwnAvailabilityQuery,
    answer: schema.Availability,
    refuses: ['unauthorized', 'tooLate', 'movedOften', 'gone'],
    handler: appointments.showOwnAvailability,
  }),
  endpoint({
    id: 'moveAppointment',
    tag: tags.appointments,
    method: 'POST',
    route: at.move,
    status: 200,
    answer: schema.Appointment,
    summary: 'Moves the appointment',
    description:
      'Takes the new time and only then gives up the old one. The new time has to be one that is offered now, the lead time included.',
    bearer: 'manageToken',
    body: schema.MoveBody,
    refuses: ['unauthorized', 'taken', 'notOffered', 'tooLate', 'movedOften', 'gone'],
    handler: appointments.move,
  }),
  endpoint({
    id: 'cancelAppointment',
    tag: tags.appointments,
    method: 'DELETE',
    route: at.own,
    status: 200,
    answer: schema.Ended,
    summary: 'Cancels the appointment; its data are erased at once',
    description:
      'Possible until it begins. Its time is offered to who waits for an earlier one, or free for everybody. Where the law says so, the data are locked instead of erased.',
    bearer: 'manageToken',
    refuses: ['unauthorized', 'tooLate', 'gone'],
    handler: appointments.cancel,
  }),
  endpoint({
    id: 'withdrawConsent',
    tag: tags.appointments,
    method: 'POST',
    route: at.withdraw,
    status: 200,
    answer: schema.Ended,
    summary: 'Withdraws the consent to a booking; its data are erased at once',
    description:
      'Where the booking rests on no consent, its person has the data erased in the same way. An appointment still to come is cancelled.',
    bearer: 'manageToken',
    refuses: ['unauthorized', 'gone'],
    handler: appointments.withdraw,
  }),
]
