import type { ComponentChildren } from 'preact'
import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import type { Response } from '#platform/http/response.ts'
import { localeOf } from '#platform/i18n/format.ts'
import {
  Button,
  Callout,
  ErrorSummary,
  Form,
  Heading,
  Lead,
  List,
  PageTitle,
  Paragraph,
  TextArea,
} from '#platform/ui/components.tsx'
import { inLanguage } from '#register/register.ts'
import { type Outcome, outcomes, slotsOf, type Words } from '#shared/receipt/outcome.ts'
import type { PublicKeys } from '#shared/receipt/receipt.ts'
import { momentInWords } from '#shared/receipt/words.ts'
import { routes } from '../../routes.ts'

/* The page on which anybody checks a receipt. Every outcome stands on it from the start, all of them hidden but one or
 * none: the browser's script, which knows no words, fills in and shows the one that it finds. */

type Slots = Record<string, string | null>

const Slot = ({ slots, name }: { slots: Slots; name: string }) => (
  <span data-slot={name} dir="auto">
    {slots[name]}
  </span>
)

const valueKeys = [
  'act',
  'when',
  'former',
  'service',
  'place',
  'reference',
  'done',
  'issued',
  'name',
  'issuer',
  'kid',
] as const
const german = ['service', 'place', 'name']

const Facts = ({ context: { t }, slots }: { context: Context; slots: Slots }) => (
  <dl class="a-summaries">
    {valueKeys.map((key) => (
      <div class="a-summary-row" key={key} data-if hidden={slots[key] == null}>
        <dt>{t(`appointments.receipts.facts.${key}`)}</dt>
        <dd class="a-summary-value" lang={german.includes(key) ? 'de' : undefined}>
          <Slot slots={slots} name={key} />
        </dd>
      </div>
    ))}
  </dl>
)

const Valid = ({ context, slots }: { context: Context; slots: Slots }) => {
  const { t } = context
  return (
    <>
      <Callout kind="success" title={t('appointments.receipts.valid.title')}>
        <p>{t('appointments.receipts.valid.text')}</p>
      </Callout>
      <Facts context={context} slots={slots} />
      <Callout kind="info" title={t('appointments.receipts.valid.later')}>
        <p>{t('appointments.receipts.valid.laterText')}</p>
      </Callout>
      <p class="a-text" data-if hidden={slots.retired == null}>
        {t('appointments.receipts.valid.retired')} <Slot slots={slots} name="retired" />
      </p>
    </>
  )
}

const Elsewhere = ({ context: { t }, href }: { context: Context; href: string }) => (
  <Callout kind="warning" title={t('appointments.receipts.elsewhere.title')}>
    <p>{t('appointments.receipts.elsewhere.text')}</p>
    <p>
      <a href={href} data-elsewhere>
        {t('appointments.receipts.elsewhere.link')}
      </a>
    </p>
  </Callout>
)

const contents: Record<Outcome['name'], (context: Context, slots: Slots, href: string) => ComponentChildren> = {
  valid: (context, slots) => <Valid context={context} slots={slots} />,
  forged: ({ t }) => (
    <Callout kind="error" title={t('appointments.receipts.forged.title')}>
      <p>{t('appointments.receipts.forged.text')}</p>
    </Callout>
  ),
  noReceipt: ({ t }, slots) => (
    <Callout kind="error" title={t('appointments.receipts.noReceipt.title')}>
      <p>
        <Slot slots={slots} name="why" />
      </p>
    </Callout>
  ),
  elsewhere: (context, _slots, href) => <Elsewhere context={context} href={href} />,
  unknown: ({ t }, slots) => (
    <Callout kind="error" title={t('appointments.receipts.unknown.title')}>
      <p>{t('appointments.receipts.unknown.text')}</p>
      <p data-if hidden={slots.issuer == null}>
        {t('appointments.receipts.unknown.issuer')} <Slot slots={slots} name="issuer" />
      </p>
    </Callout>
  ),
  unsupported: ({ t }) => (
    <Callout kind="warning" title={t('appointments.receipts.unsupported.title')}>
      <p>{t('appointments.receipts.unsupported.text')}</p>
    </Callout>
  ),
}

