import type pg from 'pg'
import { capacityFaults } from '#test/helpers/capacity.ts'
import { futureStarts } from './fill.ts'
import { printTable, say } from './print.ts'
import { openStage, replaced, type Stage, tenantId } from './stage.ts'
import { type Answer, endOfHold, startsOf, steps, type Visitor, visitor } from './visitor.ts'

const servers = 3
const people = 45
const roundsEach = 12
const hotDays = 3
const expireEvery = 40 // milliseconds

/** What people come for: one service, the other, or both in one visit. */
const concerns = ['beratung-vor-ort', 'beratung-telefon', 'beratung-vor-ort,beratung-telefon']

/** What somebody does, and how it ended: `done`, `taken`, or any other status as it came. */
type Deed = 'book' | 'give up a hold' | 'more time' | 'move' | 'cancel'
type End = 'done' | 'taken' | `status ${number}`

// Repeatable, so that a run that found something can be run again.
const dice = (seed: number) => () => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return seed / 2 ** 32
}

type Person = { who: Visitor; roll: () => number; links: string[] }
type Note = (deed: Deed, end: End) => void

const pick = <T>(from: readonly T[], roll: () => number): T => from[Math.floor(roll() * from.length)] as T
const endOf = ({ status }: Answer, done: number): End =>
  status === done ? 'done' : status === 409 || status === 410 ? 'taken' : `status ${status}`

const holdSomething = async ({ who, roll }: Person, days: readonly string[]): Promise<Answer | null> => {
  const times = await steps.timesOf(who, pick(concerns, roll), pick(days, roll))
  const start = startsOf(times)
  return start.length === 0 ? null : steps.hold(who, times, pick(start, roll))
}

const book = async (person: Person, days: readonly string[], note: Note): Promise<void> => {
  const held = await holdSomething(person, days)
  if (!held) return note('book', 'taken')
  const end = endOfHold(held)
  if (end !== 'held') return note('book', end === 'taken' ? end : `status ${end}`)
  const details = await steps.details(person.who, held)
  if (details.status !== 200) return note('book', endOf(details, 200))
  if (person.roll() < 0.2) return note('give up a hold', 'done')
  // A hold that has just run out offers no more time.
  if (person.roll() < 0.3 && details.html.includes('verlaengern')) {
    const longer = await steps.extend(person.who, details)
    note('more time', endOf(longer, 200))
    if (longer.status !== 200) return
  }
  const consent = await steps.consent(person.who, details)
  if (consent.status !== 200) return note('book', endOf(consent, 200))
  const check = await steps.check(person.who, consent)
  if (check.status !== 200) return note('book', endOf(check, 200))
  const first = await steps.confirm(person.who, check)
  // Who books once more with the same details is asked, and means it.
  const booked = first.html.includes('name="zweiter"') ? await steps.confirm(person.who, first) : first
  if (booked.status === 303) person.links.push(booked.location.split('?')[0] ?? '')
  note('book', endOf(booked, 303))
}

const move = async ({ who, roll, links }: Person, days: readonly string[], note: Note): Promise<void> => {
  const link = pick(links, roll)
  const times = await who.get(`${link}/verschieben?ab=${pick(days, roll)}`)
  const start = startsOf(times)
  if (start.length === 0) return note('move', 'taken')
  const question = await who.get(`${link}/verschieben?beginn=${pick(start, roll)}`)
  if (question.status !== 200) return note('move', endOf(question, 200))
  note('move', endOf(await who.send(question, { sicher: 'yes' }), 303))
}

const cancel = async ({ who, roll, links }: Person, note: Note): Promise<void> => {
  const link = pick(links, roll)
  const done = await who.send(await who.get(`${link}/absagen`), { sicher: 'yes' })
  if (done.status === 200) links.splice(links.indexOf(link), 1)
  note('cancel', endOf(done, 200))
}

const live = async (person: Person, days: readonly string[], note: Note): Promise<void> => {
  for (let round = 0; round < roundsEach; round++) {
    const chance = person.roll()
    if (person.links.length === 0 || (chance < 0.5 && person.links.length < 4)) await book(person, days, note)
    else if (chance < 0.8) await move(person, days, note)
    else await cancel(person, note)
  }
}

