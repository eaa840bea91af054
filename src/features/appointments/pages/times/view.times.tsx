import type { Context } from '#features/feature.ts'
import { hidden, journeyForm, page } from '#features/page.tsx'
import { lookedAt } from '#features/record.tsx'
import type { Response } from '#platform/http/response.ts'
import type { Place } from '#platform/http/routes.ts'
import { formatDay } from '#platform/i18n/format.ts'
import {
  Button,
  ButtonLink,
  Buttons,
  Callout,
  ErrorSummary,
  Form,
  Lead,
  PageTitle,
  type SlotDay,
  SlotList,
  Steps,
} from '#platform/ui/components.tsx'
import type { FreeStarts } from '../../booking/times.ts'
import { type Concern, concernFields } from '../../concern.ts'
import { activityId } from '../../scene.ts'
import { bookableOf } from '../../tenant.ts'
import { servicesInWords, timeToChoose, whenInWords } from '../../words.ts'

/* The choice of a day and a time: a step of the way to an appointment, and all there is to moving one. */

/** Pages of the way to an appointment. */
const total = 5

export const step = (context: Context, current: number) => (
  <Steps current={current} total={total} label={context.t('appointments.step', { current, total })} />
)

export type Times = FreeStarts & {
  concern: Concern
  /** Where choosing leads: to a hold, or to moving an appointment. */
  action: string
  hrefFor: (day: Temporal.PlainDate) => string
  /** The month of a day, at a glance. */
  hrefOfMonth: (day: Temporal.PlainDate) => string
  carried?: Record<string, string>
  problem?: (typeof timeProblems)[number]
  /** What this browser has begun with the same matter: to go on with, or to keep what was typed and take another time. */
  begun?: { startsAt: Temporal.Instant; href: string; hrefOther: string } | undefined
  /** The time that is moved, if one is booked already. */
  movingFrom?: Temporal.Instant
  back: string
  sibling?: (place: Place) => string
  resend?: (place: Place) => string
}

const slotDays = (context: Context, starts: readonly Temporal.Instant[]): SlotDay[] => {
  const zone = context.running.tenant.timeZone
  const days = Map.groupBy(starts, (start) => formatDay(start, context.language, zone))
  return [...days].map(([label, slots]) => ({
    label,
    slots: slots.map((start) => ({ value: start.toString(), label: timeToChoose(context, start, context.language) })),
  }))
}

const german = new Set(['Europe/Berlin', 'Europe/Busingen'])

/** By which clock the times are meant, for those who look at them from elsewhere. */
const whoseClock = ({ t, running: { tenant } }: Context): string =>
  german.has(tenant.timeZone)
    ? t('appointments.times.local')
    : t('appointments.times.localElsewhere', { zone: tenant.timeZone })

/** How a choice is sent: a hold by POST; a move by GET, to the page that asks first. `gewaehlt`: the form was sent, whether
 *  something was chosen in it or not. */
const sending = (context: Context, { concern, carried, movingFrom, action }: Times) =>
  movingFrom
    ? { action, method: 'get' as const, hidden: { ...carried, gewaehlt: 'ja' } }
    : { action, hidden: hidden(context, { ...concernFields(concern), ...carried }) }

/** Whoever just wants to come soon need not look any further. */
const NextFree = ({ context, times, next }: { context: Context; times: Times; next: Temporal.Instant }) => {
  const sent = sending(context, times)
  return (
    <Callout title={context.t('appointments.times.next')} icon="calendar">
      <Form {...sent} hidden={{ ...sent.hidden, beginn: next.toString() }}>
        <p>
          <strong>{whenInWords(context, next)}</strong>
        </p>
        <Button variant="secondary">
          {context.t(times.movingFrom ? 'appointments.times.nextMove' : 'appointments.times.nextTake')}
        </Button>
      </Form>
    </Callout>
  )
}

/** A day of those on the page. */
const shownDay = ({ running, now }: Context, { starts, next }: Times): Temporal.PlainDate =>
  (starts[0] ?? next ?? now).toZonedDateTimeISO(running.tenant.timeZone).toPlainDate()