const wordsOf = ({ t }: Context): Words => ({
  acts: {
    booked: t('appointments.receipts.acts.booked'),
    moved: t('appointments.receipts.acts.moved'),
    cancelled: t('appointments.receipts.acts.cancelled'),
    withdrawn: t('appointments.receipts.acts.withdrawn'),
  },
  why: {
    empty: t('appointments.receipts.why.empty'),
    tooLong: t('appointments.receipts.why.tooLong'),
    form: t('appointments.receipts.why.form'),
    algorithm: t('appointments.receipts.why.algorithm'),
    content: t('appointments.receipts.why.content'),
  },
})

/** Where the other Jobcenters of this installation check their receipts, by their names in addresses. */
export const otherTenants = ({ deps, place }: Context): Record<string, string> =>
  Object.fromEntries(
    [...deps.register.running.keys()]
      .filter((slug) => slug !== place.slug)
      .map((slug) => [slug, routes.verify.href({ ...place, slug }, {})]),
  )

export type Checked = { text: string; jws: string; outcome: Outcome }

/** The page; with what was checked, when the form sent something. */
export const verifyPage = (context: Context, keys: PublicKeys, checked?: Checked): Response => {
  const { t, language, place, running } = context
  const { slug, name } = running.tenant
  const words = wordsOf(context)
  const others = otherTenants(context)
  const { outcome } = checked ?? {}
  const slots = outcome
    ? slotsOf(outcome, words, (instant, zone) => momentInWords(instant, localeOf(language), zone))
    : {}
  // Until a script finds out where to, the link leads to this page.
  const target = outcome?.name === 'elsewhere' ? `${others[outcome.tenant]}#${checked?.jws}` : null
  const href = target ?? routes.verify.href(place, {})
  const isEmpty = outcome?.name === 'noReceipt' && outcome.why === 'empty'
  const errors = isEmpty ? [{ field: 'beleg', text: words.why.empty ?? '' }] : []
  const given = JSON.stringify({ keys, tenant: slug, others, locale: localeOf(language), words })
  return page(context, {
    title: t('appointments.receipts.verify.title'),
    status: outcome && outcome.name !== 'valid' ? 422 : 200,
    hasErrors: isEmpty,
    stores: [t('appointments.receipts.verify.stores')],
    sibling: (at) => routes.verify.href(at, {}),
    islands: ['appointments/receipt'],
    body: (
      <>
        <ErrorSummary title={t('features.fields.summary')} errors={errors} />
        <PageTitle>{t('appointments.receipts.verify.title')}</PageTitle>
        <Lead>{t('appointments.receipts.verify.lead', { name: inLanguage(name, language) })}</Lead>
        <div class="a-outcome" role="status" data-receipt-check={given}>
          {outcomes.map((each) => (
            <div key={each} data-outcome={each} hidden={outcome?.name !== each || isEmpty}>
              {contents[each](context, outcome?.name === each ? slots : {}, href)}
            </div>
          ))}
        </div>
        <VerifyForm context={context} text={checked?.text ?? ''} error={errors[0]?.text} />
        <Heading>{t('appointments.receipts.verify.howHeading')}</Heading>
        <List
          items={[
            t('appointments.receipts.verify.how'),
            t('appointments.receipts.verify.howFile'),
            t('appointments.receipts.verify.howWithout'),
          ]}
        />
        <Paragraph muted>
          {t('appointments.receipts.verify.keys')}{' '}
          <a href={routes.keys.href({ ...place, language: 'de' }, {})}>jwks.json</a>
        </Paragraph>
      </>
    ),
  })
}

const VerifyForm = ({ context, text, error }: { context: Context; text: string; error: string | undefined }) => (
  <Form id="receipt-form" action={routes.verify.href(context.place, {})} hidden={hidden(context)}>
    <TextArea
      name="beleg"
      label={context.t('appointments.receipts.verify.label')}
      hint={context.t('appointments.receipts.verify.hint')}
      value={text}
      rows={6}
      {...(error ? { error } : {})}
    />
    <Button>{context.t('appointments.receipts.verify.button')}</Button>
  </Form>
)
