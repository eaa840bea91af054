import type pg from 'pg'
import { cpuOfPostgres } from './postgres.ts'
import { printTable, say } from './print.ts'
import { openStage, replaced, type Server, tenantId } from './stage.ts'

type Size = { sites: number; desks: number }
const days = 180

/** Segeberg's file with so many sites of so many desks, open like its one site, and a window of so many days. */
const withSites =
  ({ sites, desks }: Size, thursday?: string) =>
  (text: string): string => {
    const wide = replaced(text, /windowDays: \d+/, `windowDays: ${days}`)
    const whole = replaced(wide, 'desks: { public: 4, internal: 1 }', `desks: { public: ${desks - 1}, internal: 1 }`)
    const [site = ''] = /(?<=\nsites:\n)[\s\S]*?(?=\n\w)/.exec(whole) ?? []
    const copies = Array.from({ length: sites }, (_, i) => {
      const copy = replaced(site, 'id: kaltenkirchen', `id: site${i}`)
      return i === 0 && thursday ? replaced(copy, "to: '17:00'", thursday) : copy
    })
    return replaced(whole, site, copies.join('\n'))
  }

type Cost = { node: number; postgres: number | null; written: number }

const written = async (admin: pg.Client): Promise<number> => {
  await admin.query('select pg_stat_force_next_flush()')
  const { rows } = await admin.query<{ n: string }>(
    `select n_tup_ins + n_tup_upd + n_tup_del as n from pg_stat_user_tables where relname = 'cell'`,
  )
  return Number(rows[0]?.n)
}

/** The CPU time of the first plan of a process, and how many rows of cells it wrote. */
const measure = async (admin: pg.Client, server: Server): Promise<Cost> => {
  const postgres = await cpuOfPostgres(admin)
  const [usage, cpu, rows] = [await server.usage(), postgres(), await written(admin)]
  await server.sweep()
  const [after, cpuAfter] = [await server.usage(), postgres()]
  await new Promise((resolve) => setTimeout(resolve, 11_000)) // an idle connection reports its counters after ten seconds
  return {
    node: after.cpuMs - usage.cpuMs,
    postgres: cpu === null || cpuAfter === null ? null : cpuAfter - cpu,
    written: (await written(admin)) - rows,
  }
}

/** What it takes to make half a year of cells on a new database, to find them unchanged, and to change the Thursday of one
 *  site. False if a plan writes rows that need not change. */
const measureOf = async (size: Size): Promise<boolean> => {
  const { sites, desks } = size
  await using stage = await openStage({ servers: 1, edit: withSites(size) })
  const { admin } = stage
  const first = await measure(admin, stage.servers[0] as Server)
  const { rows } = await admin.query<{ cells: string; bytes: string }>(
    `select (select count(*) from cell where tenant_id = $1) as cells, pg_total_relation_size('cell') as bytes`,
    [tenantId],
  )
  const [cells, bytes] = [Number(rows[0]?.cells), Number(rows[0]?.bytes)]
  const unchanged = await measure(admin, await stage.restart(withSites(size)))
  const thursday = await measure(admin, await stage.restart(withSites(size, "to: '16:00'")))

  say(`## materialise: ${sites} × ${desks} desks, ${days} days, CPU milliseconds`)
  say()
  const ms = (value: number | null) => (value === null ? 'not measured here' : value.toFixed(0))
  printTable(
    ['', 'Node', 'PostgreSQL', 'rows written'],
    Object.entries({
      'all cells for the first time': first,
      'unchanged, after a restart': unchanged,
      'one site closes an hour earlier on Thursdays': thursday,
    }).map(([name, cost]) => [name, ms(cost.node), ms(cost.postgres), cost.written.toLocaleString('en')]),
  )
  const perYear = (value: number) => ((value / days) * 365).toLocaleString('en', { maximumFractionDigits: 0 })
  say(
    `${cells.toLocaleString('en')} cells, ${bytes.toLocaleString('en')} bytes with indexes; in a year ${perYear(cells)} and ${perYear(bytes)}`,
  )
  say()
  // While it runs, a step of today may pass by and be cleared away; nothing else is written.
  const passing = 2 * sites * desks
  return unchanged.written <= passing && thursday.written > 0 && thursday.written < cells / sites / 10
}

/** Many sites of a usual size, and one as large as the largest Jobcenters have. */
export const measureMaterialise = async (): Promise<boolean> => {
  const many = await measureOf({ sites: 50, desks: 10 })
  const large = await measureOf({ sites: 1, desks: 200 })
  return many && large
}
