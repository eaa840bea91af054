import type { Context } from '#features/feature.ts'
import { hidden } from '#features/page.tsx'
import { formatMoment } from '#platform/i18n/format.ts'
import { Button, Form, Heading, Paragraph } from '#platform/ui/components.tsx'
import { routes } from '../routes.ts'

/** Says when the reminder comes, and lets the person do without; nothing where none is to come. */
export const ReminderPart = (props: { context: Context; token: string; at: Temporal.Instant | null }) => {
  const { context, token, at } = props
  const { t, place, language, running } = context
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
