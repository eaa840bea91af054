import type { ComponentChildren } from 'preact'
import { shownTo } from '#features/contribution.ts'
import { type Contribution, contributed } from '#features/feature.ts'
import { routes as website } from '#features/website/routes.ts'
import type { ProblemKind } from '#platform/http/problem.ts'
import { base, type Place } from '#platform/http/routes.ts'
import { directionOf } from '#platform/i18n/direction.ts'
import { type Language, languages, type Translate, translator } from '#platform/i18n/translate.ts'
import type { LocalMail, LocalMailbox } from '#platform/mail/local-mailbox.ts'
import { MailboxList, MailboxMessage } from '#platform/mail/mailbox-view.tsx'
import type { Assets } from '#platform/ui/assets.ts'
import {
  Button,
  ButtonLink,
  Buttons,
  Card,
  Columns,
  Form,
  Helpline,
  Lead,
  PageTitle,
  Paragraph,
} from '#platform/ui/components.tsx'
import { Document, renderDocument } from '#platform/ui/document.tsx'
import { inLanguage, type RunningTenant, spokenBy } from '#register/register.ts'
import type { AppDeps } from './deps.ts'

/* Pages that belong to no tenant: the installation's own, and what is shown when something went wrong. */

type Frame = {
  language: Language
  title: string
  assets: Assets
  children: ComponentChildren
  wide?: boolean
  /** Whose page it is; without one, the installation's. */
  owner?: { jobcenter: string; service: string; href: string }
  help?: ComponentChildren
  /** Where the language switch leads; without it, the page has none. */
  home?: (language: Language) => string
  /** The languages to switch to; without them, all of the product. */
  spoken?: readonly Language[] | undefined
}

/** The installation's own start page in a language. */
export const homeIn = (language: Language): string => (language === 'de' ? '/' : `/${language}`)

const Installation = ({
  language,
  title,
  assets,
  children,
  wide = false,
  owner,
  help,
  home,
  spoken = languages,
}: Frame) => {
  const t = translator(language)
  return (
    <Document
      language={language}
      title={`${title} – ${owner?.jobcenter ?? t('apps.home.name')}`}
      assets={assets}
      noindex
      wide={wide}
      skipText={t('platform.skip')}
      header={owner ?? { jobcenter: t('apps.home.name'), service: t('apps.home.claim'), href: homeIn(language) }}
      {...(help && { help: { title: t('platform.helpTitle'), children: help } })}
      {...(home
        ? {
            languageSwitch: {
              label: t('platform.languages'),
              links: spoken.map((each) => ({
                language: each,
                name: translator(each)('platform.ownName'),
                href: home(each),
                current: each === language,
              })),
            },
          }
        : {})}
      footer={{ label: t('platform.footer'), links: [], note: t('apps.home.note') }}
    >
      {children}
    </Document>
  )
}

/** Leads to a tenant: in the language of the page, or in German where the tenant does not speak it. */
const TenantCard = ({ running, language }: { running: RunningTenant; language: Language }) => {
  const { slug, name, fictional } = running.tenant
  const spoken = spokenBy(running, language)
  return (
    <Card title={inLanguage(name, spoken)} href={website.start.href({ slug, language: spoken }, {})} icon="calendar">
      <p>{translator(language)(fictional ? 'apps.home.fictional' : 'apps.home.reference')}</p>
    </Card>
  )
}

/** `/`: names the installation and offers things to try. */
export const homePage = (deps: AppDeps, language: Language, hasMailbox: boolean): string => {
  const t = translator(language)
  return renderDocument(
    <Installation language={language} title={t('apps.home.title')} assets={deps.assets} wide home={homeIn}>
      <PageTitle>{t('apps.home.title')}</PageTitle>
      <Lead>{t('apps.home.lead')}</Lead>
      <Columns>
        {[...deps.register.running.values()].map((running) => (
          <TenantCard key={running.tenant.slug} running={running} language={language} />
        ))}
        {hasMailbox && (
          <Card title={t('apps.home.mailbox')} href="/_mailbox" icon="message">
            <p>{t('apps.home.mailboxText')}</p>
          </Card>
        )}
      </Columns>
    </Installation>,
  )
}

