import type pg from 'pg'
import { capacityFaults } from '#test/helpers/capacity.ts'
import { bookBySql, futureStarts } from './fill.ts'
import { printTable, say } from './print.ts'
import { openStage, replaced, type Stage, tenantId } from './stage.ts'
import { endOf, onwards, startsOf, steps, type Visitor, visitor } from './visitor.ts'

const clients = 50
const desks = 10
const oneDeskSlots = 15
const anyDeskSlots = 3

type Outcome = 'booked' | 'taken' | number

/** Goes from the list of times to the confirmation, as fast as the pages come. */
const book = async (who: Visitor, times: Awaited<ReturnType<Visitor['get']>>, start: string): Promise<Outcome> => {
  const details = await onwards(who, await steps.hold(who, times, start))
  const held = endOf(details)
  if (held !== 'done') return held
  const consent = await steps.consent(who, details)
  const check = await steps.check(who, consent)
  const booked = endOf(await onwards(who, await steps.confirm(who, check)))
  return booked === 'done' ? 'booked' : booked
}

/** Fifty people look at the same list of times; then all of them want the same time at the same moment. */
const raceFor = async ({ servers }: Stage, start: string): Promise<Outcome[]> => {
  const people = Array.from({ length: clients }, (_, i) => visitor(servers[i % servers.length]?.origin ?? ''))
  const pages = await Promise.all(people.map((who) => steps.times(who, start.slice(0, 10))))
  const sees = pages.filter((page) => startsOf(page).includes(start)).length
  if (sees !== clients) throw new Error(`${sees} of ${clients} were offered ${start}`)
  return Promise.all(people.map((who, i) => book(who, pages[i] as (typeof pages)[number], start)))
}

type Found = { desk: number; booked: number }

/** Appointments that the race made at these starts, by desk: those from before have no record. */
const appointmentsByDesk = async (admin: pg.Client, starts: readonly string[]): Promise<Found[]> => {
  const { rows } = await admin.query<Found>(
    `select desk_id as desk, count(*)::int as booked from appointment
     where tenant_id = $1 and status = 'booked' and record_id is not null and starts_at = any($2::timestamptz[])
     group by desk_id order by desk_id`,
    [tenantId, starts],
  )
  return rows
}

/** What must not be there, over all appointments of the database. */
const faults = async (admin: pg.Client): Promise<Record<string, number>> => {
  const { rows } = await admin.query<Record<string, number>>(
    `select
      (select count(*)::int from appointment a where status = 'booked' and record_id is not null and (
        not exists (select from vault.key k where k.tenant_id = a.tenant_id and k.record_id = a.record_id)
        or not exists (select from consent_record r where r.tenant_id = a.tenant_id and r.record_id = a.record_id)))
        as "without record or consent",
      (select abs((select count(*) from appointment where record_id is not null)
        - (select count(*) from mail_delivery where kind = 'appointment.booked'))::int) as "mails too many or missing"`,
  )
  return { ...(await capacityFaults(admin)), ...rows[0] }
}

const count = (outcomes: readonly Outcome[], what: Outcome) => outcomes.filter((outcome) => outcome === what).length

export const race = async (): Promise<boolean> => {
  await using stage = await openStage({
    servers: 2,
    edit: (text) => replaced(text, /desks: \{.*\}/, `desks: { public: ${desks}, internal: 0 }`),
  })
  await stage.servers[0]?.sweep()
  const starts = (await futureStarts(stage.admin)).slice(0, oneDeskSlots + anyDeskSlots)
  const single = starts.slice(0, oneDeskSlots)
  const several = starts.slice(oneDeskSlots)
  // All but one desk are booked at the first slots, one desk at the others.
  await bookBySql(stage.admin, [
    ...single.flatMap((startsAt, i) =>
      Array.from({ length: desks }, (_, d) => ({ deskId: d + 1, startsAt })).filter(
        ({ deskId }) => deskId !== (i % desks) + 1,
      ),
    ),
    ...several.map((startsAt, i) => ({ deskId: i + 1, startsAt })),
  ])

  const measure = async (name: string, slots: readonly string[], capacity: number) => {
    const outcomes: Outcome[] = []
    let isExact = true
    const spread = new Map<number, number>()
    for (const slot of slots) {
      const ofSlot = await raceFor(stage, slot)
      const desksUsed = await appointmentsByDesk(stage.admin, [slot])
      for (const { desk, booked } of desksUsed) spread.set(desk, (spread.get(desk) ?? 0) + booked)
      isExact &&=
        count(ofSlot, 'booked') === capacity &&
        desksUsed.length === capacity &&
        desksUsed.every(({ booked }) => booked === 1)
      outcomes.push(...ofSlot)
    }
    const other = outcomes.length - count(outcomes, 'booked') - count(outcomes, 'taken')
    const row = [
      name,
      String(outcomes.length),
      String(slots.length * capacity),
      String(count(outcomes, 'booked')),
      String(count(outcomes, 'taken')),
      String(other),
      [...spread]
        .sort(([a], [b]) => a - b)
        .map(([desk, booked]) => `${desk}:${booked}`)
        .join(' '),
    ]
    return { row, isExact: isExact && slots.length > 0 && other === 0 }
  }

  const one = await measure(`one desk free, ${oneDeskSlots} slots`, single, 1)
  const any = await measure(`${desks - 1} of ${desks} desks free, ${anyDeskSlots} slots`, several, desks - 1)
  const found = await faults(stage.admin)
  const { rows } = await stage.admin.query<{ version: string }>(`select current_setting('server_version') as version`)
  say(
    `## race: ${clients} clients on one slot at once, ${stage.servers.length} server processes, PostgreSQL ${rows[0]?.version}`,
  )
  say()
  printTable(
    ['', 'tries', 'capacity', 'booked', 'told "taken"', 'other answers', 'bookings by desk'],
    [one.row, any.row],
  )
  printTable(
    ['in the database afterwards', 'rows'],
    Object.entries(found).map(([name, rows]) => [name, String(rows)]),
  )
  const isRight = one.isExact && any.isExact && Object.values(found).every((rows) => rows === 0)
  say(isRight ? 'Bookings are the capacity exactly, each desk once a slot.' : 'WRONG: see above.')
  say()
  return isRight
}
