import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { agreed, person, typedFor } from './person.ts'

/** One request as its sender saw it. Times are of `performance.now()`. */
export type Sent = { what: string; from: number; until: number; answer: number | string }

/** Of a booking: somebody's mailbox, by which it is known, and the link that was acknowledged. */
export type Booked = { mailbox: string; manage: string }

const ca = readFileSync('test/helpers/tls/certificate.pem')
const slug = 'segeberg'

let lives = 0

/** Several people who book one appointment after the other at a web server that speaks TLS, each from an address of their
 *  own, until they are told to stop. Every request is a connection of its own, so that an answer that is missing was the
 *  server's fault. */
export const keepBooking = (port: number, people: number) => {
  const life = ++lives
  const sent: Sent[] = []
  const booked: Booked[] = []
  /** Who sent the last form and got no answer, or one that leaves open whether the booking was made. */
  const unclear: string[] = []
  const ending = new AbortController()

  const ask = (localAddress: string, note: (location: string) => void) => {
    const inject = (given: { method: string; url: string; headers: Record<string, string>; payload?: string }) =>
      new Promise((resolve, reject) => {
        const { host: _, origin: __, ...headers } = given.headers
        const line: Sent = { what: `${given.method} ${given.url}`, from: performance.now(), until: 0, answer: 'none' }
        sent.push(line)
        const end = (answer: number | string) => Object.assign(line, { until: performance.now(), answer })
        const options = {
          host: '127.0.0.1',
          servername: 'localhost',
          port,
          ca,
          localAddress,
          agent: false,
          timeout: 60_000,
        }
        const asked = request({ ...options, method: given.method, path: given.url, headers }, async (response) => {
          try {
            let body = ''
            for await (const chunk of response.setEncoding('utf8')) body += chunk
            end(response.statusCode ?? 0)
            if (response.statusCode === 303) note(response.headers.location ?? '')
            resolve({ statusCode: response.statusCode, headers: response.headers, body })
          } catch (error) {
            reject(error)
          }
        })
        asked.on('timeout', () => asked.destroy(new Error('no answer for a minute')))
        asked.on('error', (error: NodeJS.ErrnoException) => {
          end(error.code ?? error.message)
          reject(error)
        })
        asked.end(given.payload)
      })
    return person({ app: { inject } } as unknown as Parameters<typeof person>[0])
  }

  const bookOnce = async (address: string, mailbox: string, roll: number): Promise<void> => {
    let isSent = false
    let manage: string | null = null
    const who = ask(address, (location) => {
      if (location.includes('/termin/verwalten/')) manage ??= location.split('?')[0] ?? ''
    })
    try {
      const times = await who.open(`/${slug}/termin/zeit?leistung=beratung-vor-ort`)
      const starts = who.starts(times)
      const details = await who.send(times, { beginn: starts[Math.floor(roll * starts.length)] ?? '' })
      const consent = await who.send(details, { ...typedFor(slug), 'f.email': mailbox })
      const check = await who.send(consent, agreed)
      isSent = check.html.includes('/termin/buchen')
      await who.send(check)
    } catch {} // noted with the request, or somebody else was faster
    if (manage !== null) booked.push({ mailbox, manage })
    else if (isSent) unclear.push(mailbox)
  }

  const live = async (number: number): Promise<void> => {
    for (let n = 0; !ending.signal.aborted; n++) {
      await bookOnce(`127.1.${number}.${(n % 250) + 1}`, `person-${life}-${number}-${n}@example.org`, Math.random())
      await pause(200)
    }
  }
  const all = Promise.all(Array.from({ length: people }, (_, number) => live(number + 1)))
  return {
    sent,
    booked,
    unclear,
    /** Requests without an answer, or with one that does not help: what a person would call a failure. */
    failed: () =>
      sent.filter(({ answer }) => typeof answer === 'string' || answer >= 500 || answer === 403 || answer === 429),
    /** Somebody looks at one page. */
    visit: (url: string) => ask('127.0.0.1', () => {}).open(url),
    /** Everybody ends what they are at. */
    stop: async () => {
      ending.abort()
      await all
    },
  }
}
