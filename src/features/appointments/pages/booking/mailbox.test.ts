import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { type Person, person } from '#test/helpers/person.ts'
import { goOn, isBooked, meant, reachCheck, somebody, start, stored, tokenOf, wordsIn } from '../../booking.fixture.ts'

/* How many appointments one connection may book in a day for one mail address, which may be somebody else's. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, perContact: 2, withoutWorker: true })
})
afterAll(() => installation.close())

const de = wordsIn('de')
const of = (email: string) => ({ fields: { 'f.email': email } })
const book = async (who: Person, email: string) => who.send(await reachCheck(who, of(email)), meant)
const tooMany = de('appointments.details.contactLimit', { label: 'E-Mail-Adresse', count: 2, phone: '030 23125 001' })

test('one connection books so many a day for one mail address; one more is refused where it stands, and nothing typed is lost', async () => {
  const who = somebody(installation)
  const first = await book(who, 'one@example.org')
  expect([isBooked(first), isBooked(await book(who, 'One+zwei@Example.org'))]).toEqual([true, true])
  const before = await stored(installation.admin)
  const refused = await book(who, 'ONE@example.org')
  expect(refused.status).toBe(422)
  expect(refused.text).toContain(tooMany)
  expect(refused.html).toContain('Erika Markerfrau')
  expect(await stored(installation.admin)).toEqual(before)

  // With another address, or with none, the same hold becomes a booking.
  expect(isBooked(await goOn(who, refused, { 'f.email': 'two@example.org' }))).toBe(true)
  expect(isBooked(await book(who, ''))).toBe(true)

  // Mails went out for what is cancelled, too.
  await who.send(await who.open(`/segeberg/termin/verwalten/${tokenOf(first)}/absagen`))
  expect((await book(who, 'one@example.org')).status).toBe(422)
  installation.time.set('2026-11-23T23:00:00Z') // midnight in Germany
  expect(isBooked(await book(who, 'one@example.org'))).toBe(true)
})

test('the refusal is said again when its page is opened again', async () => {
  const who = person(installation, {}, new Map())
  for (let i = 0; i < 2; i++) await book(who, 'again@example.org')
  const refused = await book(who, 'again@example.org')
  const opened = await who.open(refused.url)
  expect([refused.url, opened.status]).toEqual([expect.stringContaining('/angaben?vormerkung='), 422])
  expect(opened.text).toContain(tooMany)
})

test('whatever others booked for an address, its owner books as many, and nobody learns how many they have', async () => {
  const strangers = [somebody(installation), somebody(installation)]
  for (const stranger of strangers) for (let i = 0; i < 3; i++) await book(stranger, 'owner@example.org')
  const owner = somebody(installation)
  const pages = [await book(owner, 'owner@example.org'), await book(owner, 'owner@example.org')]
  expect(pages.map(isBooked)).toEqual([true, true])
  const answers = async (email: string) => {
    const who = somebody(installation)
    const seen = []
    for (let i = 0; i < 3; i++) seen.push((await book(who, email)).status)
    return seen
  }
  expect(await answers('owner@example.org')).toEqual(await answers('nobody@example.org'))
})

test('another Jobcenter counts for itself', async () => {
  const who = somebody(installation)
  for (let i = 0; i < 2; i++) await book(who, 'here@example.org')
  const there = await reachCheck(who, { slug: 'musterstadt', ...of('here@example.org') })
  expect(isBooked(await who.send(there))).toBe(true)
})

test('at the same moment no more are booked than are allowed', async () => {
  const who = somebody(installation)
  const checks = []
  for (let i = 0; i < 6; i++) checks.push(await reachCheck(who, of('race@example.org')))
  const ends = await Promise.all(checks.map((check) => who.send(check, meant)))
  expect(ends.map((page) => page.status).toSorted()).toEqual([200, 200, 422, 422, 422, 422])
})
