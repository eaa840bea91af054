import { type KyselyPlugin, RawNode } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db, TenantTx } from '#platform/db/db.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookableOf } from '../../tenant.ts'
import { keepCells } from './keep-cells.ts'

/* A site of 60 desks on a database that has never looked at its tables, as it is when an installation is new. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
  await installation.admin.query('alter table cell set (autovacuum_enabled = off)')
})
afterAll(() => installation.close())

const desks = { public: 59, internal: 1 }
const windowDays = 20

type PlanNode = {
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Join Filter'?: number
  'Rows Removed by Filter'?: number
  Plans?: PlanNode[]
}

/** How many rows a statement's parts took in hand, those that they threw away included. */
const work = (node: PlanNode): number =>
  node['Actual Loops'] *
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)) +
  (node.Plans ?? []).reduce((sum, each) => sum + work(each), 0)

/** Carries out the statements that compare cells with the plan, and notes what PostgreSQL had to do for them. */
const measuring = (given: Db) => {
  const found = { work: 0, statements: 0 }
  const comparing = new Set<unknown>()
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      if (!RawNode.is(node) || !node.sqlFragments[0]?.includes('with open as materialized')) return node
      comparing.add(queryId)
      const [first, ...others] = node.sqlFragments
      return RawNode.create([`explain (analyze, timing off, format json) ${first}`, ...others], node.parameters)
    },
    transformResult: async ({ result, queryId }) => {
      if (!comparing.has(queryId)) return result
      const [row] = result.rows as { 'QUERY PLAN': { Plan: PlanNode }[] }[]
      found.work += work(row?.['QUERY PLAN'][0]?.Plan as PlanNode)
      found.statements++
      return { ...result, rows: [] }
    },
  }
  const db: Db = {
    ...given,
    inTenant: (id, run) =>
      given.inTenant(id, (tx) => run(Object.assign(tx.withPlugin(plugin), { tenantId: id }) as unknown as TenantTx)),
  }
  return { db, found }
}

/** Plans as a program does that has just started. */
const plan = async (db = installation.deps.db) => {
  const running = installation.deps.register.running.get('segeberg')
  if (!running) throw new Error('segeberg does not run')
  const tenant = bookableOf(running)
  const large = {
    ...tenant,
    booking: { ...tenant.booking, windowDays },
    sites: tenant.sites.map((site) => ({ ...site, desks })),
  }
  await keepCells({
    deps: { ...installation.deps, db },
    running: { ...running, tenant: large },
    now: installation.time.clock(),
  })
}
const inCells = async (question: string) =>
  Number((await installation.admin.query(`select ${question} as n from cell where desk_id > 0`)).rows[0].n)

/** As many rows as cells, for each step of the comparison: nothing grows with the square of anything. */
const perCell = 40

test('60 desks get their cells, with so much work for each of them and no more', async () => {
  await installation.admin.query('truncate cell')
  const { db, found } = measuring(installation.deps.db)
  await plan(db)
  const cells = await inCells('count(*)')
  expect(cells).toBeGreaterThan(15_000)
  expect(found.statements).toBeGreaterThan(3)
  expect(found.work).toBeLessThan(perCell * cells)
})

test.each([
  ['knows nothing of the values', 'select'],
  ['has looked at them', 'analyze'],
])(
  'planned once more, half of them taken, it is as little, and nothing is written: PostgreSQL %s',
  async (_, first) => {
    const { admin } = installation
    // Visits of one cell each: more than a site of people can have.
    await admin.query(`
    begin; set local session_replication_role = replica;
    create temporary table given as select c.*, gen_random_uuid() as visit from cell c
      where appointment_id is null and extract(epoch from starts_at)::int / 600 % 2 = 0;
    insert into appointment (tenant_id, id, site_id, desk_id, service_ids, status, starts_at, ends_at, cells)
      select tenant_id, visit, site_id, desk_id, '{x}', 'booked', starts_at, starts_at + interval '10 min', 1 from given;
    update cell set appointment_id = visit, free_from = 'infinity' from given
      where (cell.tenant_id, cell.site_id, cell.desk_id, cell.starts_at) = (given.tenant_id, given.site_id, given.desk_id, given.starts_at);
    drop table given; commit`)
    await admin.query(first)
    const cells = await inCells('count(*)')
    expect(await inCells('count(appointment_id)')).toBeGreaterThan(cells / 3)
    const written = () => inCells(`sum(hashtext(ctid::text || xmin::text || audience))`)
    const before = await written()
    const { db, found } = measuring(installation.deps.db)
    await plan(db)
    expect(found.work).toBeLessThan(perCell * cells)
    await plan()
    expect(await written()).toBe(before)
  },
)
