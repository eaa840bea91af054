import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { look } from '#test/helpers/html.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { erika } from '#test/helpers/person.ts'
import { goOn, isBooked, openTimes, property, reachDetails, somebody, tokenOf } from '../booking.fixture.ts'

/* An office that is open in the nights in which the clocks change. */

const openAtNight = (text: string) =>
  text
    .replace(/openingHours:\n(?: +- .*\n)+/, "openingHours:\n      - { days: [sun], from: '01:00', to: '04:00' }\n")
    .replace('leadOpeningHours: 2\n', 'leadHours: 2\n')

const openOffice = (start: string) => startInstallation({ start, edit: { 'musterstadt/tenant.yaml': openAtNight } })

const offered = (html: string) => {
  const { all, find } = look(html)
  return all('[name=beginn][id]').map(
    (start) => `${start.attribute('value')} ${find(`label[for="${start.attribute('id')}"]`).text}`,
  )
}

let installation: Installation
afterAll(() => installation.close())

describe('where clocks go back, the hour that comes twice is told apart', () => {
  beforeAll(async () => {
    installation = await openOffice('2027-10-25T08:00:00Z')
  })
  const first = '2027-10-31T00:00:00Z'
  const second = '2027-10-31T01:00:00Z'

  test.each([
    ['de', '(Sommerzeit)', '(Winterzeit)'],
    ['en', '(summer time)', '(winter time)'],
    ['ar', '(التوقيت الصيفي)', '(التوقيت الشتوي)'],
  ] as const)('in the list of times (%s)', async (language, summer, winter) => {
    const page = await openTimes(somebody(installation), { slug: 'musterstadt', language, start: first })
    expect(offered(page.html)).toEqual([
      '2027-10-30T23:00:00Z 01:00',
      '2027-10-30T23:30:00Z 01:30',
      `${first} 02:00 ${summer}`,
      `2027-10-31T00:30:00Z 02:30 ${summer}`,
      `${second} 02:00 ${winter}`,
      `2027-10-31T01:30:00Z 02:30 ${winter}`,
      '2027-10-31T02:00:00Z 03:00',
      '2027-10-31T02:30:00Z 03:30',
    ])
  })

  test.each([
    [first, 'Sommerzeit', '20271031T000000Z'],
    [second, 'Winterzeit', '20271031T010000Z'],
  ])('on every page, in mail, calendar and receipt: %s is %s', async (at, word, utc) => {
    const who = somebody(installation)
    const email = `${word.toLowerCase()}@example.org`
    const details = await reachDetails(who, { slug: 'musterstadt', start: at })
    const booked = await goOn(who, details, { ...erika, 'f.email': email })
    expect(isBooked(booked)).toBe(true)
    for (const page of [details, booked]) expect(page.text).toContain(`Sonntag, 31. Oktober 2027, 02:00 Uhr (${word})`)
    const manage = `/musterstadt/termin/verwalten/${tokenOf(booked)}`
    expect((await who.open(`${manage}/beleg`)).text).toMatch(
      word === 'Sommerzeit'
        ? /02:00 Uhr \(Mitteleuropäische Sommerzeit\)/
        : /02:00 Uhr \(Mitteleuropäische Normalzeit\)/,
    )
    const mail = await eventually(() => installation.mailbox.messages().find(({ to }) => to === email), 'mail')
    expect(mail.subject).toContain(`02:00 Uhr (${word})`)
    expect(mail.text.replace(/\s+/g, ' ')).toContain(`02:00 Uhr (${word})`)
    expect(property(mail.calendar, 'DTSTART')).toBe(utc)
  })

  test('in the month, where the first free time of the day is such a one', async () => {
    const who = somebody(installation)
    installation.time.set('2027-10-30T21:45:00Z') // two hours ahead of it: the lead time ends within the first of them
    const month = await who.open('/musterstadt/termin/monat?leistung=beratung-vor-ort&monat=2027-10')
    expect(month.text).toContain('Sonntag, 31. Oktober 2027, frei ab 02:00 Uhr (Sommerzeit)')
  })
})

test('where clocks go on, no time of the hour that is skipped is offered', async () => {
  const spring = await openOffice('2027-03-22T08:00:00Z')
  try {
    const page = await openTimes(somebody(spring), { slug: 'musterstadt', start: '2027-03-28T01:00:00Z' })
    expect(offered(page.html)).toEqual([
      '2027-03-28T00:00:00Z 01:00',
      '2027-03-28T00:30:00Z 01:30',
      '2027-03-28T01:00:00Z 03:00',
      '2027-03-28T01:30:00Z 03:30',
    ])
  } finally {
    await spring.close()
  }
})
