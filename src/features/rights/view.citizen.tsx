import { activityId as booking } from '#features/appointments/index.ts'
import { routes as appointments } from '#features/appointments/routes.ts'
import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { holdInWords, lookedAt, recordRows } from '#features/record.tsx'
import type { Response } from '#platform/http/response.ts'
import { formatMoment } from '#platform/i18n/format.ts'
import {
  Button,
  ButtonLink,
  Card,
  ErrorSummary,
  Form,
  Heading,
  Lead,
  Notice,
  PageTitle,
  Panel,
  Paragraph,
  SummaryList,
  TextField,
} from '#platform/ui/components.tsx'
import { getActivity, inLanguage } from '#register/register.ts'
import { retentionSentences } from '#register/retention-text.ts'
import type { OpenRecord } from '#vault/index.ts'
import { activityId as codes } from './code.ts'
import { routes } from './routes.ts'

/** What a person came for: to see their data, or to withdraw. */
export type Way = 'data' | 'withdrawal'

const statusOf = { missing: 422, invalid: 422, tooMany: 429 } as const

/** First step: which mailbox. */
export const mailboxPage = (
  context: Context,
  way: Way,
  given: { typed?: string; problem?: keyof typeof statusOf } = {},
): Response => {
  const { t, place, running, language } = context
  const error = given.problem && t(`rights.mailbox.${given.problem}`)
  const action = way === 'data' ? routes.dataCode : routes.withdrawalCode
  return page(context, {
    about: codes,
    title: t(`rights.${way}.title`),
    status: given.problem ? statusOf[given.problem] : 200,
    hasErrors: Boolean(error),
    sibling: (at) => routes[way].href(at, {}),
    stores: retentionSentences(getActivity(running, codes), language),
    body: (
      <>
        <ErrorSummary title={t('fields.summary')} errors={error ? [{ field: 'email', text: error }] : []} />
        <PageTitle>{t(`rights.${way}.title`)}</PageTitle>
        <Lead>{t(`rights.${way}.lead`)}</Lead>
        {way === 'withdrawal' && (
          <Notice title={t('rights.withdrawal.linkTitle')}>
            <p>{t('rights.withdrawal.linkText')}</p>
          </Notice>
        )}
        <Form action={action.href(place, {})} hidden={hidden(context)}>
          <TextField
            name="email"
            type="email"
            inputMode="email"
            autocomplete="email"
            label={t('rights.mailbox.label')}
            hint={t('rights.mailbox.hint')}
            value={given.typed}
            error={error}
          />
          <Button>{t('rights.mailbox.button')}</Button>
        </Form>
        <Paragraph>{t('rights.mailbox.without', { phone: running.tenant.helpline.phone })}</Paragraph>
      </>
    ),
  })
}

/** Second step: the code. Says the same whether or not the mailbox is known. */
export const codePage = (
  context: Context,
  way: Way,
  asked: { id: string; email: string; wrong?: boolean },
): Response => {
  const { t, place, running, language } = context
  const action = way === 'data' ? routes.dataShow : routes.withdrawalShow
  const error = asked.wrong ? t('rights.code.wrong') : undefined
  return page(context, {
    about: codes,
    title: t('rights.code.title'),
    status: asked.wrong ? 422 : 200,
    hasErrors: Boolean(error),
    sibling: (at) => routes[way].href(at, {}),
    stores: retentionSentences(getActivity(running, codes), language),
    body: (
      <>
        <ErrorSummary title={t('fields.summary')} errors={error ? [{ field: 'code', text: error }] : []} />
        <PageTitle>{t('rights.code.title')}</PageTitle>
        <Lead>{t('rights.code.lead')}</Lead>
        <Form action={action.href(place, {})} hidden={hidden(context, { vorgang: asked.id, email: asked.email })}>
          <TextField
            name="code"
            inputMode="numeric"
            autocomplete="one-time-code"
            width="medium"
            label={t('rights.code.label')}
            hint={t('rights.code.hint')}
            error={error}
          />
          <Button>{t('common.next')}</Button>
        </Form>
        <Paragraph>
          <a href={routes[way].href(place, {})}>{t('rights.code.again')}</a>
        </Paragraph>
      </>
    ),
  })
}

