import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { meant } from '#features/appointments/booking.fixture.ts'
import { type LocalPostgres, startLocalPostgres } from '#platform/db/local-postgres.ts'
import { endAllServers, freePort, personAt, startServer } from './helpers/command.ts'
import { aDataDir, type DataDir, isPostgresRunning } from './helpers/data-dir.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { agreed, bookAppointment, erika, person } from './helpers/person.ts'
import { copyTenants } from './helpers/tenants.ts'

describe('while the database is away', () => {
  let base: DataDir
  let postgres: LocalPostgres
  let installation: Installation
  const start = () => startLocalPostgres({ dataDir: base.path, settings: { synchronous_commit: 'off' } })

  beforeAll(async () => {
    base = await aDataDir()
    postgres = await start()
    installation = await startInstallation({ database: { connection: postgres.url, drop: async () => {} } })
    installation.admin.on('error', () => {}) // this connection is cut too
  })
  afterAll(async () => {
    await installation.close()
    await base.remove()
  })

  test('a connection that breaks between two statements ends its transaction and not the program', async () => {
    const { db, register } = installation.deps
    const id = register.running.get('segeberg')?.tenant.id ?? ''
    const cut = db.inTenant(id, async (tx) => {
      await tx.selectFrom('appointment').select('id').execute()
      await installation.admin.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where state = 'idle in transaction'`,
      )
      await tx.selectFrom('appointment').select('id').execute()
    })
    await expect(cut).rejects.toThrow()
    expect((await person(installation).open('/segeberg/termin/zeit?leistung=beratung-vor-ort')).status).toBe(200)
  })

  test('pages say so and what to do, typed answers are kept and can be sent again, and then it goes on', async () => {
    const who = person(installation)
    const { manage } = await bookAppointment(who)
    const times = await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
    const details = await who.send(times, { beginn: who.starts(times)[2] ?? '' })
    const asked = await who.open('/segeberg/en/meine-daten')
    await postgres.stop()

    for (const url of [manage, '/segeberg/termin/zeit?leistung=beratung-vor-ort', details.url]) {
      const page = await who.open(url)
      expect(page.status, url).toBe(503)
      expect(page.headers['retry-after'], url).toBe('30')
      expect(page.text, url).toContain('Gerade geht es nicht')
      expect(page.text, url).toContain('030 23125 001')
      expect(page.html, url).not.toMatch(/ECONNREFUSED|ENOENT|postgres|Error/)
    }
    const failed = await who.send(details, erika)
    expect([failed.status, failed.headers['retry-after']]).toEqual([504, '30'])
    expect(failed.text).toContain('Vielleicht ist schon gespeichert, was Sie gesendet haben')
    expect(failed.text).toContain('Ihre Angaben sind noch da')
    for (const value of Object.values(erika)) expect(failed.html).toContain(`value="${value}"`)
    const english = await who.send(asked, { email: erika['f.email'] })
    expect(english.text).toContain('Your answers are still there')
    // Trying again during the outage changes nothing about that.
    const again = await who.send(failed)
    expect(again.status).toBe(504)
    expect(again.html).toContain(`value="${erika['f.freeText']}"`)

    // What needs no database is there all the same, and says whether the rest is.
    expect((await who.open('/segeberg/datenschutz')).status).toBe(200)
    expect((await who.open('/healthz')).status).toBe(200)
    expect((await who.open('/readyz')).status).toBe(503)

    postgres = await start()
    await eventually(async () => (await who.open('/readyz')).status === 200)
    const consent = await who.send(again)
    expect(consent.status).toBe(200)
    const booked = await who.send(await who.send(consent, agreed), meant)
    expect(booked.text).toContain('Ihr Termin ist gebucht')
    expect((await who.open(manage)).status).toBe(200)
    installation.mailbox.clear()
    await who.send(await who.open(`${manage}/absagen`))
    await eventually(() => installation.mailbox.messages().length > 0, 'a mail after the outage')
  })
})

describe('when the server is killed in the midst of bookings', () => {
  let data: DataDir
  let tenants: ReturnType<typeof copyTenants>
  beforeAll(async () => {
    data = await aDataDir()
    tenants = copyTenants()
  })
  afterEach(endAllServers)
  afterAll(async () => {
    tenants[Symbol.dispose]()
    await data.remove()
  })

  const query = async (postgres: LocalPostgres, text: string) => {
    const client = new pg.Client(postgres.url)
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  test('every appointment is whole, with record, cells, consent and mail, or not there; the next start goes on', async () => {
    const people = 16
    const port = await freePort()
    const environment = { DATA_DIR: data.path, PORT: String(port), TENANTS_DIR: tenants.dir }
    const first = await startServer(environment)
    // Everybody has come as far as the last page; then all of them book at once.
    const ready = await Promise.all(
      Array.from({ length: people }, async (_, i) => {
        const who = personAt(port)
        const slug = i % 2 ? 'segeberg' : 'musterstadt'
        const times = await who.open(`/${slug}/termin/zeit?leistung=beratung-vor-ort`)
        const details = await who.send(times, { beginn: who.starts(times)[i] ?? '' })
        const consent = await who.send(details, { ...erika, 'f.email': `person-${i}@example.org` })
        return { who, check: await who.send(consent, agreed) }
      }),
    )
    let confirmed = 0
    let killed: Promise<number | string> | undefined
    await Promise.all(
      ready.map(async ({ who, check }) => {
        const page = await who.send(check).catch(() => null)
        if (page?.status === 200) confirmed++
        if (confirmed === 5) killed ??= first.end('SIGKILL')
      }),
    )
    expect(await killed).toBe('SIGKILL')
    expect(isPostgresRunning(data.path)).toBe(true)

    const postgres = await startLocalPostgres({ dataDir: data.path })
    expect(postgres.adopted).toBe(true)
    const whole = `
      select a.id,
        (select count(*)::int from vault.record r join vault.key k on k.record_id = r.id where r.id = a.record_id) record,
        (select count(*)::int from vault.blind_index b where b.record_id = a.record_id) indexes,
        (select count(*)::int from consent_record c where c.record_id = a.record_id) consent,
        (select count(*)::int from cell c where c.appointment_id = a.id and c.free_from = 'infinity') cells
      from appointment a where status = 'booked'`
    const booked = await query(postgres, whole)
    expect(booked.length).toBeGreaterThanOrEqual(5)
    for (const { id: _, ...parts } of booked) expect(parts).toEqual({ record: 1, indexes: 3, consent: 1, cells: 3 })
    const all = async (what: string): Promise<number> =>
      (await query(postgres, `select count(*)::int n from ${what}`))[0].n
    const n = booked.length
    expect(await all(`vault.record where activity = 'appointments.booking'`)).toBe(n)
    expect(await all('consent_record')).toBe(n)
    expect(await all(`mail_delivery where kind = 'appointment.booked'`)).toBe(n)
    expect(await all('vault.key')).toBe(await all('vault.record'))
    expect(await all(`cell where free_from = 'infinity'`)).toBe(3 * n)
    expect(await all(`appointment where status = 'held' and record_id is not null`)).toBe(0)
    // A mail that has not left has its envelope and its job.
    const waiting = `mail_delivery d where status = 'queued'`
    const provided = `${waiting} and exists (select from vault.record r where r.id = d.record_id)
      and exists (select from jobs.job j where j.data->>'id' = d.id::text and j.state in ('created', 'retry', 'active'))`
    expect(await all(provided)).toBe(await all(waiting))

    const second = await startServer(environment)
    expect(second.heard.out).toContain('PostgreSQL was still running and is used again.')
    // Who got no answer sends again and books, or learns that the booking had been made.
    const answers = await Promise.all(ready.map(({ who, check }) => who.send(check)))
    for (const page of answers) expect(page.text).toMatch(/Ihr Termin ist gebucht/)
    expect(await all(`appointment where status = 'booked'`)).toBe(people)
    expect(await all('consent_record')).toBe(people)
    expect(await all(`mail_delivery where kind = 'appointment.booked'`)).toBe(people)
    // What the killed process had in hand is tried again after a while; everything else leaves now.
    await eventually(
      async () =>
        (await all(
          `${waiting} and not exists (select from jobs.job j where j.data->>'id' = d.id::text and j.state = 'active')`,
        )) === 0,
      'the mails',
    )
    expect(await second.end('SIGINT')).toBe(0)
    expect(isPostgresRunning(data.path)).toBe(false)
    for (const { err } of [first.heard, second.heard])
      expect(err).not.toMatch(/Erika|Markerfrau|example\.org|Zetermordio/)
  })
})
