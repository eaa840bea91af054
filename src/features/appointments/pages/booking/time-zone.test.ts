import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { erika, type Seen } from '#test/helpers/person.ts'
import { goOn, property, reachDetails, somebody, start, tokenOf, wordsIn } from '../../booking.fixture.ts'

/* A Jobcenter whose clocks are 12:45 hours ahead of Germany's, three quarters of an hour included. */

const zone = 'Pacific/Chatham'
const de = wordsIn('de')

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({
    start,
    edit: { 'musterstadt/tenant.yaml': (text) => text.replace('timeZone: Europe/Berlin', `timeZone: ${zone}`) },
  })
})
afterAll(() => installation.close())

test('every time that a person sees is by the clock of their Jobcenter, wherever the server stands', async () => {
  const who = somebody(installation)
  const times = await who.open('/musterstadt/termin/zeit?leistung=beratung-vor-ort')
  // It is Monday evening there, 21:45; the office opens on Tuesday at eight, and two opening hours have to pass.
  expect(who.starts(times)[0]).toBe('2026-11-23T20:15:00Z')
  expect(times.text).toContain(`${de('appointments.times.next')} Dienstag, 24. November 2026, 10:00 Uhr`)
  expect(times.text).toContain(de('appointments.times.localElsewhere', { zone }))
  expect(times.text).not.toContain(de('appointments.times.local'))
  const month = await who.open('/musterstadt/termin/monat?leistung=beratung-vor-ort')
  expect(month.text).toContain('Dienstag, 24. November 2026, frei ab 10:00 Uhr')

  const details = await reachDetails(who, { slug: 'musterstadt', start: '2026-11-25T18:15:00Z' })
  expect(details.text).toContain(de('appointments.hold.until', { time: '22:00' }))
  const booked = await goOn(who, details, erika)
  const pages: Seen[] = [booked, await who.open(`/musterstadt/termin/verwalten/${tokenOf(booked)}/beleg`)]
  for (const page of pages) expect(page.text).toMatch(/Donnerstag, 26\. November 2026(,| um) 08:00 Uhr/)

  const mail = await eventually(() => installation.mailbox.messages().find(({ to }) => to === erika['f.email']), 'mail')
  expect(mail.subject).toContain('Donnerstag, 26. November 2026, 08:00 Uhr')
  expect(property(mail.calendar, 'DTSTART')).toBe('20261126T080000')
  expect(mail.calendar).toContain(`DTSTART;TZID=${zone}:`)
})
