import { afterAll, beforeAll, expect, test } from 'vitest'
import { fieldsOn, reachDetails } from '#features/appointments/booking.fixture.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { agreed, erika, person } from './helpers/person.ts'

/* What somebody needs at the appointment: chosen or ticked, shown back in words, kept by id. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['musterstadt'], withoutWorker: true })
})
afterAll(() => installation.close())

const needs = { 'f.interpreterLanguage': 'uk', 'f.wheelchair': 'yes' }

test.each([
  ['de', 'Was Sie für den Termin brauchen', 'Ukrainisch – Українська', 'Ja'],
  ['en', 'What you need for the appointment', 'Ukrainian – Українська', 'Yes'],
] as const)('is asked under one heading and shown back in words (%s)', async (language, heading, ukrainian, yes) => {
  const who = person(installation)
  const details = await reachDetails(who, { slug: 'musterstadt', language })
  expect(details.text).toContain(heading)
  const consent = await who.send(details, { ...erika, ...needs })
  const check = await who.send(consent, agreed)
  expect(check.text).toContain(` ${ukrainian} `)
  expect(check.text).toMatch(new RegExp(`steps?\\.|Stufen\\. ${yes}`))
  const base = language === 'de' ? '/musterstadt' : '/musterstadt/en'
  const back = await who.post(`${base}/termin/angaben`, fieldsOn(check))
  expect(back.html).toMatch(/<option (?=[^>]*value="uk")[^>]*selected/)
  expect(back.html).toMatch(/<input(?=[^>]*name="f\.wheelchair")(?=[^>]*checked)[^>]*>/)
  const booked = await who.send(check)
  const stored = await who.open(`${booked.url.split('?')[0]}/daten`)
  for (const words of [ukrainian, yes]) expect(stored.text).toContain(` ${words} `)
  expect(stored.text).not.toMatch(/companion|begleit|Jemand kommt mit mir/)
})

test('that no page offers is refused, and nobody has to say anything', async () => {
  const who = person(installation)
  const details = await reachDetails(who, { slug: 'musterstadt' })
  const refused = await who.send(details, { ...erika, 'f.interpreterLanguage': 'klingonisch' })
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('wählen Sie eine der Möglichkeiten')])
  expect((await who.send(details, erika)).html).toContain('name="einwilligung"')
})
