import { readFileSync, rmSync } from 'node:fs'
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { endAllServers, freePort, personAt, startServer } from './helpers/command.ts'
import { aDataDir, type DataDir, isPostgresRunning } from './helpers/data-dir.ts'
import { eventually } from './helpers/installation.ts'
import { agreed, bookAppointment, erika, type Person, person } from './helpers/person.ts'
import { copyTenants } from './helpers/tenants.ts'

/* How a server that runs for itself comes to its end: by a signal, and when its database is taken from under it. */

const certificate = {
  TLS_CERTIFICATE_FILE: 'test/helpers/tls/certificate.pem',
  TLS_KEY_FILE: 'test/helpers/tls/key.pem',
}

let data: DataDir
let tenants: ReturnType<typeof copyTenants>
beforeAll(async () => {
  data = await aDataDir()
  tenants = copyTenants(['segeberg'])
})
afterEach(endAllServers)
afterAll(async () => {
  tenants[Symbol.dispose]()
  await data.remove()
})
const environmentOf = (port: number) => ({ DATA_DIR: data.path, TENANTS_DIR: tenants.dir, PORT: String(port) })

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
  const seen: Answer[] = []
  const inject = ({ method = 'GET', url, headers = {}, payload }: Request) =>
    new Promise<Answer>((resolve, reject) => {
      const { host: _, origin: __, ...sent } = headers
      const asked = request(
        { agent, host: 'localhost', family: 4, port, method, path: url, headers: sent },
        async (response) => {
          let body = ''
          for await (const chunk of response.setEncoding('utf8')) body += chunk
          const answer = { statusCode: response.statusCode ?? 0, headers: response.headers, body }
          seen.push(answer)
          resolve(answer)
        },
      )
      asked.on('error', reject)
      asked.end(payload)
    })
  return {
    /** Every answer so far. */
    seen,
    ask: (url: string) => inject({ url }),
    who: person({ app: { inject } } as unknown as Parameters<typeof person>[0]),
  }
}

const isClosed = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })

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
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end()) // or a test that fails would hold up the next one
  const before = (await client.query(booked)).rowCount ?? 0
  await client.query('begin; lock table appointment, vault.record in access exclusive mode')
  const waiting = async (): Promise<number> =>
    (await client.query('select distinct pid from pg_locks where not granted')).rowCount ?? 0
  return { before, waiting, letGo: () => client.query('rollback').then(() => client.end()) }
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
  test('finishes what it is at, answers who is connected, and says so, over TLS and at the port for metrics alike', async () => {
    const [port, metricsPort] = [await freePort(), await freePort()]
    const server = await startServer({ ...environmentOf(port), ...certificate, METRICS_PORT: String(metricsPort) })
    const [citizen, other, watcher] = [
      connectionTo(port, true),
      connectionTo(port, true),
      connectionTo(metricsPort, true),
    ]
    const check = await lastPage(citizen.who)
    expect((await other.ask('/segeberg/datenschutz')).headers.connection).toBe('keep-alive')
    const held = await holdUp()
    const sent = citizen.who.send(check).catch((error: Error) => error)
    const watched = watcher.ask('/metrics')
    await eventually(async () => (await held.waiting()) >= 2, 'a booking and a look at the numbers under way')

    const ended = server.end('SIGTERM')
    await eventually(() => isClosed(port), 'a closed port')
    // A connection from before is answered all the same, and told that this was the last time.
    expect(await other.ask('/readyz')).toMatchObject({
      statusCode: 503,
      headers: { connection: 'close' },
      body: 'stopping\n',
    })
    await held.letGo()
    expect(await watched).toMatchObject({ statusCode: 200, headers: { connection: 'close' } })
    // The page that the answer leads to would take a new connection, and nobody is there for that.
    expect(await sent).toMatchObject({ code: 'ECONNREFUSED' })
    expect(citizen.seen.at(-1)).toMatchObject({ statusCode: 303, headers: { connection: 'close' } })
    expect(await ended).toBe(0)
    expect(isPostgresRunning(data.path)).toBe(false)
    expect(await bookingsAfterwards()).toBe(held.before + 1)
  })

  test('ends at once at a second signal, whichever; the same one come twice is one', async () => {
    const port = await freePort()
    const environment = environmentOf(port)
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
  })
})

describe('when the embedded database', () => {
  const postmaster = () => Number(readFileSync(join(data.path, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])

  test('is killed under a running server, it comes back, and everything goes on', async () => {
    const port = await freePort()
    const server = await startServer(environmentOf(port))
    const who = personAt(port)
    /** PostgreSQL lets nobody in before it has put everybody out; so when this answers, the next page is no old one. */
    const isBack = async (): Promise<void> => {
      await eventually(async () => {
        const client = new pg.Client((await startLocalPostgres({ dataDir: data.path })).url)
        const isIn = await client.connect().then(
          () => true,
          () => false,
        )
        await client.end()
        return isIn
      }, 'PostgreSQL')
      await eventually(async () => (await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')).status === 200)
    }
    const works = async (mailbox: string) => {
      const { booked } = await bookAppointment(who, { fields: { 'f.email': mailbox } })
      expect(booked.text).toContain('Ihr Termin ist gebucht')
      await eventually(async () => (await who.open('/_mailbox')).text.includes(mailbox), 'its mail')
    }
    await works('before@example.org')
    const first = postmaster()
    process.kill(first, 'SIGKILL')
    await eventually(() => server.heard.out.includes('PostgreSQL had ended, and was started again.'), 'PostgreSQL')
    await isBack()
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
    await isBack()
    await works('crashed@example.org')
    expect(await server.end('SIGTERM')).toBe(0)
    expect(isPostgresRunning(data.path)).toBe(false)
  })

  test('cannot come back, the server says so and ends', async () => {
    const lost = await aDataDir()
    const server = await startServer({ ...environmentOf(await freePort()), DATA_DIR: lost.path })
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
  })
})
