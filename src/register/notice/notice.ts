import { isolate } from '#platform/i18n/direction.ts'
import { formatDate, formatMoment } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { plainText, type Row, type Section } from '../blocks.ts'
import { contentHash } from '../canonical.ts'
import { onDeviceOf } from '../device.ts'
import { citeNorm } from '../law/norms.ts'
import { type Audience, inLanguage, type RunningTenant, toldTo } from '../register.ts'
import { retentionLine } from '../retention-text.ts'
import type { Contact } from '../schema-tenant.ts'
import { activityBlocks } from './activity.ts'
import { backupSection } from './backup.ts'
import { cookieLine, cookieSection } from './cookies.ts'
import { objectionAtTop, objectionSection } from './objection.ts'
import { inOrder } from './order.ts'
import { rightsBlocks, waysOf } from './rights.ts'
import { type AddressOf, type NoticeSection, sectionId } from './section.ts'

export { type AddressOf, type LinkTarget, type NoticeBlock, type NoticeSection, sectionId } from './section.ts'

/** A privacy notice (Art. 13 GDPR) as data: what people read, without its date and checksum. */
export type NoticeContent = { title: string; sections: NoticeSection[] }

/** Which version of a notice it is. */
export type Stamp = {
  /** ISO 8601 day. */
  effectiveFrom: string
  /** Of the contents in all languages: changes exactly when what people read changes. */
  hash: string
  /** When the register was last found to agree with the running system; null when nothing has compared them yet. */
  checkedAt: Temporal.ZonedDateTime | null
  /** ISO 8601 day from which another version has taken its place. */
  replacedOn?: string
}

/** A version of the notice in one language, its own particulars in the last section. */
export type Notice = NoticeContent & Stamp

const contactRows = (contact: Contact, nameLabel: string, language: Language): Row[] => {
  const t = translator(language)
  return [
    { label: nameLabel, value: inLanguage(contact.name, language) },
    { label: t('register.notice.contact.address'), value: `${contact.street}, ${contact.postalCode} ${contact.city}` },
    ...(contact.phone ? [{ label: t('register.notice.contact.phone'), value: contact.phone }] : []),
    ...(contact.email ? [{ label: t('register.notice.contact.email'), value: contact.email }] : []),
  ]
}

const summary = (running: RunningTenant, language: Language, audience: Audience): NoticeSection => {
  const t = translator(language)
  const { demonstration, fictional } = running.tenant
  const caveat = fictional ? 'fictional' : 'demonstration'
  return {
    id: 'summary',
    heading: t('register.notice.summary.heading'),
    blocks: [
      ...(demonstration || fictional ? [{ kind: 'paragraph', text: t(`register.notice.${caveat}`) } as const] : []),
      { kind: 'paragraph', text: t('register.notice.summary.intro') },
      { kind: 'paragraph', text: t('register.notice.summary.processing') },
      {
        kind: 'facts',
        rows: inOrder(running).map((activity) => ({
          label: inLanguage(activity.title, language),
          value: `${inLanguage(activity.summary, language)} ${retentionLine(activity, language)}.`,
        })),
      },
      { kind: 'paragraph', text: t('register.notice.summary.noMore') },
      ...(saysCookies(running, audience) ? [{ kind: 'paragraph', text: cookieLine(running, language) } as const] : []),
      ...waysOf(running, language, audience),
      ...objectionAtTop(running, language),
    ],
  }
}

/** That there is no cookie is said to whoever uses the services; who works here reads of those of their own. */
const saysCookies = (running: RunningTenant, audience: Audience): boolean =>
  audience === 'citizens' || onDeviceOf(running).length > 0

const controller = ({ tenant }: RunningTenant, language: Language): NoticeSection => {
  const t = translator(language)
  const [name, ...rest] = contactRows(tenant.controller, t('register.notice.controller.name'), language)
  const representedBy = {
    label: t('register.notice.controller.representedBy'),
    value: inLanguage(tenant.controller.representedBy, language),
  }
  const helpline = {
    label: t('register.notice.controller.helpline'),
    value: [isolate(tenant.helpline.phone, language), inLanguage(tenant.helpline.hours, language)].join(
      t('platform.listComma'),
    ),
  }
  return {
    id: 'controller',
    heading: t('register.notice.controller.heading'),
    blocks: [
      { kind: 'paragraph', text: t('register.notice.controller.intro') },
      { kind: 'facts', rows: [...(name ? [name] : []), representedBy, ...rest, helpline] },
    ],
  }
}

