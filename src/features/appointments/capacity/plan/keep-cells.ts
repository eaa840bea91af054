import { holdAfterlife } from '../../appointment.ts'
import { countCells, type Opening, openingsOfDay } from '../../opening.ts'
import type { Scene } from '../../scene.ts'
import type { Site, Tenant } from '../../tenant.ts'
import { bookableOf } from '../../tenant.ts'
import { sweep } from '../sql.ts'
import * as sql from './sql.ts'

const plannedUntil = new WeakMap<object, string>()

/** So many cells go into one statement at most, a day's at least: few statements, and none that runs for long. */
const batchCells = 5_000
const batchDays = 28

type Batch = { from: Temporal.Instant; until: Temporal.Instant; openings: Opening[] }

/** The openings of the days from `today` to the end of the window, in batches for one statement each. */
const planBatches = (today: Temporal.PlainDate, site: Site, tenant: Tenant): Batch[] => {
  const batches: (Batch & { days: number; cells: number })[] = []
  for (let offset = 0; offset <= tenant.booking.windowDays + 1; offset++) {
    const day = today.add({ days: offset })
    const until = day.add({ days: 1 }).toZonedDateTime(tenant.timeZone).toInstant()
    const openings = openingsOfDay(day, site, tenant)
    const cells = countCells(openings, tenant.booking.stepMinutes)
    const last = batches.at(-1)
    if (last && last.days < batchDays && last.cells + cells <= batchCells) {
      last.openings.push(...openings)
      Object.assign(last, { until, days: last.days + 1, cells: last.cells + cells })
    } else {
      batches.push({ from: day.toZonedDateTime(tenant.timeZone).toInstant(), until, openings, days: 1, cells })
    }
  }
  return batches
}

/** A site that is declared no more has none, however far its cells reach. */
const nothingForever = (now: Temporal.Instant): Batch[] =>
  Array.from({ length: Math.ceil((2 * 366) / batchDays) }, (_, i) => ({
    from: now.add({ hours: 24 * batchDays * i }),
    until: now.add({ hours: 24 * batchDays * (i + 1) }),
    openings: [],
  }))

const plan = async (scene: Scene, today: Temporal.PlainDate): Promise<void> => {
  const { deps, running, now } = scene
  const tenant = bookableOf(running)
  const known = await deps.db.inTenant(tenant.id, sql.listSites)
  const sites = new Map<string, readonly Batch[]>(known.map((id) => [id, nothingForever(now)]))
  for (const site of tenant.sites) sites.set(site.id, planBatches(today, site, tenant))
  const faults: unknown[] = []
  for (const [siteId, batches] of sites) await planSite(scene, siteId, batches).catch((error) => faults.push(error))
  // One site's fault keeps no other from its cells; all are planned again at the next sweep.
  if (faults.length > 0) throw faults[0]
}

const planSite = async ({ deps, running, now }: Scene, siteId: string, batches: readonly Batch[]): Promise<void> => {
  const { id, booking } = bookableOf(running)
  const lastDesk = await deps.db.inTenant(id, (tx) => sql.findLastDesk(tx, siteId))
  for (const { from, until, openings } of batches) {
    // What has begun is not planned any more: nobody can book it, and whoever has it keeps it.
    const begins = Temporal.Instant.compare(from, now) > 0 ? from : now.add({ milliseconds: 1 })
    const span = { from: begins, until, stepMinutes: booking.stepMinutes }
    await deps.db.inTenant(id, (tx) => sql.replaceCells(tx, siteId, span, openings, lastDesk))
  }
}

/** Clears away expired holds and what is over, and brings the cells of the coming days in line with the opening hours of
 *  every site. The days are planned once per start and day; `running` is the key, so that changed files are planned
 *  anew. */
export const keepCells = async (scene: Scene): Promise<void> => {
  const { deps, running, now } = scene
  const tenant = bookableOf(running)
  await deps.db.inTenant(tenant.id, (tx) => sweep(tx, now.subtract(holdAfterlife), now))
  const today = now.toZonedDateTimeISO(tenant.timeZone).toPlainDate()
  if (plannedUntil.get(running) === today.toString()) return
  await plan(scene, today)
  plannedUntil.set(running, today.toString())
}
