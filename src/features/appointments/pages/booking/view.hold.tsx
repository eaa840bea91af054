import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import type { Response } from '#platform/http/response.ts'
import { formatTime } from '#platform/i18n/format.ts'
import {
  Button,
  ButtonLink,
  Buttons,
  Callout,
  Countdown,
  Form,
  Lead,
  PageTitle,
  Paragraph,
} from '#platform/ui/components.tsx'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { concernInWords, whenInWords, wherever } from '../../words.ts'
import type { Journey, Step } from './way.ts'

/* A journey with its chosen time, and what every page of it says about that time. */

const untilInWords = ({ language, running }: Context, until: Temporal.Instant) =>
  formatTime(until, language, running.tenant.timeZone)

/** The chosen time, on every page that follows. */
export const Chosen = ({ context, journey }: { context: Context; journey: Journey }) => (
  <Callout title={whenInWords(context, journey.startsAt)} level={2}>
    <p>
      {concernInWords(context, journey.concern)} · {wherever(context, journey.concern)}
    </p>
    {journey.heldUntil && (
      <p>{context.t('appointments.hold.until', { time: untilInWords(context, journey.heldUntil) })}</p>
    )}
  </Callout>
)

/** Until when the chosen time is kept, counting down where the browser can, and a way to more time. Stands after the
 *  buttons that go on, so that Enter never means this one. */
export const HoldNote = ({ context, journey, step }: { context: Context; journey: Journey; step: Step }) => {
  const { t, now, place } = context
  const { heldUntil, mayExtend, isExtended } = journey
  if (!heldUntil) return <Paragraph>{t('appointments.hold.over')}</Paragraph>
  const time = untilInWords(context, heldUntil)
  return (
    <Countdown
      title={t('appointments.hold.title')}
      seconds={heldUntil.since(now).total('second')}
      left={t('appointments.hold.left')}
      soon={t('appointments.hold.soon')}
      over={t('appointments.hold.over')}
      news={isExtended ? t('appointments.hold.extended', { time }) : undefined}
    >
      <p>{t('appointments.heldUntil', { time })}</p>
      {mayExtend ? (
        <Button variant="secondary" name="schritt" value={step} formAction={routes.extend.href(place, {})}>
          {t('appointments.hold.more')}
        </Button>
      ) : (
        <p>{t('appointments.hold.enough')}</p>
      )}
    </Countdown>
  )
}

/** A way out that leaves nothing behind, on every page of the way. */
export const Discard = ({ context: { t, place } }: { context: Context }) => (
  <Buttons>
    <Button variant="secondary" formAction={routes.discard.href(place, {})}>
      {t('register.notice.ending.discardButton')}
    </Button>
  </Buttons>
)

/** A page of the way, opened or sent again when it has become an appointment. `token`: its capability, where this browser
 *  has kept it. `carried`: what a form sent with it, for whoever wants another appointment with that. */
export const bookedBeforePage = (
  context: Context,
  { token, carried }: { token: string | undefined; carried: Readonly<Record<string, string>> | null },
): Response => {
  const { t, place } = context
  return page(context, {
    about: activityId,
    title: t('appointments.bookedBefore.title'),
    status: carried ? 409 : 410,
    sibling: (at) => routes.services.href(at, {}),
    body: (
      <>
        <PageTitle>{t('appointments.bookedBefore.title')}</PageTitle>
        <Lead>{t(`appointments.bookedBefore.${token ? 'text' : 'textWithoutLink'}`)}</Lead>
        <Buttons>
          {token && (
            <ButtonLink href={routes.manage.href(place, { token })}>{t('appointments.manage.title')}</ButtonLink>
          )}
          {!carried && (
            <ButtonLink variant="secondary" href={routes.services.href(place, {})}>
              {t('appointments.again')}
            </ButtonLink>
          )}
        </Buttons>
        {carried && (
          <Form action={routes.times.href(place, {})} hidden={hidden(context, carried)}>
            <Button variant="secondary">{t('appointments.bookedBefore.again')}</Button>
          </Form>
        )}
      </>
    ),
  })
}

/** A hold that leads nowhere any more, before anything was typed: start again with the time. */
export const holdGonePage = (context: Context): Response =>
  page(context, {
    about: activityId,
    title: context.t('appointments.holdGone.title'),
    status: 410,
    sibling: (place) => routes.services.href(place, {}),
    body: (
      <>
        <PageTitle>{context.t('appointments.holdGone.title')}</PageTitle>
        <Lead>{context.t('appointments.holdGone.text')}</Lead>
        <ButtonLink href={routes.services.href(context.place, {})}>
          {context.t('appointments.holdGone.button')}
        </ButtonLink>
      </>
    ),
  })
