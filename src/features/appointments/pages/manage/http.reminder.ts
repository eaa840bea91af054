import type { Handler } from '#features/feature.ts'
import { redirect } from '#platform/http/response.ts'
import { stopReminder } from '../../reminder/reminder.ts'
import { routes } from '../../routes.ts'
import { withOwn } from './http.manage.ts'
import { reminderQuestionPage } from './view.reminder.tsx'
import { boxes, isSure } from './view.sure.tsx'

export const stop: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    if (!isSure(context, boxes.reminder)) return reminderQuestionPage(context, token)
    await stopReminder(tx, context, own)
    return redirect(routes.manage.href(context.place, { token }))
  })
