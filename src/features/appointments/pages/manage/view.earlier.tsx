import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { lookedAt } from '#features/record.tsx'
import type { Response } from '#platform/http/response.ts'
import {
  Button,
  ButtonLink,
  Callout,
  Details,
  ErrorSummary,
  Form,
  Heading,
  Lead,
  List,
  PageTitle,
  Paragraph,
  Radios,
  SummaryList,
} from '#platform/ui/components.tsx'
import { decideMove } from '../../appointment.ts'
import type { Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import type { Offer } from '../../waiting/sql.ts'
import type { State } from '../../waiting/waiting.ts'
import { momentInWords, whenInWords } from '../../words.ts'
import { isJust } from './just.ts'
import { changeRows } from './view.manage.tsx'
import { refusedPage } from './view.over.tsx'
import { boxes, questionPage, SureForm } from './view.sure.tsx'

type PartProps = { context: Context; own: Own; token: string; state: State }

const canMove = ({ now }: Context, { appointment }: Own): boolean => decideMove(appointment, now).kind === 'possible'

/** What has to be seen first on the page of an appointment: a time is kept, or the list has just been joined or left. */
export const EarlierNews = ({ context, token, state }: Omit<PartProps, 'own'>) => {
  const { t, place } = context
  if (state.kind === 'offered') {
    return (
      <Callout kind="warning" title={t('appointments.waiting.offered')}>
        <p>
          {t('appointments.waiting.offeredText', {
            until: momentInWords(context, state.offer.until, context.language),
          })}
        </p>
        <p>
          <a href={routes.offer.href(place, { token, offer: state.offer.id })}>{t('appointments.waiting.see')}</a>
        </p>
      </Callout>
    )
  }
  if (isJust(context, 'waiting') && state.kind === 'waiting')
    return (
      <Callout kind="success" title={t('appointments.waiting.joined')}>
        <p>{t('appointments.waiting.joinedText')}</p>
      </Callout>
    )
  return isJust(context, 'left') && state.kind === 'possible' ? (
    <Callout title={t('appointments.waiting.left')}>
      <p>{t('appointments.waiting.leftText')}</p>
    </Callout>
  ) : null
}

/** What a form asks that begins a wish for something earlier, or ends it. */
const asksFor = ({ t, place }: Context, token: string, what: 'join' | 'leave') => ({
  box: boxes.earlier,
  sure: t(`appointments.waiting.${what}Sure`),
  button: t(`appointments.waiting.${what}`),
  action: routes[what === 'join' ? 'wish' : 'leave'].href(place, { token }),
})

/** Asks once more, after the button was pressed without the tick. */
export const wishQuestionPage = (context: Context, token: string, what: 'join' | 'leave'): Response =>
  questionPage(context, token, {
    ...asksFor(context, token, what),
    title: context.t('appointments.waiting.heading'),
    lead: context.t(what === 'join' ? 'appointments.waiting.explain' : 'appointments.waiting.waiting'),
    keep: context.t('platform.back'),
    isMissing: true,
    sibling: (at) => routes.manage.href(at, { token }),
  })

/** The part of the page of an appointment that lets somebody wait for something earlier, or stop. */
export const EarlierPart = ({ context, own, token, state }: PartProps) => {
  const { t } = context
  if (state.kind === 'none') return null
  const byThemselves = canMove(context, own) && <Paragraph>{t('appointments.waiting.everybody')}</Paragraph>
  if (state.kind === 'enough') {
    return (
      <>
        <Paragraph>{t('appointments.waiting.enough')}</Paragraph>
        {byThemselves}
      </>
    )
  }
  const waits = state.kind !== 'possible'
  return (
    <>
      <Heading>{t('appointments.waiting.heading')}</Heading>
      {waits ? (
        <Paragraph>{t('appointments.waiting.waiting')}</Paragraph>
      ) : (
        <>
          <Paragraph>{t('appointments.waiting.explain')}</Paragraph>
          {byThemselves}
        </>
      )}
      {waits ? (
        <Details summary={t('appointments.waiting.leave')}>
          <SureForm context={context} variant="secondary" {...asksFor(context, token, 'leave')} />
        </Details>
      ) : (
        <SureForm context={context} variant="secondary" {...asksFor(context, token, 'join')} />
      )}
    </>
  )
}

/** How an offer is answered, as the form sends it. */
export const answers = { accept: 'ja', goOn: 'weiter', stop: 'nein' } as const

/** A time that is kept for somebody: what it would change, until when, and what happens otherwise. Nothing is chosen
 *  beforehand. `isLast`: there are no more to wait for. */
export const offerPage = (
  context: Context,
  own: Own,
  token: string,
  { offer, isLast, isMissing }: { offer: Offer; isLast: boolean; isMissing: boolean },
): Response => {
  const { t, place, language } = context
  const until = momentInWords(context, offer.until, language)
  const kinds = (['accept', 'goOn', 'stop'] as const).filter((kind) => !(isLast && kind === 'goOn'))
  const missing = isMissing ? t('appointments.waiting.offer.missing') : undefined
  return page(context, {
    about: activityId,
    title: t('appointments.waiting.offer.title'),
    status: isMissing ? 422 : 200,
    hasErrors: isMissing,
    stores: [lookedAt(context, activityId)],
    back: { text: t('platform.back'), href: routes.manage.href(place, { token }) },
    body: (
      <>
        <ErrorSummary
          title={t('features.fields.summary')}
          errors={missing ? [{ field: 'antwort', text: missing }] : []}
        />
        <PageTitle>{t('appointments.waiting.offer.title')}</PageTitle>
        <Lead>{t('appointments.waiting.offer.lead', { until })}</Lead>
        <SummaryList rows={changeRows(context, own, offer.startsAt, t('appointments.waiting.newTime'))} />
        <Paragraph>{t('appointments.waiting.offer.otherwise')}</Paragraph>
        <Form action={routes.offer.href(place, { token, offer: offer.id })} hidden={hidden(context)}>
          <Radios
            name="antwort"
            legend={t('appointments.waiting.offer.legend')}
            error={missing}
            options={kinds.map((kind) => ({ value: answers[kind], label: t(`appointments.waiting.offer.${kind}`) }))}
          />
          <Button>{t('appointments.waiting.offer.button')}</Button>
        </Form>
      </>
    ),
  })
}

/** An offer that is over, or was never made to this appointment; which of them, the page does not tell. */
export const lateOfferPage = (
  context: Context,
  own: Own,
  token: string,
  free: readonly Temporal.Instant[],
): Response => {
  const { t, place } = context
  return page(context, {
    about: activityId,
    title: t('appointments.waiting.late.title'),
    status: 410,
    stores: [lookedAt(context, activityId)],
    sibling: (at) => routes.manage.href(at, { token }),
    back: { text: t('platform.back'), href: routes.manage.href(place, { token }) },
    body: (
      <>
        <PageTitle>{t('appointments.waiting.late.title')}</PageTitle>
        <Lead>{t('appointments.waiting.late.text')}</Lead>
        <Paragraph>
          {t('appointments.waiting.late.yours', { when: whenInWords(context, own.appointment.startsAt) })}
        </Paragraph>
        <Heading>{t('appointments.waiting.late.free')}</Heading>
        {free.length === 0 ? (
          <Paragraph>{t('appointments.waiting.late.none')}</Paragraph>
        ) : (
          <>
            <List items={free.map((start) => whenInWords(context, start))} />
            {canMove(context, own) && (
              <ButtonLink href={routes.move.href(place, { token })}>{t('appointments.waiting.late.choose')}</ButtonLink>
            )}
          </>
        )}
      </>
    ),
  })
}

/** Too many wishes from one connection. */
export const tooManyPage = (context: Context, token: string): Response =>
  refusedPage(context, token, {
    title: context.t('appointments.waiting.tooMany.title'),
    text: context.t('appointments.waiting.tooMany.text', { phone: context.running.tenant.helpline.phone }),
    status: 429,
  })
