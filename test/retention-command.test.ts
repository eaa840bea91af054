import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eraseDue } from '#apps/retention.ts'
import { endAllServers, freePort, personAt, run, runHere, startServer } from './helpers/command.ts'
import { aDataDir, type DataDir } from './helpers/data-dir.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, referenceOn } from './helpers/person.ts'
import { copyTenants } from './helpers/tenants.ts'

/* Retention by hand: what an operator types, once on the built program, and two of them at once. */

describe('wrong words', () => {
  let folder: string
  beforeAll(() => {
    folder = temporaryFolder('retention')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const usage = 'retention run [--tenant S]'
  test.each([
    [['retention'], usage],
    [['retention', 'erase'], usage],
    [['retention', 'run', 'segeberg'], usage],
    [['retention', 'run', '--reason', 'tax-law'], usage],
    [['retention', 'hold', 'segeberg'], usage],
    [['retention', 'hold', 'segeberg', 'ABCD-EFGH', 'IJKL'], usage],
    [['retention', 'release', 'segeberg', 'ABCD-EFGH', '--reason', 'tax-law'], usage],
    [['retention', 'hold', 'segeberg', 'ABCD-EFGH', '--json'], usage],
    [
      ['retention', 'hold', 'segeberg', 'ABCD-EFGH'],
      'a legal hold needs one of legal-claim, court-order, commercial-law, tax-law',
    ],
    [['retention', 'hold', 'segeberg', 'ABCD-EFGH', '--reason', 'because'], 'a legal hold needs one of legal-claim'],
    [
      ['retention', 'hold', 'segeberg', 'O0I1', '--reason', 'tax-law'],
      'O0I1 is no reference; one looks like ABCD-EFGH',
    ],
    [
      ['retention', 'hold', 'nowhere', 'ABCD-EFGH', '--reason', 'tax-law'],
      'there are: duesseldorf, musterstadt, segeberg, viersen',
    ],
  ])('say which are right, before any database is opened: %j', async (args, words) => {
    const { code, err, out } = await runHere(args, { DATA_DIR: folder, DATABASE_URL: 'postgres://nobody.invalid/x' })
    expect(err).toContain(words)
    expect([code, out]).toEqual([2, ''])
  })

  test('help names every way', async () => {
    const { code, out } = await runHere(['retention', '--help'])
    expect(code).toBe(0)
    for (const way of [
      'retention run',
      'retention status',
      'retention hold',
      'retention release',
      '--reason legal-claim',
    ])
      expect(out).toContain(way)
  })
})

describe('an operator', () => {
  let data: DataDir
  let tenants: ReturnType<typeof copyTenants>
  let port: number
  const environment = () => ({ DATA_DIR: data.path, PORT: String(port), TENANTS_DIR: tenants.dir })
  const retention = (...args: string[]) => runHere(['retention', ...args], environment())
  beforeAll(async () => {
    data = await aDataDir()
    tenants = copyTenants()
    port = await freePort()
  })
  afterEach(endAllServers)
  afterAll(async () => {
    tenants[Symbol.dispose]()
    await data.remove()
  })

  test('sees what is stored, holds one booking, and lets it go; the rest is erased without them', async () => {
    const metricsPort = await freePort()
    const server = await startServer({ ...environment(), METRICS_PORT: String(metricsPort) })
    const who = personAt(port)
    const { booked, manage } = await bookAppointment(who, { fields: { 'f.email': '' } })
    await bookAppointment(who, { fields: { 'f.email': '' } })
    const reference = referenceOn(booked.text)

    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(text).toContain('anlaufstelle_records_stored{tenant="segeberg",activity="appointments.booking"} 5')
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404)

    const before = await retention('status', '--json')
    expect([before.code, before.err]).toEqual([0, ''])
    expect(JSON.parse(before.out)).toEqual([
      expect.objectContaining({
        tenant: 'segeberg',
        activity: 'appointments.booking',
        stored: 2,
        due: 0,
        overdue: 0,
        held: 0,
        restricted: 0,
        oldestDue: null,
        nextDue: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:]+Z$/),
      }),
    ])
    expect((await retention('status', '--tenant', 'musterstadt')).out).toBe('Nothing is stored.\n')
    expect(await retention('status', '--tenant', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no tenant nowhere; there are: musterstadt, segeberg'),
    })

    // As somebody reads it out over the phone.
    const spoken = reference.toLowerCase().replace('-', ' ')
    const held = await run(['retention', 'hold', 'segeberg', spoken, '--reason', 'court-order'], environment())
    expect(held).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`${reference} is held (court-order)`) })
    const twice = await retention('hold', 'segeberg', reference, '--reason', 'tax-law')
    expect([twice.code, twice.out]).toEqual([1, ''])
    expect(twice.err).toMatch(/is held already, since 20\S+ \(court-order\); nothing was changed/)
    const other = await retention('hold', 'musterstadt', reference, '--reason', 'tax-law')
    expect([other.code, other.err]).toEqual([1, expect.stringContaining(`musterstadt has nothing under ${reference}`)])

    expect((await runHere(['demo', 'clock', '+60d'], environment())).out).toContain(
      'erased 1 of appointments.booking by rule after',
    )
    expect((await who.open(manage)).status).toBe(410)
    expect(await retention('run')).toMatchObject({ code: 0, out: 'Nothing is due.\n', err: '' })
    expect(await retention('run', '--json')).toMatchObject({ code: 0, out: '[]\n', err: '' })
    const status = await retention('status')
    expect([status.code, status.err]).toEqual([0, ''])
    expect(status.out).toMatch(
      /^segeberg {2}appointments\.booking {2}stored 1 {2}due 0 {2}overdue 0 {2}held 1, restricted 1 {2}oldest due none {2}next due none\n$/,
    )

    const released = await retention('release', 'segeberg', reference)
    expect(released).toMatchObject({
      code: 0,
      err: '',
      out: `${reference} is released and erased at once, by rule after of appointments.booking\n`,
    })
    const again = await retention('release', 'segeberg', reference)
    expect([again.code, again.err]).toEqual([
      1,
      expect.stringContaining('there never was such a record, or it is erased'),
    ])
    expect((await retention('status')).out).toBe('Nothing is stored.\n')
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.heard.err).toBe('')
  })

  test('who finds the worker stopped is told what is overdue, erases it by hand, once, and sees it in order', async () => {
    await runHere(['demo', 'clock', 'reset'], environment())
    const server = await startServer(environment())
    const { start } = await bookAppointment(personAt(port), { fields: { 'f.email': '' } })
    await bookAppointment(personAt(port), { slug: 'musterstadt', fields: { 'f.email': '' } })
    await bookAppointment(personAt(port), { slug: 'musterstadt', fields: { 'f.email': '' } })
    expect(await server.end('SIGTERM')).toBe(0)
    writeFileSync(join(data.path, 'demo-clock'), 'PT1440H') // time passes while nothing runs
    const late = await retention('status')
    expect(late.code).toBe(1)
    expect(late.out).toMatch(/segeberg {2}appointments\.booking {2}stored 1 {2}due 1 {2}overdue 1 {2}held 0/)
    expect(late.err).toContain('overdue: records of segeberg, due since ')
    expect(late.err).toContain('overdue: access log of musterstadt, due since ')
    expect(Temporal.Instant.compare(start, /oldest due (\S+)/.exec(late.out)?.[1] ?? '')).toBe(-1)
    const one = await retention('run', '--tenant', 'segeberg')
    expect([one.code, one.out]).toEqual([0, 'segeberg: erased 1 of appointments.booking by rule after\n'])
    expect(await retention('status', '--tenant', 'segeberg')).toMatchObject({ code: 0, err: '' })
    expect((await retention('status')).code).toBe(1)
    const rest = await retention('run', '--json')
    expect(JSON.parse(rest.out)).toEqual([
      { tenant: 'musterstadt', activity: 'appointments.booking', rule: 'after', count: 2 },
    ])
    expect((await retention('run')).out).toBe('Nothing is due.\n')
    expect(await retention('status')).toMatchObject({ code: 0, err: '', out: 'Nothing is stored.\n' })
    writeFileSync(join(data.path, 'demo-clock'), 'PT10000H') // what stays behind a record has its end, too
    expect((await retention('status')).err).toContain('overdue: page counts of segeberg, due since ')
    expect((await retention('run')).code).toBe(0)
    // Only a worker writes the ledger's file, and there has been none since.
    const { err } = await retention('status')
    expect(
      err
        .split('\n')
        .filter(Boolean)
        .map((line) => /^overdue: (.*), due since /.exec(line)?.[1])
        .sort(),
    ).toEqual(['erasure ledger of musterstadt', 'erasure ledger of segeberg'])
  })
})