const officer = ({ tenant: { dataProtectionOfficer: contact } }: RunningTenant, language: Language): NoticeSection => {
  const t = translator(language)
  return {
    id: 'data-protection-officer',
    heading: t('register.notice.officer.heading'),
    blocks: [
      { kind: 'paragraph', text: t('register.notice.officer.intro') },
      { kind: 'facts', rows: contactRows(contact, t('register.notice.contact.name'), language) },
      ...(contact.phone || contact.email
        ? []
        : [{ kind: 'paragraph', text: t('register.notice.officer.byPost') } as const]),
    ],
  }
}

const dayInWords = (day: string, language: Language): string => formatDate(Temporal.PlainDate.from(day), language)

/** Earlier versions are kept of the notice for whoever uses the services. */
const versionSection = (
  { effectiveFrom, hash, checkedAt, replacedOn }: Stamp,
  language: Language,
  audience: Audience = 'citizens',
): NoticeSection => {
  const t = translator(language)
  const moment = checkedAt && formatMoment(checkedAt.toInstant(), language, checkedAt.timeZoneId)
  return {
    id: 'version',
    heading: t('register.notice.version.heading'),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: t('register.notice.version.effectiveFrom'), value: dayInWords(effectiveFrom, language) },
          ...(replacedOn
            ? [{ label: t('register.notice.version.replacedOn'), value: dayInWords(replacedOn, language) }]
            : []),
          { label: t('register.notice.version.hash'), value: hash },
          ...(moment ? [{ label: t('register.notice.version.checkedAt'), value: moment }] : []),
        ],
      },
      ...(audience === 'staff'
        ? []
        : [
            { kind: 'paragraph', text: t('register.notice.version.explanation') } as const,
            { kind: 'link', text: t('register.notice.version.all'), target: { route: 'fassungen' } } as const,
          ]),
    ],
  }
}

const authority = ({ tenant: { supervisoryAuthority } }: RunningTenant, language: Language): NoticeSection => {
  const t = translator(language)
  return {
    id: 'supervisory-authority',
    heading: t('register.notice.authority.heading'),
    blocks: [
      { kind: 'paragraph', text: t('register.notice.authority.intro', { norm: citeNorm('Art. 77 GDPR', language) }) },
      { kind: 'facts', rows: contactRows(supervisoryAuthority, t('register.notice.contact.name'), language) },
      { kind: 'link', text: t('register.notice.authority.website'), target: { url: supervisoryAuthority.website } },
    ],
  }
}

/** The same for everybody, because the software makes it true. */
const decisions = (language: Language): NoticeSection => {
  const t = translator(language)
  return {
    id: 'decisions',
    heading: t('register.notice.decisions.heading'),
    blocks: [{ kind: 'paragraph', text: t('register.notice.decisions.none') }],
  }
}

let made: { running: RunningTenant; contents: Map<Language, NoticeContent> } | null = null

/** The privacy notice of a tenant for whoever uses its services: made from the register that is enforced, so that it cannot say anything else. Kept for
 *  the tenant asked last only: page, text, checksum and what is stored of a version follow each other. */
export const noticeContent = (running: RunningTenant, language: Language): NoticeContent => {
  if (made?.running !== running) made = { running, contents: new Map() }
  const content = made.contents.get(language) ?? makeContent(toldTo('citizens', running), language, 'citizens')
  made.contents.set(language, content)
  return content
}