export const mailboxListPage = (deps: AppDeps, mailbox: LocalMailbox): string =>
  renderDocument(
    <Installation language="de" title="Lokales Postfach" assets={deps.assets} wide>
      <MailboxList messages={mailbox.messages()} messageHref={(id) => `/_mailbox/${id}`} />
    </Installation>,
  )

export const mailboxMessagePage = (deps: AppDeps, mail: LocalMail): string =>
  renderDocument(
    <Installation language="de" title={mail.subject} assets={deps.assets} wide>
      <MailboxMessage mail={mail} listHref="/_mailbox" />
    </Installation>,
  )

/** What could not even be read as a request: in every language, as nobody knows which is the person's. */
export const unreadablePage = (kind: ProblemKind, assets: Assets): string => {
  const [first, ...others] = languages.map((language) => ({ language, t: translator(language) }))
  const title = first?.t(`apps.problems.${kind}.title`) ?? ''
  return renderDocument(
    <Installation language="de" title={title} assets={assets} home={homeIn}>
      <PageTitle>{title}</PageTitle>
      <Lead>{first?.t(`apps.problems.${kind}.text`)}</Lead>
      {others.map(({ language, t }) => (
        <div lang={language} dir={directionOf(language)} key={language}>
          <h2>{t(`apps.problems.${kind}.title`)}</h2>
          <Paragraph>{t(`apps.problems.${kind}.text`)}</Paragraph>
        </div>
      ))}
    </Installation>,
  )
}

type Problem = {
  kind: ProblemKind
  language: Language
  assets: Assets
  t: Translate
  place: Place | null
  running: RunningTenant | undefined
  contributed: readonly Contribution[]
  /** Sends the same form once more, with everything that was typed. */
  sendAgain: { action: string; fields: Record<string, string> } | undefined
}

/** Where else to go from an address that leads nowhere. */
const waysOn = (given: Pick<Problem, 'contributed'>, running: RunningTenant, place: Place) =>
  shownTo(running, contributed(given, 'entries'))
    .filter(({ whenLost }) => whenLost)
    .map(({ text, route }) => ({ text, href: route.href(place, {}) }))

/** What went wrong, in the person's language, and what to do now. On a tenant's address it is a page of the tenant. */
export const problemPage = ({ kind, language, assets, t, place, running, sendAgain, ...given }: Problem): string => {
  const helpline = running?.tenant.helpline
  const name = running && inLanguage(running.tenant.name, language)
  const startIn = (each: Language) => (place ? `${base({ ...place, language: each })}/` : homeIn(each))
  const start = startIn(language)
  const ways = kind === 'notFound' && place && running ? waysOn(given, running, { ...place, language }) : []
  return renderDocument(
    <Installation
      language={language}
      title={t(`apps.problems.${kind}.title`)}
      assets={assets}
      home={startIn}
      spoken={running?.tenant.languages}
      {...(name && { owner: { jobcenter: name, service: t('platform.service'), href: start } })}
      {...(helpline && { help: <Helpline phone={helpline.phone} hours={inLanguage(helpline.hours, language)} /> })}
    >
      <PageTitle>{t(`apps.problems.${kind}.title`)}</PageTitle>
      <Lead>{t(`apps.problems.${kind}.text`)}</Lead>
      {sendAgain ? (
        <Form action={sendAgain.action} hidden={sendAgain.fields}>
          <Paragraph>{t('apps.problems.kept')}</Paragraph>
          <Button>{t('apps.problems.sendAgain')}</Button>
        </Form>
      ) : (
        <Buttons>
          <ButtonLink href={start}>{t('apps.problems.toStart')}</ButtonLink>
          {ways.map(({ text, href }) => (
            <ButtonLink key={text} variant="secondary" href={href}>
              {t(text)}
            </ButtonLink>
          ))}
        </Buttons>
      )}
    </Installation>,
  )
}
