import type { Context } from '#features/feature.ts'
import { FieldErrors, FieldInput, fieldValue } from '#features/fields.tsx'
import { hidden, journeyForm, page } from '#features/page.tsx'
import { TermsBox } from '#features/terms/index.ts'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import { formatTime } from '#platform/i18n/format.ts'
import {
  Button,
  ButtonLink,
  Buttons,
  Checkbox,
  Details,
  ErrorSummary,
  Form,
  Heading,
  Lead,
  List,
  Notice,
  PageTitle,
  Paragraph,
  Radios,
  SummaryList,
  type SummaryRow,
} from '#platform/ui/components.tsx'
import { askedFields, type FieldError, type Typed } from '#register/form.ts'
import { getActivity, inLanguage } from '#register/register.ts'
import { remainsSentence, retentionSentences } from '#register/retention-text.ts'
import type { Service } from '../appointment.ts'
import { routes } from '../routes.ts'
import { activityId } from '../scene.ts'
import { placeInWords } from './mails.ts'
import { step, whenInWords } from './view.times.tsx'

const activityOf = (context: Context) => getActivity(context.running, activityId)

/** What a booking carries from page to page: nothing is stored anywhere before it is confirmed. */
export type Journey = {
  holdId: string
  service: Service
  startsAt: Temporal.Instant
  heldUntil: Temporal.Instant | null
  typed: Typed
  /** What the person has ticked on the consent page; asked once, not again after each change. */
  agreed: { kenntnis?: string; einwilligung?: string; bedingungen?: string }
}

const carried = (context: Context, journey: Journey, more: Record<string, string> = {}) =>
  hidden(context, { ...journey.typed, vormerkung: journey.holdId, leistung: journey.service.id, ...more })

const hasAgreed = ({ agreed }: Journey) => Boolean(agreed.kenntnis && agreed.einwilligung)

/** The chosen time, on every page that follows; says until when it is kept. */
const Chosen = ({ context, journey }: { context: Context; journey: Journey }) => {
  const { t, language } = context
  const zone = context.running.tenant.timeZone
  return (
    <Notice title={whenInWords(context, journey.startsAt)} level={2}>
      <p>
        {inLanguage(journey.service.title, language)} · {placeInWords(context, journey.service.id, language)}
      </p>
      {journey.heldUntil && (
        <p>{t('appointments.heldUntil', { time: formatTime(journey.heldUntil, language, zone) })}</p>
      )}
    </Notice>
  )
}

export const servicesPage = (context: Context, options: { error?: boolean; chosen?: string } = {}): Response => {
  const { t, running, place } = context
  const error = options.error ? t('appointments.services.missing') : undefined
  return page(context, {
    about: activityId,
    title: t('appointments.services.title'),
    status: error ? 422 : 200,
    hasErrors: Boolean(error),
    back: { text: t('common.back'), href: website.start.href(place, {}) },
    body: (
      <>
        <ErrorSummary title={t('fields.summary')} errors={error ? [{ field: 'leistung', text: error }] : []} />
        {step(context, 1)}
        <Form action={routes.times.href(place, {})} method="get">
          <Radios
            name="leistung"
            asTitle
            legend={t('appointments.services.title')}
            error={error}
            value={options.chosen}
            options={running.tenant.services.map((service) => ({
              value: service.id,
              label: inLanguage(service.title, context.language),
              hint: `${inLanguage(service.description, context.language)} ${t('appointments.minutes', { minutes: service.minutes })}`,
            }))}
          />
          <Button>{t('common.next')}</Button>
        </Form>
      </>
    ),
  })
}

export const detailsPage = (
  context: Context,
  journey: Journey,
  errors: readonly FieldError[] = [],
): Response & { kind: 'page' } => {
  const { t, place } = context
  const activity = activityOf(context)
  return page(context, {
    about: activityId,
    title: t('appointments.details.title'),
    stores: [t('appointments.storedLater'), ...retentionSentences(activity, context.language)],
    status: errors.length > 0 ? 422 : 200,
    hasErrors: errors.length > 0,
    resend: (at) => routes.details.href(at, {}),
    body: (
      <>
        <FieldErrors errors={errors} context={context} />
        {step(context, 3)}
        <PageTitle>{t('appointments.details.title')}</PageTitle>
        <Chosen context={context} journey={journey} />
        <Form
          id={journeyForm}
          action={(hasAgreed(journey) ? routes.check : routes.consent).href(place, {})}
          hidden={hidden(context, { vormerkung: journey.holdId, leistung: journey.service.id, ...journey.agreed })}
        >
          {askedFields(activity, journey.service.channel).map((field) => (
            <FieldInput key={field.id} field={field} typed={journey.typed} errors={errors} context={context} />
          ))}
          <Buttons>
            <Button>{t('common.next')}</Button>
            <Button variant="secondary" formAction={routes.times.href(place, {})}>
              {t('common.back')}
            </Button>
          </Buttons>
        </Form>
      </>
    ),
  })
}

export type ConsentErrors = { notice: boolean; consent: boolean; terms: boolean }

