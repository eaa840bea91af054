import { Fragment } from 'preact'
import { Contents, type Folding, Sections } from '#features/blocks.tsx'
import { type Context, contributed } from '#features/feature.ts'
import { fragment, Kept, page } from '#features/page.tsx'
import type { Response } from '#platform/http/response.ts'
import { directionOf } from '#platform/i18n/direction.ts'
import { formatDate } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { Callout, Heading, Lead, List, PageTitle, Paragraph, Table } from '#platform/ui/components.tsx'
import { untranslated } from '#platform/ui/untranslated.ts'
import { type Notice, type NoticeSection, sectionId, withAddresses } from '#register/notice/notice.ts'
import { noticeAddresses } from './addresses.ts'
import type { LineChange, Piece, SectionChange } from './changes.ts'
import { keptForm } from './kept.ts'
import { routes } from './routes.ts'
import type { VersionLine } from './sql.ts'
import { stateOn, todayAt, versionOn } from './versions.ts'

const day = (iso: string, language: Language): string => formatDate(Temporal.PlainDate.from(iso), language)
const short = (hash: string): string => hash.slice(0, 12)

/** What this installation works by may say of itself that it is in force only later. */
const Coming = ({ context, notice }: { context: Context; notice: Notice }) =>
  stateOn(notice, todayAt(context)) === 'coming' ? (
    <Callout kind="info" title={context.t('website.version.coming')}>
      <p>{context.t('website.version.comingText', { from: day(notice.effectiveFrom, context.language) })}</p>
    </Callout>
  ) : null

/** Title, version, and whether it is in force. */
const Top = ({ context, notice }: { context: Context; notice: Notice }) => (
  <>
    <PageTitle>{notice.title}</PageTitle>
    <Paragraph muted>
      {context.t('website.notice.effective', {
        date: day(notice.effectiveFrom, context.language),
        hash: short(notice.hash),
      })}
    </Paragraph>
    <Coming context={context} notice={notice} />
  </>
)

type BodyProps = { context: Context; sections: readonly NoticeSection[]; folded?: Folding }

const Body = ({ context, sections, folded }: BodyProps) => (
  <Sections
    sections={withAddresses(
      sections,
      noticeAddresses(contributed(context.deps, 'noticeLinks'), context.place, '', sections),
      noticeAddresses(contributed(context.deps, 'noticeLinks'), context.place, context.deps.config.publicUrl),
    )}
    folded={folded}
  />
)

/** The notice in layers: the summary and who is responsible first, of each activity its beginning, the rest on demand. */
export const noticePage = (context: Context, notice: Notice): Response => {
  const { t, place, running } = context
  const activities = new Set([...running.activities.keys()].map(sectionId))
  const folded: Folding = ({ id, heading }) =>
    activities.has(id) ? t('website.notice.unfold', { activity: heading }) : null
  const content = () => (
    <>
      <Contents label={t('website.notice.contents')} sections={notice.sections} />
      <Body context={context} sections={notice.sections} folded={folded} />
    </>
  )
  return page(context, {
    title: t('website.notice.title'),
    kept: keptForm(context, notice, 'page', () => fragment(context, content())),
    body: (
      <>
        <Top context={context} notice={notice} />
        <Kept />
        <List
          items={[
            <a href={routes.versions.href(place, {})} key="versions">
              {t('website.versions.title')}
            </a>,
            <a href={routes.noticeText.href(place, {})} key="text">
              {t('website.notice.asText')}
            </a>,
            <a href={routes.noticeJson.href(place, {})} key="json">
              {t('website.notice.asJson')}
            </a>,
            <a href={routes.register.href({ ...place, language: 'de' }, {})} key="register">
              {t('website.notice.asRegister')}
            </a>,
          ]}
        />
      </>
    ),
  })
}

