import { Agent, request } from 'node:http'
import { look } from '#test/helpers/html.ts'
import { fill, futureStarts } from './fill.ts'
import { median, printTable, say } from './print.ts'
import { openStage, type Server, slug } from './stage.ts'
import { type Answer, steps, visitor } from './visitor.ts'

const people = 4
const connections = 4 // of each attacker
const phaseSeconds = 12
const phases = 3 // of each kind, in turns
const leadMs = 3000 // in which attackers use up what anybody may ask at once
const pauseMs = 50 // between two clicks of a person
const mostTimes = 3 // as long as without attackers an answer may take

type Attack = { name: string; method: 'GET' | 'POST'; path: (i: number) => string; body?: string; type?: string }

/** The dearest requests that are answered, and the dearest ones that are refused. */
const attacks = (month: string, token: string): Attack[] => [
  { name: 'a month', method: 'GET', path: () => `/${slug}/termin/monat?leistung=beratung-vor-ort&monat=${month}` },
  { name: 'the privacy notice', method: 'GET', path: () => `/${slug}/datenschutz` },
  { name: 'pages that do not exist', method: 'GET', path: (i) => `/${slug}/${i}` },
  {
    name: 'a form full of what has to be escaped',
    method: 'POST',
    path: () => `/${slug}/termin/zeit`,
    body: `formToken=${token}&leistung=beratung-vor-ort&f.freeText=${'"'.repeat(120_000)}`,
  },
  {
    name: '150,000 fields',
    method: 'POST',
    path: () => `/${slug}/termin/pruefen`,
    body: `formToken=${token}&${Array.from({ length: 150_000 }, (_, i) => `f.a${i}`).join('=&')}`,
  },
  {
    name: 'lists in lists',
    method: 'POST',
    path: () => `/${slug}/api/v1/holds`,
    body: '['.repeat(120_000),
    type: 'application/json',
  },
]

/** Asks the same again and again as soon as it is answered; counts the answers by their status. */
const attack = (origin: string, { method, path, body, type }: Attack, number: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const ends = new Map<number, number>()
  let isOver = false
  const ask = (i: number): Promise<void> =>
    new Promise((resolve) => {
      const headers = {
        'x-forwarded-for': `198.51.100.${number + 1}`,
        'accept-encoding': 'br',
        ...(body
          ? { 'content-type': type ?? 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
          : {}),
      }
      const asked = request(new URL(path(i), origin), { method, agent, headers }, (response) => {
        ends.set(response.statusCode ?? 0, (ends.get(response.statusCode ?? 0) ?? 0) + 1)
        response.resume().on('close', resolve)
      })
      asked.on('error', () => resolve()) // the server ends a connection of which it wants no more
      asked.end(body)
    })
  const lanes = Array.from({ length: connections }, async (_, lane) => {
    for (let i = lane; !isOver; i += connections) await ask(i)
  })
  return {
    ends,
    stop: async () => {
      isOver = true
      await Promise.all(lanes)
      agent.destroy()
    },
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** People who look for a time, for so long; how many milliseconds each answer took. */
const lookForTimes = async ({ origin }: Server, day: string): Promise<number[]> => {
  const took: number[] = []
  const end = performance.now() + phaseSeconds * 1000
  const look = async () => {
    while (performance.now() < end) {
      const who = visitor(origin)
      for (const step of [steps.times, steps.day, steps.month]) {
        const start = performance.now()
        const answer: Answer = await step(who, day)
        took.push(performance.now() - start)
        if (answer.status !== 200) throw new Error(`expected 200, came ${answer.status}`)
        await pause(pauseMs)
      }
    }
  }
  await Promise.all(Array.from({ length: people }, look))
  return took
}

/** How long people wait while six scripts send the worst there is, against how long they wait without. */
export const measureFlood = async (): Promise<boolean> => {
  await using stage = await openStage({ servers: 1 })
  const [server] = stage.servers as [Server]
  await server.sweep()
  const [start = ''] = await futureStarts(stage.admin)
  await fill(stage.admin, 200, 20)
  const day = start.slice(0, 10)
  const page = await steps.times(visitor(server.origin), day)
  const token = look(page.html).field('formToken')
  const all = attacks(day.slice(0, 7), token)
  const ends = new Map<string, Map<number, number>>()
  const rows: { without: number[]; during: number[] }[] = []
  await lookForTimes(server, day) // warms up
  for (let phase = 0; phase < phases; phase++) {
    const without = await lookForTimes(server, day)
    const under = all.map((each, i) => attack(server.origin, each, i))
    await pause(leadMs)
    const during = await lookForTimes(server, day)
    await Promise.all(under.map(({ stop }) => stop()))
    for (const [i, { name }] of all.entries())
      for (const [status, count] of under[i]?.ends ?? [])
        ends.set(name, (ends.get(name) ?? new Map()).set(status, (ends.get(name)?.get(status) ?? 0) + count))
    rows.push({ without, during })
  }
  say(`## flood: ${all.length} attackers with ${connections} connections each, ${people} people beside them`)
  say()
  printTable(
    ['phase', 'answers without', 'median, ms', 'answers with attackers', 'median, ms', 'times as long'],
    rows.map(({ without, during }, i) => [
      String(i + 1),
      String(without.length),
      median(without).toFixed(1),
      String(during.length),
      median(during).toFixed(1),
      (median(during) / median(without)).toFixed(2),
    ]),
  )
  printTable(
    ['attack', 'answers by status'],
    all.map(({ name }) => [name, [...(ends.get(name) ?? [])].map(([status, n]) => `${status}: ${n}`).join(', ')]),
  )
  const ratio = median(rows.map(({ without, during }) => median(during) / median(without)))
  say(`Median of the phases: ${ratio.toFixed(2)} times as long; at most ${mostTimes}.`)
  say()
  return ratio <= mostTimes
}