/** A time that is not offered mostly lies too near: how near one may be is said with it. */
const problemInWords = ({ t, running }: Context, problem: NonNullable<Times['problem']>): string => {
  const { leadHours = 0, leadOpeningHours = 0 } = bookableOf(running).booking
  const tooNear = problem === 'notOffered'
  return [
    t(`appointments.times.${problem}`),
    ...(tooNear && leadHours > 0 ? [t('appointments.times.leadHours', { count: leadHours })] : []),
    ...(tooNear && leadOpeningHours > 0 ? [t('appointments.times.leadOpeningHours', { count: leadOpeningHours })] : []),
  ].join(' ')
}

const statusOf = {
  missing: 422,
  taken: 409,
  cancelled: 409,
  notOffered: 409,
  tooMany: 429,
  tooManyOfDay: 429,
  tooManyBooked: 429,
} as const

/** Why the list of times is shown again. */
export const timeProblems = Object.keys(statusOf) as readonly (keyof typeof statusOf)[]

/** Whoever came back to the list has begun already. */
const Begun = ({ context, begun }: { context: Context; begun: NonNullable<Times['begun']> }) => (
  <Callout title={context.t('appointments.begun.title')} icon="calendar">
    <p>
      <strong>{whenInWords(context, begun.startsAt)}</strong>
    </p>
    <Buttons>
      <ButtonLink variant="secondary" href={begun.href}>
        {context.t('appointments.begun.goOn')}
      </ButtonLink>
      <ButtonLink variant="secondary" href={begun.hrefOther}>
        {context.t('appointments.begun.other')}
      </ButtonLink>
    </Buttons>
  </Callout>
)

export const timesPage = (context: Context, times: Times): Response & { kind: 'page' } => {
  const { t } = context
  const problem = times.problem && problemInWords(context, times.problem)
  const title = t(times.movingFrom ? 'appointments.times.moveTitle' : 'appointments.times.title')
  const days = slotDays(context, times.starts)
  return page(context, {
    about: activityId,
    title,
    status: times.problem ? statusOf[times.problem] : 200,
    hasErrors: Boolean(problem),
    back: { text: t('platform.back'), href: times.back },
    ...(times.movingFrom ? { stores: [lookedAt(context, activityId)] } : {}),
    ...(times.sibling ? { sibling: times.sibling } : {}),
    ...(times.resend && times.starts.length > 0 ? { resend: times.resend } : {}),
    body: (
      <>
        <ErrorSummary
          title={t('features.fields.summary')}
          errors={problem ? [{ ...(days.length ? { field: 'beginn' } : {}), text: problem }] : []}
        />
        {!times.movingFrom && step(context, 2)}
        <PageTitle
          caption={servicesInWords(
            context,
            times.concern.services.map(({ id }) => id),
          )}
        >
          {title}
        </PageTitle>
        {times.movingFrom && (
          <Lead>{t('appointments.times.movingFrom', { when: whenInWords(context, times.movingFrom) })}</Lead>
        )}
        {times.begun && <Begun context={context} begun={times.begun} />}
        {times.next && <NextFree context={context} times={times} next={times.next} />}
        {days.length === 0 ? (
          <Callout kind="warning" title={t('appointments.times.none')}>
            <p>{t('appointments.times.noneText', { phone: context.running.tenant.helpline.phone })}</p>
          </Callout>
        ) : (
          <Form id={journeyForm} {...sending(context, times)}>
            <SlotList
              name="beginn"
              legend={t('appointments.times.legend')}
              hint={`${t('appointments.times.hint', { count: times.concern.minutes })} ${whoseClock(context)}`}
              error={problem}
              days={days}
            />
            <Button>{t('platform.next')}</Button>
          </Form>
        )}
        {(times.earlier || times.later || times.next) && (
          <nav aria-label={t('appointments.times.otherDays')}>
            <Buttons>
              {times.earlier && (
                <ButtonLink variant="secondary" href={times.hrefFor(times.earlier)}>
                  {t('appointments.times.earlier')}
                </ButtonLink>
              )}
              {times.later && (
                <ButtonLink variant="secondary" href={times.hrefFor(times.later)}>
                  {t('appointments.times.later')}
                </ButtonLink>
              )}
              <ButtonLink variant="secondary" href={times.hrefOfMonth(shownDay(context, times))}>
                {t('appointments.times.month')}
              </ButtonLink>
            </Buttons>
          </nav>
        )}
      </>
    ),
  })
}