/** The notice for whoever works here. */
export const staffNoticePage = (context: Context, notice: Notice): Response => {
  const { t, place } = context
  return page(context, {
    title: notice.title,
    body: (
      <>
        <Top context={context} notice={notice} />
        <Contents label={t('website.notice.contents')} sections={notice.sections} />
        <Body context={context} sections={notice.sections} />
        <List
          items={[
            <a href={routes.staffNoticeText.href(place, {})} key="text">
              {t('website.notice.asText')}
            </a>,
            <a href={routes.staffNoticeJson.href(place, {})} key="json">
              {t('website.notice.asJson')}
            </a>,
          ]}
        />
      </>
    ),
  })
}

/** The part of the notice for one service. */
export const partPage = (context: Context, notice: Notice, sections: readonly NoticeSection[]): Response => {
  const { t, place, language } = context
  const [first] = sections
  const title = t('website.part.title', { activity: first?.heading ?? '' })
  const content = () => (
    <>
      {sections.length > 1 && <Contents label={t('website.notice.contents')} sections={sections} />}
      <Body context={context} sections={sections} />
    </>
  )
  return page(context, {
    title,
    kept: keptForm(context, notice, `part ${first?.id}`, () => fragment(context, content())),
    body: (
      <>
        <PageTitle>{title}</PageTitle>
        <Lead>{t('website.part.lead')}</Lead>
        <Paragraph>
          <a href={routes.notice.href(place, {})}>{notice.title}</a>
        </Paragraph>
        <Paragraph muted>
          {t('website.notice.effective', { date: day(notice.effectiveFrom, language), hash: short(notice.hash) })}
        </Paragraph>
        <Coming context={context} notice={notice} />
        <Kept />
      </>
    ),
  })
}

export const versionsPage = (context: Context, versions: readonly VersionLine[]): Response => {
  const { t, place, language } = context
  const inForce = versionOn(versions, todayAt(context))
  const stateOf = (version: VersionLine): string => {
    if (version === inForce) return ` ${t('website.versions.inForce')}`
    return stateOn(version, todayAt(context)) === 'coming' ? ` ${t('website.versions.coming')}` : ''
  }
  return page(context, {
    title: t('website.versions.title'),
    back: { text: t('website.notice.back'), href: routes.notice.href(place, {}) },
    body: (
      <>
        <PageTitle>{t('website.versions.title')}</PageTitle>
        <Lead>{t('website.versions.lead')}</Lead>
        <Table
          caption={t('website.versions.caption')}
          columns={(['effectiveFrom', 'hash', 'changes'] as const).map((key) => ({
            label: t(`website.versions.${key}`),
          }))}
          rows={versions.toReversed().map((version) => [
            `${day(version.effectiveFrom, language)}${stateOf(version)}`,
            <a href={routes.version.href(place, { hash: version.hash })} key="version">
              <code {...untranslated}>{short(version.hash)}</code>
            </a>,
            version.number === 1 ? (
              t('website.versions.first')
            ) : (
              <a href={routes.changes.href(place, { hash: version.hash })} key="changes">
                {t('website.versions.compare')}
                <span class="a-hidden"> {short(version.hash)}</span>
              </a>
            ),
          ])}
        />
      </>
    ),
  })
}

/** A version as it was, with its state said first. */
export const versionPage = (context: Context, notice: Notice & { language: Language }): Response => {
  const { t, place, language } = context
  const hash = short(notice.hash)
  const dates = { from: day(notice.effectiveFrom, language) }
  const state = stateOn(notice, todayAt(context))
  return page(context, {
    title: t('website.version.title', { hash }),
    back: { text: t('website.versions.back'), href: routes.versions.href(place, {}) },
    body: (
      <>
        <PageTitle caption={t('website.version.title', { hash })}>{notice.title}</PageTitle>
        {state === 'old' && notice.replacedOn ? (
          <Callout kind="warning" title={t('website.version.old')}>
            <p>{t('website.version.oldText', { ...dates, to: day(notice.replacedOn, language) })}</p>
            <p>
              <a href={routes.notice.href(place, {})}>{t('website.version.toCurrent')}</a>
            </p>
          </Callout>
        ) : (
          <Callout kind="info" title={t(`website.version.${state}`)}>
            <p>{t(`website.version.${state}Text`, dates)}</p>
          </Callout>
        )}
        <Paragraph>
          <a href={routes.changes.href(place, { hash: notice.hash })}>{t('website.versions.whatChanged', { hash })}</a>
        </Paragraph>
        {notice.language !== language && <Paragraph>{t('website.version.germanOnly')}</Paragraph>}
        <div lang={notice.language} dir={directionOf(notice.language)}>
          <Contents label={t('website.notice.contents')} sections={notice.sections} />
          <Body context={context} sections={notice.sections} />
        </div>
      </>
    ),
  })
}