describe('runs', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation({ withoutWorker: true })
  })
  afterAll(() => installation.close())

  test('at the same time share the work, count nothing twice, and leave nothing; one more finds nothing', async () => {
    const { db, vault, clock, register } = installation.deps
    const tenantId = register.running.get('segeberg')?.tenant.id ?? ''
    const records = 5000
    await db.inTenant(tenantId, async (tx) => {
      for (let i = 0; i < records; i++)
        await vault.put(
          tx,
          'rights.code',
          { email: `${i}@example.org`, code: '12345678', language: 'de' },
          { 'code.created': clock() },
        )
    })
    installation.time.move('PT1H')
    const together = () => Promise.all(Array.from({ length: 4 }, () => eraseDue(installation.deps, tenantId)))
    const runs = await together()
    const counts = runs.map((erased) => erased.reduce((sum, { count }) => sum + count, 0))
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(records)
    expect(counts.filter((n) => n > 0).length).toBeGreaterThan(1)
    const { rows } = await installation.admin.query(
      `select count(*)::int n, count(distinct erased)::int ids from vault.erasure, unnest(record_ids) erased`,
    )
    expect(rows).toEqual([{ n: records, ids: records }])
    expect((await installation.admin.query('select from vault.record')).rowCount).toBe(0)
    expect(await together()).toEqual([[], [], [], []])
  })
})
