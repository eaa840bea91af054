import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Part } from '#test/helpers/html.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { erika, type Seen } from '#test/helpers/person.ts'
import { goOn, isBooked, reachDetails, somebody, tokenOf, wordsIn } from '../../booking.fixture.ts'

/* The next free time, and a month at a glance. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start: '2026-11-23T08:00:00Z', withoutWorker: true })
})
afterAll(() => installation.close())

const de = wordsIn('de')
const open = (path: string): Promise<Seen> => somebody(installation).open(`/segeberg/termin/${path}`)
const service = 'leistung=beratung-vor-ort'
const moveOf = (booked: Seen) => `/segeberg/termin/verwalten/${tokenOf(booked)}/verschieben`
const local = (start: string) => Temporal.Instant.from(start).toZonedDateTimeISO('Europe/Berlin')

const queryOf = (link: Part) => new URL(link.attribute('href') ?? '', 'http://page').searchParams

/** Day and first time of each link of a month. */
const daysOn = (page: Seen): [day: string, time: string][] =>
  page.all('.a-month-day').map((day) => [queryOf(day).get('tag') ?? '', day.find('.a-month-time').text])

/** The months that a month leads to. */
const links = (page: Seen) => page.all('.a-button-secondary[href*="monat="]').map((link) => queryOf(link).get('monat'))

/** Day and first time of each day, gathered from the lists of times, week by week. */
const daysInLists = async (from: string, weeks: number) => {
  const first = new Map<string, string>()
  for (let week = 0; week < weeks; week++) {
    const day = Temporal.PlainDate.from(from).add({ weeks: week })
    const page = await open(`zeit?${service}&ab=${day}`)
    for (const start of somebody(installation).starts(page)) {
      const at = local(start)
      const key = at.toPlainDate().toString()
      if (!first.has(key)) first.set(key, at.toPlainTime().toString({ smallestUnit: 'minute' }))
    }
  }
  return [...first]
}

test('the months show each day of the window that has a free time, and its first', async () => {
  // A day in the middle loses its first hours, another one all of them.
  await installation.admin.query(`update cell set audience = 'internal'
    where starts_at between '2026-12-01T00:00Z' and '2026-12-01T09:10Z' or starts_at::date = '2026-12-02'`)
  const months = [await open(`monat?${service}`), await open(`monat?${service}&monat=2026-12`)]
  const shown = months.flatMap(daysOn)
  expect(shown).toEqual(await daysInLists('2026-11-23', 5))
  expect(shown).toContainEqual(['2026-12-01', '10:30'])
  expect(shown.map(([day]) => day)).not.toContain('2026-12-02')
  expect(months[0]?.text).toContain('Dienstag, 24. November 2026, frei ab 09:00 Uhr')
})

test('a day of a month leads to its times, and to no others', async () => {
  const month = await open(`monat?${service}&monat=2026-12`)
  const href = month.find('.a-month-day').attribute('href') ?? ''
  const times = await somebody(installation).open(href)
  expect(times.status).toBe(200)
  const starts = somebody(installation).starts(times)
  expect(starts[0]).toBe('2026-12-01T09:30:00Z')
  expect(new Set(starts.map((start) => local(start).toPlainDate().toString()))).toEqual(new Set(['2026-12-01']))
})

describe('a month', () => {
  test.each([
    ['long past', 'monat=2020-02', 'November 2026'],
    ['after the window', 'monat=2031-01', 'Dezember 2026'],
    ['that does not exist', 'monat=2026-13', 'November 2026'],
    ['in words', 'monat=Dezember', 'November 2026'],
    ['of another age', 'monat=-271821-04', 'November 2026'],
    ['twice', 'monat=2026-12&monat=2026-11', 'Dezember 2026'],
  ])('%s is answered with one that can be booked', async (_, query, name) => {
    const page = await open(`monat?${service}&${query}`)
    expect(page.status).toBe(200)
    expect(page.title).toContain(name)
  })

  test('leads to the month before and after only as far as there is something to book', async () => {
    expect(links(await open(`monat?${service}`))).toEqual(['2026-12'])
    expect(links(await open(`monat?${service}&monat=2026-12`))).toEqual(['2026-11'])
  })

  test('asks for the matter first', async () => {
    expect((await open('monat?monat=2026-12')).status).toBe(422)
  })

  test('without a free time is passed over: the first one that has some opens', async () => {
    await installation.admin.query("update cell set audience = 'internal' where starts_at < '2026-12-01'")
    for (const query of ['', '&monat=2026-11', '&monat=2020-02', '&monat=Dezember']) {
      const page = await open(`monat?${service}${query}`)
      expect(page.title).toContain('Dezember 2026')
      expect(daysOn(page)[0]).toEqual(['2026-12-01', '10:30'])
      expect(links(page)).toEqual([])
    }
  })
})

test('the next free time is one press away, on whatever day one looks', async () => {
  const who = somebody(installation)
  const later = await who.open(`/segeberg/termin/zeit?${service}&ab=2026-12-10`)
  expect(later.text).toContain(`${de('appointments.times.next')} Dienstag, 1. Dezember 2026, 10:30 Uhr`)
  const details = await who.send(later, {}, de('appointments.times.nextTake'))
  expect(details.text).toContain('Dienstag, 1. Dezember 2026, 10:30 Uhr')
  const booked = await goOn(who, details, erika)
  expect(isBooked(booked)).toBe(true)
  expect((await who.open(moveOf(booked))).text).not.toContain(de('appointments.times.next'))
})

test('who has a later time is offered the next free one, and moves there once they have said that they mean it', async () => {
  const who = somebody(installation)
  const booked = await goOn(who, await reachDetails(who, { start: '2026-12-10T07:00:00Z' }), erika)
  const moving = await who.open(moveOf(booked))
  expect(moving.text).toContain(`${de('appointments.times.next')} Dienstag, 1. Dezember 2026, 10:30 Uhr`)
  const question = await who.send(moving, {}, de('appointments.times.nextMove'))
  const moved = await who.send(question)
  expect(moved.title).toContain(de('appointments.manage.moved'))
  expect(moved.text).toContain('Dienstag, 1. Dezember 2026, 10:30 Uhr')
})

test('somebody who moves sees the month with the own time as free', async () => {
  const who = somebody(installation)
  const start = '2026-12-03T07:00:00Z'
  const booked = await goOn(who, await reachDetails(who, { start }), erika)
  await installation.admin.query(
    "update cell set audience = 'internal' where appointment_id is null and starts_at::date = '2026-12-03'",
  )
  const path = `${moveOf(booked)}?monat=2026-12`
  const month = await who.open(path)
  expect(daysOn(month)).toContainEqual(['2026-12-03', '08:00'])
  expect((await open(`monat?${service}&monat=2026-12`)).text).not.toContain('3. Dezember 2026, frei')
  expect((await who.open(path.replace(tokenOf(booked), 'AbcAbcAbcAbcAbcAbcAbcA'))).status).toBe(410)
  expect((await who.open(`${moveOf(booked)}?monat=2026-11`)).title).toContain('Dezember 2026')
})

test('where no month has a free time, the page says so and whom to call', async () => {
  await installation.admin.query("update cell set audience = 'internal'")
  const page = await open(`monat?${service}&monat=2026-12`)
  expect(page.status).toBe(200)
  expect(page.text).toContain(de('appointments.month.none'))
  expect(page.text).toContain('030 23125 001')
})
