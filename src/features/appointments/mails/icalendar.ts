import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventClass,
  ICalEventStatus,
} from 'ical-generator'
import { tzlib_get_ical_block } from 'timezones-ical-library'

export type CalendarEvent = {
  /** The same for the whole life of an appointment (RFC 5545 §3.8.4.7). */
  uid: string
  /** Counts the changes, from 0; a calendar ignores what is older than what it has (RFC 5546 §2.1.4). */
  sequence: number
  /** REQUEST: a new or moved appointment, by mail. CANCEL: by mail. PUBLISH: a file to keep, without participants. */
  method: 'REQUEST' | 'CANCEL' | 'PUBLISH'
  /** It cannot take place as it stands, and has to be moved. */
  isTentative?: boolean
  startsAt: Temporal.Instant
  endsAt: Temporal.Instant
  /** IANA name, e.g. `Europe/Berlin`. */
  timeZone: string
  summary: string
  description: string
  location: string
  organizer: { name: string; email: string }
  /** Address of the person; not used with PUBLISH. */
  attendee: string | null
  url: string | null
  stampedAt: Temporal.Instant
}

// TEXT (RFC 5545 §3.3.11) knows line breaks and tabs but no other control character; UTF-8 knows no lone surrogate.
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\t\n])\p{Cc}/gu, '')

const oneLine = (text: string): string => plain(text).replace(/\n+/g, ' ')

// ical-generator escapes URIs as if they were TEXT; percent signs leave it nothing to escape. RFC 6068 §2 for mailto.
const uri = (address: string): string =>
  encodeURI(plain(address)).replaceAll('%25', '%').replace(/[,;]/g, encodeURIComponent)
const mailto = (email: string): string => email.replace(/[%/?#&=^`{|}]/g, encodeURIComponent)

const wholeSeconds = (instant: Temporal.Instant) => instant.round({ smallestUnit: 'second', roundingMode: 'floor' })

// In the hour that happens twice a local time means its first occurrence (RFC 5545 §3.3.5), but calendars disagree: ical.js
// takes the second. So neither gets a local name.
const hasLocalName = (instant: Temporal.Instant, timeZone: string): boolean => {
  const local = instant.toZonedDateTimeISO(timeZone).toPlainDateTime()
  const read = (disambiguation: 'earlier' | 'later') => local.toZonedDateTime(timeZone, { disambiguation }).toInstant()
  return read('earlier').equals(read('later'))
}

const zoneDefinition = (timeZone: string): string => {
  const [definition] = tzlib_get_ical_block(timeZone)
  if (!definition?.startsWith('BEGIN:VTIMEZONE')) throw new RangeError(`no VTIMEZONE known for ${timeZone}`)
  return definition
}

const times = (event: CalendarEvent) => {
  const [start, end] = [wholeSeconds(event.startsAt), wholeSeconds(event.endsAt)]
  if (Temporal.Instant.compare(start, end) >= 0) throw new RangeError('an appointment ends after it starts')
  const local = hasLocalName(start, event.timeZone) && hasLocalName(end, event.timeZone)
  return { start, end, timezone: local ? event.timeZone : 'UTC' }
}

const statusOf = ({ method, isTentative }: CalendarEvent): ICalEventStatus => {
  if (method === 'CANCEL') return ICalEventStatus.CANCELLED
  return isTentative ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED
}

const participants = ({ method, organizer, attendee }: CalendarEvent) =>
  method === 'PUBLISH'
    ? {}
    : {
        organizer: { name: oneLine(organizer.name), email: mailto(organizer.email) },
        attendees:
          attendee === null
            ? []
            : // Who booked has said yes; nobody waits for a reply.
              [
                {
                  email: mailto(attendee),
                  role: ICalAttendeeRole.REQ,
                  status: ICalAttendeeStatus.ACCEPTED,
                  rsvp: false,
                },
              ],
      }

/**
 * An appointment as iCalendar text (RFC 5545; its method: RFC 5546): CRLF, lines of at most 75 octets, UTF-8.
 * Local times with their VTIMEZONE; UTC where a local time would be ambiguous.
 * @throws RangeError on an unknown time zone or an end that is not after the start.
 */
export const calendarText = (event: CalendarEvent): string => {
  const calendar = ical({
    prodId: '//Anlaufstelle//DE', // it writes the "-" itself
    method: ICalCalendarMethod[event.method],
    // Without a name: a calendar-wide time zone would take the Z off DTSTAMP, which has to be UTC (§3.8.7.2).
    timezone: { name: null, generator: zoneDefinition },
  })
  calendar.createEvent({
    id: event.uid,
    sequence: event.sequence,
    stamp: wholeSeconds(event.stampedAt),
    ...times(event),
    status: statusOf(event),
    class: ICalEventClass.PRIVATE,
    summary: oneLine(event.summary),
    description: plain(event.description),
    location: plain(event.location),
    ...participants(event),
    url: event.url === null ? null : uri(event.url),
  })
  return `${calendar.toString()}\r\n`
}
