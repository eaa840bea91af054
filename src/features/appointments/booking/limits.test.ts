import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { type Person, person } from '#test/helpers/person.ts'
import { goOn, isBooked, reachCheck, reachDetails, somebody, stored, tokenOf, wordsIn } from '../booking.fixture.ts'

/* How many appointments one mail address may have. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ perContact: 2 })
})
afterAll(() => installation.close())

const de = wordsIn('de')
const of = (email: string) => ({ fields: { 'f.email': email } })
const book = async (who: Person, email: string) => who.send(await reachCheck(who, of(email)))
const tooMany = de('fields.contactLimit', { label: 'E-Mail-Adresse', count: 2, phone: '030 23125 001' })

test('a mail address has room for so many appointments; one more is refused where it stands, and nothing typed is lost', async () => {
  const who = somebody(installation)
  const first = await book(who, 'one@example.org')
  expect([isBooked(first), isBooked(await book(who, 'One@Example.org'))]).toEqual([true, true])
  const before = await stored(installation.admin)
  const refused = await book(somebody(installation), 'ONE@example.org')
  expect(refused.status).toBe(422)
  expect(refused.text).toContain(tooMany)
  expect(refused.html).toContain('Erika Markerfrau')
  expect(await stored(installation.admin)).toEqual(before)

  // With another address, or with none, the same hold becomes a booking.
  expect(isBooked(await goOn(who, refused, { 'f.email': 'two@example.org' }))).toBe(true)
  expect(isBooked(await book(who, ''))).toBe(true)

  // And who cancels one has room again.
  const token = tokenOf(first)
  await who.send(await who.open(`/segeberg/termin/verwalten/${token}/absagen`))
  expect(isBooked(await book(who, 'one@example.org'))).toBe(true)
})

test('another Jobcenter counts for itself', async () => {
  const who = somebody(installation)
  for (let i = 0; i < 2; i++) await book(who, 'here@example.org')
  const there = await reachCheck(who, { slug: 'musterstadt', ...of('here@example.org') })
  expect(isBooked(await who.send(there))).toBe(true)
})

test('what is past does not count', async () => {
  const who = somebody(installation)
  for (let i = 0; i < 2; i++) await book(who, 'past@example.org')
  installation.time.move('P3D')
  expect(isBooked(await book(who, 'past@example.org'))).toBe(true)
})

test('of many bookings for one address at the same moment no more stand than are allowed', async () => {
  const checks = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const who = somebody(installation)
      return { who, check: await reachCheck(who, of('race@example.org')) }
    }),
  )
  const ends = await Promise.all(checks.map(({ who, check }) => who.send(check)))
  expect(ends.map((page) => page.status).toSorted()).toEqual([200, 200, 422, 422, 422, 422])
})

test('an appointment held by somebody else is none of the address’s', async () => {
  const who = person(installation)
  for (let i = 0; i < 4; i++) await reachDetails(who)
  expect(isBooked(await book(who, 'fresh@example.org'))).toBe(true)
})