/** Words that came or went. What it is stands beside it in words: not everybody sees lines and colours, and few screen
 *  readers say them. */
const Words = ({ piece: { kind, text }, context: { t } }: { piece: Piece; context: Context }) => {
  if (kind === 'same') return <>{text}</>
  const Tag = kind === 'added' ? 'ins' : 'del'
  return (
    <Tag class={`a-${kind}`}>
      <span class="a-mark-word">{t(`website.changes.${kind}`)}</span> {text}
    </Tag>
  )
}

const ChangedLine = ({ line, context }: { line: LineChange; context: Context }) => (
  <>
    {line.under && <span class="a-muted">{line.under}: </span>}
    {line.pieces.map((piece, index) => (
      <Fragment key={index}>
        {piece.kind === 'added' && line.pieces[index - 1]?.kind === 'removed' && ' '}
        <Words piece={piece} context={context} />
      </Fragment>
    ))}
  </>
)

type Changes = {
  before: VersionLine | null
  after: VersionLine
  changes: readonly SectionChange[]
  /** The version before did not speak this language. */
  isNew: boolean
  /** Languages other than this one in which something changed. */
  others: readonly Language[]
}

export const changesPage = (context: Context, { before, after, changes, isNew, others }: Changes): Response => {
  const { t, place, language } = context
  const hash = short(after.hash)
  const title = t('website.changes.title', { hash })
  return page(context, {
    title,
    back: { text: t('website.versions.back'), href: routes.versions.href(place, {}) },
    body: (
      <>
        <PageTitle>{title}</PageTitle>
        {before ? (
          <Lead>
            {t('website.changes.lead', {
              from: day(after.effectiveFrom, language),
              before: short(before.hash),
              beforeFrom: day(before.effectiveFrom, language),
            })}
          </Lead>
        ) : (
          <Lead>{t('website.changes.first')}</Lead>
        )}
        {changes.map((change) => (
          <section key={change.id}>
            <Heading id={change.id}>{t(`website.changes.${change.kind}Section`, { heading: change.heading })}</Heading>
            <List
              items={change.lines.map((line, index) => <ChangedLine line={line} context={context} key={index} />)}
            />
          </section>
        ))}
        {before && changes.length === 0 && (
          <Paragraph>{t(isNew ? 'website.changes.newLanguage' : 'website.changes.noneHere')}</Paragraph>
        )}
        {others.map((other) => (
          <Paragraph key={other}>
            {t('website.changes.otherLanguage')}{' '}
            <a
              href={routes.changes.href({ ...place, language: other }, { hash: after.hash })}
              lang={other}
              hreflang={other}
            >
              {translator(other)('platform.ownName')}
            </a>
          </Paragraph>
        ))}
        <List
          items={[
            <a href={routes.version.href(place, { hash: after.hash })} key="after">
              {t('website.version.title', { hash })}
            </a>,
            ...(before
              ? [
                  <a href={routes.version.href(place, { hash: before.hash })} key="before">
                    {t('website.version.title', { hash: short(before.hash) })}
                  </a>,
                ]
              : []),
          ]}
        />
      </>
    ),
  })
}
