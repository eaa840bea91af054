import { expect, test } from 'vitest'
import { parseReceipt, receiptText } from '#shared/receipt/receipt.ts'
import { runningTenant } from '#test/helpers/tenants.ts'
import type { Appointment } from '../appointment.ts'
import type { Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { type Done, receiptAddress, receiptOf } from './receipt.ts'

const instant = Temporal.Instant.from
const running = runningTenant('segeberg')
const scene = {
  running,
  now: instant('2026-11-23T08:00:00.987Z'),
  deps: { config: { publicUrl: 'https://termine.example' } },
} as Scene
const appointment: Appointment = {
  id: 'one',
  siteId: 'kaltenkirchen',
  deskId: 1,
  serviceIds: [bookableOf(running).services[0]?.id ?? ''],
  status: 'booked',
  startsAt: instant('2027-03-28T00:30:00Z'),
  endsAt: instant('2027-03-28T01:30:00Z'),
  cells: 6,
  sequence: 0,
  extended: 0,
  recordId: null,
  moved: null,
  displacedAt: null,
}
const booked: Done = { act: 'booked', appointment, reference: 'ABCD-EFGH', doneAt: instant('2026-11-20T07:00:00Z') }

test('times are those of the clock on the wall, also in the night in which it is put forward', () => {
  const { startsAt, endsAt, timeZone } = receiptOf(scene, booked)
  expect([startsAt, endsAt, timeZone]).toEqual([
    '2027-03-28T01:30:00+01:00',
    '2027-03-28T03:30:00+02:00',
    'Europe/Berlin',
  ])
})

test('whatever was done, the receipt of it is one that the check accepts', () => {
  const moved = { at: instant('2026-11-21T07:00:00Z'), from: instant('2026-12-01T08:00:00Z') }
  const cases: Done[] = [
    booked,
    { ...booked, act: 'moved', appointment: { ...appointment, moved } },
    { ...booked, act: 'cancelled', appointment: { ...appointment, moved } },
    { ...booked, act: 'withdrawn' },
    { ...booked, appointment: { ...appointment, serviceIds: ['no-longer-offered'] } },
  ]
  for (const done of cases.flatMap((each) => [each, { ...each, byMail: true }])) {
    const receipt = receiptOf(scene, done)
    expect(parseReceipt(receiptText(receipt))).toEqual(receipt)
  }
})

test('a receipt by mail is silent about the matter, and about the place of what does not take place', () => {
  const members = (done: Done) => Object.keys(receiptOf(scene, { ...done, byMail: true }))
  expect(members(booked)).toContain('place')
  expect(members(booked)).not.toContain('services')
  expect(members({ ...booked, act: 'cancelled' })).not.toContain('place')
})

test('what a receipt says stands behind the sign that browsers keep to themselves', () => {
  expect(receiptAddress(scene, 'a.b.c', 'en')).toBe('https://termine.example/segeberg/en/beleg#a.b.c')
})
