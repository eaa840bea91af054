import type { Handler } from '#features/feature.ts'
import { redirect } from '#platform/http/response.ts'
import { withOwn } from '../manage/http.manage.ts'
import { boxes, isSure } from '../manage/view.sure.tsx'
import { routes } from '../routes.ts'
import { stopReminder } from './reminder.ts'
import { reminderQuestionPage } from './view.tsx'

export const stop: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    if (!isSure(context, boxes.reminder)) return reminderQuestionPage(context, token)
    await stopReminder(tx, context, own)
    return redirect(routes.manage.href(context.place, { token }))
  })