const makeContent = (running: RunningTenant, language: Language, audience: Audience): NoticeContent => {
  const t = translator(language)
  return {
    title: t(audience === 'staff' ? 'register.notice.staffTitle' : 'register.notice.title', {
      name: inLanguage(running.tenant.name, language),
    }),
    sections: [
      summary(running, language, audience),
      controller(running, language),
      officer(running, language),
      ...inOrder(running).map((activity) => ({
        id: sectionId(activity.id),
        heading: inLanguage(activity.title, language),
        blocks: activityBlocks(running, activity, language),
      })),
      backupSection(running, language),
      ...(saysCookies(running, audience) ? [cookieSection(running, language)] : []),
      { id: 'rights', heading: t('register.notice.rights.heading'), blocks: rightsBlocks(running, language, audience) },
      ...objectionSection(running, language),
      authority(running, language),
      decisions(language),
    ],
  }
}

/** What a version says, by language: German always, the others that the tenant spoke then. */
export type NoticeContents = { de: NoticeContent } & Partial<Record<Language, NoticeContent>>

/** The contents in every language of the tenant, as a version keeps them. */
export const noticeContents = (running: RunningTenant): NoticeContents => ({
  de: noticeContent(running, 'de'),
  ...Object.fromEntries(running.tenant.languages.map((language) => [language, noticeContent(running, language)])),
})

const hashes = new WeakMap<RunningTenant, string>()

/** The checksum of the notice that a tenant's files make. */
export const noticeHash = (running: RunningTenant): string => {
  const hash = hashes.get(running) ?? contentHash(noticeContents(running))
  hashes.set(running, hash)
  return hash
}

/** A version for reading: its contents, and at the end which version it is. */
export const stamped = (content: NoticeContent, stamp: Stamp, language: Language): Notice => ({
  ...stamp,
  title: content.title,
  sections: [...content.sections, versionSection(stamp, language)],
})

/** The notice as the files declare it. Since when it has been in force, only the stored versions know for certain. */
export const buildNotice = (
  running: RunningTenant,
  language: Language,
  stamp: Stamp = {
    effectiveFrom: running.tenant.effectiveFrom,
    hash: noticeHash(running),
    checkedAt: null,
  },
): Notice => stamped(noticeContent(running, language), stamp, language)

/** The notice for whoever works here, as the files declare it; null where they declare nothing for them. It has no stored
 *  versions. */
export const staffNotice = (
  running: RunningTenant,
  language: Language,
  checkedAt: Stamp['checkedAt'] = null,
): Notice | null => {
  const view = toldTo('staff', running)
  if (view.activities.size === 0) return null
  const contentIn = (each: Language) => makeContent(view, each, 'staff')
  const hash = contentHash(Object.fromEntries(running.tenant.languages.map((each) => [each, contentIn(each)])))
  const stamp = { effectiveFrom: running.tenant.effectiveFrom, hash, checkedAt }
  const { title, sections } = contentIn(language)
  return { ...stamp, title, sections: [...sections, versionSection(stamp, language, 'staff')] }
}

/** With the address of each link. `onPaper` gives whole ones for what is printed, where an anchor needs none. */
export const withAddresses = (
  sections: readonly NoticeSection[],
  addressOf: AddressOf,
  onPaper?: AddressOf,
): Section[] =>
  sections.map(({ blocks, ...section }) => ({
    ...section,
    blocks: blocks.map((block) => {
      if (block.kind !== 'link') return block
      const href = addressOf(block.target)
      return {
        kind: 'link',
        text: block.text,
        href,
        printed: href.startsWith('#') ? undefined : onPaper?.(block.target),
      }
    }),
  }))

/** The notice as plain text. `addressOf` gives the tenant's pages in the notice's language, as full addresses. */
export const noticeText = ({ title, sections }: Notice, addressOf: AddressOf): string =>
  plainText({ title, sections: withAddresses(sections, addressOf) })

/** The part of a notice for one service: its activity, then what happens along with it. Null if there is none of this
 *  section id. */
export const noticePart = (running: RunningTenant, content: NoticeContent, id: string): NoticeSection[] | null => {
  const activity = [...toldTo('citizens', running).activities.values()].find((each) => sectionId(each.id) === id)
  if (!activity) return null
  const ids = [activity.id, ...activity.includes].map(sectionId)
  return ids.flatMap((each) => content.sections.filter((section) => section.id === each))
}
