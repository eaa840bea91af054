import { Agent, type IncomingMessage, request } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'
import { slug } from './stage.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const unpack = { br: promisify(brotliDecompress), gzip: promisify(gunzip) }

/** An answer as it came, unpacked; `bytes` is what it weighed on the way, head included. */
export type Answer = { status: number; location: string; html: string; bytes: number }

/** Somebody with a browser and an address of their own, without JavaScript and without cookies: each page is the answer to
 *  the form before. */
export type Visitor = {
  number: number
  get: (path: string) => Promise<Answer>
  /** Sends the first form of a page that posts, as it stands, with `changes`; by the button whose action contains `by`. */
  send: (page: Answer, changes: Record<string, string>, by?: string) => Promise<Answer>
}

let visitors = 0

// `Name: value` and the end of its line, for each; the status line; the empty line.
const lengthOfHead = ({ rawHeaders, statusMessage = '' }: IncomingMessage): number =>
  rawHeaders.join('').length + 2 * rawHeaders.length + `HTTP/1.1 200 ${statusMessage}\r\n\r\n`.length

const decoded = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

const attribute = (tag: string, name: string): string =>
  decoded(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '')

const formOf = ({ html, status }: Answer, by?: string) => {
  const [, head, body = ''] = /<form\b([^>]*method="post"[^>]*)>([\s\S]*?)<\/form>/.exec(html) ?? []
  if (head === undefined) throw new Error(`a page without a form (${status})`)
  const hidden = [...body.matchAll(/<input type="hidden"[^>]*>/g)].map(([tag]) => [
    attribute(tag, 'name'),
    attribute(tag, 'value'),
  ])
  const other = [...body.matchAll(/formaction="([^"]*)"/gi)].find(([, url = '']) => by && url.includes(by))?.[1]
  return {
    action: decoded(other ?? attribute(head, 'action')),
    fields: Object.fromEntries(hidden) as Record<string, string>,
  }
}

export const visitor = (origin: string, encodings = 'br, gzip'): Visitor => {
  const number = visitors++
  const headers = {
    'accept-encoding': encodings,
    'accept-language': 'de',
    'user-agent': 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36',
    'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
  }
  const ask = (method: string, path: string, fields?: Record<string, string>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const body = fields && new URLSearchParams(fields).toString()
      const form = { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' }
      const asked = request(new URL(path, origin), { method, agent, headers: { ...headers, ...(body ? form : {}) } })
      asked.on('error', reject)
      asked.on('response', async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        const packed = Buffer.concat(chunks)
        const encoding = response.headers['content-encoding'] ?? ''
        const plain = packed.length > 0 && encoding in unpack ? await unpack[encoding as 'br'](packed) : packed
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? '',
          html: plain.toString(),
          bytes: lengthOfHead(response) + packed.length,
        })
      })
      asked.end(body)
    })
  return {
    number,
    get: (path) => ask('GET', path),
    send: (page, changes, by) => {
      const { action, fields } = formOf(page, by)
      return ask('POST', action, { ...fields, ...changes })
    },
  }
}

/** What is typed into the form; as long as such things are. Everybody has an address of their own. */
const typedBy = (number: number) => ({
  'f.name': 'Annegret Musterfrau-Beispiel',
  'f.birthDate.day': '12',
  'f.birthDate.month': '8',
  'f.birthDate.year': '1984',
  'f.customerOrBgNumber': '131A0990815',
  'f.email': `annegret.musterfrau.${number}@example.org`,
  'f.freeText':
    'Ich habe Fragen zum Antrag auf Weiterbewilligung und bringe den Mietvertrag mit. Bitte im Erdgeschoss.',
})

/** The way to an appointment, step by step, as a person walks it. */
export const steps = {
  times: (who: Visitor, day: string) => who.get(`/${slug}/termin/zeit?leistung=beratung-vor-ort&ab=${day}`),
  timesOf: (who: Visitor, services: string, day: string) =>
    who.get(`/${slug}/termin/zeit?leistung=${services}&ab=${day}`),
  day: (who: Visitor, day: string) => who.get(`/${slug}/termin/zeit?leistung=beratung-vor-ort&tag=${day}`),
  month: (who: Visitor, day: string) =>
    who.get(`/${slug}/termin/monat?leistung=beratung-vor-ort&monat=${day.slice(0, 7)}`),
  hold: (who: Visitor, times: Answer, start: string) => who.send(times, { beginn: start }),
  details: (who: Visitor, held: Answer) => who.get(held.location),
  extend: (who: Visitor, details: Answer) => who.send(details, { schritt: 'angaben' }, 'verlaengern'),
  consent: (who: Visitor, details: Answer) => who.send(details, typedBy(who.number)),
  check: (who: Visitor, consent: Answer) =>
    who.send(consent, { kenntnis: 'yes', einwilligung: 'yes', bedingungen: 'yes' }),
  confirm: (who: Visitor, check: Answer) => who.send(check, {}),
  confirmed: (who: Visitor, booked: Answer) => who.get(booked.location),
}

/** How asking for a time ended: whose it is now is led on to the details, everybody else back to the times. */
export const endOfHold = ({ status, location }: Answer): 'held' | 'taken' | number => {
  if (status === 303)
    return location.includes('/angaben?') ? 'held' : location.includes('hinweis=taken') ? 'taken' : 303
  return status === 409 ? 'taken' : status
}

/** The starts that a page of times offers. */
export const startsOf = (times: Answer): string[] =>
  [...times.html.matchAll(/type="radio"[^>]* name="beginn" value="([^"]+)"/g)].map(([, start = '']) => start)

const lanes = 4

/** Does it for each, a few at a time; what came of it, in the order in which it was done. */
export const inLanes = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const queue = items.values()
  const done: R[] = []
  const lane = async () => {
    for (const item of queue) done.push(await work(item))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return done
}
