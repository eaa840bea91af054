import type { Context } from '#features/feature.ts'
import { hidden } from '#features/page.tsx'
import { localeOf } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import {
  Button,
  Buttons,
  Details,
  Form,
  Heading,
  List,
  Paragraph,
  PrintButton,
  QrCode,
  Reference,
  SummaryList,
  type SummaryRow,
} from '#platform/ui/components.tsx'
import { untranslated } from '#platform/ui/untranslated.ts'
import { inLanguage } from '#register/register.ts'
import type { Receipt } from '#shared/receipt/receipt.ts'
import { momentInWords } from '#shared/receipt/words.ts'
import { type Issued, receiptAddress } from '../../receipts/receipt.ts'
import { routes } from '../../routes.ts'
import { bookableOf } from '../../tenant.ts'
import { servicesInWords } from '../../words.ts'

/* A receipt as somebody takes it along: what it says, the code to check it by, and ways to keep it. */

/** What a receipt says, in a language. The receipt itself is in German: of other languages what the tenant's files say. */
const factRows = (context: Context, receipt: Receipt, language: Language): SummaryRow[] => {
  const t = translator(language)
  const moment = (instant: string) => momentInWords(instant, localeOf(language), receipt.timeZone)
  const ids = receipt.services?.map(({ id }) => id) ?? []
  const { services } = bookableOf(context.running)
  const byPhone = services.find(({ id }) => id === ids[0])?.channel === 'phone'
  const place = byPhone ? t('appointments.byPhone') : receipt.place
  return [
    { label: t('appointments.receipts.facts.act'), value: t(`appointments.receipts.acts.${receipt.act}`) },
    { label: t('appointments.receipts.facts.when'), value: moment(receipt.startsAt) },
    ...(receipt.movedFrom
      ? [{ label: t('appointments.receipts.facts.former'), value: moment(receipt.movedFrom) }]
      : []),
    ...(ids.length > 0
      ? [{ label: t('appointments.receipts.facts.service'), value: servicesInWords({ ...context, language }, ids) }]
      : []),
    ...(place ? [{ label: t('appointments.receipts.facts.place'), value: place }] : []),
    { label: t('appointments.receipts.facts.reference'), value: <Reference>{receipt.reference}</Reference> },
    { label: t('appointments.receipts.facts.done'), value: moment(receipt.doneAt) },
    { label: t('appointments.receipts.facts.issued'), value: moment(receipt.issuedAt) },
    { label: t('appointments.receipts.facts.name'), value: inLanguage(context.running.tenant.name, language) },
  ]
}

/** All of a receipt but its title. */
export const Proof = ({ context, issued }: { context: Context; issued: Issued }) => {
  const { t, language, place } = context
  const { receipt, jws } = issued
  const address = context.deps.config.publicUrl + routes.verify.href({ ...place, language: 'de' }, {})
  return (
    <div class="a-receipt">
      <SummaryList rows={factRows(context, receipt, language)} />
      {language !== 'de' && (
        <section lang="de" dir="ltr">
          <Heading>{translator('de')('appointments.receipts.german')}</Heading>
          <SummaryList rows={factRows(context, receipt, 'de')} />
        </section>
      )}
      <section class="a-proof">
        <Heading>{t('appointments.receipts.checkHeading')}</Heading>
        <QrCode text={receiptAddress(context, jws)} label={t('appointments.receipts.code')} />
        <List
          items={[
            t('appointments.receipts.checkScan'),
            <>
              {t('appointments.receipts.checkPage')} <bdi class="a-address">{address}</bdi>
            </>,
            t('appointments.receipts.checkNobody'),
          ]}
        />
      </section>
      <Form action={routes.receiptFile.href(place, {})} hidden={hidden(context, { beleg: jws })}>
        <Buttons>
          <PrintButton>{t('appointments.receipts.print')}</PrintButton>
          <Button variant="secondary">{t('appointments.receipts.save')}</Button>
        </Buttons>
      </Form>
      <Details summary={t('appointments.receipts.text')} open>
        <Paragraph muted>{t('appointments.receipts.textHint')}</Paragraph>
        <bdi class="a-jws" {...untranslated}>
          {jws}
        </bdi>
      </Details>
      <Paragraph muted>{t('appointments.receipts.noName')}</Paragraph>
    </div>
  )
}
