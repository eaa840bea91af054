import type { Context } from '#features/feature.ts'
import { page } from '#features/page.tsx'
import { lookedAt, reasonInWords } from '#features/record.tsx'
import { routes as rights } from '#features/rights/routes.ts'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import { ButtonLink, Heading, Lead, List, PageTitle, Panel, Paragraph } from '#platform/ui/components.tsx'
import type { Own } from '../../own/own.ts'
import type { Issued } from '../../receipts/receipt.ts'
import { routes } from '../../routes.ts'
import { activityId, type Ending, endingOf } from '../../scene.ts'
import { Proof } from '../receipts/view.proof.tsx'

/* What people see when an appointment is over: ended by them, gone, or begun. */

/** After the erasure: what happened, and that nothing is left; under a legal hold, that the data are kept, and why. */
export const erasedPage = (
  context: Context,
  { record }: Own,
  what: 'cancel' | Ending,
  { mailed, restricted, receipt }: { mailed: boolean; restricted: boolean; receipt: Issued | null },
): Response => {
  const { t, place } = context
  const reason = record.legalHold && reasonInWords(context, record.legalHold)
  return page(context, {
    about: activityId,
    title: t(`appointments.${what}.done`),
    sibling: (at) => website.start.href(at, {}),
    body: (
      <>
        <Panel title={t(`appointments.${what}.done`)}>
          <p>
            {restricted ? t('appointments.restricted', { reason: reason ?? '' }) : t(`appointments.${what}.doneText`)}
          </p>
        </Panel>
        {restricted && record.fields.email && (
          <Paragraph>
            <a href={rights.data.href(place, {})}>{t('appointments.restrictedSee')}</a>
          </Paragraph>
        )}
        {mailed && <Paragraph>{t('appointments.erasedMail')}</Paragraph>}
        {receipt && (
          <>
            <Heading>{t('appointments.receipts.title')}</Heading>
            <Paragraph>{t('appointments.receipts.keepNow')}</Paragraph>
            <Proof context={context} issued={receipt} />
          </>
        )}
        <ButtonLink href={routes.services.href(place, {})}>{t('appointments.again')}</ButtonLink>
      </>
    ),
  })
}

/** Two ways to an appointment whose link does not lead there: a code to the mailbox, and the phone. */
const WaysBack = ({ context: { t, place, running } }: { context: Context }) => (
  <>
    <ButtonLink href={routes.find.href(place, {})}>{t('appointments.lost.find')}</ButtonLink>
    <Paragraph>{t('appointments.lost.help', { phone: running.tenant.helpline.phone })}</Paragraph>
  </>
)

/** A link of which too little is left, or that somebody has changed. */
export const damagedPage = (context: Context): Response =>
  page(context, {
    about: activityId,
    title: context.t('appointments.damaged.title'),
    status: 404,
    sibling: (at) => routes.find.href(at, {}),
    body: (
      <>
        <PageTitle>{context.t('appointments.damaged.title')}</PageTitle>
        <Lead>{context.t('appointments.damaged.lead')}</Lead>
        <Paragraph>{context.t('appointments.damaged.text')}</Paragraph>
        <WaysBack context={context} />
      </>
    ),
  })

/** What a link without an appointment shows: never there, cancelled, over, or replaced; which of them, nobody can tell. */
export const gonePage = (context: Context): Response => {
  const { t, running } = context
  return page(context, {
    about: activityId,
    title: t('appointments.gone.title'),
    status: 410,
    sibling: (at) => routes.find.href(at, {}),
    body: (
      <>
        <PageTitle>{t('appointments.gone.title')}</PageTitle>
        <Lead>{t('appointments.gone.lead')}</Lead>
        <List
          items={[
            t(`appointments.gone.${endingOf(running)}`),
            t('appointments.gone.over'),
            t('appointments.gone.replaced'),
            t('appointments.gone.mistyped'),
          ]}
        />
        <WaysBack context={context} />
      </>
    ),
  })
}

type Refused = { title: string; text: string; status: number }

/** Says why something does not go, and leads back to the appointment. */
export const refusedPage = (context: Context, token: string, { title, text, status }: Refused): Response => {
  const { t, place } = context
  return page(context, {
    about: activityId,
    title,
    status,
    stores: [lookedAt(context, activityId)],
    sibling: (at) => routes.manage.href(at, { token }),
    body: (
      <>
        <PageTitle>{title}</PageTitle>
        <Lead>{text}</Lead>
        <ButtonLink href={routes.manage.href(place, { token })}>{t('platform.back')}</ButtonLink>
      </>
    ),
  })
}

/** An appointment that has begun can no longer be moved or cancelled here. */
export const tooLatePage = (context: Context, token: string): Response =>
  refusedPage(context, token, {
    title: context.t('appointments.tooLate.title'),
    text: context.t('appointments.tooLate.text', { phone: context.running.tenant.helpline.phone }),
    status: 409,
  })

/** An appointment that has been moved as often as it can be. */
export const tooOftenPage = (context: Context, token: string): Response =>
  refusedPage(context, token, {
    title: context.t('appointments.tooOften.title'),
    text: context.t('appointments.tooOften.text', { phone: context.running.tenant.helpline.phone }),
    status: 409,
  })
