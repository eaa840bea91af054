import { describe, expect, test } from 'vitest'
import german from '#locales/de/register.json' with { type: 'json' }
import english from '#locales/en/register.json' with { type: 'json' }
import { languages } from '#platform/i18n/translate.ts'
import { copyTenants, needs, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { buildNotice, noticeText } from './notice.ts'
import { getActivity } from './register.ts'
import { retentionLine, retentionSentences } from './retention-text.ts'

const hrefs = { widerruf: 'https://x.example/widerruf', 'meine-daten': 'https://x.example/meine-daten' }
const booking = 'segeberg/activities/appointments-booking.yaml'
const german14 = 'Wir löschen diese Daten 14 Tage nach dem Termin.'

const textOf = (slug: string, language: 'de' | 'en' = 'de') =>
  noticeText(buildNotice(runningTenant(slug), language), hrefs)
/** Without line breaks, so that a sentence is found wherever it is broken. */
const flat = (text: string) => text.replace(/\s+/g, ' ')

describe('the notice says what the register does', () => {
  test('a changed period changes notice, form hint and data page', () => {
    using tenants = copyTenants()
    const before = runningTenant('segeberg', tenants.load())
    tenants.write(booking, replaced(tenants.read(booking), 'P14D', 'P7D'))
    const after = runningTenant('segeberg', tenants.load())
    const sentences = (running: typeof before) => retentionSentences(getActivity(running, 'appointments.booking'), 'de')
    const text = (running: typeof before) => noticeText(buildNotice(running, 'de'), hrefs)
    expect(sentences(before)[0]).toBe(german14)
    expect(sentences(after)[0]).toBe('Wir löschen diese Daten 7 Tage nach dem Termin.')
    expect(text(before)).toContain(german14)
    expect(text(after)).not.toContain(german14)
    expect(text(after)).toContain('Wir löschen diese Daten 7 Tage nach dem Termin.')
    expect(retentionLine(getActivity(after, 'appointments.booking'), 'en')).toBe(
      'Erased: 7 days after the appointment; at once when the appointment is cancelled; at once when you withdraw your consent',
    )
  })

  test('a new field appears with its consequence', () => {
    using tenants = copyTenants()
    const field = `  - id: interpreter
    label: { de: Dolmetschen, en: Interpreter }
    dataCategory: pd:Language
    input: text
    necessity: optional
    reason: { de: Damit wir jemanden bestellen., en: So that we order somebody. }
    ifRefused: { de: Wir sprechen Deutsch., en: We speak German. }
`
    tenants.write(booking, replaced(tenants.read(booking), 'fields:\n', `fields:\n${field}`))
    const text = flat(noticeText(buildNotice(runningTenant('segeberg', tenants.load()), 'de'), hrefs))
    expect(text).toContain('* Dolmetschen Freiwillig. Damit wir jemanden bestellen. Wir sprechen Deutsch.')
    const shares = (all: string) => all.split('Bekommt: ').length
    // Whoever operates the installation gets this field too.
    expect(shares(text)).toBe(shares(flat(noticeText(buildNotice(runningTenant('segeberg'), 'de'), hrefs))))
  })

  test('what is executed elsewhere says by whom, links there, and is told apart from what this software stores', () => {
    const blocks = buildNotice(runningTenant('segeberg'), 'de').sections.find(({ id }) => id === 'case-file')?.blocks
    expect(blocks).toContainEqual({
      kind: 'link',
      text: 'Mehr darüber: das Aktensystem des Jobcenters Kreis Segeberg (erfunden)',
      target: { url: 'https://akte.segeberg.example/' },
    })
    const text = flat(textOf('segeberg'))
    expect(text).toContain('Diese Software speichert davon nichts.')
    expect(text).toContain(
      'Wir löschen diese Daten 10 Jahre, nachdem wir Ihnen den Bescheid über Ihre Leistung bekannt',
    )
  })

  test('with whom a processor works in turn is no secret', () => {
    using tenants = copyTenants()
    const sub = `country: DE
subProcessors:
  - { id: dc, name: { de: Rechenhaus, en: Data house }, country: DE, task: { de: Strom, en: power } }`
    tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), 'country: DE', sub))
    const text = flat(noticeText(buildNotice(runningTenant('segeberg', tenants.load()), 'en'), hrefs))
    expect(text).toContain('Has parts of it done by: Data house (power).')
  })

  test('a recipient of some fields is said to get these', () => {
    using tenants = copyTenants()
    const archive = `recipients:
  - id: archive
    name: { de: Archiv, en: Archive }
    role: internalUnit
    country: DE
    fields: [name, email]
    transport: tls
retention:`
    tenants.write(booking, replaced(tenants.read(booking), 'retention:', archive))
    const text = flat(noticeText(buildNotice(runningTenant('segeberg', tenants.load()), 'de'), hrefs))
    expect(text).toContain('Bekommt: Vor- und Nachname, E-Mail-Adresse')
  })

  test('the phone number is for advice by phone only', () => {
    const text = flat(textOf('segeberg'))
    expect(text).toContain('* Telefonnummer Nur für Beratung am Telefon, dort Pflichtangabe.')
  })

  test('rights follow from the legal basis', () => {
    using tenants = copyTenants()
    const text = flat(textOf('musterstadt'))
    expect(text).toContain('Widerruf (Art. 7 Abs. 3 DSGVO)')
    expect(text).toContain('Das betrifft: Ihre Akte, Aufruf unserer Seiten, Zählen der Seitenaufrufe.')
    for (const name of ['case-file', 'web-delivery', 'web-statistics']) {
      const file = `musterstadt/activities/${name}.yaml`
      tenants.write(file, replaced(tenants.read(file), 'Art. 6(1)(e) GDPR', 'Art. 6(1)(c) GDPR'))
    }
    const without = noticeText(buildNotice(runningTenant('musterstadt', tenants.load()), 'de'), hrefs)
    expect(without).not.toContain('Widerspruch')
  })
})

