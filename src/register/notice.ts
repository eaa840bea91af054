import { type Language, translator } from '#platform/i18n/translate.ts'
import { citeNorm } from './norms.ts'
import { activityBlocks } from './notice-activity.ts'
import { cookieLine, cookieSection } from './notice-cookies.ts'
import { rightsBlocks } from './notice-rights.ts'
import { type Activity, inLanguage, type RunningTenant } from './register.ts'
import { retentionLine } from './retention-text.ts'
import type { Contact } from './schema.ts'

export { noticeText } from './notice-text.ts'

/** A page of this tenant, by the path under which it stands. The view makes it an address. */
export type NoticeRoute = 'widerruf' | 'meine-daten'

/** Where a link leads: to a page of this tenant, or out. */
export type LinkTarget = { route: NoticeRoute } | { url: string }

export type Row = { label: string; value: string }

export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'subheading'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'facts'; rows: Row[] }
  | { kind: 'link'; text: string; target: LinkTarget }

/** `id` stays the same over versions and languages, so that links into the notice keep working. */
export type Section = { id: string; heading: string; blocks: Block[] }

/** A privacy notice (Art. 13 GDPR) as data. `effectiveFrom` is an ISO 8601 day, `hash` the one of the register. */
export type Notice = { title: string; effectiveFrom: string; hash: string; sections: Section[] }

const order = [
  'appointments.booking',
  'mail.delivery',
  'rights.code',
  'case.file',
  'web.terms',
  'web.statistics',
  'web.delivery',
]

/** What people come for stands first, what happens along the way last; anything else between, by its id. */
const inOrder = (running: RunningTenant): Activity[] => {
  const placeOf = ({ id }: Activity) => (order.includes(id) ? order.indexOf(id) : order.indexOf('web.terms') - 0.5)
  return [...running.activities.values()].sort((a, b) => placeOf(a) - placeOf(b) || (a.id < b.id ? -1 : 1))
}

const contactRows = (contact: Contact, nameLabel: string, language: Language): Row[] => {
  const t = translator(language)
  return [
    { label: nameLabel, value: inLanguage(contact.name, language) },
    { label: t('register.notice.contact.address'), value: `${contact.street}, ${contact.postalCode} ${contact.city}` },
    ...(contact.phone ? [{ label: t('register.notice.contact.phone'), value: contact.phone }] : []),
    ...(contact.email ? [{ label: t('register.notice.contact.email'), value: contact.email }] : []),
  ]
}

const summary = (running: RunningTenant, language: Language): Section => {
  const t = translator(language)
  const { demonstration, fictional } = running.tenant
  const caveat = fictional ? 'fictional' : 'demonstration'
  return {
    id: 'summary',
    heading: t('register.notice.summary.heading'),
    blocks: [
      ...(demonstration || fictional ? [{ kind: 'paragraph', text: t(`register.notice.${caveat}`) } as const] : []),
      { kind: 'paragraph', text: t('register.notice.summary.intro') },
      {
        kind: 'facts',
        rows: inOrder(running).map((activity) => ({
          label: inLanguage(activity.title, language),
          value: `${inLanguage(activity.summary, language)} ${retentionLine(activity, language)}.`,
        })),
      },
      { kind: 'paragraph', text: t('register.notice.summary.noMore') },
      { kind: 'paragraph', text: cookieLine(running, language) },
    ],
  }
}

const controller = ({ tenant }: RunningTenant, language: Language): Section => {
  const t = translator(language)
  const [name, ...rest] = contactRows(tenant.controller, t('register.notice.controller.name'), language)
  const representedBy = {
    label: t('register.notice.controller.representedBy'),
    value: inLanguage(tenant.controller.representedBy, language),
  }
  const helpline = {
    label: t('register.notice.controller.helpline'),
    value: `${tenant.helpline.phone}, ${inLanguage(tenant.helpline.hours, language)}`,
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

const officer = ({ tenant: { dataProtectionOfficer: contact } }: RunningTenant, language: Language): Section => {
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

const version = ({ tenant, hash }: RunningTenant, language: Language): Section => {
  const t = translator(language)
  const day = Temporal.PlainDate.from(tenant.effectiveFrom).toLocaleString(language === 'de' ? 'de-DE' : 'en-GB', {
    dateStyle: 'long',
  })
  return {
    id: 'version',
    heading: t('register.notice.version.heading'),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: t('register.notice.version.effectiveFrom'), value: day },
          { label: t('register.notice.version.hash'), value: hash },
        ],
      },
      { kind: 'paragraph', text: t('register.notice.version.explanation') },
    ],
  }
}

const authority = ({ tenant: { supervisoryAuthority } }: RunningTenant, language: Language): Section => {
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
const decisions = (language: Language): Section => {
  const t = translator(language)
  return {
    id: 'decisions',
    heading: t('register.notice.decisions.heading'),
    blocks: [{ kind: 'paragraph', text: t('register.notice.decisions.none') }],
  }
}

/** The privacy notice of a tenant: made from the register that is enforced, so that it cannot say anything else. */
export const buildNotice = (running: RunningTenant, language: Language): Notice => {
  const t = translator(language)
  const { tenant, hash } = running
  return {
    title: t('register.notice.title', { name: inLanguage(tenant.name, language) }),
    effectiveFrom: tenant.effectiveFrom,
    hash,
    sections: [
      summary(running, language),
      controller(running, language),
      officer(running, language),
      ...inOrder(running).map((activity) => ({
        id: activity.id.replaceAll('.', '-'),
        heading: inLanguage(activity.title, language),
        blocks: activityBlocks(running, activity, language),
      })),
      cookieSection(running, language),
      { id: 'rights', heading: t('register.notice.rights.heading'), blocks: rightsBlocks(running, language) },
      authority(running, language),
      decisions(language),
      version(running, language),
    ],
  }
}
