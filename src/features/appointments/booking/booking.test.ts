import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TenantTx } from '#platform/db/db.ts'
import { callerOf } from '#platform/http/caller.ts'
import { capability } from '#platform/random.ts'
import type { RunningTenant } from '#register/register.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { extensions } from '../appointment.ts'
import { keepCells } from '../capacity/plan/keep-cells.ts'
import { listFreeStarts } from '../capacity/starts.ts'
import { type Concern, chooseConcern } from '../concern.ts'
import { findOwn } from '../own/own.ts'
import type { Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { bookHeld, cancelBooked, moveBooked, withdrawBooked } from './booking.ts'
import { extendHold, holdTime } from './held.ts'
import { placesOf } from './places.ts'

/*
 * Whatever happens to appointments in whatever order, the database agrees with a model of it that is a handful of plain
 * lists: who has which cell, and until when.
 */

const runs = { numRuns: process.env.SLOW ? 500 : 15 }
const began = '2026-11-23T08:00:00Z'
const step = 10
const grace = 5_000
const afterlife = 2 * 3_600_000
const desks = [1, 2]
const starts = ['07:00', '07:20', '07:40', '08:00', '08:20'].map((time) =>
  Temporal.Instant.from(`2026-12-01T${time}:00Z`),
)

let installation: Installation
let running: RunningTenant
beforeAll(async () => {
  installation = await startInstallation({
    withoutWorker: true,
    start: began,
    edit: {
      'musterstadt/tenant.yaml': (text) =>
        text
          .replace('desks: { public: 4, internal: 1 }', 'desks: { public: 2, internal: 1 }')
          .replace('minutes: 30\n    everyMinutes: 30', 'minutes: 40\n    everyMinutes: 20')
          .replace('channel: phone', 'channel: inPerson'),
    },
  })
  running = installation.deps.register.running.get('musterstadt') as RunningTenant
})
afterAll(() => installation.close())

const scene = (): Scene => ({ deps: installation.deps, running, now: installation.time.clock() })
/** Of somebody with more room than they need. */
const places = () => placesOf({ ...scene(), caller: callerOf('192.0.2.1') })
const inTenant = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  installation.deps.db.inTenant(running.tenant.id, work)

/** Everything as it was before anybody came. */
const forgetAll = async () => {
  installation.time.set(began)
  await installation.admin.query(`begin;
    update cell set free_from = '-infinity', appointment_id = null where appointment_id is not null;
    delete from appointment; delete from vault.record; delete from mail_delivery; delete from jobs.job;
    delete from app.limit_place;
    commit`)
}

type Visit = {
  id: string
  token: string
  service: number
  start: Temporal.Instant
  state: 'held' | 'booked' | 'cancelled' | 'gone'
  /** When the hold ends; a booking never does. */
  until: number
  extended: number
}
type Cell = { visit: Visit; until: number }

const cellKey = (desk: number, at: number) => `${desk} ${new Date(at).toISOString()}`
/** What people come for: either service, or both in one visit. */
const choices = [['beratung-vor-ort'], ['beratung-telefon'], ['beratung-vor-ort', 'beratung-telefon']]
const concernAt = (n: number): Concern => {
  const concern = chooseConcern(bookableOf(running), choices[n] ?? [], 'rathausplatz')
  if (typeof concern === 'string') throw new Error(concern)
  return concern
}
const minutesOf = (concern: number) => concernAt(concern).minutes
const spanOf = (service: number, start: Temporal.Instant) =>
  Array.from({ length: minutesOf(service) / step }, (_, i) => start.epochMilliseconds + i * step * 60_000)

/** The model, and each thing that can happen, done to it and to the product alike. */
const newWorld = () => {
  const cells = new Map<string, Cell>()
  const visits: Visit[] = []
  const now = () => installation.time.clock().epochMilliseconds
  const isFree = (desk: number, at: number, own: Visit | null) => {
    const cell = cells.get(cellKey(desk, at))
    return !cell || cell.visit === own || cell.until <= now() - grace
  }
  const freeDesks = (service: number, start: Temporal.Instant, own: Visit | null = null) =>
    desks.filter((desk) => spanOf(service, start).every((at) => isFree(desk, at, own)))
  const give = (visit: Visit, desk: number) => {
    for (const [key, cell] of cells) if (cell.visit === visit) cells.delete(key)
    for (const at of spanOf(visit.service, visit.start)) cells.set(cellKey(desk, at), { visit, until: visit.until })
  }
  const clear = (visit: Visit) => {
    for (const [key, cell] of cells) if (cell.visit === visit) cells.delete(key)
  }
  const cellsOf = (visit: Visit) => [...cells.values()].filter((cell) => cell.visit === visit).length
  const deskInDatabase = async (id: string) =>
    (await installation.admin.query('select desk_id from appointment where id = $1', [id])).rows[0]?.desk_id as number
  const pick = (n: number): Visit | undefined => visits[n % Math.max(visits.length, 1)]

  return {
    cells,
    hold: async (service: number, start: Temporal.Instant) => {
      const free = freeDesks(service, start)
      const held = await inTenant((tx) => holdTime(tx, scene(), concernAt(service), start, null, places()))
      expect(held.kind).toBe(free.length > 0 ? 'held' : 'taken')
      if (held.kind !== 'held') return
      const until = now() + bookableOf(running).booking.holdMinutes * 60_000
      const token = capability(installation.deps.random)
      const visit: Visit = { id: held.id, token, service, start, state: 'held', until, extended: 0 }
      const desk = await deskInDatabase(held.id)
      expect(free).toContain(desk)
      visits.push(visit)
      give(visit, desk)
    },
    confirm: async (n: number) => {
      const visit = pick(n)
      if (!visit) return
      const possible = visit.state === 'held' && cellsOf(visit) === spanOf(visit.service, visit.start).length
      const isThere = (await deskInDatabase(visit.id)) !== undefined
      const outcome = await inTenant((tx) =>
        bookHeld(
          tx,
          scene(),
          {
            holdId: visit.id,
            token: visit.token,
            fields: { name: 'Marker', birthDate: '1984-08-12', email: 'marker@example.org', phone: '030 23125 777' },
            language: 'de',
          },
          places(),
        ),
      )
      // Sent again, a booking that stands is confirmed again; nothing else happens.
      // Of what was cancelled, and of a hold that ran out and was swept away, no row tells which of the two it was.
      const otherwise = isThere ? 'taken' : 'cancelled'
      expect(outcome.kind).toBe(possible || visit.state === 'booked' ? 'booked' : otherwise)
      if (possible) {
        visit.state = 'booked'
        visit.until = Number.POSITIVE_INFINITY
        for (const cell of cells.values()) if (cell.visit === visit) cell.until = visit.until
      } else if (visit.state === 'held') clear(visit)
    },
    move: async (n: number, start: Temporal.Instant) => {
      const visit = pick(n)
      if (!visit) return
      const free = visit.state === 'booked' ? freeDesks(visit.service, start, visit) : []
      const same = Temporal.Instant.compare(visit.start, start) === 0
      const outcome = await inTenant(async (tx) => {
        const own = await findOwn(tx, scene(), visit.token)
        return own ? moveBooked(tx, scene(), own, start, visit.token) : { kind: 'gone' as const }
      })
      expect(outcome.kind).toBe(visit.state !== 'booked' ? 'gone' : same || free.length > 0 ? 'moved' : 'taken')
      if (outcome.kind !== 'moved' || same) return
      const desk = await deskInDatabase(visit.id)
      expect(free).toContain(desk)
      visit.start = start
      give(visit, desk)
    },
    end: async (n: number, how: 'cancel' | 'withdraw') => {
      const visit = pick(n)
      if (!visit) return
      const found = await inTenant(async (tx) => {
        const own = await findOwn(tx, scene(), visit.token)
        if (own) await (how === 'cancel' ? cancelBooked : withdrawBooked)(tx, scene(), own)
        return own !== null
      })
      expect(found).toBe(visit.state === 'booked')
      if (visit.state !== 'booked') return
      visit.state = 'cancelled'
      clear(visit)
    },
    extend: async (n: number) => {
      const visit = pick(n)
      if (!visit) return
      const possible = visit.state === 'held' && cellsOf(visit) === spanOf(visit.service, visit.start).length
      const until = now() + bookableOf(running).booking.holdMinutes * 60_000
      const gains = until - 60_000 >= visit.until // less is no second extension
      const enough = visit.state === 'held' && visit.extended >= extensions && (gains || !possible)
      const outcome = await inTenant((tx) => extendHold(tx, scene(), visit.id, places()))
      expect(outcome.kind).toBe(enough ? 'enough' : possible ? 'extended' : 'taken')
      if (enough || (possible && !gains)) return
      if (possible) {
        visit.extended += 1
        visit.until = until
        for (const cell of cells.values()) if (cell.visit === visit) cell.until = visit.until
      } else if (visit.state === 'held') clear(visit)
    },
    wait: async (seconds: number) => {
      installation.time.set(installation.time.clock().add({ seconds }))
    },
    sweep: async () => {
      await keepCells(scene())
      for (const [key, cell] of cells) if (cell.until < now() - afterlife) cells.delete(key)
      for (const visit of visits) if (visit.state === 'held' && cellsOf(visit) === 0) visit.state = 'gone'
    },
    /** What is free according to the model, for a service. */
    freeStarts: (service: number) => starts.filter((start) => freeDesks(service, start).length > 0).map(String),
    bookedVisits: () => visits.filter((visit) => visit.state === 'booked').length,
  }
}

const service = fc.constantFrom(0, 1, 2)
const start = fc.constantFrom(...starts)
const which = fc.nat({ max: 20 })
type World = ReturnType<typeof newWorld>
type Happening = { name: string; happens: (world: World) => Promise<void> }
const named = (name: string, happens: Happening['happens']): Happening => ({ name, happens })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(service, start).map(([s, at]) => named(`hold ${s} ${at}`, (w) => w.hold(s, at))) },
  { weight: 6, arbitrary: which.map((n) => named(`confirm ${n}`, (w) => w.confirm(n))) },
  { weight: 3, arbitrary: which.map((n) => named(`extend ${n}`, (w) => w.extend(n))) },
  { weight: 4, arbitrary: fc.tuple(which, start).map(([n, at]) => named(`move ${n} ${at}`, (w) => w.move(n, at))) },
  { weight: 2, arbitrary: which.map((n) => named(`cancel ${n}`, (w) => w.end(n, 'cancel'))) },
  { weight: 1, arbitrary: which.map((n) => named(`withdraw ${n}`, (w) => w.end(n, 'withdraw'))) },
  { weight: 3, arbitrary: fc.constantFrom(3, 5, 900, 7200).map((s) => named(`wait ${s}`, (w) => w.wait(s))) },
  { weight: 1, arbitrary: fc.constant(named('sweep', (w) => w.sweep())) },
)

