import type { Duty, Feature, Sweep } from '#features/feature.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { addViews, shorten } from './sql.ts'

export { listViews } from './sql.ts'

export const activityId = 'web.statistics'

const periodsOf = (running: RunningTenant): string[] =>
  getActivity(running, activityId).retention.map(({ period }) => period)

/** Moves what this process has counted into the tenant's numbers. What cannot be stored now is counted on. */
const storeCounts: Sweep['run'] = async (deps, running, now) => {
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
  pages: [],
  sweeps: [{ name: 'statistics', run: storeCounts, onEveryNode: true }],
  duties: [counts],
}
