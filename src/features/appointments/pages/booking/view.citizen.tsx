import { Fragment } from 'preact'
import type { Context } from '#features/feature.ts'
import { FieldErrors, FieldInput, fieldValue, meantInstead } from '#features/fields.tsx'
import { hidden, journeyForm, page } from '#features/page.tsx'
import { TermsBox } from '#features/terms/index.ts'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import {
  Beside,
  Button,
  Buttons,
  Callout,
  Checkbox,
  ErrorSummary,
  Form,
  Heading,
  Lead,
  List,
  PageTitle,
  Paragraph,
  SummaryList,
  type SummaryRow,
} from '#platform/ui/components.tsx'
import { askedFields, type FieldError, inputName } from '#register/form.ts'
import { cookieSentences } from '#register/notice/cookies.ts'
import { type Activity, type Field, getActivity, inLanguage } from '#register/register.ts'
import { remainsSentence, retentionSentences } from '#register/retention-text.ts'
import { concernFields } from '../../concern.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { concernInWords, whenInWords, wherever } from '../../words.ts'
import { step } from '../times/view.times.tsx'
import { draftCookie, draftsOf } from './draft.ts'
import { Chosen, Discard, HoldNote } from './view.hold.tsx'
import type { Journey } from './way.ts'

const activityOf = (context: Context) => getActivity(context.running, activityId)

const carried = (context: Context, journey: Journey, more: Record<string, string> = {}) =>
  hidden(context, { ...journey.typed, vormerkung: journey.holdId, ...concernFields(journey.concern), ...more })

/** Where the browser keeps what is typed while it is typed, as far as it keeps anything. */
const keptAt = (context: Context, href: string): { keep: string } | undefined =>
  draftsOf(context) === null ? undefined : { keep: href }

/** What is stored before anything is booked. */
const storedBefore = (context: Context): string[] => [
  context.t('appointments.storedLater'),
  ...cookieSentences(context.running, draftCookie, context.language),
]

const hasAgreed = (context: Context, { agreed }: Journey) =>
  Boolean(agreed.kenntnis && (agreed.einwilligung || !activityOf(context).consent))

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
    stores: [...storedBefore(context), ...retentionSentences(activity, context.language)],
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
          action={(hasAgreed(context, journey) ? routes.check : routes.consent).href(place, {})}
          hidden={hidden(context, { vormerkung: journey.holdId, ...concernFields(journey.concern), ...journey.agreed })}
          {...keptAt(context, routes.details.href(place, {}))}
        >
          {askedFields(activity, journey.concern.channel).map((field) => (
            <Fragment key={field.id}>
              {field.heading && <Heading>{inLanguage(field.heading, context.language)}</Heading>}
              <FieldInput field={field} typed={journey.typed} errors={errors} context={context} />
            </Fragment>
          ))}
          <Buttons>
            <Button>{t('platform.next')}</Button>
            <Button variant="secondary" formAction={routes.times.href(place, {})}>
              {t('platform.back')}
            </Button>
          </Buttons>
          <HoldNote context={context} journey={journey} step="angaben" />
          <Discard context={context} />
        </Form>
      </>
    ),
  })
}

/** What is consented to. Beside a translation stands the German text, open to be compared: it is the one that decides. */
const ConsentText = ({ consent, context }: { consent: NonNullable<Activity['consent']>; context: Context }) => {
  const { t, language } = context
  const said = (each: Language) => (
    <>
      <List items={[consent.purpose, consent.refusal, consent.withdrawal].map((text) => inLanguage(text, each))} />
      <Paragraph>{inLanguage(consent.text, each)}</Paragraph>
    </>
  )
  return language === 'de' ? (
    said('de')
  ) : (
    <Beside title={t('appointments.consent.german')} language="de" original={said('de')}>
      {said(language)}
    </Beside>
  )
}

export type ConsentErrors = { notice: boolean; consent: boolean; terms: boolean }

