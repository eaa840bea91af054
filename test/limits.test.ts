import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeBackup } from '#apps/backup/backup.ts'
import { features } from '#apps/features.ts'
import { createServer } from '#apps/server.ts'
import { countedBy } from '#platform/limits/limits.ts'
import { dump, findTraces, readFilesBelow } from './helpers/dump.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { eventually, type Installation, publicUrl, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

/* What is counted for limits is personal data for a day. It lies in two tables and nowhere else, and then nowhere at all. */

const address = '198.51.100.77'
const mailbox = 'wanted@example.org'
const evening = '2026-11-23T22:30:00Z'

let installation: Installation
let second: Installation
let folder: string
const values: Record<string, Buffer> = {}
beforeAll(async () => {
  folder = temporaryFolder('counted')
  installation = await startInstallation({ withoutWorker: true, start: evening })
  second = await startInstallation({
    withoutWorker: true,
    start: evening,
    database: installation.database,
    config: { keyFile: installation.config.keyFile },
  })
  for (const each of [installation, second]) await each.app.ready()
})
afterAll(async () => {
  await second.close()
  await installation.close()
  rmSync(folder, { recursive: true })
})

const remember = async (slug: string) => {
  const { rows } = await installation.admin.query('select salt from app.limit_salt where tenant_id = $1', [
    installation.deps.register.running.get(slug)?.tenant.id,
  ])
  const salt = rows[0].salt as Buffer
  values[`salt of ${slug}`] = salt
  values[`caller at ${slug}`] = Buffer.from(countedBy('caller', address)(salt))
  return salt
}

test('while the day lasts, a caller’s and a mailbox’s name lie in one table, their salt in another, and nothing in a backup, log or job', async () => {
  const who = person(installation, { 'x-forwarded-for': address })
  for (const slug of ['segeberg', 'musterstadt']) {
    await bookAppointment(who, { slug })
    const times = await who.open(`/${slug}/termin/zeit?leistung=beratung-vor-ort`)
    await who.send(times, { beginn: who.starts(times)[1] ?? '' })
  }
  await who.send(await who.open('/segeberg/meine-daten'), { email: mailbox })
  const salt = await remember('segeberg')
  await remember('musterstadt')
  values['mailbox at segeberg'] = Buffer.from(countedBy('mailbox', mailbox)(salt))
  expect(values['caller at segeberg']).not.toEqual(values['caller at musterstadt'])

  expect(findTraces(await dump(installation.admin), values).toSorted()).toEqual(
    [
      ...['caller at segeberg', 'caller at musterstadt', 'mailbox at segeberg'].map(
        (name) => `app.limit_place: ${name}`,
      ),
      ...['salt of segeberg', 'salt of musterstadt'].map((name) => `app.limit_salt: ${name}`),
    ].toSorted(),
  )
  const { config, database, deps } = installation
  await makeBackup(
    {
      owner: database.connection,
      connection: database.connection,
      ledger: deps.ledger,
      clock: deps.clock,
      window: 'P30D',
    },
    folder,
  )
  expect([...readFilesBelow(folder).keys()].length).toBeGreaterThan(10)
  expect([...readFilesBelow(folder).keys()].filter((path) => path.includes('limit'))).toEqual([])
  expect(findTraces(readFilesBelow(folder), values)).toEqual([])
  expect(findTraces(readFilesBelow(join(config.dataDir, 'log')), values)).toEqual([])
})

test('/readyz says when they outlive the day by two hours', async () => {
  const ready = () => installation.app.inject('/readyz')
  for (const each of [installation, second]) each.time.set('2026-11-24T00:35:00Z')
  expect((await ready()).body).not.toContain('limits')
  for (const each of [installation, second]) each.time.set('2026-11-24T01:05:00Z')
  const late = await ready()
  expect(late.statusCode).toBe(503)
  expect(late.body).toMatch(/limits of segeberg overdue/)
})

