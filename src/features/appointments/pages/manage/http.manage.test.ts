import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { appointments } from '#features/appointments/index.ts'
import { fact } from '#test/helpers/fact.ts'
import { look, skeletonOf } from '#test/helpers/html.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { formsOn, type Person, person, type Seen, textOf } from '#test/helpers/person.ts'
import { everything } from '#test/helpers/robot.ts'
import { bookableTenant } from '#test/helpers/tenants.ts'
import {
  faults,
  fieldsOn,
  noFaults,
  property,
  reachCheck,
  reachDetails,
  somebody,
  start,
  stored,
  tokenOf,
  visitsAt,
  wordsIn,
} from '../../booking.fixture.ts'
import { manageLink } from './guard.ts'

/* Segeberg as it is; in Musterstadt a visit takes forty minutes and begins every twenty, at two desks. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({
    start,
    edit: {
      'musterstadt/tenant.yaml': (text) =>
        text
          .replace('desks: { public: 4, internal: 1 }', 'desks: { public: 2, internal: 1 }')
          .replace('minutes: 30\n    everyMinutes: 30', 'minutes: 40\n    everyMinutes: 20'),
    },
  })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const de = wordsIn('de')
const en = wordsIn('en')
let mailboxes = 0

/** Somebody with an appointment, and the mails about it. */
const aBooking = async (way: Parameters<typeof reachCheck>[1] = {}) => {
  const who = somebody(installation)
  const address = `p${++mailboxes}@example.org`
  const booked = await who.send(await reachCheck(who, { ...way, fields: { 'f.email': address, ...way.fields } }))
  const manage = booked.url.split('?')[0] ?? ''
  const mails = () =>
    installation.mailbox
      .messages()
      .filter((mail) => mail.to === address)
      .toReversed()
  const mail = (number: number) => eventually(() => mails()[number - 1], `mail ${number} to ${address}`)
  return { who, booked, manage, mails, mail, token: tokenOf(booked) }
}

const moveTo = async (who: Person, manage: string, beginn: string): Promise<Seen> =>
  who.send(await who.open(`${manage}/verschieben`), { beginn }, 'verschieben')
const isMoved = (page: Seen) => page.url.endsWith('?neu=2') && page.status === 200
const rowOf = async (token: string) => {
  const id = await installation.deps.db.inTenant(
    installation.deps.register.running.get('segeberg')?.tenant.id ?? '',
    async (tx) =>
      (await installation.deps.vault.findBySubject(tx, 'manageLink', token, { purpose: 'change', actor: 'person' }))[0]
        ?.id,
  )
  const { rows } = await installation.admin.query('select * from appointment where record_id = $1', [id])
  return rows[0] as { id: string; status: string; sequence: number; starts_at: Date; desk_id: number } | undefined
}