/** Lets holds run out while their people are still typing, until stopped; how many ran out. */
const expireHolds = (admin: pg.Client) => {
  let isOver = false
  let count = 0
  const expiring = (async () => {
    while (!isOver) {
      const { rowCount } = await admin.query(
        `with chosen as (
           select id from appointment where tenant_id = $1 and status = 'held' order by random() limit 3
         ) update cell set free_from = '2000-01-01' where tenant_id = $1 and free_from < 'infinity'
           and appointment_id in (select id from chosen)`,
        [tenantId],
      )
      count += rowCount ?? 0
      await new Promise((resolve) => setTimeout(resolve, expireEvery))
    }
  })()
  return async () => {
    isOver = true
    await expiring
    return count
  }
}

const findFaults = async (admin: pg.Client, links: number): Promise<Record<string, number>> => {
  const { rows } = await admin.query<Record<string, number>>(
    `select
      (select abs(count(*)::int - $2) from appointment where tenant_id = $1 and status = 'booked')
        as "appointments too many or missing",
      (select count(*)::int from cell where tenant_id = $1 and audience = 'internal' and appointment_id is not null)
        as "desks kept for staff given away",
      (select count(*)::int from appointment a where status = 'booked' and not exists (
        select from vault.key k where k.tenant_id = a.tenant_id and k.record_id = a.record_id)) as "without record",
      (select count(*)::int from vault.record r where tenant_id = $1 and activity = 'appointments.booking'
        and not exists (select from appointment a where a.record_id = r.id)) as "records of nothing"`,
    [tenantId, links],
  )
  return { ...(await capacityFaults(admin)), ...rows[0] }
}

/** A tenant where staff keep desks for themselves, and where two services make one visit. */
const edit = (text: string): string => {
  const desks = replaced(text, /desks: \{.*\}/, 'desks: { public: 4, internal: 2 }')
  const near = replaced(desks, 'channel: phone', 'channel: inPerson')
  return replaced(near, /^booking:\n/m, '$&  maxServices: 2\n  maxPerContact: 100\n')
}

const run = async (stage: Stage) => {
  await stage.servers[0]?.sweep()
  const days = [...new Set((await futureStarts(stage.admin)).map((start) => start.slice(0, 10)))].slice(0, hotDays)
  const ends = new Map<Deed, Map<End, number>>()
  const note: Note = (deed, end) => {
    const of = ends.get(deed) ?? new Map<End, number>()
    ends.set(deed, of.set(end, (of.get(end) ?? 0) + 1))
  }
  const all: Person[] = Array.from({ length: people }, (_, i) => ({
    who: visitor(stage.servers[i % servers]?.origin ?? ''),
    roll: dice(i + 1),
    links: [],
  }))
  const stop = expireHolds(stage.admin)
  try {
    await Promise.all(all.map((person) => live(person, days, note)))
  } finally {
    say(`${await stop()} cells of holds ran out meanwhile`)
  }
  return { ends, links: all.reduce((sum, { links }) => sum + links.length, 0) }
}

/** Booking, giving up, asking for more time, moving and cancelling all at once, at several servers, while holds run out. */
export const storm = async (): Promise<boolean> => {
  await using stage = await openStage({ servers, edit })
  say(`## storm: ${people} people, ${roundsEach} deeds each, on ${hotDays} days, ${servers} server processes`)
  say()
  const { ends, links } = await run(stage)
  say()
  const others = (of: Map<End, number>) => [...of].filter(([end]) => end.startsWith('status'))
  printTable(
    ['', 'done', 'told "taken"', 'other answers'],
    [...ends].map(([deed, of]) => [
      deed,
      String(of.get('done') ?? 0),
      String(of.get('taken') ?? 0),
      others(of)
        .map(([end, count]) => `${end}: ${count}`)
        .join(', ') || '0',
    ]),
  )
  const found = await findFaults(stage.admin, links)
  printTable(
    ['in the database afterwards', 'rows'],
    Object.entries(found).map(([name, rows]) => [name, String(rows)]),
  )
  const happened = (['book', 'move', 'cancel', 'more time'] as const).every((deed) => ends.get(deed)?.get('done'))
  const isRight =
    happened && [...ends.values()].every((of) => others(of).length === 0) && Object.values(found).every((n) => n === 0)
  say(
    isRight ? 'Whoever was told so has an appointment, nobody else, and no desk was given twice.' : 'WRONG: see above.',
  )
  say()
  return isRight
}
