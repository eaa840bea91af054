import type pg from 'pg'
import { fill, futureStarts } from './fill.ts'
import { cpuOfPostgres } from './postgres.ts'
import { median, printTable, say } from './print.ts'
import { openStage, replaced, type Server } from './stage.ts'
import { type Answer, inLanes, startsOf, steps, type Visitor, visitor } from './visitor.ts'

const desks = 10
const appointments = 24_000
const bookedADay = 120 // of 200 visits a day
const rounds = 6 // the first one warms up
const perRound = 60

/** Of one operation; its statements by name. */
type Cost = { node: number; postgres: number | null; statements: Record<string, number> }

/** One person on the way to an appointment, with the last page they saw. */
type Journey = { who: Visitor; day: string; start: string; page: Answer }

const expect = (answer: Answer, status: number): Answer => {
  if (answer.status !== status) throw new Error(`expected ${status}, came ${answer.status}`)
  return answer
}

/** Every step once for each journey of a round, one step after the other, so that each can be measured alone. */
const walk: [name: string, step: (journey: Journey) => Promise<Answer>][] = [
  ['a month, any desk: first free time of each day', async ({ who, day }) => expect(await steps.month(who, day), 200)],
  ['times: a day, any desk', async ({ who, day }) => expect(await steps.day(who, day), 200)],
  ['times: a week, any desk', async ({ who, day }) => expect(await steps.times(who, day), 200)],
  ['hold a time (POST)', async ({ who, page, start }) => expect(await steps.hold(who, page, start), 303)],
  ['details page', async ({ who, page }) => expect(await steps.details(who, page), 200)],
  ['consent page (POST, GET)', async ({ who, page }) => expect(await steps.consent(who, page), 200)],
  ['check page (POST, GET)', async ({ who, page }) => expect(await steps.check(who, page), 200)],
  ['confirm the booking (POST)', async ({ who, page }) => expect(await steps.confirm(who, page), 303)],
  ['confirmation page', async ({ who, page }) => expect(await steps.confirmed(who, page), 200)],
]

/** What Node and PostgreSQL may take together, in CPU milliseconds, and of which steps. */
const budgets: Record<string, { most: number; steps: readonly string[] }> = {
  'times of a day': { most: 3, steps: ['times: a day, any desk'] },
  'times of a month': { most: 5, steps: ['a month, any desk: first free time of each day'] },
  'hold and confirmation': { most: 12, steps: ['hold a time (POST)', 'confirm the booking (POST)'] },
}

const mailStep = 'send the mail (worker, afterwards)'

const measurer = async (admin: pg.Client) => {
  const postgres = await cpuOfPostgres(admin)
  return async (server: Server, times: number, work: () => Promise<void>): Promise<Cost> => {
    const [before, databaseBefore] = [await server.usage(), postgres()]
    await work()
    const [after, databaseAfter] = [await server.usage(), postgres()]
    return {
      node: (after.cpuMs - before.cpuMs) / times,
      postgres: databaseBefore === null || databaseAfter === null ? null : (databaseAfter - databaseBefore) / times,
      statements: Object.fromEntries(
        Object.entries(after.statements)
          .map(([name, count]): [string, number] => [name, (count - (before.statements[name] ?? 0)) / times])
          .filter(([, count]) => count > 0),
      ),
    }
  }
}

const mailsLeft = async (admin: pg.Client): Promise<number> => {
  const { rows } = await admin.query(`select count(*)::int as n from mail_delivery where status = 'queued'`)
  return rows[0].n as number
}

/** Starts of as many different days as there are journeys in a round, each once a round. */
const journeysOf = async (server: Server, starts: readonly string[], round: number): Promise<Journey[]> => {
  const days = [...Map.groupBy(starts, (start) => start.slice(0, 10)).keys()].slice(0, 190)
  return Array.from({ length: perRound }, (_, i) => {
    const day = days[(i * 3 + round) % days.length] ?? ''
    return { who: visitor(server.origin), day, start: '', page: {} as Answer }
  })
}

const statementsOf = ({ statements }: Cost): number => Object.values(statements).reduce((sum, count) => sum + count, 0)

/** The statements of an operation by name, "twice" as ×2; what falls between two rounds' measurements is left out. */
const named = (costs: readonly Cost[]): string => {
  const names = new Set(costs.flatMap(({ statements }) => Object.keys(statements)))
  return [...names]
    .map((name): [string, number] => [name, Math.round(median(costs.map(({ statements }) => statements[name] ?? 0)))])
    .filter(([, count]) => count > 0)
    .map(([name, count]) => (count > 1 ? `${name} ×${count}` : name))
    .join(', ')
}

