import type pg from 'pg'
import { type Language, type Translate, translator } from '#platform/i18n/translate.ts'
import { capacityFaults } from '#test/helpers/capacity.ts'
import type { Installation } from '#test/helpers/installation.ts'
import { agreed, erika, type Person, person, type Seen } from '#test/helpers/person.ts'

/* What the tests of booking share: people, ways into the middle of a journey, and a look at what is stored. */

/** When the tests of booking begin: a Monday morning in winter, 09:00 in Germany. */
export const start = '2026-11-23T08:00:00Z'

let people = 0

/** Somebody with a connection of their own, so that no limit on callers is in the way. */
export const somebody = (installation: Installation, headers: Record<string, string> = {}): Person => {
  people += 1
  return person(installation, {
    'x-forwarded-for': `10.${people >> 16}.${(people >> 8) & 255}.${people & 255}`,
    ...headers,
  })
}

export type Way = {
  slug?: string
  language?: Language
  service?: string
  start?: string
  fields?: Record<string, string>
}

/** Everything a page holds in its form's fields, visible ones or not, ticked or not, by name. */
export const fieldsOn = ({ all }: Seen): Record<string, string> =>
  Object.fromEntries(
    all('input, textarea').map((field) => [
      field.attribute('name') ?? '',
      field.name === 'input' ? (field.attribute('value') ?? '') : (field.value ?? ''),
    ]),
  )

const startOf = ({ slug = 'segeberg', language = 'de' }: Way) =>
  `/${slug}${language === 'de' ? '' : `/${language}`}/termin`

export const openTimes = (who: Person, way: Way = {}): Promise<Seen> => {
  const day = way.start
    ? `&ab=${Temporal.Instant.from(way.start).toZonedDateTimeISO('Europe/Berlin').toPlainDate()}`
    : ''
  return who.open(`${startOf(way)}/zeit?leistung=${way.service ?? 'beratung-vor-ort'}${day}`)
}

/** Holds a time: the page of details, with what a form of it would send. */
export const reachDetails = async (who: Person, way: Way = {}): Promise<Seen> => {
  const times = await openTimes(who, way)
  return who.send(times, { beginn: way.start ?? who.starts(times)[0] ?? '' }, 'vormerken')
}

/** Goes up to the last page, where one button is left. */
export const reachCheck = async (who: Person, way: Way = {}): Promise<Seen> => {
  const consent = await who.send(await reachDetails(who, way), { ...erika, ...way.fields })
  return who.send(consent, agreed)
}

/** What the last page sends of somebody who means it when they book for the same person again. */
export const meant = { zweiter: 'yes' }

/** Goes on from any page of the journey to the booking, with consent. */
export const goOn = async (who: Person, from: Seen, changes: Record<string, string> = {}): Promise<Seen> => {
  let page = await who.send(from, changes)
  for (let pages = 0; page.html.includes('action="') && !isBooked(page) && pages < 4; pages++) {
    page = await who.send(page, { ...agreed, ...meant })
  }
  return page
}

/** Whether a page is the one that confirms a booking. */
export const isBooked = (page: Seen): boolean => page.url.includes('/verwalten/')

/** The hold that the form of a page carries. */
export const holdOf = (page: Seen): string => fieldsOn(page).vormerkung ?? ''

/** The capability of the manage link in a page's address. */
export const tokenOf = (page: Seen): string => /verwalten\/([\w-]{22})/.exec(page.url)?.[1] ?? ''

export type Stored = {
  booked: number
  bookedCells: number
  records: number
  keys: number
  consents: number
  mails: number
  jobs: number
}

/** How much of everything there is that a booking leaves behind. */
export const stored = async (admin: pg.Client): Promise<Stored> => {
  const { rows } = await admin.query<Stored>(
    `select (select count(*)::int from appointment where status = 'booked') as booked,
            (select count(*)::int from cell where free_from = 'infinity') as "bookedCells",
            (select count(*)::int from vault.record where activity = 'appointments.booking') as records,
            (select count(*)::int from vault.key k join vault.record r on r.id = k.record_id
              where activity = 'appointments.booking') as keys,
            (select count(*)::int from consent_record) as consents,
            (select count(*)::int from mail_delivery) as mails,
            (select count(*)::int from jobs.job where name = 'mail.deliver') as jobs`,
  )
  return rows[0] as Stored
}

/** Booked visits by start and desk, as the cells have it. */
export const visitsAt = async (admin: pg.Client, start: string): Promise<{ desk: number; appointment: string }[]> => {
  const { rows } = await admin.query<{ desk: number; appointment: string }>(
    `select desk_id as desk, appointment_id as appointment from cell
     where starts_at = $1 and free_from = 'infinity' order by desk_id`,
    [start],
  )
  return rows
}

/** What must never be there. */
export const faults = async (admin: pg.Client): Promise<Record<string, number>> => ({
  ...(await capacityFaults(admin)),
  'without a record': (await admin.query("select from appointment where status = 'booked' and record_id is null"))
    .rowCount as number,
})

export const noFaults = {
  'double bookings': 0,
  'without all cells': 0,
  'cells booked for nobody': 0,
  'without a record': 0,
}

/** The texts of a language as a page's text shows them: every space, also one that does not break, is a space. */
export const wordsIn =
  (language: Language): Translate =>
  (key, values) =>
    translator(language)(key, values).replace(/\s+/g, ' ')

/** A property of a calendar's event, with folded lines put together. */
export const property = (calendar: string | null, name: string): string | undefined => {
  const lines = (calendar ?? '').replace(/\r\n[ \t]/g, '').split('\r\n')
  const event = lines.slice(lines.indexOf('BEGIN:VEVENT'))
  const line = (name === 'METHOD' ? lines : event).find((each) => new RegExp(`^${name}[;:]`).test(each))
  return line && (/^[A-Z-]+(?:;[A-Z-]+=(?:"[^"]*"|[^;:"]*))*:(.*)$/.exec(line)?.[1] ?? '')
}
