import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { languages } from '#platform/i18n/translate.ts'
import type { Word } from '#platform/i18n/words.ts'
import { getActivity } from '#register/register.ts'
import { fact } from '#test/helpers/fact.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { agreed, erika, type Person, type Seen } from '#test/helpers/person.ts'
import { allTenants, runningTenant } from '#test/helpers/tenants.ts'
import {
  fieldsOn,
  goOn,
  isBooked,
  openTimes,
  property,
  reachCheck,
  reachDetails,
  type Stored,
  somebody,
  start,
  stored,
  tokenOf,
  type Way,
  wordsIn,
} from '../../booking.fixture.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, callerLimits: { holds: 30 } })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const de = wordsIn('de')
const en = wordsIn('en')
const mailTo = (address: string) =>
  eventually(() => installation.mailbox.messages().find((mail) => mail.to === address), `the mail to ${address}`)
const unchanged = async (before: Stored) => expect(await stored(installation.admin)).toEqual(before)

describe.each([
  {
    service: 'beratung-vor-ort',
    language: 'de',
    place: 'Kisdorfer Weg 7a',
    calendarName: 'Termin: Jobcenter Kreis Segeberg',
  },
  {
    service: 'beratung-vor-ort',
    language: 'en',
    place: 'Kisdorfer Weg 7a',
    calendarName: 'Appointment: Jobcenter Kreis Segeberg',
  },
  {
    service: 'beratung-telefon',
    language: 'de',
    place: 'Wir rufen Sie an',
    calendarName: 'Termin: Jobcenter Kreis Segeberg',
  },
  {
    service: 'beratung-telefon',
    language: 'en',
    place: 'We call you',
    calendarName: 'Appointment: Jobcenter Kreis Segeberg',
  },
] as const)('booking $service in $language', ({ service, language, place, calendarName }) => {
  const t = wordsIn(language)
  const address = `${service}.${language}@example.org`
  const fields = { 'f.email': address, 'f.phone': '030 23125 777' }
  let who: Person
  let booked: Seen
  let manage: string
  beforeAll(async () => {
    installation.time.set(start)
    who = somebody(installation)
    booked = await who.send(await reachCheck(who, { service, language, fields, start: '2026-11-25T08:00:00Z' }))
    manage = booked.url.split('?')[0] ?? ''
  })

  test('ends with a confirmation: reference, day and time in Germany, place', () => {
    expect(booked.status).toBe(200)
    expect(booked.title).toContain(t('appointments.manage.booked'))
    expect(booked.text).toMatch(/[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}/)
    expect(booked.text).toContain(t('appointments.atTime', { time: '09:00' }))
    expect(booked.text).toMatch(language === 'de' ? /Mittwoch, 25\. November 2026/ : /Wednesday,? 25 November 2026/)
    expect(booked.text).toContain(place)
    expect(booked.text).toContain(t('appointments.manage.mailSent'))
  })

  test('offers a file for the calendar, without anybody’s name in it', async () => {
    const file = await who.open(`${manage}/termin.ics`)
    expect(file.status).toBe(200)
    expect(file.headers['content-type']).toBe('text/calendar; charset=utf-8')
    expect(file.headers['content-disposition']).toBe('attachment; filename=termin.ics')
    expect(file.html).toMatch(/^BEGIN:VCALENDAR\r\n[\s\S]*\r\nEND:VCALENDAR\r\n$/)
    expect(['METHOD', 'DTSTART', 'SUMMARY', 'SEQUENCE'].map((name) => property(file.html, name))).toEqual([
      'PUBLISH',
      '20261125T090000',
      calendarName,
      '0',
    ])
    expect(file.html).not.toMatch(/ATTENDEE|Erika|Markerfrau/)
  })

  test('has a page of what is stored and when it goes: fourteen days after the end of the appointment', async () => {
    const page = await who.open(`${manage}/daten`)
    expect(page.text).toContain(wordsIn(language)('features.records.trail', { what: '' }).slice(-20))
    expect(page.text).not.toContain(wordsIn(language)('platform.storedNothing'))
    expect(page.status).toBe(200)
    for (const typed of ['Erika Markerfrau', '131A0990815', address, 'Zetermordio-Markertext'])
      expect(page.text).toContain(typed)
    expect(page.text.includes('030 23125 777')).toBe(service === 'beratung-telefon')
    const end = service === 'beratung-telefon' ? '09:20' : '09:30'
    expect(page.text).toMatch(
      new RegExp(language === 'de' ? `9\\. Dezember 2026(,| um) ${end}` : `9 December 2026(,| at) ${end}`),
    )
    expect(page.html).not.toContain(`>${tokenOf(booked)}<`)
  })

  test('sends a mail whose link leads back, with an invitation, and without anything that was typed', async () => {
    const mail = await mailTo(address)
    const link = /http:\/\/anlaufstelle\.test(\/\S+\/verwalten\/[\w-]{22})/.exec(mail.text)?.[1] ?? ''
    expect(link).toBe(manage)
    expect((await who.open(link)).title).toContain(t('appointments.manage.title'))
    expect(mail.html).toContain(`http://anlaufstelle.test${manage}`)
    expect(mail.subject).toContain('09:00')
    expect(['METHOD', 'SEQUENCE', 'STATUS', 'DTSTART', 'SUMMARY'].map((name) => property(mail.calendar, name))).toEqual(
      ['REQUEST', '0', 'CONFIRMED', '20261125T090000', calendarName],
    )
    expect(mail.calendar).toContain('BEGIN:VTIMEZONE')
    const words = [mail.subject, mail.text, mail.html, mail.calendar, mail.from, mail.raw].join('\n')
    const parts = mail.raw.split('\r\n\r\n').map((part) => Buffer.from(part, 'base64').toString())
    expect(parts.join()).toContain(manage)
    const content = [words, ...parts].join('\n')
    expect(content).not.toMatch(/Erika|Markerfrau|131A0990815|1984|Zetermordio|23125 777/)
  })
})