test('when the day is over nothing of them is left, in any table or statistic', async () => {
  await installation.admin.query('analyze')
  await installation.sweep()
  expect(findTraces(await dump(installation.admin), values)).toEqual([])
  const { rows } = await installation.admin.query('select s::text as line from pg_stats s')
  expect(rows.length).toBeGreaterThan(20)
  expect(findTraces(new Map(rows.map(({ line }, i) => [`pg_stats ${i}`, Buffer.from(line)])), values)).toEqual([])
  for (const each of [installation, second]) each.time.move('PT1M') // an answer serves everybody for two seconds
  const { body } = await installation.app.inject('/readyz')
  expect(body).not.toContain('limits')
})

describe('requests of one caller', () => {
  /** The clock has been moved: a server that was not heard of since counts as gone until it is heard again, and each knows
   *  of the other when it has looked once more after that. */
  const noticeEachOther = async () => {
    for (let round = 0; round < 2; round++) {
      for (const each of [installation, second]) each.time.move('PT1S')
      const seen = async () =>
        (
          await installation.admin.query('select count(*)::int n from app.web_node where seen_at = $1', [
            installation.time.clock().toString(),
          ])
        ).rows[0].n
      await eventually(async () => (await seen()) === 2, 'both servers to say that they are there')
    }
  }
  const post = async (server: Installation) =>
    (
      await server.app.inject({
        method: 'POST',
        url: '/segeberg/termin/vormerken',
        headers: { host: new URL(publicUrl).host, 'x-forwarded-for': '198.51.100.78' },
      })
    ).statusCode

  test('are limited together at two servers: each answers half of what one alone would', async () => {
    await noticeEachOther()
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 250 }, (_, i) => post(i % 2 ? second : installation)))
    const seconds = (performance.now() - began) / 1000
    const answered = answers.filter((status) => status !== 429).length
    // A hundred at once and four a second; alone, each would answer as much.
    expect(answered).toBeGreaterThanOrEqual(100)
    expect(answered).toBeLessThanOrEqual(100 + Math.ceil(4 * seconds))
  })

  test('who watches over a server is answered at once, however much is asked from there', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.79' }
    const ask = async (url: string) => installation.app.inject({ url, headers })
    const asked = Array.from({ length: 400 }, () => ask('/segeberg/nirgends'))
    const watch = Array.from({ length: 400 }, () => ask('/healthz'))
    expect(new Set((await Promise.all(watch)).map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect((await ask('/readyz?')).statusCode).not.toBe(429)
    expect((await Promise.all(asked)).map(({ statusCode }) => statusCode)).toContain(429)
  })
})

describe('a proxy that is not trusted', () => {
  test('is told of once, without any address', async () => {
    const warn = vi.fn()
    const config = { ...installation.config, trustedProxies: [] }
    const log = { ...installation.deps.log, warn }
    const app = await createServer({ ...installation.deps, config, log }, features, resolve('dist/client'))
    try {
      const headers = { 'x-forwarded-for': '198.51.100.80' }
      await app.inject('/healthz')
      expect(warn).not.toHaveBeenCalled()
      for (let i = 0; i < 3; i++) await app.inject({ url: '/healthz', headers })
      expect(warn.mock.calls).toEqual([[expect.stringMatching(/^Warning: X-Forwarded-For .*TRUSTED_PROXY/)]])
      expect(warn.mock.calls[0]?.[0]).not.toMatch(/\d/)
    } finally {
      await app.close()
    }
  })

  test('is no other than one that is named', async () => {
    const warn = vi.fn()
    const log = { ...installation.deps.log, warn }
    const app = await createServer({ ...installation.deps, log }, features, resolve('dist/client'))
    try {
      await app.inject({ url: '/healthz', headers: { 'x-forwarded-for': '198.51.100.80' } })
      expect(warn).not.toHaveBeenCalled()
    } finally {
      await app.close()
    }
  })
})
