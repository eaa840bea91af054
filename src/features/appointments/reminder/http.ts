import { redirect } from '#platform/http/response.ts'
import type { OwnHandler } from '../manage/guard.ts'
import { boxes, isSure } from '../manage/view.sure.tsx'
import { routes } from '../routes.ts'
import { stopReminder } from './reminder.ts'
import { reminderQuestionPage } from './view.tsx'

export const stop: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  if (!isSure(context, boxes.reminder)) return reminderQuestionPage(context, token)
  await stopReminder(tx, context, own)
  return redirect(routes.manage.href(context.place, { token }))
}
