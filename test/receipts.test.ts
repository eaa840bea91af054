import { afterEach, beforeEach, expect, test } from 'vitest'
import { rotateMasterKey, rotateTenantKeys } from '#apps/rotation.ts'
import { verifyReceipt } from '#shared/receipt/jws.ts'
import { aMachineRoom, type Place, type Room } from './helpers/backup.ts'
import type { Installation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

/* Receipts outlive keys, servers and databases. */

const start = '2026-11-23T08:00:00Z'

let room: Room
let place: Place
let one: Installation
beforeEach(async () => {
  room = aMachineRoom()
  place = await room.preparedPlace()
  one = await room.start(place, start, { withoutWorker: true })
})
afterEach(() => room.close())

const keysOf = async (at: Installation) => JSON.parse((await person(at).open('/segeberg/.well-known/jwks.json')).html)
const receiptAt = async (at: Installation, manage: string): Promise<string> =>
  (await person(at).open(`${manage}/beleg`)).find('.a-jws').text
const verdict = async (jws: string, at: Installation) => (await verifyReceipt(jws, await keysOf(at), 'segeberg')).kind

test('a restored database proves receipts of before and signs new ones with the same key', async () => {
  const { manage } = await bookAppointment(person(one))
  const jws = await receiptAt(one, manage)
  const before = await keysOf(one)
  const { folder } = await room.backup(place, one.deps.clock)
  const another = await room.newPlace()
  await room.restore(another, folder, one.deps.clock)
  const two = await room.start(another, start, { withoutWorker: true })
  expect(await keysOf(two)).toEqual(before)
  expect([await verdict(jws, two), await verdict(await receiptAt(two, manage), one)]).toEqual(['valid', 'valid'])
})

test('two servers sign with the new key as soon as one of them has made it, also after a new master key', async () => {
  const two = await room.start(place, start, { withoutWorker: true })
  const { manage } = await bookAppointment(person(one))
  const receipts = [await receiptAt(one, manage), await receiptAt(two, manage)]
  await rotateTenantKeys(one.deps, async (until) => {
    for (const { time } of [one, two]) time.set(until.add({ seconds: 1 }))
  })
  await rotateMasterKey(one.deps)
  receipts.push(await receiptAt(one, manage), await receiptAt(two, manage))
  for (const jws of receipts) expect([await verdict(jws, one), await verdict(jws, two)]).toEqual(['valid', 'valid'])
  const kids = receipts.map((jws) => JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()).kid)
  expect([kids[0] === kids[1], kids[2] === kids[3], kids[0] === kids[2]]).toEqual([true, true, false])
})