/** Access, Art. 15 GDPR: every record, field by field, with its end. */
export const dataPage = (context: Context, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place, running, language } = context
  return page(context, {
    about: booking,
    title: t('rights.data.found'),
    sibling: (at) => routes.data.href(at, {}),
    stores: records.length > 0 ? [lookedAt(context, booking)] : [],
    body: (
      <>
        <PageTitle>{t('rights.data.found')}</PageTitle>
        {records.length === 0 && <Lead>{t('rights.data.none')}</Lead>}
        {records.map((record) => (
          <section key={record.id}>
            <Heading>{inLanguage(getActivity(running, record.activity).title, language)}</Heading>
            {record.due && (
              <Paragraph>
                {holdInWords(context, record) ??
                  t('rights.data.until', { when: formatMoment(record.due.at, language, running.tenant.timeZone) })}
              </Paragraph>
            )}
            <SummaryList rows={recordRows(context, record)} />
          </section>
        ))}
        {records.length > 0 && (
          <Form action={routes.dataExport.href(place, {})} hidden={hidden(context, { nachweis: proof })}>
            <Button variant="secondary">{t('rights.data.export')}</Button>
          </Form>
        )}
        <Paragraph>
          <a href={routes.withdrawal.href(place, {})}>{t('rights.data.toWithdrawal')}</a>
        </Paragraph>
      </>
    ),
  })
}

/** What withdrawing will do, before it is done. */
export const withdrawalPage = (context: Context, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place, running, language } = context
  const bookings = records.filter((record) => record.activity === booking)
  const held = bookings.filter((record) => record.hold !== null).length
  const when = (record: OpenRecord) =>
    formatMoment(Temporal.Instant.from(record.fields.appointmentAt ?? ''), language, running.tenant.timeZone)
  return page(context, {
    about: booking,
    title: t('rights.withdrawal.found'),
    sibling: (at) => routes.withdrawal.href(at, {}),
    stores: bookings.length > 0 ? [lookedAt(context, booking)] : [],
    body: (
      <>
        <PageTitle>{t('rights.withdrawal.found')}</PageTitle>
        {bookings.length === 0 ? (
          <Lead>{t('rights.withdrawal.none')}</Lead>
        ) : (
          <>
            <Lead>{t('rights.withdrawal.effect')}</Lead>
            {held > 0 && <Paragraph>{t('rights.withdrawal.held', { count: held })}</Paragraph>}
            {bookings.map((record) => (
              <Card key={record.id} title={when(record)} icon="calendar">
                <p>{t('rights.withdrawal.reference', { reference: record.fields.reference ?? '' })}</p>
              </Card>
            ))}
            <Form action={routes.withdrawalDo.href(place, {})} hidden={hidden(context, { nachweis: proof })}>
              <Button variant="danger">{t('rights.withdrawal.button')}</Button>
            </Form>
          </>
        )}
      </>
    ),
  })
}

export const withdrawalDonePage = (context: Context, count: { erased: number; restricted: number }): Response => {
  const { t, place } = context
  return page(context, {
    about: codes,
    title: t('rights.withdrawal.done'),
    sibling: (at) => routes.withdrawal.href(at, {}),
    body: (
      <>
        <Panel title={t('rights.withdrawal.done')}>
          <p>{t('rights.withdrawal.doneText', { count: count.erased })}</p>
          {count.restricted > 0 && <p>{t('rights.withdrawal.doneRestricted', { count: count.restricted })}</p>}
        </Panel>
        <Paragraph>{t('rights.withdrawal.again')}</Paragraph>
        <ButtonLink href={appointments.services.href(place, {})}>{t('appointments.again')}</ButtonLink>
      </>
    ),
  })
}

/** The proof of the mailbox is older than a quarter of an hour: ask for a new code. */
export const proofGonePage = (context: Context, way: Way): Response =>
  page(context, {
    about: codes,
    title: context.t('rights.proofGone.title'),
    status: 403,
    sibling: (at) => routes[way].href(at, {}),
    body: (
      <>
        <PageTitle>{context.t('rights.proofGone.title')}</PageTitle>
        <Lead>{context.t('rights.proofGone.text')}</Lead>
        <ButtonLink href={routes[way].href(context.place, {})}>{context.t('rights.mailbox.button')}</ButtonLink>
      </>
    ),
  })
