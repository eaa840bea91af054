import { bookable } from '#features/appointments/index.ts'
import { routes as appointments } from '#features/appointments/routes.ts'
import { Blocks } from '#features/blocks.tsx'
import type { Context } from '#features/feature.ts'
import { page } from '#features/page.tsx'
import { routes as rights } from '#features/rights/routes.ts'
import { routes as terms } from '#features/terms/routes.ts'
import type { Response } from '#platform/http/response.ts'
import {
  ButtonLink,
  Card,
  Columns,
  Heading,
  Lead,
  List,
  PageTitle,
  Paragraph,
  SummaryList,
} from '#platform/ui/components.tsx'
import { onDeviceOf } from '#register/device.ts'
import { areNecessaryCookies, cookieBlocks } from '#register/notice/cookies.ts'
import { endingsOf, inLanguage, toldTo } from '#register/register.ts'
import { routes } from './routes.ts'
import { Sites } from './view.sites.tsx'

export const startPage = (context: Context): Response => {
  const { t, place, running, language } = context
  const name = inLanguage(running.tenant.name, language)
  const endings = endingsOf(running)
  return page(context, {
    title: t('website.start.title'),
    wide: true,
    body: (
      <>
        <PageTitle>{t('website.start.heading', { name })}</PageTitle>
        {bookable.of(running) && <Booking context={context} />}
        <Heading>{t('website.start.where')}</Heading>
        <Sites context={context} />
        <Heading>{t('website.start.yourData')}</Heading>
        <Columns>
          <Card title={t('website.start.data')} level={3} href={rights.data.href(place, {})} icon="lock">
            <p>{t('website.start.dataText')}</p>
          </Card>
          {(['withdrawal', 'erasure'] as const)
            .filter((way) => endings[way])
            .map((way) => (
              <Card
                key={way}
                title={t(`website.start.${way}`)}
                level={3}
                href={rights[way].href(place, {})}
                icon="document"
              >
                <p>{t(`website.start.${way}Text`)}</p>
              </Card>
            ))}
        </Columns>
      </>
    ),
  })
}

/** To book an appointment, and what to do about one. */
const Booking = ({ context: { t, place, running } }: { context: Context }) => (
  <>
    <Lead>{t('website.start.lead')}</Lead>
    <Columns>
      <Card title={t('website.start.book')} href={appointments.services.href(place, {})} icon="calendar">
        <p>{t('website.start.bookText')}</p>
      </Card>
      <Card title={t('website.start.find')} href={rights.find.href(place, {})} icon="document">
        <p>{t('website.start.findText')}</p>
      </Card>
    </Columns>
    <Heading>{t('website.start.change')}</Heading>
    <Paragraph>{t('website.start.changeText', { phone: running.tenant.helpline.phone })}</Paragraph>
  </>
)

export const cookiesPage = (context: Context): Response => {
  const { t, place, running, language } = context
  const told = toldTo('citizens', running)
  const kept = onDeviceOf(told)
  const none = kept.length === 0
  const lead = areNecessaryCookies(kept) ? 'website.cookies.leadSome' : 'common.footerNoteDevice'
  return page(context, {
    title: t('website.cookies.title'),
    body: (
      <>
        <PageTitle>{t('website.cookies.title')}</PageTitle>
        <Lead>{t(none ? 'website.cookies.lead' : lead)}</Lead>
        {none ? <Paragraph>{t('website.cookies.text')}</Paragraph> : <Blocks blocks={cookieBlocks(told, language)} />}
        {running.tenant.terms && (
          <Paragraph>
            <a href={terms.terms.href(place, {})}>{t('terms.manage')}</a>
          </Paragraph>
        )}
        <ButtonLink variant="secondary" href={routes.notice.href(place, {})}>
          {t('common.noticeLink')}
        </ButtonLink>
      </>
    ),
  })
}

export const accessibilityPage = (context: Context): Response => {
  const { t, running } = context
  const { controller } = running.tenant
  return page(context, {
    title: t('website.accessibility.title'),
    body: (
      <>
        <PageTitle>{t('website.accessibility.title')}</PageTitle>
        <Lead>{t('website.accessibility.lead')}</Lead>
        <Heading>{t('website.accessibility.checkedHeading')}</Heading>
        <List items={['axe', 'keyboard', 'narrow', 'script', 'dark'].map((key) => t(`website.accessibility.${key}`))} />
        <Heading>{t('website.accessibility.missingHeading')}</Heading>
        <List items={['easy', 'sign', 'people'].map((key) => t(`website.accessibility.${key}`))} />
        <Heading>{t('website.accessibility.contactHeading')}</Heading>
        <Paragraph>
          {t('website.accessibility.contact', {
            phone: running.tenant.helpline.phone,
            street: controller.street,
            city: `${controller.postalCode} ${controller.city}`,
          })}
        </Paragraph>
      </>
    ),
  })
}

export const imprintPage = (context: Context): Response => {
  const { t, running, language } = context
  const { controller, helpline } = running.tenant
  return page(context, {
    title: t('website.imprint.title'),
    body: (
      <>
        <PageTitle>{t('website.imprint.title')}</PageTitle>
        <Paragraph>{t('website.imprint.basis')}</Paragraph>
        <SummaryList
          rows={[
            { label: t('website.imprint.provider'), value: inLanguage(controller.name, language) },
            {
              label: t('website.imprint.address'),
              value: `${controller.street}, ${controller.postalCode} ${controller.city}`,
            },
            { label: t('website.imprint.representedBy'), value: inLanguage(controller.representedBy, language) },
            { label: t('website.imprint.phone'), value: helpline.phone },
          ]}
        />
      </>
    ),
  })
}
