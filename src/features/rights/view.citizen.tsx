import { Fragment } from 'preact'
import type { Ending } from '#features/contribution.ts'
import type { Context, Endable } from '#features/feature.ts'
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
import { getActivity } from '#register/register.ts'
import type { OpenRecord } from '#vault/index.ts'
import { proofField } from './mailbox.ts'
import { activityId as codes } from './purposes.ts'
import { routes } from './routes.ts'
import { endableOf, endedBy, mainOf, subjectsOf } from './subjects.ts'
import { namesOf, ofAll, ofKind, titleOf, whyNoConsent } from './words.ts'

/** What a page that opens these records stores by doing so: one sentence for all that say it alike. */
const looksAt = (context: Context, records: readonly OpenRecord[]): string[] => [
  ...new Set(records.map(({ activity }) => lookedAt(context, activity))),
]

const EndingLinks = ({ context }: { context: Context }) => (
  <>
    {(['withdrawal', 'erasure'] as const).map((way) => {
      const of = endedBy(context, way)
      return of.length === 0 ? null : (
        <Paragraph key={way}>
          <a href={routes[way].href(context.place, {})}>{ofAll(context, way, of, 'link')}</a>
        </Paragraph>
      )
    })}
  </>
)

/** Access, Art. 15 GDPR: every record, field by field, with its end. */
export const dataPage = (context: Context, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place, running, language } = context
  const found = endableOf(context).filter((subject) => records.some(({ activity }) => activity === subject.activity))
  return page(context, {
    about: mainOf([...found, ...subjectsOf(context)]),
    title: t('rights.data.found'),
    sibling: (at) => routes.data.href(at, {}),
    stores: looksAt(context, records),
    body: (
      <>
        <PageTitle>{t('rights.data.found')}</PageTitle>
        {records.length === 0 && <Lead>{t('rights.data.none')}</Lead>}
        {records.map((record) => (
          <section key={record.id}>
            <Heading>{titleOf(context, record)}</Heading>
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
  const held = records.filter((record) => record.legalHold !== null).length
  return (
    <>
      <Lead>{ofKind(context, way, subject, 'effect')}</Lead>
      {held > 0 && <Paragraph>{ofKind(context, way, subject, 'held', held)}</Paragraph>}
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

/** Kinds with records of this mailbox that this way leaves, and the other way ends. */
const leftBy = (context: Context, way: Ending, records: readonly OpenRecord[]) => {
  const other = way === 'withdrawal' ? 'erasure' : 'withdrawal'
  const kinds = endedBy(context, other).filter((kind) => records.some(({ activity }) => activity === kind.activity))
  return { other, kinds } as const
}

const Left = ({ context, other, kinds }: { context: Context } & ReturnType<typeof leftBy>) =>
  kinds.length === 0 ? null : (
    <Paragraph>
      {context.t('rights.kind.left', { list: namesOf(context, kinds) })}{' '}
      <a href={routes[other].href(context.place, {})}>{ofAll(context, other, kinds, 'link')}</a>
    </Paragraph>
  )

/** What ending it will do, before it is done. */
export const endingPage = (context: Context, way: Ending, records: readonly OpenRecord[], proof: string): Response => {
  const { t, place } = context
  const concerned = endedBy(context, way)
  const groups = concerned
    .map((subject) => ({ subject, records: records.filter(({ activity }) => activity === subject.activity) }))
    .filter((group) => group.records.length > 0)
  const shown = groups.length > 0 ? groups.map(({ subject }) => subject) : concerned
  const title = ofAll(context, way, shown, 'question')
  const left = leftBy(context, way, records)
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
          <Lead>{ofAll(context, way, concerned, 'none')}</Lead>
        ) : (
          <>
            {groups.map((group) => (
              <Fragment key={group.subject.activity}>
                {groups.length > 1 && <Heading>{titleOf(context, group.subject)}</Heading>}
                <Effect context={context} way={way} group={group} />
              </Fragment>
            ))}
            <Form action={routes[`${way}Do`].href(place, {})} hidden={hidden(context, proofField(proof))}>
              <Button variant="danger">
                {t(left.kinds.length > 0 ? `rights.${way}.buttonSome` : `rights.${way}.button`)}
              </Button>
            </Form>
          </>
        )}
        <Left context={context} {...left} />
      </>
    ),
  })
}

type Ended = { subject: Endable; erased: number; restricted: number }

/** `records`: what the mailbox had before. */
export const donePage = (
  context: Context,
  way: Ending,
  { all, records }: { all: readonly Ended[]; records: readonly OpenRecord[] },
): Response => {
  const { t, place } = context
  const left = leftBy(context, way, records)
  const title = t(way === 'erasure' && left.kinds.length > 0 ? 'rights.erasure.doneSome' : `rights.${way}.done`)
  const ended = all.filter(({ erased, restricted }) => erased + restricted > 0)
  const shown = ended.length > 0 ? ended : all
  const after = shown.flatMap(({ subject }) => subject.ending.words[way]?.after ?? [])
  return page(context, {
    about: codes,
    title,
    sibling: (at) => routes[way].href(at, {}),
    body: (
      <>
        <Panel title={title}>
          {shown.map(({ subject, erased, restricted }) => (
            <Fragment key={subject.activity}>
              <p>{ofKind(context, way, subject, 'erased', erased)}</p>
              {restricted > 0 && <p>{ofKind(context, way, subject, 'restricted', restricted)}</p>}
            </Fragment>
          ))}
        </Panel>
        {after.map((word) => (
          <Paragraph key={word}>{t(word)}</Paragraph>
        ))}
        <Left context={context} {...left} />
        {shown.map(({ subject: { ending } }) => (
          <ButtonLink key={ending.again.text} href={ending.again.route.href(place, {})}>
            {t(ending.again.text)}
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
        <Lead>{t(whyNoConsent(endable))}</Lead>
        <Heading>{t('rights.noConsent.instead')}</Heading>
        <List
          items={[
            ...endable.flatMap(({ ending: { noConsent } }) => (noConsent ? [t(noConsent.instead)] : [])),
            <a href={routes.erasure.href(place, {})} key="erasure">
              {ofAll(context, 'erasure', endable, 'link')}
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
