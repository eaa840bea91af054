import type { Context } from '#features/feature.ts'
import type { Response } from '#platform/http/response.ts'
import { formatMoment } from '#platform/i18n/format.ts'
import { Details, Heading, Paragraph } from '#platform/ui/components.tsx'
import { routes } from '../../routes.ts'
import { boxes, questionPage, SureForm } from './view.sure.tsx'

type Props = {
  context: Context
  token: string
  at: Temporal.Instant | null
  /** Somebody has just asked for one, or still wants one after a move. */
  isMissed: boolean
}

const asks = ({ t, place }: Context, token: string) => ({
  box: boxes.reminder,
  sure: t('appointments.reminder.sure'),
  button: t('appointments.reminder.stop'),
  action: routes.forgetReminder.href(place, { token }),
})

/** Asks once more, after the button was pressed without the tick. */
export const reminderQuestionPage = (context: Context, token: string): Response =>
  questionPage(context, token, {
    ...asks(context, token),
    title: context.t('appointments.reminder.heading'),
    lead: context.t('appointments.reminder.stands'),
    keep: context.t('platform.back'),
    isMissing: true,
    sibling: (at) => routes.manage.href(at, { token }),
  })

/** Says when the reminder comes, and lets the person do without; or why none comes. */
export const ReminderPart = ({ context, token, at, isMissed }: Props) => {
  const { t, language, running } = context
  if (at === null && isMissed) return <Paragraph>{t('appointments.reminder.tooNear')}</Paragraph>
  return at === null ? null : (
    <>
      <Heading>{t('appointments.reminder.heading')}</Heading>
      <Paragraph>
        {t('appointments.reminder.text', { when: formatMoment(at, language, running.tenant.timeZone) })}
      </Paragraph>
      <Details summary={t('appointments.reminder.stop')}>
        <SureForm context={context} variant="secondary" {...asks(context, token)} />
      </Details>
    </>
  )
}