test.each(languages)(
  'without an e-mail address there is no mail, and the page says to keep the link (%s)',
  async (language) => {
    const who = somebody(installation)
    const before = await stored(installation.admin)
    const booked = await who.send(await reachCheck(who, { language, fields: { 'f.email': '' } }))
    expect(booked.text).toContain(wordsIn(language)('appointments.manage.noMail'))
    expect(await stored(installation.admin)).toMatchObject({
      booked: before.booked + 1,
      mails: before.mails,
      jobs: before.jobs,
    })
  },
)

test.each(allTenants)('the form says what leaving the e-mail address empty costs (%s)', (slug) => {
  const email = getActivity(runningTenant(slug), 'appointments.booking').fields.find(({ id }) => id === 'email')
  expect(email?.hint?.de).toContain('Ohne Adresse haben Sie nur den Link')
  expect(email?.hint?.en).toContain('Without an address you have only the link')
  expect(email?.hint?.ar).toContain('ومن دون عنوان ليس لديكم إلا الرابط')
})

test('the fewest fields that are required are enough', async () => {
  const who = somebody(installation)
  const fields = { 'f.customerOrBgNumber': '', 'f.email': '', 'f.freeText': '' }
  expect(isBooked(await who.send(await reachCheck(who, { fields })))).toBe(true)
})

test('advice by phone needs a phone number, advice in person does not even ask for it', async () => {
  const who = somebody(installation)
  const [inPerson, byPhone] = [await reachDetails(who), await reachDetails(who, { service: 'beratung-telefon' })]
  const typed = { ...erika, 'f.email': '' }
  await fact('SEG-031', installation, async () => {
    expect(Object.keys(fieldsOn(inPerson))).not.toContain('f.phone')
    expect(isBooked(await goOn(who, inPerson, typed))).toBe(true)
    const asked = await who.send(byPhone, { ...typed, 'f.phone': '' })
    expect(asked.status).toBe(422)
    expect(isBooked(await goOn(who, asked, { 'f.phone': '030 23125 777' }))).toBe(true)
  })
})