export const consentPage = (
  context: Context,
  journey: Journey,
  errors?: ConsentErrors,
): Response & { kind: 'page' } => {
  const { t, place, language } = context
  const { consent } = activityOf(context)
  const kind = consent ? 'consent' : 'acknowledgement'
  const message = (missing: boolean | undefined, key: `${keyof ConsentErrors}Missing`) =>
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
    title: t(`appointments.${kind}.title`),
    status: anyError ? 422 : 200,
    hasErrors: anyError,
    stores: storedBefore(context),
    resend: (at) => routes.consent.href(at, {}),
    body: (
      <>
        <ErrorSummary
          title={t('features.fields.summary')}
          errors={[
            ...(noticeError ? [{ field: 'kenntnis', text: noticeError }] : []),
            ...(consentError ? [{ field: 'einwilligung', text: consentError }] : []),
            ...(termsError ? [{ field: 'bedingungen', text: termsError }] : []),
          ]}
        />
        {step(context, 4)}
        <PageTitle>{t(`appointments.${kind}.title`)}</PageTitle>
        <Lead>{t(`appointments.${kind}.lead`)}</Lead>
        <Form
          id={journeyForm}
          action={routes.check.href(place, {})}
          hidden={carried(context, journey)}
          {...keptAt(context, routes.consent.href(place, {}))}
        >
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
          {consent && (
            <>
              <Heading>{t('appointments.consent.consentHeading')}</Heading>
              <ConsentText consent={consent} context={context} />
              <Checkbox
                name="einwilligung"
                label={t('appointments.consent.consentLabel')}
                checked={Boolean(journey.agreed.einwilligung)}
                error={consentError}
              />
            </>
          )}
          <TermsBox context={context} checked={Boolean(journey.agreed.bedingungen)} error={termsError} />
          <Buttons>
            <Button>{t('platform.next')}</Button>
            <Button variant="secondary" formAction={routes.details.href(place, {})}>
              {t('platform.back')}
            </Button>
          </Buttons>
          <HoldNote context={context} journey={journey} step="einwilligung" />
          <Discard context={context} />
        </Form>
      </>
    ),
  })
}

/** What was typed, for a last look; of an address that looks like a slip, the question whether another one is meant. Its
 *  button takes that one: it stands in front of the hidden field of the same name, and the first value counts. */
const GivenValue = ({ context, field, value }: { context: Context; field: Field; value: string }) => {
  const { t, place } = context
  const meant = meantInstead(field, value)
  return (
    <>
      <span dir="auto">{value ? fieldValue(field, value, context) : t('features.fields.empty')}</span>
      {meant && (
        <>
          <Paragraph>{t('features.fields.emailMeant', { address: meant })}</Paragraph>
          <Button variant="secondary" name={inputName(field)} value={meant} formAction={routes.check.href(place, {})}>
            {t('features.fields.emailTake')}
          </Button>
        </>
      )}
    </>
  )
}

export const checkPage = (
  context: Context,
  journey: Journey,
  values: Record<string, string>,
  { key, twice }: { key: string; twice: boolean },
): Response & { kind: 'page' } => {
  const { t, place, language } = context
  const change = (formAction: string, about: string) => ({ text: t('appointments.change'), about, formAction })
  const rows: SummaryRow[] = [
    { label: t('appointments.service'), value: concernInWords(context, journey.concern) },
    {
      label: t('appointments.when'),
      value: whenInWords(context, journey.startsAt),
      change: change(routes.times.href(place, {}), t('appointments.when')),
    },
    { label: t('appointments.place'), value: wherever(context, journey.concern) },
    ...askedFields(activityOf(context), journey.concern.channel).map((field) => ({
      label: inLanguage(field.label, language),
      value: <GivenValue context={context} field={field} value={values[field.id] ?? ''} />,
      change: change(routes.details.href(place, {}), inLanguage(field.label, language)),
    })),
  ]
  return page(context, {
    about: activityId,
    title: t('appointments.check.title'),
    status: twice ? 409 : 200,
    stores: [t('appointments.storedNow'), ...retentionSentences(activityOf(context), language)],
    resend: (at) => routes.check.href(at, {}),
    body: (
      <>
        {step(context, 5)}
        <PageTitle>{t('appointments.check.title')}</PageTitle>
        <Lead>{t('appointments.check.lead')}</Lead>
        {twice && (
          <Callout kind="warning" title={t('appointments.twice.title')}>
            <p>{t('appointments.twice.text')}</p>
          </Callout>
        )}
        <Form
          id={journeyForm}
          action={routes.book.href(place, {})}
          hidden={carried(context, journey, {
            ...journey.agreed,
            schluessel: key,
            ...(twice ? { zweiter: 'yes' } : {}),
          })}
        >
          <SummaryList rows={rows} />
          <Buttons>
            <Button>{t(twice ? 'appointments.twice.button' : 'appointments.check.button')}</Button>
            {twice ? (
              <Button variant="secondary" formAction={routes.discard.href(place, {})}>
                {t('appointments.twice.no')}
              </Button>
            ) : (
              <Button variant="secondary" formAction={routes.consent.href(place, {})}>
                {t('platform.back')}
              </Button>
            )}
          </Buttons>
          <HoldNote context={context} journey={journey} step="pruefen" />
          {!twice && <Discard context={context} />}
        </Form>
      </>
    ),
  })
}
