import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError } from '#platform/config.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

/* A tenant with a fault in its files does not run; the others do, and somebody is told what to mend. */

const path = 'segeberg/activities/appointments-booking.yaml'
let line = 0
const spoil = (text: string): string => {
  line = text.split('\n').findIndex((each) => each.includes('period: P14D')) + 1
  return text.replace('period: P14D', 'period: soon')
}

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ edit: { [path]: spoil } })
})
afterAll(() => installation.close())

test('at the start it is said which tenant does not run, in which file and line, and what to do', () => {
  const said = installation.said.join('\n')
  expect(said).toContain('Tenant segeberg does not run until this is mended:')
  expect(said).toMatch(new RegExp(`${path}:${line}: .+ → .+`))
  expect(said).not.toContain('musterstadt')
})

test.each([
  ['/segeberg/', 'nicht in Betrieb'],
  ['/segeberg/termin', 'nicht in Betrieb'],
  ['/segeberg/datenschutz', 'nicht in Betrieb'],
  ['/segeberg/en/termin', 'not in operation'],
  ['/segeberg/nothing-here', 'nicht in Betrieb'],
  [`/segeberg/termin/verwalten/${'A'.repeat(22)}`, 'nicht in Betrieb'],
])('%s is closed for now', async (url, words) => {
  const page = await person(installation).open(url)
  expect(page.status).toBe(503)
  expect(page.headers['retry-after']).toBeDefined()
  expect(page.text).toContain(words)
  expect(page.text).not.toMatch(/yaml|P14D|soon/)
})

test('a form sent to it changes nothing', async () => {
  const page = await person(installation).post('/segeberg/termin/vormerken', { leistung: 'beratung-vor-ort' })
  expect(page.status).toBe(503)
})

test('the others run as ever, and the way in does not lead to it', async () => {
  const who = person(installation)
  const { booked } = await bookAppointment(who, { slug: 'musterstadt' })
  expect(booked.status).toBe(200)
  const home = await who.open('/')
  expect(home.html).toContain('href="/musterstadt/"')
  expect(home.html).not.toContain('href="/segeberg/"')
})

test('with every tenant faulty the installation does not start, and says so', async () => {
  const nothing = startInstallation({
    edit: { [path]: spoil, [path.replace('segeberg', 'musterstadt')]: () => 'not: [closed' },
  })
  await expect(nothing).rejects.toThrow(ConfigError)
})
