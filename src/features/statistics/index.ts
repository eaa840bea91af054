import type { Feature, Sweep } from '#features/feature.ts'
import { getActivity } from '#register/register.ts'
import { addViews, deleteViewsBefore } from './sql.ts'

export { listViews } from './sql.ts'

export const activityId = 'web.statistics'

/** Moves what this process has counted into the tenant's numbers, and erases numbers past their time. */
const keepCounts: Sweep['run'] = async (deps, running, now) => {
  const today = now.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate()
  const views = deps.pageCounts.take(running.tenant.slug)
  await deps.db.inTenant(running.tenant.id, async (tx) => {
    if (views.size > 0) await addViews(tx, today, views)
    for (const { period } of getActivity(running, activityId).retention)
      await deleteViewsBefore(tx, today.subtract(Temporal.Duration.from(period)))
  })
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
  sweeps: [{ name: 'statistics', run: keepCounts, onEveryNode: true }],
}