describe('what Art. 13 GDPR asks for', () => {
  test.each([
    ['controller and representative', 'Kisdorfer Weg 7a, 24568 Kaltenkirchen'],
    ['representative by role', 'Vertreten durch die Geschäftsführung'],
    ['data protection officer by post only', 'Bitte schreiben Sie einen Brief.'],
    ['supervisory authority', 'Graurheindorfer Straße 153, 53117 Bonn'],
    ['legal bases', 'Art. 6 Abs. 1 Buchst. a DSGVO'],
    ['§ 67b SGB X', '§ 67b Abs. 2 SGB X'],
    ['recipient abroad is not hidden', 'Das kann auch außerhalb Europas sein.'],
    ['mail after erasure', 'auch dann noch bestätigen, wenn die Daten des Termins schon gelöscht sind'],
    ['the longest life of a mail', 'Wir löschen diese Daten 24 Stunden, nachdem die E-Mail zum Versand bereitlag.'],
    ['its cookie and for how long', 'Das Cookie „disclaimer“ bleibt 30 Tage auf Ihrem Gerät.'],
    ['how to be rid of it', 'Sie können gespeicherte Cookies jederzeit in Ihrem Browser löschen'],
    ['no automated decision', 'Hier entscheidet kein Computer über Sie'],
    ['in force from', 'Gültig ab 1. November 2026'],
  ])('%s', (_name, words) => {
    expect(flat(textOf('segeberg'))).toContain(words)
  })

  test('a tenant that declares no cookie says that there is none', () => {
    expect(flat(textOf('musterstadt'))).toContain('Wir setzen keine Cookies.')
    expect(flat(textOf('segeberg'))).not.toContain('Wir setzen keine Cookies.')
  })

  test('sections stand in a fixed order, most important first', () => {
    expect(buildNotice(runningTenant('segeberg'), 'de').sections.map(({ id }) => id)).toEqual([
      'summary',
      'controller',
      'data-protection-officer',
      'appointments-booking',
      'mail-delivery',
      'rights-code',
      'case-file',
      'web-terms',
      'web-statistics',
      'web-delivery',
      'cookies',
      'rights',
      'supervisory-authority',
      'decisions',
      'version',
    ])
  })

  test('an officer with phone and mail is not said to be reachable by letter only', () => {
    const text = textOf('musterstadt')
    expect(text).toContain('datenschutz@musterstadt.example')
    expect(text).not.toContain('Bitte schreiben Sie einen Brief.')
  })

  test('withdrawal is one link away, in the activity and among the rights', () => {
    const blocks = buildNotice(runningTenant('segeberg'), 'de').sections.flatMap((section) => section.blocks)
    const targets = blocks.flatMap((block) => (block.kind === 'link' ? [block.target] : []))
    expect(targets.filter((target) => 'route' in target && target.route === 'widerruf')).toHaveLength(2)
  })
})

describe('both languages', () => {
  test('say the same things: the same sections and blocks', () => {
    const shape = (language: 'de' | 'en') =>
      buildNotice(runningTenant('segeberg'), language).sections.map(({ id, blocks }) => [
        id,
        blocks.map(({ kind }) => kind),
      ])
    expect(shape('en')).toEqual(shape('de'))
  })

  test('have the same texts in the catalogue', () => {
    const keys = (node: unknown, path = ''): string[] =>
      typeof node === 'object' && node !== null
        ? Object.entries(node).flatMap(([key, value]) => keys(value, `${path}.${key}`))
        : [path]
    expect(keys(english).sort()).toEqual(keys(german).sort())
  })

  test('have words for every event', () => {
    for (const language of languages) {
      for (const need of needs) {
        const activity = getActivity(runningTenant('segeberg'), need.activity)
        for (const period of ['P1D', 'PT0S']) {
          const retention = need.triggers.map((trigger) => ({ id: 'x', trigger, period }))
          expect(retentionSentences({ ...activity, retention }, language)).toHaveLength(need.triggers.length)
        }
      }
    }
  })

  test.each([
    ['segeberg', 'de'],
    ['segeberg', 'en'],
    ['musterstadt', 'de'],
    ['musterstadt', 'en'],
  ] as const)('%s in %s: plain text of at most 78 columns, nothing left open', (slug, language) => {
    const text = textOf(slug, language)
    expect(text.split('\n').filter((line) => line.length > 78)).toEqual([])
    expect(text).not.toMatch(/\{\{|undefined|register\.|\[object/)
    expect(text).toContain(hrefs.widerruf)
  })
})
