import type { Deps, Feature } from '#features/feature.ts'
import type { Duty, Sweep } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { isOver, shownAlone } from '#platform/small-cells.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { addViews, listViews, shorten } from './sql.ts'
import { statisticsTables } from './tables.ts'

export const activityId = 'web.statistics'

const periodsOf = (running: RunningTenant): string[] =>
  getActivity(running, activityId).retention.map(({ period }) => period)

/** Moves what this process has counted into the tenant's numbers. What cannot be stored now is counted on. */
const storeCounts: Sweep<Deps>['run'] = async (deps, running, now) => {
  const { slug, id, timeZone } = running.tenant
  const views = deps.pageCounts.take(slug)
  if (views.size === 0) return
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate()
  try {
    await deps.db.inTenant(id, (tx) => addViews(tx, today, views, { periods: periodsOf(running), timeZone }))
  } catch (error) {
    for (const [page, count] of views) deps.pageCounts.add(slug, page, count)
    throw error
  }
}

/** How often each page was opened in a month. Some pages only somebody with an appointment opens, and on some they do
 *  something: small numbers are null. `gone`: the time of its first days is over, so that it is no whole month any more. */
export type Viewed =
  | { kind: 'known'; pages: { page: string; views: number | null }[] }
  | { kind: 'not-over' }
  | { kind: 'gone' }

/** The views of a month; the only way out for these numbers. */
export const viewedIn = async (
  tx: TenantTx,
  running: RunningTenant,
  month: Temporal.PlainYearMonth,
  now: Temporal.Instant,
): Promise<Viewed> => {
  const today = now.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate()
  if (!isOver(month, today)) return { kind: 'not-over' }
  const ends = periodsOf(running).map((period) => month.toPlainDate({ day: 1 }).add(Temporal.Duration.from(period)))
  if (ends.some((end) => Temporal.PlainDate.compare(end, today) < 0)) return { kind: 'gone' }
  const pages = await listViews(tx, month)
  return { kind: 'known', pages: pages.map(({ page, views }) => ({ page, views: shownAlone(views) })) }
}

/** Erases numbers past their time. */
const counts: Duty = {
  name: 'page counts',
  keep: async (tx, now, running) => {
    if (running) await shorten(tx, { periods: periodsOf(running), timeZone: running.tenant.timeZone })
    await deleteEnded(tx, 'page_count', now)
  },
  firstDue: (tx) => firstEnd(tx, 'page_count'),
}

export const statistics: Feature = {
  name: 'statistics',
  needs: [
    {
      activity: activityId,
      fields: [
        { id: 'page', store: 'count' },
        { id: 'day', store: 'count' },
      ],
      triggers: ['page.counted'],
    },
  ],
  tables: statisticsTables,
  pages: [],
  sweeps: [{ name: 'statistics', run: storeCounts, onEveryNode: true }],
  duties: [counts],
}
