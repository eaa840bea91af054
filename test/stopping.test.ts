import { readFileSync, rmSync } from 'node:fs'
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { aDataDir, endAllServers, freePort, isPostgresRunning, personAt, startServer } from './helpers/command.ts'
import { eventually } from './helpers/installation.ts'
import { agreed, bookAppointment, erika, type Person, person } from './helpers/person.ts'

/* How a server that runs for itself comes to its end: by a signal, and when its database is taken from under it. */

const certificate = {
  TLS_CERTIFICATE_FILE: 'test/helpers/tls/certificate.pem',
  TLS_KEY_FILE: 'test/helpers/tls/key.pem',
}

let data: ReturnType<typeof aDataDir>
beforeAll(() => {
  data = aDataDir()
})
afterEach(endAllServers)
afterAll(() => data.remove())

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string }
type Request = { method?: string; url: string; headers?: Record<string, string>; payload?: string }

/** A program that keeps its one connection open between requests, as browsers and proxies do. */
const connectionTo = (port: number, secure: boolean) => {
  const [Agent, request] = secure ? [TlsAgent, tlsRequest] : [PlainAgent, plainRequest]
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    ...(secure ? { ca: readFileSync(certificate.TLS_CERTIFICATE_FILE) } : {}),
  })
  const inject = ({ method = 'GET', url, headers = {}, payload }: Request) =>
    new Promise<Answer>((resolve, reject) => {
      const { host: _, origin: __, ...sent } = headers
      const asked = request(
        { agent, host: 'localhost', family: 4, port, method, path: url, headers: sent },
        async (response) => {
          let body = ''
          for await (const chunk of response.setEncoding('utf8')) body += chunk
          resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body })
        },
      )
      asked.on('error', reject)
      asked.end(payload)
    })
  return {
    ask: (url: string) => inject({ url }),
    who: person({ app: { inject } } as unknown as Parameters<typeof person>[0]),
  }
}

/** As far as the last page of a booking. */
const lastPage = async (who: Person) => {
  const times = await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  const details = await who.send(times, { beginn: who.starts(times)[0] ?? '' })
  return who.send(await who.send(details, erika), agreed)
}

const booked = `select from appointment where status = 'booked'`

/** Keeps everybody from appointments and records until let go. */
const holdUp = async () => {
  const postgres = await startLocalPostgres({ dataDir: data.path })
  const client = new pg.Client(postgres.url)
  await client.connect()
  const before = (await client.query(booked)).rowCount ?? 0
  await client.query('begin; lock table appointment, vault.record in access exclusive mode')
  const waiting = async (): Promise<number> =>
    (await client.query(`select from pg_stat_activity where wait_event_type = 'Lock'`)).rowCount ?? 0
  return { before, waiting, letGo: () => client.end() }
}

const bookingsAfterwards = async (): Promise<number> => {
  const postgres = await startLocalPostgres({ dataDir: data.path })
  const client = new pg.Client(postgres.url)
  await client.connect()
  try {
    return (await client.query(booked)).rowCount ?? 0
  } finally {
    await client.end()
    await postgres.stop()
  }
}

