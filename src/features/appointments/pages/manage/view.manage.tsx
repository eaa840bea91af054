import type { VNode } from 'preact'
import type { Context } from '#features/feature.ts'
import type { Missing } from '#features/mail/index.ts'
import { page } from '#features/page.tsx'
import { legalHoldInWords, lookedAt, reasonInWords, recordRows } from '#features/record.tsx'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import { formatMoment } from '#platform/i18n/format.ts'
import {
  ButtonLink,
  Buttons,
  Callout,
  Heading,
  Lead,
  List,
  PageTitle,
  Panel,
  Paragraph,
  Reference,
  SummaryList,
  type SummaryRow,
} from '#platform/ui/components.tsx'
import { PrintButton } from '#platform/ui/form.tsx'
import { getActivity } from '#register/register.ts'
import { remainsSentence, retentionSentences } from '#register/retention-text.ts'
import { decideMove } from '../../appointment.ts'
import type { Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { activityId, type Ending, endingOf } from '../../scene.ts'
import { placeInWords, servicesInWords, whenInWords } from '../../words.ts'
import { durationRow, NextSteps } from './view.day.tsx'
import { Displaced } from './view.displaced.tsx'
import { KeepLink, NewLink } from './view.keep-link.tsx'
import { questionPage } from './view.sure.tsx'

const factRows = (context: Context, { appointment }: Own): SummaryRow[] => {
  const { t, language } = context
  return [
    { label: t('appointments.when'), value: whenInWords(context, appointment.startsAt) },
    { label: t('appointments.service'), value: servicesInWords(context, appointment.serviceIds) },
    { label: t('appointments.place'), value: placeInWords(context, appointment, language) },
  ]
}

const referenceRow = ({ t }: Context, { record }: Own): SummaryRow => ({
  label: t('appointments.reference'),
  value: <Reference>{record.fields.reference}</Reference>,
})

/** Until when the record is stored, or why beyond that; nothing while no period runs. */
const endInWords = (context: Context, { record }: Own): string[] => {
  const { t, language, running } = context
  const held = legalHoldInWords(context, record)
  if (held !== null) return [held]
  if (record.due === null) return []
  return [t('appointments.stored.until', { when: formatMoment(record.due.at, language, running.tenant.timeZone) })]
}

/** What the page of an appointment has besides; null where there is nothing to say. */
type Content = {
  /** Times to choose from where its own is closed; null where it stands. */
  free: readonly Temporal.Instant[] | null
  just: 'booked' | 'moved' | undefined
  /** Where the last mail about it is; null where it has arrived, or none was sent. */
  missing: Missing | null
  news: VNode | null
  reminder: VNode | null
  earlier: VNode | null
}

/** That the mail about it did not arrive, or may not have: the link is on this page, and nowhere else for sure. */
const NotArrived = ({ context: { t }, own, missing }: { context: Context; own: Own; missing: Missing }): VNode => (
  <Callout title={t(`appointments.manage.notArrived.${missing}.title`)}>
    <p>
      {t(`appointments.manage.notArrived.${missing}.text`)} <bdi>{own.record.fields.email}</bdi>
    </p>
    <p>{t('appointments.manage.notArrived.keep')}</p>
  </Callout>
)

type Shown = Pick<Content, 'just' | 'free' | 'missing'> & { context: Context; own: Own; token: string; isOver: boolean }

/** What the page says first: what has just been done, and where the mail about it is. */
const Beginning = ({ context, own, just, missing, isOver }: Shown): VNode | null => {
  if (missing && !isOver) return <NotArrived context={context} own={own} missing={missing} />
  if (!just) return null
  const words = own.record.fields.email ? 'appointments.manage.mailSent' : 'appointments.manage.noMail'
  return <Lead>{context.t(words)}</Lead>
}

/** What can be done with an appointment that is still to come. Whoever has just booked wants to keep it; whoever comes back
 *  wants to change it. */
const Changes = ({ context: { t, place, now }, own, token, just, free }: Shown): VNode => {
  const canMove = decideMove(own.appointment, now).kind === 'possible'
  const toCalendar = (
    <ButtonLink variant={just ? 'primary' : 'secondary'} href={routes.calendar.href(place, { token })}>
      {t('appointments.manage.calendar')}
    </ButtonLink>
  )
  return (
    <Buttons>
      {just && toCalendar}
      {canMove && (
        <ButtonLink variant={just ? 'secondary' : 'primary'} href={routes.move.href(place, { token })}>
          {t('appointments.manage.move')}
        </ButtonLink>
      )}
      <ButtonLink variant="secondary" href={routes.cancel.href(place, { token })}>
        {t('appointments.manage.cancel')}
      </ButtonLink>
      {!just && !free && toCalendar}
      <PrintButton>{t('appointments.manage.print')}</PrintButton>
    </Buttons>
  )
}

/** What else there is about the appointment. */
const Next = ({ context: { t, place, running }, token }: Pick<Shown, 'context' | 'token'>): VNode => {
  const ending = endingOf(running)
  const link = (name: 'receipt' | 'stored' | Ending, words: string) => (
    <a href={routes[name].href(place, { token })} key={name}>
      {words}
    </a>
  )
  return (
    <>
      <Heading>{t('appointments.manage.nextHeading')}</Heading>
      <List
        items={[
          t('appointments.manage.link'),
          link('receipt', t('appointments.receipts.link')),
          link('stored', t('appointments.manage.stored')),
          link(ending, t(`appointments.manage.${ending}`)),
        ]}
      />
    </>
  )
}

/** The person's appointment: right after booking or moving as a confirmation, later to look at and to change. */
export const managePage = (
  context: Context,
  own: Own,
  token: string,
  { just, free, missing, news, reminder, earlier }: Content,
): Response => {
  const { t, now } = context
  const isOver = Temporal.Instant.compare(now, own.appointment.startsAt) >= 0
  const title = t(just ? `appointments.manage.${just}` : 'appointments.manage.title')
  const shown = { context, own, token, just, free, missing, isOver }
  const isMailed = Boolean(own.record.fields.email) && !missing
  const [when, ...others] = factRows(context, own)
  const rows = [
    ...(when ? [when] : []),
    durationRow(context, own),
    ...others,
    ...(just ? [] : [referenceRow(context, own)]),
  ]
  return page(context, {
    about: activityId,
    title,
    stores: [...endInWords(context, own), lookedAt(context, activityId)],
    body: (
      <>
        {just ? (
          <Panel title={title} label={t('appointments.reference')} reference={own.record.fields.reference ?? ''} />
        ) : (
          <PageTitle>{title}</PageTitle>
        )}
        {news}
        <NewLink context={context} />
        <Beginning {...shown} />
        <SummaryList rows={rows} />
        {(just || !isMailed) && <KeepLink context={context} token={token} folded={isMailed} />}
        {!isOver && free && <Displaced context={context} own={own} token={token} free={free} />}
        {isOver ? (
          <Callout title={t('appointments.manage.over')}>
            <p>{t('appointments.manage.overText')}</p>
          </Callout>
        ) : (
          <Changes {...shown} />
        )}
        {!isOver && !free && <NextSteps context={context} own={own} />}
        {reminder}
        {earlier}
        <Next context={context} token={token} />
      </>
    ),
  })
}

/** Asks before something that cannot be taken back, and says what it does. `isMissing`: it was sent without the tick. */
export const confirmPage = (
  context: Context,
  own: Own,
  token: string,
  what: 'cancel' | Ending,
  isMissing = false,
): Response => {
  const { t, place } = context
  return questionPage(context, token, {
    title: t(`appointments.${what}.title`),
    lead: own.record.legalHold
      ? t(`appointments.${what}.leadHeld`, { reason: reasonInWords(context, own.record.legalHold) })
      : t(`appointments.${what}.lead`),
    rows: [...factRows(context, own), referenceRow(context, own)],
    sure: t(`appointments.${what}.sure`),
    button: t(`appointments.${what}.button`),
    variant: 'danger',
    action: routes[what].href(place, { token }),
    keep: t('appointments.keep'),
    isMissing,
  })
}

/** The time of an appointment and the one it would have instead: "from", "to", and where. */
export const changeRows = (context: Context, own: Own, startsAt: Temporal.Instant, to: string): SummaryRow[] => {
  const { t, language } = context
  return [
    { label: t('appointments.waiting.yourTime'), value: whenInWords(context, own.appointment.startsAt) },
    { label: to, value: whenInWords(context, startsAt) },
    { label: t('appointments.place'), value: placeInWords(context, own.appointment, language) },
  ]
}

/** Asks before the time of an appointment is given up for another. The address of the page names that, so that it can be
 *  opened again. `days`: of the list that it was chosen from, and that "back" leads to. */
export const moveQuestionPage = (
  context: Context,
  own: Own,
  token: string,
  { startsAt, isMissing, days }: { startsAt: Temporal.Instant; isMissing: boolean; days: Record<string, string> },
): Response => {
  const { t, place } = context
  const chosen = { beginn: startsAt.toString(), ...days }
  return questionPage(context, token, {
    title: t('appointments.moving.title'),
    lead: t('appointments.moving.lead'),
    rows: changeRows(context, own, startsAt, t('appointments.moving.to')),
    sure: t('appointments.moving.sure'),
    button: t('appointments.times.moveButton'),
    action: routes.move.href(place, { token }),
    carried: chosen,
    keep: t('appointments.moving.keep'),
    isMissing,
    back: routes.move.href(place, { token }, days),
    sibling: (at) => routes.move.href(at, { token }, chosen),
  })
}

/** "What is stored about you, and until when." */
export const storedPage = (context: Context, own: Own, token: string): Response => {
  const { t, place, language, running } = context
  const ending = endingOf(running)
  const activity = getActivity(running, activityId)
  const ofMails = getActivity(running, 'mail.delivery').remains.filter(({ id }) => id !== 'ledger')
  const remaining = [...activity.remains, ...ofMails]
  return page(context, {
    about: activityId,
    title: t('appointments.stored.title'),
    stores: [lookedAt(context, activityId)],
    back: { text: t('platform.back'), href: routes.manage.href(place, { token }) },
    body: (
      <>
        <PageTitle>{t('appointments.stored.title')}</PageTitle>
        {endInWords(context, own).map((sentence) => (
          <Lead key={sentence}>{sentence}</Lead>
        ))}
        {own.record.legalHold ? null : <List items={retentionSentences(activity, language)} />}
        <SummaryList rows={recordRows(context, own.record)} />
        <Paragraph>{t('appointments.stored.proof')}</Paragraph>
        <List items={remaining.map((one) => remainsSentence(one, language))} />
        <Paragraph>
          <a href={routes[ending].href(place, { token })}>{t(`appointments.manage.${ending}`)}</a>
        </Paragraph>
        <Paragraph>
          <a href={website.notice.href(place, {})}>{t('platform.noticeLink')}</a>
        </Paragraph>
      </>
    ),
  })
}
