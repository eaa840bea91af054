import type { Context } from '#features/feature.ts'
import { hidden } from '#features/page.tsx'
import { formatMoment } from '#platform/i18n/format.ts'
import { Button, Form, Heading, Paragraph } from '#platform/ui/components.tsx'
import { routes } from '../routes.ts'

type Props = {
  context: Context
  token: string
  at: Temporal.Instant | null
  /** Somebody has just asked for one, or still wants one after a move. */
  isMissed: boolean
}

/** Says when the reminder comes, and lets the person do without; or why none comes. */
export const ReminderPart = ({ context, token, at, isMissed }: Props) => {
  const { t, place, language, running } = context
  if (at === null && isMissed) return <Paragraph>{t('appointments.reminder.tooNear')}</Paragraph>
  return at === null ? null : (
    <>
      <Heading>{t('appointments.reminder.heading')}</Heading>
      <Paragraph>
        {t('appointments.reminder.text', { when: formatMoment(at, language, running.tenant.timeZone) })}
      </Paragraph>
      <Form action={routes.forgetReminder.href(place, { token })} hidden={hidden(context)}>
        <Button variant="secondary">{t('appointments.reminder.stop')}</Button>
      </Form>
    </>
  )
}