export const consentPage = (
  context: Context,
  journey: Journey,
  errors?: ConsentErrors,
): Response & { kind: 'page' } => {
  const { t, place, language } = context
  const { consent } = activityOf(context)
  const message = (missing: boolean | undefined, key: string) =>
    missing ? t(`appointments.consent.${key}`) : undefined
  const noticeError = message(errors?.notice, 'noticeMissing')
  const consentError = message(errors?.consent, 'consentMissing')
  const termsError = message(errors?.terms, 'termsMissing')
  const anyError = Boolean(noticeError || consentError || termsError)
  const proof = activityOf(context)
    .remains.filter(({ id }) => id === 'consentProof')
    .map((one) => remainsSentence(one, language))
  return page(context, {
    about: activityId,
    title: t('appointments.consent.title'),
    status: anyError ? 422 : 200,
    hasErrors: anyError,
    resend: (at) => routes.consent.href(at, {}),
    body: (
      <>
        <ErrorSummary
          title={t('fields.summary')}
          errors={[
            ...(noticeError ? [{ field: 'kenntnis', text: noticeError }] : []),
            ...(consentError ? [{ field: 'einwilligung', text: consentError }] : []),
            ...(termsError ? [{ field: 'bedingungen', text: termsError }] : []),
          ]}
        />
        {step(context, 4)}
        <PageTitle>{t('appointments.consent.title')}</PageTitle>
        <Lead>{t('appointments.consent.lead')}</Lead>
        <Form id={journeyForm} action={routes.check.href(place, {})} hidden={carried(context, journey)}>
          <Heading>{t('appointments.consent.noticeHeading')}</Heading>
          <List items={[...retentionSentences(activityOf(context), language), ...proof]} />
          <Paragraph>
            <a href={website.notice.href(place, {})} target="_blank" rel="noopener">
              {t('appointments.consent.noticeLink')}
            </a>
          </Paragraph>
          <Checkbox
            name="kenntnis"
            label={t('appointments.consent.noticeLabel')}
            checked={Boolean(journey.agreed.kenntnis)}
            error={noticeError}
          />
          <Heading>{t('appointments.consent.consentHeading')}</Heading>
          {consent && (
            <>
              <List
                items={[consent.purpose, consent.refusal, consent.withdrawal].map((text) => inLanguage(text, language))}
              />
              <Paragraph>{inLanguage(consent.text, language)}</Paragraph>
              {language !== 'de' && (
                <Details summary={t('appointments.consent.german')}>
                  <div lang="de" dir="ltr">
                    <List items={[consent.purpose.de, consent.refusal.de, consent.withdrawal.de]} />
                    <Paragraph>{consent.text.de}</Paragraph>
                  </div>
                </Details>
              )}
            </>
          )}
          <Checkbox
            name="einwilligung"
            label={t('appointments.consent.consentLabel')}
            checked={Boolean(journey.agreed.einwilligung)}
            error={consentError}
          />
          <TermsBox context={context} checked={Boolean(journey.agreed.bedingungen)} error={termsError} />
          <Buttons>
            <Button>{t('common.next')}</Button>
            <Button variant="secondary" formAction={routes.details.href(place, {})}>
              {t('common.back')}
            </Button>
          </Buttons>
        </Form>
      </>
    ),
  })
}

export const checkPage = (
  context: Context,
  journey: Journey,
  values: Record<string, string>,
  key: string,
): Response & { kind: 'page' } => {
  const { t, place, language } = context
  const zone = context.running.tenant.timeZone
  const change = (formAction: string, about: string) => ({ text: t('common.change'), about, formAction })
  const rows: SummaryRow[] = [
    { label: t('appointments.service'), value: inLanguage(journey.service.title, language) },
    {
      label: t('appointments.when'),
      value: whenInWords(context, journey.startsAt),
      change: change(routes.times.href(place, {}), t('appointments.when')),
    },
    { label: t('appointments.place'), value: placeInWords(context, journey.service.id, language) },
    ...askedFields(activityOf(context), journey.service.channel).map((field) => ({
      label: inLanguage(field.label, language),
      value: (
        <span dir="auto">
          {values[field.id] ? fieldValue(field, values[field.id] ?? '', context) : t('fields.empty')}
        </span>
      ),
      change: change(routes.details.href(place, {}), inLanguage(field.label, language)),
    })),
  ]
  return page(context, {
    about: activityId,
    title: t('appointments.check.title'),
    stores: [t('appointments.storedNow'), ...retentionSentences(activityOf(context), language)],
    resend: (at) => routes.check.href(at, {}),
    body: (
      <>
        {step(context, 5)}
        <PageTitle>{t('appointments.check.title')}</PageTitle>
        <Lead>{t('appointments.check.lead')}</Lead>
        <Form
          id={journeyForm}
          action={routes.book.href(place, {})}
          hidden={carried(context, journey, {
            ...journey.agreed,
            schluessel: key,
          })}
        >
          <SummaryList rows={rows} />
          {journey.heldUntil && (
            <Paragraph muted>
              {t('appointments.heldUntil', { time: formatTime(journey.heldUntil, language, zone) })}
            </Paragraph>
          )}
          <Buttons>
            <Button>{t('appointments.check.button')}</Button>
            <Button variant="secondary" formAction={routes.consent.href(place, {})}>
              {t('common.back')}
            </Button>
          </Buttons>
        </Form>
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
