import type { Deps, Feature } from '#features/feature.ts'
import type { Duty, Sweep } from '#features/work.ts'
import { deleteEndedLimits, firstEndOfLimits } from '#platform/limits/limits.ts'

/** A server that nobody asks anything any more would otherwise keep yesterday's salt in its memory. */
const forget: Sweep<Deps>['run'] = async (deps) => deps.limits.forgetPast()

const ends: Duty = { name: 'limits', keep: deleteEndedLimits, firstDue: firstEndOfLimits }

/** Features take places by `limits` (src/platform/limits); here these end, and the day's salt with them. */
export const limits: Feature = {
  name: 'limits',
  needs: [
    {
      activity: 'web.limits',
      fields: [
        { id: 'callerValue', store: 'scrambled' },
        { id: 'mailboxValue', store: 'scrambled' },
        { id: 'personValue', store: 'scrambled' },
        { id: 'counted', store: 'scrambled' },
      ],
      triggers: ['limit.ended', 'day.ended'],
    },
  ],
  pages: [],
  sweeps: [{ name: 'limits', run: forget, onEveryNode: true }],
  duties: [ends],
}
