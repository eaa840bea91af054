import { redirect } from '#platform/http/response.ts'
import { stopReminder } from '../../reminder/reminder.ts'
import { routes } from '../../routes.ts'
import type { OwnHandler } from './guard.ts'
import { reminderQuestionPage } from './view.reminder.tsx'
import { boxes, isSure } from './view.sure.tsx'

export const stop: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  if (!isSure(context, boxes.reminder)) return reminderQuestionPage(context, token)
  await stopReminder(tx, context, own)
  return redirect(routes.manage.href(context.place, { token }))
}
