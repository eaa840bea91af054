import { Agent, type IncomingMessage, request } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'
import { look } from '#test/helpers/html.ts'
import { slug } from './stage.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const unpack = { br: promisify(brotliDecompress), gzip: promisify(gunzip) }

/** An answer as it came, unpacked, and what was asked; `bytes` is what it weighed on the way, head included. */
export type Answer = { path: string; status: number; location: string; html: string; bytes: number }

/** Somebody with a browser that keeps cookies and an address of their own, without JavaScript. */
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

const formOf = ({ html, status }: Answer, by?: string) => {
  const [form] = look(html).all('form[method=post]')
  if (!form) throw new Error(`a page without a form (${status})`)
  const hidden = form.all('input[type=hidden]').map((field) => [field.attribute('name'), field.attribute('value')])
  const others = by ? form.all('[formaction]').map((button) => button.attribute('formaction') ?? '') : []
  return {
    action: others.find((url) => url.includes(by ?? '')) ?? form.attribute('action') ?? '',
    fields: Object.fromEntries(hidden) as Record<string, string>,
  }
}

/** Does what a browser does with `Set-Cookie: name=value; Max-Age=…`. */
const keep = (jar: Map<string, string>, line: string): void => {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
  if (/max-age=0(;|$)/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}

export const visitor = (origin: string, encodings = 'br, gzip'): Visitor => {
  const number = visitors++
  const headers = {
    'accept-encoding': encodings,
    'accept-language': 'de',
    'user-agent': 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36',
    'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
  }
  const jar = new Map<string, string>()
  const ask = (method: string, path: string, fields?: Record<string, string>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const body = fields && new URLSearchParams(fields).toString()
      const form = { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' }
      const kept = jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}
      const sent = { ...headers, ...kept, ...(body ? form : {}) }
      const asked = request(new URL(path, origin), { method, agent, headers: sent })
      asked.on('error', reject)
      asked.on('response', async (response) => {
        for (const line of response.headers['set-cookie'] ?? []) keep(jar, line)
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        const packed = Buffer.concat(chunks)
        const encoding = response.headers['content-encoding'] ?? ''
        const plain = packed.length > 0 && encoding in unpack ? await unpack[encoding as 'br'](packed) : packed
        resolve({
          path,
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

/** The page that an answer to a form leads to, as a browser shows it, however often it is sent on; it weighs what all of it
 *  weighed. */
export const onwards = async (who: Visitor, answer: Answer): Promise<Answer> => {
  let page = answer
  for (let leaps = 0; page.status === 303 && leaps < 5; leaps++) {
    const next = await who.get(page.location)
    page = { ...next, bytes: page.bytes + next.bytes }
  }
  return page
}

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
  extend: async (who: Visitor, details: Answer) =>
    onwards(who, await who.send(details, { schritt: 'angaben' }, 'verlaengern')),
  consent: async (who: Visitor, details: Answer) => onwards(who, await who.send(details, typedBy(who.number))),
  check: async (who: Visitor, consent: Answer) =>
    onwards(who, await who.send(consent, { kenntnis: 'yes', einwilligung: 'yes', bedingungen: 'yes' })),
  confirm: (who: Visitor, check: Answer, more: Record<string, string> = {}) => who.send(check, more),
  confirmed: (who: Visitor, booked: Answer) => who.get(booked.location),
}

/** How something ended, by the page that one saw in the end: `taken` where somebody else was faster. */
export const endOf = ({ status }: Answer): 'done' | 'taken' | number => {
  if (status === 409 || status === 410) return 'taken'
  return status === 200 ? 'done' : status
}

/** The starts that a page of times offers. */
export const startsOf = (times: Answer): string[] =>
  look(times.html)
    .all('input[type=radio][name=beginn]')
    .map((start) => start.attribute('value') ?? '')

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