test(
  'after any history the cells in the database are those of the model, and so is what is offered',
  async () => {
    await fc.assert(
      fc
        .asyncProperty(fc.array(happening, { minLength: 5, maxLength: 30, size: 'max' }), async (history) => {
          await forgetAll()
          const world = newWorld()
          for (const { happens } of history) {
            await happens(world)
            const { rows } = await installation.admin.query(
              `select desk_id, starts_at, appointment_id, free_from::text from cell where appointment_id is not null`,
            )
            const inDatabase = rows.map(
              (row) =>
                `${cellKey(row.desk_id, row.starts_at.getTime())} ${row.appointment_id} ${row.free_from === 'infinity'}`,
            )
            const inModel = [...world.cells].map(
              ([key, cell]) => `${key} ${cell.visit.id} ${cell.until === Number.POSITIVE_INFINITY}`,
            )
            expect(inDatabase.toSorted()).toEqual(inModel.toSorted())
          }
          for (const index of choices.keys()) {
            const day = Temporal.PlainDate.from('2026-12-01')
            const free = await inTenant((tx) => listFreeStarts(tx, scene(), concernAt(index), day, 1))
            const last = starts.at(-1) as Temporal.Instant
            const early = free.filter((at) => Temporal.Instant.compare(at, last) <= 0)
            expect(early.map(String)).toEqual(world.freeStarts(index))
          }
          const { rows } = await installation.admin.query(
            `select (select count(*)::int from vault.record where activity = 'appointments.booking') as records,
                (select count(*)::int from appointment where status = 'booked') as booked`,
          )
          expect(rows[0]).toEqual({ records: world.bookedVisits(), booked: world.bookedVisits() })
        })
        .beforeEach(forgetAll),
      runs,
    )
  },
  process.env.SLOW ? 600_000 : undefined,
)
