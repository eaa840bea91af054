import { look } from '#test/helpers/html.ts'
import { futureStarts } from './fill.ts'
import { printTable, say } from './print.ts'
import { openStage, slug } from './stage.ts'
import { type Answer, startsOf, steps, type Visitor, visitor } from './visitor.ts'

// Bytes over the wire, head of the answer included.
const budget = { first: 50_000, next: 20_000, script: 10_000 }

const filesOf = ({ html }: Answer): string[] => [
  ...new Set(
    look(html)
      .all('link[href^="/assets/"], script[src^="/assets/"], img[src^="/assets/"]')
      .map((part) => part.attribute('href') ?? part.attribute('src') ?? ''),
  ),
]

/** The files of the look and of the script, and what the look loads in its turn. */
const loadFiles = async (who: Visitor, page: Answer): Promise<Map<string, number>> => {
  const files = new Map<string, number>()
  for (const url of filesOf(page)) {
    const file = await who.get(url)
    files.set(url, file.bytes)
    if (!url.endsWith('.css')) continue
    for (const [, inner = ''] of file.html.matchAll(/url\(["']?(?!data:)([^)"']+)/g)) {
      const address = new URL(inner, `http://page${url}`).pathname
      files.set(address, (await who.get(address)).bytes)
    }
  }
  return files
}

/** Walks to a booked appointment with one encoding; what each page and file weighs. */
const walk = async (origin: string, encodings: string, start: string) => {
  const who = visitor(origin, encodings)
  const pages = new Map<string, number>()
  const see = (name: string, answer: Answer): Answer => {
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`)
    pages.set(name, answer.bytes)
    return answer
  }
  const first = see('start', await who.get(`/${slug}/`))
  see('choose a service', await who.get(`/${slug}/termin`))
  const times = see('day and time', await steps.times(who, start.slice(0, 10)))
  const held = await steps.hold(who, times, startsOf(times)[0] ?? '')
  const details = see('your details', await steps.details(who, held))
  const consent = see('notice and consent', await steps.consent(who, details))
  const check = see('check answers', await steps.check(who, consent))
  const booked = await steps.confirm(who, check)
  see('confirmation', await steps.confirmed(who, booked))
  see('appointment (manage link)', await who.get(booked.location.replace(/\?.*/, '')))
  see('what is stored', await who.get(`${booked.location.replace(/\?.*/, '')}/daten`))
  see('privacy notice', await who.get(`/${slug}/datenschutz`))
  return { pages, files: await loadFiles(who, first) }
}

/** What a phone has to load, packed as it travels, in the order of a booking. */
export const measureWeight = async (): Promise<boolean> => {
  await using stage = await openStage({ servers: 1 })
  const [server] = stage.servers
  await server?.sweep()
  const [start = ''] = await futureStarts(stage.admin)
  const origin = server?.origin ?? ''
  const [plain, gzip, br] = [
    await walk(origin, 'identity', start),
    await walk(origin, 'gzip', start),
    await walk(origin, 'br, gzip', start),
  ]
  const row = (name: string, bytes: (walked: typeof gzip) => number, limit?: number): string[] => [
    name,
    ...[plain, gzip, br].map((walked) => bytes(walked).toLocaleString('en')),
    limit === undefined ? '' : limit.toLocaleString('en'),
  ]
  const script = [...gzip.files.keys()].find((url) => url.endsWith('.js')) ?? ''
  const firstVisit = ({ pages, files }: typeof gzip) =>
    [...files.values()].reduce((sum, bytes) => sum + bytes, pages.get('start') ?? 0)
  const limitOf = (name: string) => (name === 'start' ? undefined : budget.next)

  say('## weight: bytes transferred, heads included')
  say()
  printTable(
    ['', 'unpacked', 'gzip', 'br', 'budget'],
    [
      row('first page with all its files', firstVisit, budget.first),
      ...[...gzip.files.keys()].map((url) =>
        row(
          `  ${url.replace(/^.*\//, '')}`,
          ({ files }) => files.get(url) ?? 0,
          url === script ? budget.script : undefined,
        ),
      ),
      ...[...gzip.pages.keys()].map((name) => row(name, ({ pages }) => pages.get(name) ?? 0, limitOf(name))),
    ],
  )
  return (
    firstVisit(gzip) <= budget.first &&
    (gzip.files.get(script) ?? 0) <= budget.script &&
    [...gzip.pages].every(([name, bytes]) => bytes <= (limitOf(name) ?? bytes))
  )
}
