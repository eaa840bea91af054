import type { Handler } from '#features/feature.ts'
import { redirect } from '#platform/http/response.ts'
import { withOwn } from '../manage/http.manage.ts'
import { routes } from '../routes.ts'
import { stopReminder } from './reminder.ts'

export const stop: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    await stopReminder(tx, context, own)
    return redirect(routes.manage.href(context.place, { token }))
  })