describe('moving an appointment', () => {
  test('takes the new time, frees the old one, and tells by mail: same event, next number', async () => {
    const from = '2026-11-25T08:00:00Z'
    const to = '2026-11-26T09:30:00Z'
    const { who, manage, mail } = await aBooking({ start: from })
    await mail(1)
    const before = await stored(installation.admin)
    const moved = await moveTo(who, manage, to)
    expect(isMoved(moved)).toBe(true)
    expect(moved.title).toContain(de('appointments.manage.moved'))
    expect(moved.text).toContain('10:30')
    expect([
      (await visitsAt(installation.admin, from)).length,
      (await visitsAt(installation.admin, to)).length,
    ]).toEqual([0, 1])
    expect(await stored(installation.admin)).toEqual({ ...before, mails: before.mails + 1, jobs: before.jobs + 1 })
    const [first, second] = [await mail(1), await mail(2)]
    const of = (name: string) => [property(first.calendar, name), property(second.calendar, name)]
    expect(of('UID')[0]).toBe(of('UID')[1])
    expect([of('SEQUENCE'), of('METHOD')]).toEqual([
      ['0', '1'],
      ['REQUEST', 'REQUEST'],
    ])
    expect(property(second.calendar, 'DTSTART')).toBe('20261126T103000')
    expect(second.text).toContain(manage)
    const stays = await who.open(`${manage}/daten`)
    expect(stays.text).toMatch(/10\. Dezember 2026(,| um) 11:00/)
  })

  test('again and again counts on, whatever the way back', async () => {
    const [a, b] = ['2026-11-25T08:30:00Z', '2026-11-25T09:00:00Z']
    const { who, manage, mail } = await aBooking({ start: a })
    const sequences = [property((await mail(1)).calendar, 'SEQUENCE')]
    for (const [i, to] of [b, a, b].entries()) {
      expect(isMoved(await moveTo(who, manage, to))).toBe(true)
      sequences.push(property((await mail(i + 2)).calendar, 'SEQUENCE'))
    }
    expect(sequences).toEqual(['0', '1', '2', '3'])
  })

  test.each([
    ['twenty minutes later', '2026-11-25T08:20:00Z'],
    ['twenty minutes earlier', '2026-11-25T07:40:00Z'],
  ])('to %s works, though the two overlap and nothing else is free', async (_, to) => {
    const from = '2026-11-25T08:00:00Z'
    const slug = 'musterstadt'
    const others = [await aBooking({ slug, start: from })]
    const { who, manage } = await aBooking({ slug, start: from })
    expect(who.starts(await who.open(`${manage}/verschieben`))).toContain(to)
    expect(isMoved(await moveTo(who, manage, to))).toBe(true)
    expect(await faults(installation.admin)).toEqual(noFaults)
    const row = (
      await installation.admin.query('select count(*)::int n from appointment where starts_at = $1 and status = $2', [
        to,
        'booked',
      ])
    ).rows[0]
    expect(row.n).toBe(1)
    for (const each of [...others, { who, manage }]) await each.who.send(await each.who.open(`${each.manage}/absagen`))
  })

  test('works five times; then the page says what is left, and no more mails go out', async () => {
    const starts = ['09:30', '09:00', '09:30', '09:00', '09:30', '09:00'].map((at) => `2026-12-01T${at}:00Z`)
    const { who, manage, mail, mails } = await aBooking({ start: '2026-12-01T09:00:00Z' })
    const times = await who.open(`${manage}/verschieben`)
    for (const [nth, start] of starts.slice(0, 5).entries()) {
      await mail(nth + 1)
      expect(isMoved(await moveTo(who, manage, start))).toBe(true)
    }
    await mail(6)
    // The fifth, sent once more: it is done.
    expect(isMoved(await who.send(times, { beginn: starts[4] ?? '' }, 'verschieben'))).toBe(true)
    expect((await who.open(manage)).html).not.toContain('/verschieben"')
    for (const page of [await who.open(`${manage}/verschieben`), await who.send(times, { beginn: starts[5] ?? '' })]) {
      expect([page.status, page.text]).toEqual([409, expect.stringContaining(de('appointments.tooOften.title'))])
    }
    expect(mails()).toHaveLength(6)
    expect((await who.send(await who.open(`${manage}/absagen`))).status).toBe(200)
  })

  test('does not offer the time it has', async () => {
    const from = '2026-11-25T09:30:00Z'
    const { who, manage } = await aBooking({ start: from })
    expect(who.starts(await who.open(`${manage}/verschieben`))).not.toContain(from)
  })

  test('sent twice moves once and mails once', async () => {
    const to = '2026-11-26T08:30:00Z'
    const { who, manage, mail, mails } = await aBooking({ start: '2026-11-25T10:00:00Z' })
    await mail(1)
    const times = await who.open(`${manage}/verschieben`)
    const pages = await Promise.all([1, 2, 3].map(() => who.send(times, { beginn: to }, 'verschieben')))
    expect(pages.every(isMoved)).toBe(true)
    expect(isMoved(await who.send(times, { beginn: to }, 'verschieben'))).toBe(true)
    await mail(2)
    await moveTo(who, manage, '2026-11-26T09:00:00Z')
    expect(property((await mail(3)).calendar, 'SEQUENCE')).toBe('2')
    expect(mails()).toHaveLength(3)
  })

  test.each([
    ['a past time', '2026-11-23T07:00:00Z', 409],
    ['a time within the lead time', '2026-11-23T10:00:00Z', 409],
    ['a time after the window', '2027-01-29T08:00:00Z', 409],
    ['a time beside the grid', '2026-11-26T08:10:00Z', 409],
    ['a closed hour', '2026-11-26T20:00:00Z', 409],
    ['a time of another Jobcenter’s hours', '2026-11-26T16:30:00Z', 409],
    ['no time at all', '', 422],
    ['something that is no time', 'tomorrow', 422],
  ])('to %s is refused, and the appointment stays', async (_, beginn, status) => {
    const from = '2026-11-27T08:00:00Z'
    const { who, manage, mails, mail } = await aBooking({ start: from, language: 'en' })
    await mail(1)
    const before = await stored(installation.admin)
    const page = await moveTo(who, manage, beginn)
    expect([page.status, page.title]).toEqual([status, expect.stringContaining(en('appointments.times.moveTitle'))])
    expect(who.starts(page).length).toBeGreaterThan(0)
    expect(await stored(installation.admin)).toEqual(before)
    expect((await who.open(manage)).text).toContain('09:00')
    expect(mails()).toHaveLength(1)
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('to a time that was taken meanwhile is refused with the times that are left', async () => {
    const slug = 'musterstadt'
    const to = '2026-11-26T09:00:00Z'
    const { who, manage } = await aBooking({ slug, start: '2026-11-26T07:00:00Z' })
    const times = await who.open(`${manage}/verschieben?ab=2026-11-26`)
    expect(who.starts(times)).toContain(to)
    await aBooking({ slug, start: to })
    await reachDetails(somebody(installation), { slug, start: to })
    const page = await who.send(times, { beginn: to }, 'verschieben')
    expect(page.status).toBe(409)
    expect(page.text).toContain('08:00')
    expect(who.starts(page)).not.toContain(to)
    expect((await who.open(manage)).text).toContain('08:00')
  })

  test('of two people who move to the last desk at once, one gets it and both keep an appointment', async () => {
    const slug = 'musterstadt'
    const to = '2026-11-27T10:00:00Z'
    await aBooking({ slug, start: to })
    const people = [
      await aBooking({ slug, start: '2026-11-27T07:00:00Z' }),
      await aBooking({ slug, start: '2026-11-27T07:00:00Z' }),
    ]
    const pages = await Promise.all(people.map(({ who, manage }) => moveTo(who, manage, to)))
    expect(pages.map((page) => page.status).toSorted()).toEqual([200, 409])
    for (const { who, manage } of people) expect((await who.open(manage)).status).toBe(200)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('two people change places at once, or one of them is told; nobody loses their time', async () => {
    const slug = 'musterstadt'
    const [a, b] = ['2026-11-30T07:00:00Z', '2026-11-30T09:00:00Z'] as const
    const [one, two] = [await aBooking({ slug, start: a }), await aBooking({ slug, start: b })]
    const pages = await Promise.all([moveTo(one.who, one.manage, b), moveTo(two.who, two.manage, a)])
    expect(pages.every((page) => page.status === 200 || page.status === 409)).toBe(true)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })
})

describe('the question before a move', () => {
  const from = '2026-12-11T08:00:00Z'
  const to = '2026-12-14T09:30:00Z'

  test('names both times, can be opened again, and changes nothing until it is answered', async () => {
    const { who, manage } = await aBooking({ start: from })
    const before = await everything(installation.admin)
    const times = await who.open(`${manage}/verschieben?ab=2026-12-14`)
    expect(formsOn(times).every(({ method }) => method === 'get')).toBe(true)
    const question = await who.open(`${manage}/verschieben?beginn=${to}`)
    expect([question.status, question.title]).toEqual([200, expect.stringContaining(de('appointments.moving.title'))])
    expect(question.text).toMatch(
      /Ihr Termin bisher Freitag, 11\. Dezember 2026, 09:00 Uhr Neue Zeit Montag, 14\. Dezember 2026, 10:30 Uhr/,
    )
    expect(question.html).not.toContain('checked')
    const unsure = await who.send(question, { sicher: '' })
    expect([unsure.status, unsure.text]).toEqual([422, expect.stringContaining(de('appointments.sure.missing'))])
    expect(unsure.text).toContain('14. Dezember 2026, 10:30')
    expect(unsure.html).toContain(`href="${manage.replace('/segeberg/', '/segeberg/en/')}/verschieben?beginn=`)
    expect(await everything(installation.admin)).toBe(before)
    expect(isMoved(await who.send(unsure))).toBe(true)
    // Back, and loaded again: it has that time.
    expect((await who.open(question.url)).url).toBe(`${manage}?neu=2`)
  })

  test('leads back to the days that were looked at, also when it was sent without the tick or in another language', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-11T11:00:00Z' })
    const days = `${manage}/verschieben?ab=2026-12-14`
    const question = await who.open(`${days}&beginn=${to}`)
    const unsure = await who.send(question, { sicher: '' })
    expect(unsure.status).toBe(422)
    for (const { html } of [question, unsure]) {
      expect(html).toContain(`href="${days}"`)
      const english = look(html).find('[href^="/segeberg/en/"][href*="/verschieben?beginn="]')
      expect(english.attribute('href')).toMatch(/&ab=2026-12-14$/)
    }
  })

  test('is not asked where there is nothing to ask: the page says what is left', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-11T09:00:00Z' })
    for (const [query, status, word] of [
      [`beginn=${start}`, 409, 'notOffered'],
      ['beginn=2026-12-14T20:00:00Z', 409, 'taken'],
      ['beginn=tomorrow', 422, 'missing'],
      ['gewaehlt=ja', 422, 'missing'],
    ] as const) {
      const page = await who.open(`${manage}/verschieben?${query}`)
      expect([query, page.status, page.text]).toEqual([
        query,
        status,
        expect.stringContaining(de(`appointments.times.${word}`)),
      ])
    }
    expect((await who.open(`${manage}/verschieben?beginn=2026-12-11T09:00:00Z`)).url).toBe(manage)
  })

  test.each(['absagen', 'widerrufen'])('and before what cannot be taken back: no tick, no %s', async (what) => {
    const at = what === 'absagen' ? '2026-12-11T10:00:00Z' : '2026-12-11T10:30:00Z'
    const { who, manage } = await aBooking({ start: at })
    const form = await who.open(`${manage}/${what}`)
    const before = await everything(installation.admin)
    const unsure = await who.send(form, { sicher: '' })
    expect([unsure.status, unsure.text]).toEqual([422, expect.stringContaining(de('appointments.sure.missing'))])
    expect(unsure.html).toContain('href="#field-sicher"')
    expect(await everything(installation.admin)).toBe(before)
    expect((await who.send(unsure)).status).toBe(200)
    expect((await who.open(manage)).status).toBe(410)
  })
})

describe('what the day needs', () => {
  const slug = 'musterstadt'
  const needs = { 'f.interpreterLanguage': 'uk' }

  test.each(['de', 'en', 'ar'] as const)('stands on the page and in the mail, in their order: %s', async (language) => {
    const t = wordsIn(language)
    const at = `2026-12-0${2 + ['de', 'en', 'ar'].indexOf(language)}T08:00:00Z`
    const { booked, mail } = await aBooking({ slug, language, start: at, fields: needs })
    const tenant = bookableTenant(slug, installation.deps.register)
    const site = tenant.sites[0]
    const texts = [site?.directions, site?.access, site?.arrival, tenant.interpreter].map((text) => text?.[language])
    const received = await mail(1)
    const length = t('appointments.length', { count: 40 })
    for (const text of [...texts, length]) {
      expect(booked.text).toContain(text)
      expect(textOf(received.html)).toContain(text)
      expect(received.text).toContain(text)
    }
    expect(booked.text).toContain(t('appointments.manage.bring'))
    // The link is no long way down; who needs more reads on.
    const order = ['/verwalten/', length, texts[0], t('appointments.onTheDay.bringShort'), t('mail.real').slice(0, 12)]
    const places = order.map((text) => received.text.indexOf(text ?? '-'))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
    // A house that does not exist is on no map.
    expect(booked.html).not.toContain('openstreetmap')
  })

  test('by phone is the number: whole on the page, its end in the mail; nobody has to bring or find anything', async () => {
    const fields = { 'f.phone': '030 23125 042' }
    const way = { slug, service: 'beratung-telefon', start: '2026-12-16T07:00:00Z', fields }
    const { booked, mail } = await aBooking(way)
    expect(booked.text).toContain(de('appointments.onTheDay.call', { number: '030 23125 042' }))
    expect(booked.text).toContain('Unsere Nummer sehen Sie dabei nicht.')
    expect(booked.text).not.toMatch(/Ausweisdokument|Weg und Zugang/)
    const { text } = await mail(1)
    expect(text).toContain(de('appointments.onTheDay.callEnd', { digits: '42' }))
    expect(text).not.toMatch(/23125.042|Ausweisdokument/)
  })

  test('says nothing of an interpreter to who asked for none, and in no mail that somebody needs sign language', async () => {
    const sentence = 'Wir bestellen jemanden, der übersetzt.'
    const nobody = await aBooking({ slug, start: '2026-12-16T08:00:00Z' })
    expect(nobody.booked.text).not.toContain(sentence)
    const signs = await aBooking({ slug, start: '2026-12-16T09:00:00Z', fields: { 'f.signLanguage': 'yes' } })
    expect(signs.booked.text).toContain(sentence)
    expect((await signs.mail(1)).text).not.toContain(sentence)
  })

  test('of a house that exists is a link to a map, which is told nothing about where it was followed', async () => {
    const { booked, mail } = await aBooking({ start: '2026-12-16T10:00:00Z' })
    const link = booked.find('a[href*=openstreetmap]')
    expect(link.attribute('href')).toContain('query=Kisdorfer+Weg+7a%2C+24568+Kaltenkirchen')
    expect(link.attribute('rel')).toBe('noreferrer external')
    expect(link.text).toContain('fremde Seite')
    expect((await mail(1)).html).not.toContain('openstreetmap')
  })

  test('and who writes: the calendar entry and the mail say how to cancel, who it is, and how to find out', async () => {
    const { mail, manage } = await aBooking({ start: '2026-12-16T10:00:00Z' })
    const { calendar, text, html } = await mail(1)
    const description = property(calendar, 'DESCRIPTION')?.replaceAll('\\n', '\n').replaceAll('\\,', ',')
    expect(description?.split('\n')).toEqual([
      de('appointments.calendar.description'),
      `http://anlaufstelle.test${manage}`,
      '',
      de('appointments.calendar.declining'),
    ])
    for (const part of [text, textOf(html)]) {
      expect(part).toContain('anlaufstelle.test/segeberg selbst')
      expect(part).toContain('Jobcenter Kreis Segeberg, Kisdorfer Weg 7a, 24568 Kaltenkirchen')
      expect(part).toContain('kein Angebot der Behörde. Betrieben von: Betriebsstelle dieser Vorführung.')
    }
  })
})

/** A page without what is marked as not to be translated. */
const withoutMarked = (html: string): string =>
  look(html)
    .all('[translate=no]')
    .reduce((rest, part) => rest.replace(part.html, ''), html)

test('numbers, links and references on pages and in mails are left alone by whatever translates them', async () => {
  const { who, booked, manage } = await aBooking({ start: '2026-12-16T11:00:00Z', fields: { 'f.email': '' } })
  const other = await aBooking({ slug: 'musterstadt', start: '2026-12-16T08:00:00Z' })
  const pages = [booked, other.booked, { html: (await other.mail(1)).html }]
  for (const path of [manage, `${manage}/daten`, '/segeberg/impressum', '/segeberg/datenschutz', '/segeberg/cookies'])
    pages.push(await who.open(path))
  const bare = pages.flatMap(({ html }) =>
    textOf(withoutMarked(html)).match(
      /https?:\/\/\S+|\S+@\S+\.\w+|030.23125.\d+|\b[A-Z2-9]{4}-[A-Z2-9]{4}\b|\bdisclaimer\b/g,
    ),
  )
  expect(bare.filter(Boolean)).toEqual([])
})

describe('once an appointment has begun', () => {
  test.each(['verschieben', 'absagen'])('it is too late to %s: the page says so and nothing changes', async (what) => {
    const from = what === 'absagen' ? '2026-11-26T10:00:00Z' : '2026-11-26T10:30:00Z'
    const { who, manage } = await aBooking({ start: from, language: 'en' })
    const form = await who.open(`${manage}/${what}`)
    installation.time.set(from)
    const before = await stored(installation.admin)
    const sent = await who.send(form, { beginn: '2026-11-27T08:30:00Z' }, what)
    expect([sent.status, sent.title]).toEqual([409, expect.stringContaining(en('appointments.tooLate.title'))])
    expect((await who.open(`${manage}/${what}`)).status).toBe(409)
    expect(await stored(installation.admin)).toEqual(before)
    expect((await who.open(manage)).text).toContain(en('appointments.manage.over'))
  })

  test('the consent can still be withdrawn, also when all is over, and then nothing is left', async () => {
    for (const [at, later] of [
      ['2026-11-25T07:00:00Z', '2026-11-25T07:10:00Z'],
      ['2026-11-27T07:00:00Z', '2026-11-28T07:00:00Z'],
    ] as const) {
      installation.time.set(start)
      const { who, manage, token, mails, mail } = await aBooking({ start: at })
      await mail(1)
      installation.time.set(later)
      await installation.sweep()
      const before = await stored(installation.admin)
      const page = await who.send(await who.open(`${manage}/widerrufen`))
      await fact('SEG-038', installation, async () => {
        expect(page.title).toContain(de('appointments.withdraw.done'))
        expect((await stored(installation.admin)).records).toBe(before.records - 1)
        expect(await rowOf(token)).toBeUndefined()
      })
      expect(page.text).not.toContain(de('appointments.erasedMail')) // nothing is left to cancel, so no mail either
      expect(mails()).toHaveLength(1)
      expect((await who.open(manage)).status).toBe(410)
    }
  })
})

describe('a page that opens a person’s record', () => {
  const looksAt = async (at: string) =>
    (await installation.admin.query("select from vault.access where actor = 'person' and opened_at = $1", [at]))
      .rowCount
  // Addresses that only answer a form lead back to the appointment and show nothing themselves.
  const paths = appointments.pages.flatMap(({ method, route, access }) =>
    method === 'GET' && access === manageLink && !/(\.ics|\/loeschen)$/.test(route.path) ? [route.path] : [],
  )

  test.each(paths)('says that this is noted, before the appointment and after: %s', async (path) => {
    const begin = Temporal.Instant.from('2026-12-04T07:00:00Z').add({ minutes: 30 * paths.indexOf(path) })
    const { who, token } = await aBooking({ start: begin.toString() })
    for (const at of [begin.subtract({ seconds: 59 }).toString(), begin.add({ seconds: 59 }).toString()]) {
      installation.time.set(at)
      const page = await who.open(`/segeberg${path.replace(':token', token)}`)
      expect(await looksAt(at)).toBe(1)
      expect(page.text).toContain(de('features.records.trail', { what: 'Wann auf diese Daten zugegriffen wurde' }))
    }
  })
})

test('the notice, the confirmation and the mail each lead to the withdrawal of consent', async () => {
  const { who, booked, manage, mail } = await aBooking({ start: '2026-12-07T09:00:00Z' })
  const follow = (html: string, end: string): Promise<Seen> => {
    const href = look(html).find(`[href$="${end}"]`).attribute('href') ?? ''
    return who.open(href.replace('http://anlaufstelle.test', ''))
  }
  await fact('SEG-039', installation, async () => {
    const fromNotice = await follow((await who.open('/segeberg/datenschutz')).html, '/widerruf')
    expect([fromNotice.status, fromNotice.url]).toEqual([200, '/segeberg/widerruf'])
    const fromConfirmation = await follow(booked.html, '/widerrufen')
    expect([fromConfirmation.status, fromConfirmation.url]).toEqual([200, `${manage}/widerrufen`])
    const fromMail = await follow((await follow((await mail(1)).html, manage)).html, '/widerrufen')
    expect([fromMail.status, fromMail.url]).toEqual([200, `${manage}/widerrufen`])
  })
})

describe.each([
  { what: 'absagen', key: 'cancel', subject: 'Abgesagt', promise: 'SEG-036' },
  { what: 'widerrufen', key: 'withdraw', subject: 'Abgesagt', promise: 'SEG-037' },
] as const)('after $what', ({ what, key, subject, promise }) => {
  test('the time is free, the record gone, and the mail takes the event out of the calendar', async () => {
    const at = '2026-12-01T08:00:00Z'
    const { who, manage, mail, token } = await aBooking({ start: at })
    const first = await mail(1)
    await moveTo(who, manage, '2026-12-01T09:00:00Z')
    await mail(2)
    const id = (await rowOf(token))?.id
    const before = await stored(installation.admin)
    const page = await who.send(await who.open(`${manage}/${what}`))
    expect([page.status, page.title]).toEqual([200, expect.stringContaining(de(`appointments.${key}.done`))])
    await fact(promise, installation, async () =>
      expect(await stored(installation.admin)).toMatchObject({
        booked: before.booked - 1,
        bookedCells: before.bookedCells - 3,
        records: before.records - 1,
        keys: before.keys - 1,
        consents: before.consents,
      }),
    )
    const third = await mail(3)
    expect(third.subject).toContain(subject)
    expect(['METHOD', 'STATUS', 'SEQUENCE', 'DTSTART'].map((name) => property(third.calendar, name))).toEqual([
      'CANCEL',
      'CANCELLED',
      '2',
      '20261201T100000',
    ])
    expect(property(third.calendar, 'UID')).toBe(property(first.calendar, 'UID'))
    // What stays of the appointment has nothing in common with what is in the person's calendar.
    expect([first, third].map((each) => each.calendar + each.html + each.text).join()).not.toContain(id)
    expect(`${third.subject}${third.text}${third.html}${third.calendar}`).not.toMatch(
      /Erika|Markerfrau|131A0990815|1984|Zetermordio/,
    )
    expect(third.text).not.toContain(token)
    expect((await installation.admin.query('select from appointment where id = $1', [id])).rows).toEqual([])
  })

  test('the link shows, in the person’s language, that there is nothing any more, and every form of it says the same', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-02T08:00:00Z', language: 'en' })
    const forms = {
      absagen: await who.open(`${manage}/absagen`),
      widerrufen: await who.open(`${manage}/widerrufen`),
      verschieben: await who.open(`${manage}/verschieben`),
    }
    await who.send(forms[what as 'absagen'])
    const before = await stored(installation.admin)
    for (const [path, form] of Object.entries(forms)) {
      const again = await who.send(form, { beginn: '2026-12-03T08:00:00Z' }, path)
      expect([again.status, again.title]).toEqual([410, expect.stringContaining(en('appointments.gone.title'))])
    }
    for (const path of ['', '/absagen', '/widerrufen', '/verschieben', '/daten', '/termin.ics'])
      expect([path, (await who.open(manage + path)).status]).toEqual([path, 410])
    expect(await stored(installation.admin)).toEqual(before)
  })

  test('three times at once, one of them did it, none of them failed, and one mail says so', async () => {
    const { who, manage, mails, mail } = await aBooking({ start: '2026-12-03T08:00:00Z' })
    await mail(1)
    const form = await who.open(`${manage}/${what}`)
    const pages = await Promise.all([1, 2, 3].map(() => who.send(form)))
    expect(pages.map((page) => page.status).toSorted()).toEqual([200, 410, 410])
    await mail(2)
    await installation.sweep()
    expect(mails()).toHaveLength(2)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('somebody else can book the time', async () => {
    const at = '2026-12-04T08:00:00Z'
    const slug = 'musterstadt'
    const first = [await aBooking({ slug, start: at }), await aBooking({ slug, start: at })]
    const [gone] = first
    if (gone) await gone.who.send(await gone.who.open(`${gone.manage}/${what}`))
    const next = await aBooking({ slug, start: at })
    expect(next.booked.status).toBe(200)
    for (const each of [...first.slice(1), next]) await each.who.send(await each.who.open(`${each.manage}/absagen`))
  })
})

test('only a withdrawal is noted with the proof of consent', async () => {
  for (const [what, noted] of [
    ['absagen', false],
    ['widerrufen', true],
  ] as const) {
    const { who, manage } = await aBooking({ start: '2026-12-07T08:00:00Z' })
    const { rows: given } = await installation.admin.query(
      `select c.id from consent_record c join appointment a using (record_id) where a.starts_at = '2026-12-07T08:00:00Z'`,
    )
    await who.send(await who.open(`${manage}/${what}`))
    const { rows } = await installation.admin.query('select withdrawn_at from consent_record where id = $1', [
      given[0].id,
    ])
    expect(rows[0].withdrawn_at !== null).toBe(noted)
  }
})

/** What the page of a link that leads nowhere says, by its status. */
const nowhere: Record<number, string> = { 404: en('appointments.damaged.title'), 410: en('appointments.gone.title') }

describe('a manage link', () => {
  test.each([
    ['guessed', () => 'AbcAbcAbcAbcAbcAbcAbcA', 410],
    ['with a letter changed', (token: string) => `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`, 410],
    ['with the last bits changed', (token: string) => `${token.slice(0, -1)}${token.endsWith('B') ? 'C' : 'B'}`, 404],
    ['cut short', (token: string) => token.slice(0, 21), 404],
    ['in small letters', (token: string) => token.toLowerCase(), 404],
    ['in capital letters', (token: string) => token.toUpperCase(), 404],
    ['in other letters', () => encodeURIComponent("' or ''='"), 404],
    ['of dots', () => '%2e%2e%2f%2e%2e', 404],
    ['very long', () => 'A'.repeat(3000), 404],
    ['that cannot be read', () => '%zz', 404],
    ['of bytes that are no text', () => '%ff%fe', 404],
  ])('%s opens nothing, by whatever path or form', async (_, change, status) => {
    const { who, manage, token } = await aBooking({ start: '2026-12-08T08:00:00Z', language: 'en' })
    const { formToken = '' } = fieldsOn(await who.open(`${manage}/absagen`))
    const wrong = manage.replace(token, change(token))
    const before = await stored(installation.admin)
    for (const path of ['', '/absagen', '/widerrufen', '/verschieben', '/daten', '/termin.ics']) {
      const page = await who.open(wrong + path)
      expect([path, page.status, page.title]).toEqual([path, status, expect.stringContaining(nowhere[status] ?? '')])
    }
    for (const path of ['/absagen', '/widerrufen', '/verschieben'])
      expect((await who.post(wrong + path, { formToken, beginn: '2026-12-09T08:00:00Z' })).status).toBe(status)
    expect(await stored(installation.admin)).toEqual(before)
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('with anything behind it leads to the page it was meant for, by a redirect; a form is not sent on', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-08T08:30:00Z' })
    const { formToken = '' } = fieldsOn(await who.open(`${manage}/absagen`))
    const before = await stored(installation.admin)
    for (const rubbish of [
      '.',
      ')',
      '%3E',
      ',',
      ';',
      '%22',
      '%E2%80%99',
      '%C2%BB',
      '%E2%80%8B',
      '%C2%A0',
      '%20',
      '=',
      '%3D',
      '&gt;',
      '](x)',
      `http://x.example${manage}`,
      'A',
      '%00',
      '%00%00.',
    ]) {
      for (const path of ['', '/absagen', '/verschieben', '/daten']) {
        const { headers, statusCode } = await installation.app.inject({ url: `${manage}${path}${rubbish}?neu=1` })
        expect([rubbish, path, statusCode, headers.location]).toEqual([rubbish, path, 303, `${manage}${path}?neu=1`])
      }
      expect((await who.open(`${manage}${rubbish}`)).text).toContain(de('appointments.manage.title'))
      const posted = await who.post(`${manage}${rubbish}/absagen`, { formToken })
      expect([rubbish, posted.status]).toEqual([rubbish, 404])
      expect((await who.post(`${manage}/absagen${rubbish}`, { formToken })).status).toBe(404)
    }
    expect(await stored(installation.admin)).toEqual(before)
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('with a folder in capitals or a slash too many leads on within the own Jobcenter, and what is no link is none', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-08T08:30:00Z' })
    const token = manage.split('/').at(-1) ?? ''
    for (const [path, part] of [
      [`/segeberg/termin/Verwalten/${token}`, ''],
      [`/segeberg/termin/VERWALTEN/${token}/absagen`, '/absagen'],
      [`/segeberg/termin//verwalten/${token}`, ''],
      [`/segeberg/termin////verwalten//${token}/daten`, '/daten'],
      [`/segeberg/termin//evil.example/verwalten/${token}`, null],
    ] as const) {
      const { headers, statusCode } = await installation.app.inject({ url: path })
      expect([path, statusCode, headers.location]).toEqual(
        part === null ? [path, 404, undefined] : [path, 303, manage + part],
      )
    }
    const { headers } = await installation.app.inject({ url: `/segeberg/en/termin//Verwalten/${token}` })
    expect(headers.location).toBe(manage.replace('/segeberg/', '/segeberg/en/'))
    for (const cut of ['Verw', '/verw', 'Verwalten/x'])
      expect((await who.open(`/segeberg/termin/${cut}`)).text).toContain(de('appointments.damaged.title'))
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('cut before its folder leads to a page that shows the way to the appointment', async () => {
    const who = person(installation)
    for (const path of [
      't',
      'ter',
      'termi',
      'termin',
      'termin/',
      'termin/x',
      'Termin/verwalten/x',
      '/termin/verwalten/x',
    ]) {
      const { status, html } = await who.open(`/segeberg/${path}`)
      const isFirstPage = path.startsWith('termin') && !path.endsWith('x')
      expect([path, status]).toEqual([path, isFirstPage ? 200 : 404])
      const [main = ''] = html.split('</main>')
      expect([path, main.includes('href="/segeberg/termin/finden"')]).toEqual([path, true])
    }
    expect((await who.open('/segeberg/en/termi')).html).toContain('href="/segeberg/en/termin/finden"')
    for (const path of ['/nowhere/termin', '/x']) expect((await who.open(path)).html).not.toContain('/termin/finden')
  })

  test('cut at every length says that opening it has changed nothing and shows the way back; it never says “cancelled”', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-08T08:30:00Z' })
    const whole = `${manage}/absagen`
    const shown = new Map<string, number>()
    for (let length = manage.indexOf('verwalten') + 1; length <= whole.length; length++) {
      const page = await who.open(whole.slice(0, length))
      const what = page.status === 404 ? 'damaged' : page.url.replace(/\/$/, '')
      shown.set(what, (shown.get(what) ?? 0) + 1)
      if (page.status !== 404) continue
      for (const text of ['damaged.title', 'damaged.lead', 'damaged.text'] as const)
        expect(page.text).toContain(de(`appointments.${text}`))
      // True as well when the office has cancelled meanwhile.
      expect(page.text).toContain('Durch das Öffnen dieses Links hat sich an Ihrem Termin nichts geändert.')
      expect(page.html).toContain('href="/segeberg/termin/finden"')
      expect(page.html).toContain('href="tel:')
    }
    expect(Object.fromEntries(shown)).toEqual({
      damaged: 'verwalten/'.length + 21,
      [manage]: '/absage'.length + 1,
      [whole]: 1,
    })
    for (const path of ['termin/x', 'termin/verwaltet', 'termin/zeit/x'])
      expect((await who.open(`/segeberg/${path}`)).text).not.toContain(de('appointments.damaged.title'))
    await who.send(await who.open(whole))
  })

  test('that nobody knows gives no answer of its own, says what may be, and leads to the code and the phone', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-08T08:30:00Z' })
    await who.send(await who.open(`${manage}/absagen`))
    const known = await who.open(manage)
    const unknown = await who.open('/segeberg/termin/verwalten/AbcAbcAbcAbcAbcAbcAbcA')
    const skeleton = ({ html }: Seen) => skeletonOf(html).replace(/verwalten\/[\w-]{22}/g, '')
    expect(skeleton(unknown)).toBe(skeleton(known))
    for (const reason of ['lead', 'withdraw', 'over', 'replaced', 'mistyped'] as const)
      expect(known.text).toContain(de(`appointments.gone.${reason}`))
    expect(known.html).toContain('href="/segeberg/termin/finden"')
    expect(known.html.split('</main>')[0]).not.toContain('href="/segeberg/termin"')
  })

  test('of one tenant opens nothing at another', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-08T09:00:00Z' })
    const elsewhere = manage.replace('/segeberg/', '/musterstadt/')
    const { formToken = '' } = fieldsOn(await reachDetails(who, { slug: 'musterstadt' }))
    for (const path of ['', '/absagen', '/widerrufen', '/verschieben', '/daten', '/termin.ics'])
      expect((await who.open(elsewhere + path)).status).toBe(410)
    for (const path of ['/absagen', '/widerrufen', '/verschieben'])
      expect((await who.post(elsewhere + path, { formToken, beginn: '2026-12-09T08:00:00Z' })).status).toBe(410)
    expect((await who.open(manage)).status).toBe(200)
  })

  test('acts on its own appointment only, also for the same person', async () => {
    const fields = { 'f.email': 'both@example.org' }
    const [one, two] = [
      await aBooking({ start: '2026-12-09T08:00:00Z', fields }),
      await aBooking({ start: '2026-12-09T09:00:00Z', fields }),
    ]
    await one.who.send(await one.who.open(`${one.manage}/widerrufen`))
    expect((await two.who.open(two.manage)).status).toBe(200)
    expect((await one.who.open(one.manage)).status).toBe(410)
  })

  test('changes nothing by being looked at', async () => {
    const { who, manage, token } = await aBooking({ start: '2026-12-10T08:00:00Z' })
    const [before, row] = [await stored(installation.admin), await rowOf(token)]
    for (const path of ['', '/absagen', '/widerrufen', '/verschieben', '/daten', '/termin.ics']) {
      expect((await who.open(manage + path)).status).toBe(200)
      const head = await installation.app.inject({ method: 'HEAD', url: manage + path })
      expect([head.statusCode, head.body]).toEqual([200, ''])
    }
    expect([await stored(installation.admin), await rowOf(token)]).toEqual([before, row])
  })

  test('shows the same appointment in either language', async () => {
    const { who, manage } = await aBooking({ start: '2026-12-10T09:00:00Z' })
    const page = await who.open(manage.replace('/segeberg/', '/segeberg/en/'))
    expect(page.text).toMatch(/Thursday,? 10 December 2026/)
  })
})