test.each(languages)(
  'eight in the morning cannot be booked the night before, where two opening hours have to lie between (%s)',
  async (language) => {
    installation.time.set('2026-11-23T22:00:00Z') // 23:00 in Germany
    const who = somebody(installation)
    const way: Way = { slug: 'musterstadt', language, start: '2026-11-24T09:00:00Z' }
    const times = await openTimes(who, way)
    expect(who.starts(times)[0]).toBe('2026-11-24T09:00:00Z') // open from 8:00 on, so from 10:00
    const refused = await who.send(times, { beginn: '2026-11-24T07:00:00Z' }, 'vormerken')
    expect(refused.status).toBe(409)
    expect(refused.text).toContain(wordsIn(language)('appointments.times.leadOpeningHours', { count: 2 }))
  },
)

test('a time that was held before its lead began is booked within it, and cannot be moved to another so near', async () => {
  installation.time.set('2026-11-24T08:59:00Z')
  const who = somebody(installation)
  const details = await reachDetails(who, { slug: 'musterstadt', start: '2026-11-24T11:00:00Z' })
  installation.time.set('2026-11-24T09:05:00Z')
  const booked = await goOn(who, details, erika)
  expect(isBooked(booked)).toBe(true)
  const moving = await who.open(`/musterstadt/termin/verwalten/${tokenOf(booked)}/verschieben`)
  expect(who.starts(moving)[0]).toBe('2026-11-25T07:00:00Z') // closed from 12:30 on
  expect((await who.send(moving, { beginn: '2026-11-24T10:30:00Z' })).status).toBe(409)
})

describe('a time that cannot be had', () => {
  test.each([
    ['in the past', '2026-11-23T07:00:00Z', 409],
    ['before the lead time is over', '2026-11-24T07:30:00Z', 409],
    ['after the window', '2027-03-01T09:00:00Z', 409],
    ['on the last day that a calendar knows', '9999-12-31T23:00:00Z', 409],
    ['when the site is closed', '2026-11-25T20:00:00Z', 409],
    ['that runs into the evening', '2026-11-25T10:50:00Z', 409],
    ['beside the grid', '2026-11-25T08:10:00Z', 409],
    ['that no clock shows', '2026-11-25T25:00:00Z', 422],
    ['on a day that does not exist', '2026-02-30T08:00:00Z', 422],
    ['in another notation', '25.11.2026 09:00', 422],
    ['with something behind it', "2026-11-25T08:00:00Z'--", 422],
    ['that is nothing', '', 422],
  ])('%s (%s) is refused with the list of free ones', async (_, beginn, status) => {
    const who = somebody(installation)
    const times = await openTimes(who, { language: 'en' })
    const before = await stored(installation.admin)
    const page = await who.send(times, { beginn }, 'vormerken')
    expect(page.status).toBe(status)
    expect(page.title).toContain(en('appointments.times.title'))
    expect(page.title).toMatch(/^Error/)
    expect(who.starts(page).length).toBeGreaterThan(10)
    await unchanged(before)
  })

  test('a service that does not exist leads back to the choice', async () => {
    const who = somebody(installation)
    const times = await openTimes(who)
    const page = await who.send(times, { leistung: 'haareschneiden', beginn: who.starts(times)[0] ?? '' }, 'vormerken')
    expect([page.status, page.title]).toEqual([422, expect.stringContaining(de('appointments.services.title'))])
  })
})

