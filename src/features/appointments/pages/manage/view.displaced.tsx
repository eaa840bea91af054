import type { Context } from '#features/feature.ts'
import { Button, Buttons, Callout, Form } from '#platform/ui/components.tsx'
import { inLanguage } from '#register/register.ts'
import { reasonOf } from '../../displaced/displaced.ts'
import type { Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { dayAndTime, markOf } from '../../words.ts'

/** Says that the office is closed at the appointment's time, and offers other times; choosing one leads to the page that asks. */
export const Displaced = (props: { context: Context; own: Own; token: string; free: readonly Temporal.Instant[] }) => {
  const { context, own, token, free } = props
  const { t, language, running, place } = context
  const reason = reasonOf(running, own.appointment)
  const { phone } = running.tenant.helpline
  return (
    <Callout kind="warning" title={t('appointments.displaced.title')}>
      {reason && <p>{t('appointments.displaced.because', { reason: inLanguage(reason, language) })}</p>}
      <p>{free.length > 0 ? t('appointments.displaced.choose') : t('appointments.displaced.none', { phone })}</p>
      {free.length > 0 && (
        <Form action={routes.move.href(place, { token })} method="get">
          <Buttons>
            {free.map((at) => (
              <Button variant="secondary" name="beginn" value={at.toString()} key={at.toString()}>
                {t('appointments.displaced.when', dayAndTime(context, at, language)) + markOf(context, at, language)}
              </Button>
            ))}
          </Buttons>
        </Form>
      )}
    </Callout>
  )
}
