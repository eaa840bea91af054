import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBackup } from '#apps/backup/backup.ts'
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
  for (const each of [installation, second]) each.time.set('2026-11-24T00:40:00Z')
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

describe('requests of one caller by the minute', () => {
  test('are limited together at two servers: at each half of what there would be at one', async () => {
    const post = async (server: Installation) =>
      (
        await server.app.inject({
          method: 'POST',
          url: '/segeberg/termin/vormerken',
          headers: { host: new URL(publicUrl).host, 'x-forwarded-for': '198.51.100.78' },
        })
      ).statusCode
    // The clock has been moved: servers that were not heard of since count as gone until they are heard again.
    const told = async ({ app }: Installation) => String((await app.inject('/segeberg')).headers['x-ratelimit-limit'])
    await eventually(
      async () => (await told(installation)) === '600' && (await told(second)) === '600',
      'both servers to notice each other',
    )
    const answers: number[] = []
    for (let i = 0; i < 250; i++) answers.push(await post(i % 2 ? second : installation))
    expect(answers.filter((status) => status !== 429).length).toBeLessThanOrEqual(240)
    expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0)
  })
})