describe('what was typed and cannot be taken', () => {
  const large = 'x'.repeat(100_000)
  const cases: [string, Record<string, string>, string, Record<string, string | number>?][] = [
    ['no name', { 'f.name': '' }, 'missing'],
    ['a name of blanks', { 'f.name': ' \t ' }, 'missing'],
    ['no birth date', { 'f.birthDate.day': '', 'f.birthDate.month': '', 'f.birthDate.year': '' }, 'dateMissing'],
    [
      'the 31st of November',
      { 'f.birthDate.day': '31', 'f.birthDate.month': '11' },
      'wrongDay.noSuchDay',
      { day: 31, month: 'November' },
    ],
    [
      'a 29 February of no leap year',
      { 'f.birthDate.day': '29', 'f.birthDate.month': '2', 'f.birthDate.year': '1900' },
      'wrongDay.noSuchDay',
      { day: 29, month: 'February 1900' },
    ],
    [
      'a birth date of tomorrow',
      { 'f.birthDate.day': '24', 'f.birthDate.month': '11', 'f.birthDate.year': '2026' },
      'dateInFuture',
    ],
    ['a birth date of 1884', { 'f.birthDate.year': '1884' }, 'dateTooEarly'],
    ['a year of two digits', { 'f.birthDate.year': '84' }, 'wrongDay.year'],
    ['a month in words of no calendar', { 'f.birthDate.month': 'Mond' }, 'wrongDay.digits', { parts: 'Month' }],
    ['a day without its month', { 'f.birthDate.month': '00' }, 'wrongDay.lacks', { parts: 'Month' }],
    ['an address without a host', { 'f.email': 'erika@' }, 'email'],
    ['two addresses', { 'f.email': 'a@example.org, b@example.org' }, 'email'],
    ['an address with a header behind it', { 'f.email': 'a@example.org\r\nBcc: everybody@example.org' }, 'email'],
    ['an encoded header', { 'f.email': 'a@example.org%0d%0aBcc:b@example.org' }, 'email'],
    ['far too much text', { 'f.freeText': large }, 'tooLong'],
    ['far too much as a name', { 'f.name': large }, 'tooLong'],
  ]

  test.each(cases)('%s: the form comes back with the reason and everything typed', async (_, wrong, key, values) => {
    const who = somebody(installation)
    const details = await reachDetails(who, { language: 'en' })
    const before = await stored(installation.admin)
    const typed = { ...erika, ...wrong }
    const page = await who.send(details, typed)
    expect(page.status).toBe(422)
    expect(page.title).toMatch(/^Error/)
    const count = key === 'tooLong' ? (wrong['f.name'] ? 100 : 500) : ''
    const reason = en(`features.fields.${key}` as Word, { label: '', count, ...values })
    expect(page.text).toContain(reason.replace(/^:/, '').trim())
    for (const [name, value] of Object.entries(typed)) {
      const kept = fieldsOn(page)[name] ?? ''
      if (!(name in wrong)) expect([name, kept]).toEqual([name, value])
      else expect(kept.length).toBeGreaterThanOrEqual(Math.min(value.trim().length, 1))
      expect(kept).not.toMatch(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
    }
    await unchanged(before)
    expect(isBooked(await goOn(who, page, erika))).toBe(true)
  })

  test('names of every kind of script, and signs that mean something to a computer, are just names', async () => {
    const who = somebody(installation)
    for (const name of [
      '<script>alert(1)</script>',
      `O'Neill "Bob" & Co; drop table`,
      'محمد عبد الله',
      'Žofie 李小龍 👩‍👩‍👧',
      '{{7*7}} %s $& \\n',
    ]) {
      const booked = await who.send(await reachCheck(who, { fields: { 'f.name': name, 'f.email': '' } }))
      const page = await who.open(`${booked.url.split('?')[0]}/daten`)
      expect(page.text).toContain(name)
      expect(page.html).not.toContain('<script>alert')
    }
  })

  test('fields that nobody declared are not stored and not in the way', async () => {
    const who = somebody(installation)
    const details = await reachDetails(who)
    const odd = {
      ...erika,
      'f.shoeSize': 'forty-three',
      'f.__proto__': 'x',
      'f.constructor': 'x',
      __proto__: 'x',
      status: 'booked',
      siteId: 'x',
    }
    const booked = await goOn(who, details, odd)
    expect(isBooked(booked)).toBe(true)
    expect((await who.open(`${booked.url.split('?')[0]}/daten`)).text).not.toContain('forty-three')
  })
})

describe('consent', () => {
  const asked = async (way: Way = {}) => {
    const who = somebody(installation)
    return { who, consent: await who.send(await reachDetails(who, way), erika) }
  }

  test.each([
    ['no box', {}, ['noticeMissing', 'consentMissing', 'termsMissing']],
    ['only the notice', { kenntnis: 'yes' }, ['consentMissing', 'termsMissing']],
    ['only the consent', { einwilligung: 'yes' }, ['noticeMissing', 'termsMissing']],
    ['all but the terms', { kenntnis: 'yes', einwilligung: 'yes' }, ['termsMissing']],
    ['something else than yes', { ...agreed, einwilligung: 'no' }, ['consentMissing']],
  ])('with %s ticked there is no going on, and nothing typed is lost', async (_, boxes, missing) => {
    const { who, consent } = await asked({ language: 'en' })
    const before = await stored(installation.admin)
    const page = await who.send(consent, boxes as Record<string, string>)
    expect(page.status).toBe(422)
    for (const key of ['noticeMissing', 'consentMissing', 'termsMissing'] as const)
      expect(page.text.includes(en(`appointments.consent.${key}`))).toBe(missing.includes(key))
    expect(fieldsOn(page)).toMatchObject(erika)
    await unchanged(before)
  })

  test.each(['kenntnis', 'einwilligung', 'bedingungen'])(
    'cannot be left out of the last form either (%s)',
    async (box) => {
      const who = somebody(installation)
      const check = await reachCheck(who)
      const before = await stored(installation.admin)
      const page = await who.send(check, { [box]: '' })
      expect(page.status).toBe(422)
      expect(isBooked(page)).toBe(false)
      await unchanged(before)
    },
  )

  test('nor can a required answer', async () => {
    const who = somebody(installation)
    const check = await reachCheck(who)
    const before = await stored(installation.admin)
    expect((await who.send(check, { 'f.name': '' })).status).toBe(422)
    await unchanged(before)
  })

  test('leaves a proof that names no person', async () => {
    const who = somebody(installation)
    await who.send(await reachCheck(who, { language: 'en' }))
    const { rows } = await installation.admin.query('select * from consent_record order by given_at desc, id limit 1')
    expect(rows[0]).toMatchObject({ activity: 'appointments.booking', withdrawn_at: null })
    expect(Object.keys(rows[0]).toSorted()).toEqual([
      'activity',
      'ended_at',
      'erase_at',
      'given_at',
      'id',
      'kept_for',
      'language',
      'live_record_id',
      'record_id',
      'tenant_id',
      'text_hash',
      'text_version',
      'withdrawn_at',
    ])
  })
})

describe('holds are limited', () => {
  test('to thirty a caller, with a page that says so; other callers notice nothing, and it passes', async () => {
    const greedy = somebody(installation)
    const other = somebody(installation)
    const times = await openTimes(greedy, { slug: 'musterstadt', language: 'en' })
    const starts = greedy.starts(times)
    const hold = (who: Person, i: number) => who.send(times, { beginn: starts[i % starts.length] ?? '' }, 'vormerken')
    for (let i = 0; i < 30; i++) expect((await hold(greedy, i)).status).toBe(200)
    const refused = await hold(greedy, 30)
    expect(refused.status).toBe(429)
    expect(refused.text).toContain(en('appointments.times.tooMany'))
    expect((await hold(other, 30)).status).toBe(200)
    installation.time.move('PT15M')
    expect((await hold(greedy, 31)).status).toBe(200)
  })
})