describe('a server that is told to end', () => {
  test.each([false, true])(
    'finishes what it is at, answers who is connected, and says so (with TLS: %s)',
    async (secure) => {
      const [port, metricsPort] = [await freePort(), await freePort()]
      const server = await startServer({
        DATA_DIR: data.path,
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        ...(secure ? certificate : {}),
      })
      const [citizen, other, watcher] = [port, port, metricsPort].map((at) => connectionTo(at, secure)) as [
        ReturnType<typeof connectionTo>,
        ReturnType<typeof connectionTo>,
        ReturnType<typeof connectionTo>,
      ]
      const check = await lastPage(citizen.who)
      expect((await other.ask('/segeberg/datenschutz')).headers.connection).toBe('keep-alive')
      const held = await holdUp()
      const sent = citizen.who.send(check)
      const watched = watcher.ask('/metrics')
      await eventually(async () => (await held.waiting()) >= 2 || null, 'a booking and a look at the numbers under way')

      const ended = server.end('SIGTERM')
      await eventually(() => server.heard.out.includes('Stopping'), 'the stop')
      // A connection from before is answered, long after the port is closed; and told that this was the last time.
      await eventually(
        async () =>
          fetch(`http://127.0.0.1:${port}/healthz`).then(
            () => null,
            ({ cause }) => cause.code === 'ECONNREFUSED',
          ),
        'a closed port',
      )
      const ready = await other.ask('/readyz')
      expect([ready.statusCode, ready.headers.connection, ready.body]).toEqual([503, 'close', 'stopping\n'])

      await held.letGo()
      const page = await sent.catch((error: Error) => error)
      // The page that the answer leads to is asked for on a new connection, and nobody is there for that any more.
      expect(page).toMatchObject({ code: 'ECONNREFUSED' })
      expect(await watched).toMatchObject({ statusCode: 200, headers: { connection: 'close' } })
      expect(await ended).toBe(0)
      expect(isPostgresRunning(data.path)).toBe(false)
      expect(await bookingsAfterwards()).toBe(held.before + 1)
    },
    90_000,
  )

  test('ends at once at a second signal, whichever; the same one come twice is one', async () => {
    const port = await freePort()
    const environment = { DATA_DIR: data.path, PORT: String(port) }
    const { who } = connectionTo(port, false)
    const first = await startServer(environment)
    const check = await lastPage(who)
    const held = await holdUp()
    const sent = who.send(check).catch((error: Error) => error)
    await eventually(async () => (await held.waiting()) > 0 || null, 'a booking under way')
    const ended = first.end('SIGTERM')
    await eventually(() => first.heard.out.includes('Stopping'), 'the stop')
    await new Promise((resolve) => setTimeout(resolve, 600))
    first.end('SIGINT')
    expect(await ended).toBe('SIGINT')
    expect(await sent).toBeInstanceOf(Error)
    await held.letGo()

    // Ctrl-C in a terminal reaches the server, and npm passes it on as well.
    const second = await startServer(environment)
    second.end('SIGINT')
    expect(await second.end('SIGINT')).toBe(0)
    expect(isPostgresRunning(data.path)).toBe(false)
  }, 90_000)
})

describe('when the embedded database', () => {
  const postmaster = () => Number(readFileSync(join(data.path, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])

  test('is killed under a running server, it comes back, and everything goes on', async () => {
    const port = await freePort()
    const server = await startServer({ DATA_DIR: data.path, PORT: String(port) })
    const who = personAt(port)
    const isReady = () => eventually(async () => (await who.open('/readyz')).status === 200, 'a server that is ready')
    const works = async (mailbox: string) => {
      const { booked } = await bookAppointment(who, { slug: 'musterstadt', fields: { 'f.email': mailbox } })
      expect(booked.text).toContain('Ihr Termin ist gebucht')
      await eventually(async () => (await who.open('/_mailbox')).text.includes(mailbox), 'its mail')
    }
    await works('before@example.org')
    const first = postmaster()
    process.kill(first, 'SIGKILL')
    await eventually(() => server.heard.out.includes('PostgreSQL had ended, and was started again.'), 'PostgreSQL')
    await isReady()
    expect(postmaster()).not.toBe(first)
    await works('killed@example.org')

    // One of its processes alone: PostgreSQL cuts all the others and recovers by itself.
    const postgres = await startLocalPostgres({ dataDir: data.path })
    const client = new pg.Client(postgres.url)
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const cut = new Promise((resolve) => client.once('end', resolve))
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
    await cut
    await isReady()
    await works('crashed@example.org')
    expect(await server.end('SIGTERM')).toBe(0)
    expect(isPostgresRunning(data.path)).toBe(false)
  }, 90_000)

  test('cannot come back, the server says so and ends', async () => {
    const lost = aDataDir()
    const server = await startServer({ DATA_DIR: lost.path, PORT: String(await freePort()) })
    const folder = join(lost.path, 'postgres/data')
    const pid = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
    const { ended } = server
    rmSync(folder, { recursive: true })
    process.kill(pid, 'SIGKILL')
    expect(await ended).toBe(1)
    expect(server.heard.err).toContain(
      `PostgreSQL ended, and could not be brought back: the data are gone from ${folder}`,
    )
    rmSync(lost.path, { recursive: true })
  }, 90_000)
})
