import { Fragment } from 'preact'
import { Blocks } from '#features/blocks.tsx'
import { type Entry, shownTo } from '#features/contribution.ts'
import { type Context, contributed } from '#features/feature.ts'
import { page } from '#features/page.tsx'
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
import { inLanguage, toldTo } from '#register/register.ts'
import { routes } from './routes.ts'
import { Sites } from './view.sites.tsx'

/** The ways in that features bring, in the order of their list. */
const Entries = ({ context, under }: { context: Context; under: Entry<Context>['under'] }) => (
  <Columns>
    {shownTo(context.running, contributed(context.deps, 'entries'))
      .filter((entry) => entry.under === under)
      .map(({ text, more, route, icon }) => (
        <Card
          key={text}
          title={context.t(text)}
          level={under === 'services' ? 2 : 3}
          href={route.href(context.place, {})}
          icon={icon}
        >
          <p>{typeof more === 'string' ? context.t(more) : more(context)}</p>
        </Card>
      ))}
  </Columns>
)

export const startPage = (context: Context): Response => {
  const { t, running, language } = context
  const name = inLanguage(running.tenant.name, language)
  const greetings = shownTo(running, contributed(context.deps, 'greetings'))
  return page(context, {
    title: t('website.start.title'),
    wide: true,
    body: (
      <>
        <PageTitle>{t('website.start.heading', { name })}</PageTitle>
        <Lead>{[...greetings.map(({ lead }) => t(lead)), t('website.start.lead')].join(' ')}</Lead>
        <Entries context={context} under="services" />
        {greetings.map(({ note }) => (
          <Fragment key={note.title}>
            <Heading>{t(note.title)}</Heading>
            <Paragraph>{t(note.text, { phone: running.tenant.helpline.phone })}</Paragraph>
          </Fragment>
        ))}
        <Heading>{t('website.start.where')}</Heading>
        <Sites context={context} />
        <Heading>{t('website.start.yourData')}</Heading>
        <Entries context={context} under="data" />
      </>
    ),
  })
}

export const cookiesPage = (context: Context): Response => {
  const { t, place, running, language } = context
  const told = toldTo('citizens', running)
  const kept = onDeviceOf(told)
  const none = kept.length === 0
  const lead = areNecessaryCookies(kept) ? 'website.cookies.leadSome' : 'platform.footerNoteDevice'
  return page(context, {
    title: t('website.cookies.title'),
    body: (
      <>
        <PageTitle>{t('website.cookies.title')}</PageTitle>
        <Lead>{t(none ? 'website.cookies.lead' : lead)}</Lead>
        {none ? <Paragraph>{t('website.cookies.text')}</Paragraph> : <Blocks blocks={cookieBlocks(told, language)} />}
        {shownTo(running, contributed(context.deps, 'deviceLinks')).map(({ text, route }) => (
          <Paragraph key={text}>
            <a href={route.href(place, {})}>{t(text)}</a>
          </Paragraph>
        ))}
        <ButtonLink variant="secondary" href={routes.notice.href(place, {})}>
          {t('platform.noticeLink')}
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
        <List
          items={(['axe', 'keyboard', 'narrow', 'script', 'dark'] as const).map((key) =>
            t(`website.accessibility.${key}`),
          )}
        />
        <Heading>{t('website.accessibility.missingHeading')}</Heading>
        <List items={(['easy', 'sign', 'people'] as const).map((key) => t(`website.accessibility.${key}`))} />
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