const row = (name: string, costs: readonly Cost[]): string[] => {
  const middle = (pick: (cost: Cost) => number | null) => median(costs.map(pick).filter((value) => value !== null))
  const span = (pick: (cost: Cost) => number | null) => {
    const values = costs.map(pick).filter((value) => value !== null)
    if (values.length === 0) return 'not measured here'
    if (values.length === 1) return values[0]?.toFixed(2) ?? ''
    return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`
  }
  return [name, span((cost) => cost.node), span((cost) => cost.postgres), middle(statementsOf).toFixed(1)]
}

const sumOf = (all: readonly (readonly Cost[])[]): Cost[] =>
  (all[0] ?? []).map((_, round) =>
    all
      .map((costs) => costs[round] as Cost)
      .reduce((sum, cost) => ({
        node: sum.node + cost.node,
        postgres: sum.postgres === null || cost.postgres === null ? null : sum.postgres + cost.postgres,
        statements: { all: statementsOf(sum) + statementsOf(cost) },
      })),
  )

/** CPU time and statements of each step of a booking, through HTTP, with a full database. */
export const measureBooking = async (): Promise<boolean> => {
  await using stage = await openStage({
    servers: 2,
    edit: (text) => {
      const withDesks = replaced(text, /desks: \{.*\}/, `desks: { public: ${desks}, internal: 0 }`)
      const open = `openingHours:\n      - { days: [mon, tue, wed, thu, fri], from: '08:00', to: '18:00' }\n`
      const longDays = replaced(withDesks, /openingHours:\n(?: +- .*\n)+/, open)
      return replaced(longDays, /windowDays: \d+/, 'windowDays: 365')
    },
  })
  const [web, worker] = stage.servers as [Server, Server]
  await worker.sweep()
  const starts = await futureStarts(stage.admin)
  await fill(stage.admin, appointments, bookedADay)
  const measure = await measurer(stage.admin)
  const costs = new Map<string, Cost[]>()
  const keep = (name: string, round: number, cost: Cost) => {
    if (round > 0) costs.set(name, [...(costs.get(name) ?? []), cost])
  }

  for (let round = 0; round < rounds; round++) {
    const journeys = await journeysOf(web, starts, round)
    for (const [name, step] of walk) {
      const cost = await measure(web, perRound, async () => {
        await inLanes(journeys, async (journey) => {
          journey.page = await step(journey)
        })
      })
      keep(name, round, cost)
      if (name.startsWith('times: a week')) {
        for (const [i, journey] of journeys.entries()) {
          const offered = startsOf(journey.page).filter((start) => start.startsWith(journey.day))
          journey.start = offered[i % offered.length] ?? ''
        }
      }
    }
  }
  const sent = await mailsLeft(stage.admin)
  const mails = await measure(worker, sent, async () => {
    await worker.work()
    while ((await mailsLeft(stage.admin)) > 0) await new Promise((resolve) => setTimeout(resolve, 200))
  })

  const { rows } = await stage.admin.query(
    `select (select count(*)::int from appointment) as appointments, (select count(*)::int from cell) as cells,
      current_setting('server_version') as version, current_setting('fsync') as fsync`,
  )
  say(
    `## booking: CPU milliseconds per operation, ${desks} desks, ${rows[0].appointments} appointments, ${rows[0].cells} cells, PostgreSQL ${rows[0].version}, fsync ${rows[0].fsync}`,
  )
  say()
  say(`${rounds - 1} rounds of ${perRound} operations after one to warm up: median of the rounds (smallest–largest)`)
  say()
  const whole = walk.slice(2).map(([name]) => costs.get(name) ?? [])
  printTable(
    ['', 'Node', 'PostgreSQL', 'statements'],
    [
      ...walk.map(([name]) => row(name, costs.get(name) ?? [])),
      row('the whole way, times to confirmation', sumOf(whole)),
      row(mailStep, [mails]),
    ],
  )
  say()
  say('Statements by name:')
  for (const [name] of walk) say(`- ${name}: ${named(costs.get(name) ?? [])}`)
  say(`- ${mailStep}: ${named([mails])}`)
  const both = ({ node, postgres }: Cost): number => node + (postgres ?? 0)
  let isWithin = true
  for (const [what, { most, steps }] of Object.entries(budgets)) {
    const cost = median(sumOf(steps.map((step) => costs.get(step) ?? [])).map(both))
    say(`${what}: ${cost.toFixed(1)} CPU milliseconds, at most ${most}`)
    isWithin &&= cost <= most
  }
  return isWithin
}
