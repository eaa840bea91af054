import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { startNode, startWorker } from '#apps/worker.ts'
import { fact } from '#test/helpers/fact.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, erika, person } from '#test/helpers/person.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation()
})
afterAll(() => installation.close())

const counted = async (slug = 'segeberg') => {
  await installation.sweep()
  const { rows } = await installation.admin.query<{ page: string; views: number }>(
    'select page, sum(views)::int as views from page_count where tenant_id = $1 group by page',
    [installation.deps.register.running.get(slug)?.tenant.id],
  )
  return Object.fromEntries(rows.map(({ page, views }) => [page, views]))
}

describe('statistics', () => {
  test('a page view raises a number, and nothing but that is stored', async () => {
    const who = person(installation)
    await counted()
    for (let view = 0; view < 3; view++) await who.open('/segeberg/datenschutz?von=erika')
    await who.open('/segeberg/nirgends')
    const before = await counted()
    expect(before['/segeberg/datenschutz']).toBe(3)
    await who.open('/segeberg/datenschutz')
    expect((await counted())['/segeberg/datenschutz']).toBe(4)
    const { rows } = await installation.admin.query('select * from page_count')
    expect(new Set(rows.flatMap(Object.keys))).toEqual(new Set(['tenant_id', 'day', 'page', 'views', 'erase_at']))
    expect(JSON.stringify(rows)).not.toContain('von=')
  })

  test('no capability and nothing of a person is in it', async () => {
    const booked = await bookAppointment(person(installation))
    await person(installation).open(booked.manage)
    const numbers = JSON.stringify(await counted())
    for (const secret of [booked.token, ...Object.values(erika)]) expect(numbers).not.toContain(secret)
  })

  test('what cannot be stored is not lost, and is there once it can', async () => {
    const before = (await counted())['/segeberg/impressum'] ?? 0
    for (let view = 0; view < 2; view++) await person(installation).open('/segeberg/impressum')
    await installation.admin.query('revoke insert on page_count from anlaufstelle_app')
    try {
      expect((await counted())['/segeberg/impressum'] ?? 0).toBe(before)
      await person(installation).open('/segeberg/impressum')
    } finally {
      await installation.admin.query('grant insert on page_count to anlaufstelle_app')
    }
    expect((await counted())['/segeberg/impressum']).toBe(before + 3)
  })

  test.each([
    ['with a worker', startWorker],
    ['without one', startNode],
  ])('a node %s that stops stores what it has counted', async (_which, begin) => {
    const node = await begin(installation.deps, features)
    const inDatabase = async () =>
      (await installation.admin.query(`select sum(views)::int n from page_count where page = '/segeberg/'`)).rows[0].n
    const before = (await inDatabase()) ?? 0
    await person(installation).open('/segeberg/')
    expect((await inDatabase()) ?? 0).toBe(before)
    await node.stop()
    expect(await inDatabase()).toBe(before + 1)
  })

  test('a view of one tenant is in no other’s numbers', async () => {
    await person(installation).open('/musterstadt/impressum')
    expect((await counted())['/musterstadt/impressum']).toBeUndefined()
    expect((await counted('musterstadt'))['/musterstadt/impressum']).toBe(1)
  })

  test('come from counters: neither more lines of the access log nor none change them, and the role that counts reads no file', async () => {
    const db = installation.deps.db
    const id = installation.deps.register.running.get('segeberg')?.tenant.id ?? ''
    const folder = join(installation.folder, 'log/segeberg')
    const inLog = () =>
      readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').match(/impressum/g) ?? [])
    await fact('SEG-013', installation, async () => {
      const before = (await counted())['/segeberg/impressum'] ?? 0
      await person(installation).open('/segeberg/impressum')
      expect((await counted())['/segeberg/impressum']).toBe(before + 1)
      // Red where numbers are made of lines: with each of these once more, and with none.
      const lines = inLog().length
      for (const name of readdirSync(folder)) appendFileSync(join(folder, name), readFileSync(join(folder, name)))
      expect([inLog().length, (await counted())['/segeberg/impressum']]).toEqual([2 * lines, before + 1])
      await person(installation).open('/segeberg/impressum')
      rmSync(folder, { recursive: true })
      expect((await counted())['/segeberg/impressum']).toBe(before + 2)
      const { rows } = await installation.admin.query('select * from page_count')
      for (const row of rows) expect(Object.keys(row)).toEqual(['tenant_id', 'day', 'page', 'views', 'erase_at'])
      await expect(db.inTenant(id, (tx) => sql`select pg_read_file('/etc/passwd')`.execute(tx))).rejects.toThrow(
        /permission denied/,
      )
    })
  })

  test('numbers are there just before the end of the declared year, and gone after it', async () => {
    await person(installation).open('/segeberg/barrierefreiheit')
    await counted()
    const has = async () => '/segeberg/barrierefreiheit' in (await counted())
    installation.time.move('P1Y')
    expect(await has()).toBe(true)
    installation.time.move('P1D')
    expect(await has()).toBe(false)
  })
})
