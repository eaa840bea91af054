import { bookable, activityId as booking } from '#features/appointments/index.ts'
import { routes as appointments } from '#features/appointments/routes.ts'
import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { holdInWords, lookedAt, recordRows } from '#features/record.tsx'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import { formatMoment, formatTime } from '#platform/i18n/format.ts'
import {
  Button,
  ButtonLink,
  Card,
  ErrorSummary,
  Form,
  Heading,
  Lead,
  List,
  Notice,
  PageTitle,
  Panel,
  Paragraph,
  SummaryList,
  TextField,
} from '#platform/ui/components.tsx'
import { canObject } from '#register/notice/objection.ts'
import { endingsOf, getActivity, inLanguage, type RunningTenant } from '#register/register.ts'
import { retentionSentences } from '#register/retention-text.ts'
import type { OpenRecord } from '#vault/index.ts'
import { activityId as codes, nextCodeAt } from './code.ts'
import { routes } from './routes.ts'

/** To withdraw a consent, or to have erased what rests on none. */
export type Ending = 'withdrawal' | 'erasure'
/** What a person came for: their appointment, to see their data, or to end what is stored. */
export type Way = 'find' | 'data' | Ending

const statusOf = { missing: 422, invalid: 422, character: 422, tooMany: 429 } as const

/** First step: which mailbox. */
export const mailboxPage = (
  context: Context,
  way: Way,
  given: { typed?: string; problem?: keyof typeof statusOf; character?: string } = {},
): Response => {
  const { t, place, running, language } = context
  const error = given.problem && t(`rights.mailbox.${given.problem}`, { character: given.character ?? '' })
  const action = routes[`${way}Code`]
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
        {way !== 'data' && way !== 'find' && (
          <Notice title={t(`rights.${way}.linkTitle`)}>
            <p>{t(`rights.${way}.linkText`)}</p>
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

/** Second step: the code. Says the same whether or not the mailbox is known. `meant`: an address that is perhaps meant
 *  instead. */
export const codePage = (
  context: Context,
  way: Way,
  asked: { form: string; wrong?: boolean; meant?: string | null },
): Response => {
  const { t, place, running, language } = context
  const action = routes[`${way}Show`]
  const error = asked.wrong ? t('rights.code.wrong') : undefined
  const next = nextCodeAt(context, asked.form)
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
        {asked.meant && <Paragraph>{t('rights.code.meant', { address: asked.meant })}</Paragraph>}
        <Form action={action.href(place, {})} hidden={hidden(context, { vorgang: asked.form })}>
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
        {next && (
          <Paragraph>{t('rights.code.none', { time: formatTime(next, language, running.tenant.timeZone) })}</Paragraph>
        )}
        <Paragraph>
          <a href={routes[way].href(place, {})}>{t('rights.code.again')}</a>
        </Paragraph>
      </>
    ),
  })
}

/** The part of the notice that pages about what is stored lead to: of the booking, where there is any. */
const aboutOf = (running: RunningTenant): string => (bookable.of(running) ? booking : codes)

/** Access, Art. 15 GDPR: every record, field by field, with its end. */
export const dataPage = (context: Context, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place, running, language } = context
  const endings = endingsOf(running)
  return page(context, {
    about: aboutOf(running),
    title: t('rights.data.found'),
    sibling: (at) => routes.data.href(at, {}),
    stores: records.length > 0 ? [lookedAt(context, aboutOf(running))] : [],
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
        {endings.withdrawal && (
          <Paragraph>
            <a href={routes.withdrawal.href(place, {})}>{t('rights.data.toWithdrawal')}</a>
          </Paragraph>
        )}
        {endings.erasure && (
          <Paragraph>
            <a href={routes.erasure.href(place, {})}>{t('rights.data.toErasure')}</a>
          </Paragraph>
        )}
      </>
    ),
  })
}

/** What ending it will do, before it is done. */
export const endingPage = (context: Context, way: Ending, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place, running, language } = context
  const bookings = records.filter((record) => record.activity === booking)
  const held = bookings.filter((record) => record.hold !== null).length
  const when = (record: OpenRecord) =>
    formatMoment(Temporal.Instant.from(record.fields.appointmentAt ?? ''), language, running.tenant.timeZone)
  return page(context, {
    about: aboutOf(running),
    title: t(`rights.${way}.found`),
    sibling: (at) => routes[way].href(at, {}),
    stores: bookings.length > 0 ? [lookedAt(context, booking)] : [],
    body: (
      <>
        <PageTitle>{t(`rights.${way}.found`)}</PageTitle>
        {bookings.length === 0 ? (
          <Lead>{t(`rights.${way}.none`)}</Lead>
        ) : (
          <>
            <Lead>{t('rights.withdrawal.effect')}</Lead>
            {held > 0 && <Paragraph>{t('rights.withdrawal.held', { count: held })}</Paragraph>}
            {bookings.map((record) => (
              <Card key={record.id} title={when(record)} icon="calendar">
                <p>{t('rights.withdrawal.reference', { reference: record.fields.reference ?? '' })}</p>
              </Card>
            ))}
            <Form action={routes[`${way}Do`].href(place, {})} hidden={hidden(context, { nachweis: proof })}>
              <Button variant="danger">{t(`rights.${way}.button`)}</Button>
            </Form>
          </>
        )}
      </>
    ),
  })
}

export const donePage = (context: Context, way: Ending, count: { erased: number; restricted: number }): Response => {
  const { t, place, running } = context
  return page(context, {
    about: codes,
    title: t(`rights.${way}.done`),
    sibling: (at) => routes[way].href(at, {}),
    body: (
      <>
        <Panel title={t(`rights.${way}.done`)}>
          <p>{t('rights.withdrawal.doneText', { count: count.erased })}</p>
          {count.restricted > 0 && <p>{t('rights.withdrawal.doneRestricted', { count: count.restricted })}</p>}
        </Panel>
        {way === 'withdrawal' && <Paragraph>{t('rights.withdrawal.again')}</Paragraph>}
        {bookable.of(running) && (
          <ButtonLink href={appointments.services.href(place, {})}>{t('appointments.again')}</ButtonLink>
        )}
      </>
    ),
  })
}

/** Where nothing rests on consent there is none to withdraw; says what the person can do instead. */
export const noConsentPage = (context: Context): Response => {
  const { t, place, running } = context
  return page(context, {
    about: booking,
    title: t('rights.noConsent.title'),
    body: (
      <>
        <PageTitle>{t('rights.noConsent.title')}</PageTitle>
        <Lead>{t('rights.noConsent.lead')}</Lead>
        <Heading>{t('rights.noConsent.instead')}</Heading>
        <List
          items={[
            t('rights.noConsent.cancel'),
            <a href={routes.erasure.href(place, {})} key="erasure">
              {t('rights.data.toErasure')}
            </a>,
            ...(canObject(getActivity(running, booking))
              ? [t('rights.noConsent.object', { phone: running.tenant.helpline.phone })]
              : []),
          ]}
        />
        <Paragraph>
          <a href={website.notice.href(place, {})}>{t('common.noticeLink')}</a>
        </Paragraph>
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
