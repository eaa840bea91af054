import { Fragment } from 'preact'
import type { Ending } from '#features/contribution.ts'
import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { legalHoldInWords, lookedAt, recordRows } from '#features/record.tsx'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import { formatMoment } from '#platform/i18n/format.ts'
import {
  Button,
  ButtonLink,
  Card,
  Form,
  Heading,
  Lead,
  List,
  PageTitle,
  Panel,
  Paragraph,
  SummaryList,
} from '#platform/ui/components.tsx'
import { canObject } from '#register/notice/objection.ts'
import { getActivity, inLanguage } from '#register/register.ts'
import type { OpenRecord } from '#vault/index.ts'
import { activityId as codes } from './code.ts'
import { proofField } from './mailbox.ts'
import { routes } from './routes.ts'
import { type Endable, endedBy, mainOf, subjectsOf } from './subjects.ts'

/** What a page that opens these records stores by doing so: one sentence for all that say it alike. */
const looksAt = (context: Context, records: readonly OpenRecord[]): string[] => [
  ...new Set(records.map(({ activity }) => lookedAt(context, activity))),
]

/** The words of the one kind of record that this way ends, where there is only one; otherwise the way's own. */
const inWords = ({ t }: Context, way: Ending, of: readonly Endable[], which: 'question' | 'link'): string =>
  t(of.length === 1 && of[0] ? of[0].ending.words[way][which] : `rights.${way}.title`)

const EndingLinks = ({ context }: { context: Context }) => (
  <>
    {(['withdrawal', 'erasure'] as const).map((way) => {
      const of = endedBy(context, way)
      return of.length === 0 ? null : (
        <Paragraph key={way}>
          <a href={routes[way].href(context.place, {})}>{inWords(context, way, of, 'link')}</a>
        </Paragraph>
      )
    })}
  </>
)

/** Access, Art. 15 GDPR: every record, field by field, with its end. */
export const dataPage = (context: Context, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place, running, language } = context
  return page(context, {
    about: mainOf(subjectsOf(context)),
    title: t('rights.data.found'),
    sibling: (at) => routes.data.href(at, {}),
    stores: looksAt(context, records),
    body: (
      <>
        <PageTitle>{t('rights.data.found')}</PageTitle>
        {records.length === 0 && <Lead>{t('rights.data.none')}</Lead>}
        {records.map((record) => (
          <section key={record.id}>
            <Heading>{inLanguage(getActivity(running, record.activity).title, language)}</Heading>
            {record.due && (
              <Paragraph>
                {legalHoldInWords(context, record) ??
                  t('rights.data.until', { when: formatMoment(record.due.at, language, running.tenant.timeZone) })}
              </Paragraph>
            )}
            <SummaryList rows={recordRows(context, record)} />
          </section>
        ))}
        {records.length > 0 && (
          <Form action={routes.dataExport.href(place, {})} hidden={hidden(context, proofField(proof))}>
            <Button variant="secondary">{t('rights.data.export')}</Button>
          </Form>
        )}
        <EndingLinks context={context} />
      </>
    ),
  })
}

type Group = { subject: Endable; records: readonly OpenRecord[] }

/** What ending all records of one kind does, and which they are. */
const Effect = ({ context, way, group: { subject, records } }: { context: Context; way: Ending; group: Group }) => {
  const words = subject.ending.words[way]
  const held = records.filter((record) => record.legalHold !== null).length
  return (
    <>
      <Lead>{context.t(words.effect)}</Lead>
      {held > 0 && <Paragraph>{context.t(words.held, { count: held })}</Paragraph>}
      {records.map((record) => {
        const { title, text, icon } = subject.ending.card(context, record)
        return (
          <Card key={record.id} title={title} icon={icon}>
            <p>{text}</p>
          </Card>
        )
      })}
    </>
  )
}

/** What ending it will do, before it is done. */
export const endingPage = (context: Context, way: Ending, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place } = context
  const concerned = endedBy(context, way)
  const groups = concerned
    .map((subject) => ({ subject, records: records.filter(({ activity }) => activity === subject.activity) }))
    .filter((group) => group.records.length > 0)
  const shown = groups.length > 0 ? groups.map(({ subject }) => subject) : concerned
  const title = inWords(context, way, shown, 'question')
  return page(context, {
    about: mainOf(shown),
    title,
    sibling: (at) => routes[way].href(at, {}),
    stores: looksAt(
      context,
      groups.flatMap((group) => group.records),
    ),
    body: (
      <>
        <PageTitle>{title}</PageTitle>
        {groups.length === 0 ? (
          <Lead>{concerned.map(({ ending }) => t(ending.words[way].none)).join(' ')}</Lead>
        ) : (
          <>
            {groups.map((group) => (
              <Fragment key={group.subject.activity}>
                {groups.length > 1 && <Heading>{t(group.subject.ending.words[way].question)}</Heading>}
                <Effect context={context} way={way} group={group} />
              </Fragment>
            ))}
            <Form action={routes[`${way}Do`].href(place, {})} hidden={hidden(context, proofField(proof))}>
              <Button variant="danger">{t(`rights.${way}.button`)}</Button>
            </Form>
          </>
        )}
      </>
    ),
  })
}

type Ended = { subject: Endable; erased: number; restricted: number }

export const donePage = (context: Context, way: Ending, ended: readonly Ended[]): Response => {
  const { t, place } = context
  const of = ended.map(({ subject, ...counts }) => ({ ...counts, ...subject.ending, words: subject.ending.words[way] }))
  return page(context, {
    about: codes,
    title: t(`rights.${way}.done`),
    sibling: (at) => routes[way].href(at, {}),
    body: (
      <>
        <Panel title={t(`rights.${way}.done`)}>
          {of.map(({ words, erased, restricted }) => (
            <Fragment key={words.erased}>
              <p>{t(words.erased, { count: erased })}</p>
              {restricted > 0 && <p>{t(words.restricted, { count: restricted })}</p>}
            </Fragment>
          ))}
        </Panel>
        {of.map(({ words }) => words.after && <Paragraph key={words.after}>{t(words.after)}</Paragraph>)}
        {of.map(({ again }) => (
          <ButtonLink key={again.text} href={again.route.href(place, {})}>
            {t(again.text)}
          </ButtonLink>
        ))}
      </>
    ),
  })
}

/** Where nothing rests on consent there is none to withdraw; says what the person can do instead. */
export const noConsentPage = (context: Context): Response => {
  const { t, place, running } = context
  const endable = endedBy(context, 'erasure')
  return page(context, {
    about: mainOf(endable),
    title: t('rights.noConsent.title'),
    body: (
      <>
        <PageTitle>{t('rights.noConsent.title')}</PageTitle>
        <Lead>{endable.map(({ ending }) => t(ending.noConsent.why)).join(' ')}</Lead>
        <Heading>{t('rights.noConsent.instead')}</Heading>
        <List
          items={[
            ...endable.map(({ ending }) => t(ending.noConsent.instead)),
            <a href={routes.erasure.href(place, {})} key="erasure">
              {inWords(context, 'erasure', endable, 'link')}
            </a>,
            ...(endable.some(({ activity }) => canObject(getActivity(running, activity)))
              ? [t('rights.noConsent.object', { phone: running.tenant.helpline.phone })]
              : []),
          ]}
        />
        <Paragraph>
          <a href={website.notice.href(place, {})}>{t('platform.noticeLink')}</a>
        </Paragraph>
      </>
    ),
  })
}
