import { describe, expect, test } from 'vitest'
import type { Language } from '#platform/i18n/translate.ts'
import { languages } from '#platform/i18n/translate.ts'
import german from '#register/locales/de.json' with { type: 'json' }
import english from '#register/locales/en.json' with { type: 'json' }
import { allTenants, claims, copyTenants, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { contentHash } from '../canonical.ts'
import { loadRegister } from '../load/load.ts'
import { registerJsonld } from '../papers/jsonld.ts'
import { registerStatements } from '../papers/register-statements.ts'
import { writeRegister } from '../papers/written-register.ts'
import { getActivity, type RunningTenant } from '../register.ts'
import { retentionLine, retentionSentences } from '../retention-text.ts'
import { type AddressOf, buildNotice, noticeHash, noticeText } from './notice.ts'

const hrefs: AddressOf = (target) =>
  'url' in target
    ? target.url
    : `https://x.example/${'route' in target ? target.route : `datenschutz#${target.section}`}`
const booking = 'segeberg/activities/appointments-booking.yaml'
const german14 = 'Wir löschen diese Daten 14 Tage nach dem Termin.'

const textOf = (slug: string, language: Language = 'de') =>
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

  test.each([
    ['de', 'höchstens 7 Tage auf', 'Eine Grenze bleibt'],
    ['en', 'for 7 days at most', 'One limit remains'],
  ] as const)('how long erased data could be read in a backup, and by whom (%s)', (language, window, limit) => {
    const text = flat(textOf('segeberg', language))
    expect(text).toContain(window)
    expect(text).toContain(limit)
  })

  test.each([
    ['de', 'erst einige Augenblicke danach', 'geht das Löschprotokoll verloren'],
    ['en', 'only some moments later', 'the erasure log is lost'],
  ] as const)('when a backup could bring erased data back (%s)', (language, moments, lost) => {
    const text = flat(textOf('segeberg', language))
    expect(text).toContain(moments)
    expect(text).toContain(lost)
  })

  test('a new field appears with its consequence', () => {
    using tenants = copyTenants()
    const field = `  - id: interpreter
    label: { de: Dolmetschen, en: Interpreter, ar: نص }
    dataCategory: pd:Language
    input: text
    necessity: optional
    reason: { de: Damit wir jemanden bestellen., en: So that we order somebody., ar: نص }
    ifRefused: { de: Wir sprechen Deutsch., en: We speak German., ar: نص }
`
    tenants.write(booking, replaced(tenants.read(booking), 'fields:\n', `fields:\n${field}`))
    const text = flat(noticeText(buildNotice(runningTenant('segeberg', tenants.load()), 'de'), hrefs))
    expect(text).toContain('* Dolmetschen Freiwillig. Damit wir jemanden bestellen.')
    expect(text).toContain('* Dolmetschen Wir sprechen Deutsch.')
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
  - { id: dc, name: { de: Rechenhaus, en: Data house, ar: نص }, country: DE, task: { de: Strom, en: power, ar: نص } }`
    tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), 'country: DE', sub))
    const text = flat(noticeText(buildNotice(runningTenant('segeberg', tenants.load()), 'en'), hrefs))
    expect(text).toContain('Has parts of it done by: Data house (power).')
  })

  test('a recipient of some fields is said to get these', () => {
    using tenants = copyTenants()
    const archive = `recipients:
  - id: archive
    name: { de: Archiv, en: Archive, ar: نص }
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
    expect(text).toContain(
      'Das betrifft: - Ihre Akte - Entwurf Ihrer Buchung - Schutz vor Missbrauch - Aufruf unserer Seiten Dann',
    )
    for (const name of ['appointments-draft', 'case-file', 'web-delivery', 'web-limits', 'web-statistics']) {
      const file = `musterstadt/activities/${name}.yaml`
      const onDuty = replaced(tenants.read(file), 'Art. 6(1)(e) GDPR', 'Art. 6(1)(c) GDPR')
      tenants.write(file, onDuty.replace(/§ (3 BDSG|67[ac]\(1\) SGB X)/, '§ 14 SGB I'))
    }
    const without = noticeText(buildNotice(runningTenant('musterstadt', tenants.load()), 'de'), hrefs)
    expect(without).not.toMatch(/[Ww]idersp(ruch|rechen)(?! ein)[^.]*:/)
    expect(without).not.toContain('Ihr Recht auf Widerspruch')
    expect(without).not.toContain('Anschrift und Telefon')
  })

  test('the law of the task stands beside the article that points to it', () => {
    const rows = buildNotice(runningTenant('segeberg'), 'de')
      .sections.find(({ id }) => id === 'web-limits')
      ?.blocks.flatMap((block) => (block.kind === 'facts' ? block.rows.map(({ label }) => label) : []))
    expect(rows?.join()).toContain('Art. 6 Abs. 1 Buchst. e DSGVO,§ 67c Abs. 1 SGB X,§ 3 BDSG')
  })

  test('what allows nothing stands apart from what does', () => {
    const blocks = buildNotice(runningTenant('segeberg'), 'de').sections.find(
      ({ id }) => id === 'appointments-booking',
    )?.blocks
    const under = (heading: string) => {
      const at = blocks?.findIndex((block) => block.kind === 'subheading' && block.text === heading) ?? -1
      const block = blocks?.[at + 1]
      return block?.kind === 'facts' ? block.rows.map(({ label }) => label) : []
    }
    expect(under('Was uns das erlaubt')).toEqual(['Art. 6 Abs. 1 Buchst. a DSGVO', 'Art. 9 Abs. 2 Buchst. a DSGVO'])
    expect(under('Was dabei außerdem gilt')).toEqual(['Art. 7 DSGVO', 'Art. 4 Nr. 11 DSGVO', '§ 67b Abs. 2 SGB X'])
  })

  test('where the data go to a country with an adequacy decision, it is named', () => {
    using tenants = copyTenants()
    tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), 'country: DE', 'country: CH'))
    tenants.write(
      'segeberg/tenant.yaml',
      replaced(tenants.read('segeberg/tenant.yaml'), 'processorCountries: [DE]', 'processorCountries: [CH]'),
    )
    const running = runningTenant('segeberg', tenants.load())
    const text = flat(noticeText(buildNotice(running, 'de'), hrefs))
    expect(text).toContain('Schweiz. Für dieses Land hat die EU-Kommission beschlossen')
    expect(text).toContain('(Beschluss 2000/518).')
    for (const { executedBy, thirdCountries } of writeRegister(running, 'de').activities)
      expect(thirdCountries.includes('Schweiz (2000/518)')).toBe(executedBy === null)
  })

  test('where somebody who works for a recipient is in such a country, it is named too, and not said to be unplanned', () => {
    using tenants = copyTenants(['musterstadt'])
    const sub = `country: DE
subProcessors:
  - { id: dc, name: { de: Rechenhaus, en: Data house, ar: نص }, country: BR, task: { de: Strom, en: power, ar: نص } }`
    tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), 'country: DE', sub))
    const running = runningTenant('musterstadt', tenants.load())
    const text = flat(noticeText(buildNotice(running, 'de'), hrefs))
    expect(text).toContain('* Rechenhaus Brasilien. Für dieses Land hat die EU-Kommission beschlossen')
    const thirdCountries = (of: RunningTenant) =>
      writeRegister(of, 'de').activities.find(({ id }) => id === 'mail.delivery')?.thirdCountries
    expect(thirdCountries(running)).toMatch(/^Brasilien \(2026\/179\): .* Der Anbieter Ihres E-Mail-Postfachs: Der Ort/)
    expect(thirdCountries(running)).not.toContain('Keine geplant.')
    expect(thirdCountries(runningTenant('musterstadt'))).toMatch(/^Keine geplant\. Der Anbieter/)
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
    ['how to be rid of it', 'Sie können Cookies in Ihrem Browser jederzeit löschen.'],
    ['no automated decision', 'Hier entscheidet kein Computer über Sie'],
    ['in force from', 'Gültig ab 15. November 2026'],
  ])('%s', (_name, words) => {
    expect(flat(textOf('segeberg'))).toContain(words)
  })

  test('a tenant that declares no cookie says that there is none', () => {
    expect(flat(textOf('duesseldorf'))).toContain('Wir setzen keine Cookies.')
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
      'appointments-draft',
      'web-terms',
      'web-statistics',
      'web-limits',
      'web-delivery',
      'backups',
      'cookies',
      'rights',
      'objection',
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

  test('withdrawal is one link away: in the summary, in each activity that rests on consent, and among the rights', () => {
    const blocks = buildNotice(runningTenant('segeberg'), 'de').sections.flatMap((section) => section.blocks)
    const targets = blocks.flatMap((block) => (block.kind === 'link' ? [block.target] : []))
    expect(targets.filter((target) => 'route' in target && target.route === 'widerruf')).toHaveLength(4)
  })
})

describe('the section of an activity', () => {
  const blocksOf = (id: string) => buildNotice(runningTenant('segeberg'), 'de').sections.find((one) => one.id === id)
  const headings = (id: string) =>
    (blocksOf(id)?.blocks ?? []).flatMap((block) => (block.kind === 'subheading' ? [block.text] : []))
  const order = [
    'Was wir Sie fragen',
    'Was dabei entsteht',
    'Wozu wir die Daten brauchen',
    'Was uns das erlaubt',
    'Was dabei außerdem gilt',
    'Wann wir die Daten löschen',
    'Was nach dem Löschen bleibt',
    'Wer die Daten außer uns bekommt',
    'Wo die Daten liegen',
    'Wenn Sie etwas nicht angeben',
    'Ihre Rechte hier',
    'So beenden Sie das',
    'Ihr Recht auf Widerspruch',
  ]

  test.each(['appointments-booking', 'mail-delivery', 'rights-code', 'web-delivery'])(
    'has the same headings in the same order: %s',
    (id) => {
      expect(headings(id).length).toBeGreaterThanOrEqual(9)
      expect(headings(id)).toEqual(order.filter((heading) => headings(id).includes(heading)))
    },
  )

  test.each([
    ['appointments-booking', ['Widerruf (', 'Mitnahme Ihrer Daten ('], ['Widerspruch (']],
    ['rights-code', ['Auskunft (Art. 15 DSGVO, § 83 SGB X)'], ['Widerruf (', 'Mitnahme', 'Widerspruch (']],
    ['web-delivery', ['Auskunft ('], ['Widerruf (', 'Mitnahme', 'Widerspruch (']],
  ])('%s names the rights that its legal basis brings, and no other', (id, present, absent) => {
    const [list] = (blocksOf(id)?.blocks ?? []).flatMap((block, index, all) => {
      const before = all[index - 1]
      return before?.kind === 'subheading' && before.text === 'Ihre Rechte hier' && block.kind === 'list' ? [block] : []
    })
    for (const right of present)
      expect(
        list?.items.some((item) => item.startsWith(right)),
        right,
      ).toBe(true)
    for (const right of absent)
      expect(
        list?.items.some((item) => item.startsWith(right)),
        right,
      ).toBe(false)
  })

  test('speaks of a duty where there is one, and of a right that nobody has to use where the duty is to answer it', () => {
    using tenants = copyTenants(['segeberg'])
    const file = 'segeberg/activities/case-file.yaml'
    const before = tenants.read(file)
    const ending = (point: string, law: string) => {
      const basis = replaced(before, 'Art. 6(1)(e) GDPR', `Art. 6(1)(${point}) GDPR`)
      tenants.write(file, replaced(basis, '§ 67c(1) SGB X', law))
      const { sections } = buildNotice(runningTenant('segeberg', tenants.load()), 'de')
      return JSON.stringify(sections.find(({ id }) => id === 'case-file'))
    }
    const duty = 'Wir sind dazu verpflichtet. Darum gibt es hier weder Widerruf noch Widerspruch.'
    const choice = 'ob Sie Ihre Rechte so nutzen'
    expect(ending('c', '§ 14 SGB I')).toContain(duty)
    expect(ending('c', '§ 14 SGB I')).not.toContain(choice)
    expect(ending('d', '§ 67c(1) SGB X')).not.toContain(duty)
    expect(flat(textOf('segeberg'))).toContain(`${duty} Sie entscheiden aber selbst, ${choice}.`)
  })

  test('says in which country the data lie, also where nobody can know', () => {
    const text = flat(textOf('segeberg'))
    expect(text).toContain('* Betriebsstelle dieser Vorführung Deutschland.')
    expect(text).toContain('hängt von dem Anbieter ab, den Sie gewählt haben')
  })

  test('says what remains after erasure, and until when', () => {
    const text = flat(textOf('segeberg'))
    expect(text).toContain('Auch das löschen wir: 3 Jahre, nachdem die Daten gelöscht sind.')
    expect(text).toContain('Auch das löschen wir: 7 Tage, nachdem die Daten gelöscht sind.')
  })

  test('says of the mails, too, that a code finds an appointment again', () => {
    const register = loadRegister('tenants', claims)
    for (const slug of allTenants) {
      const { purposes } = getActivity(runningTenant(slug, register), 'mail.delivery')
      expect(purposes.find(({ id }) => id === 'code')?.text, slug).toEqual({
        de: expect.stringContaining('wiederfinden'),
        en: expect.stringContaining('find an appointment again'),
        ar: expect.stringContaining('العثور على موعدكم'),
      })
    }
  })

  test('links lead to sections that are there', () => {
    const { sections } = buildNotice(runningTenant('segeberg'), 'de')
    const targets = sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'link' && 'section' in block.target ? [block.target.section] : [])),
    )
    expect(targets.length).toBeGreaterThan(5)
    expect(targets.filter((target) => !sections.some(({ id }) => id === target))).toEqual([])
  })
})

describe('the right to object', () => {
  const sections = (slug: string, language: Language = 'de') => buildNotice(runningTenant(slug), language).sections
  const words = (slug: string, id: string, language: Language = 'de') =>
    JSON.stringify(sections(slug, language).find((each) => each.id === id))

  test.each([
    ['de', '§ 84 Abs. 5 SGB X'],
    ['en', '§ 84(5) SGB X'],
    ['ar', '§ 84 Abs. 5 SGB X'],
  ] as const)(
    'in %s has a section of its own, with its limit, and stands in no list of other rights',
    (language, limit) => {
      expect(words('segeberg', 'objection', language)).toContain(limit)
      const rows = sections('segeberg', language)
        .find(({ id }) => id === 'rights')
        ?.blocks.flatMap((block) => (block.kind === 'facts' ? block.rows.map(({ label }) => label) : []))
      expect(rows?.join()).toContain('Art. 20')
      expect(rows?.join()).not.toContain('Art. 21')
    },
  )

  test('is called to attention at the top, by a sentence and a link to its section', () => {
    const blocks = sections('segeberg')[0]?.blocks ?? []
    const at = blocks.findIndex((block) => block.kind === 'link' && block.text === 'Ihr Recht auf Widerspruch')
    expect(blocks[at]).toMatchObject({ target: { section: 'objection' } })
    expect(blocks[at - 1]).toEqual({
      kind: 'paragraph',
      text: 'Sie können einer Verarbeitung für unsere öffentliche Aufgabe widersprechen.',
    })
  })

  test('takes one line and a link at an activity, all else stands in its section', () => {
    const blocks = sections('segeberg').find(({ id }) => id === 'web-delivery')?.blocks ?? []
    const at = blocks.findIndex((block) => block.kind === 'subheading' && block.text === 'Ihr Recht auf Widerspruch')
    expect(blocks.slice(at + 1).map(({ kind }) => kind)).toEqual(['paragraph', 'link'])
    expect(JSON.stringify(blocks[at + 1]).length).toBeLessThan(170)
    expect(words('segeberg', 'objection')).toContain('schwerer wiegen als Ihre Interessen, Rechte und Freiheiten')
    expect(words('segeberg', 'objection', 'en')).toContain('unless we prove')
  })

  test('is limited by § 36 BDSG where the BDSG alone is the law of the task, by § 84 SGB X where social data are', () => {
    const limit = words('segeberg', 'objection')
    expect(limit).toContain('§ 84 Abs. 5 SGB X, § 36 BDSG')
    expect(words('segeberg', 'web-delivery')).toContain('(Art. 21 DSGVO, § 36 BDSG)')
    expect(words('segeberg', 'case-file')).toContain('(Art. 21 DSGVO, § 84 Abs. 5 SGB X)')
  })

  test.each([
    ['segeberg', 'web-delivery', true],
    ['viersen', 'appointments-booking', true],
    ['segeberg', 'appointments-booking', false], // consent
    ['segeberg', 'rights-code', false], // a duty
    ['segeberg', 'web-statistics', false], // numbers
  ])('at %s in %s: %s', (slug, id, exists) => {
    const own = buildNotice(runningTenant(slug, loadRegister('tenants', claims)), 'de').sections
    const text = JSON.stringify(own.find((each) => each.id === id))
    expect(text.includes('Ihr Recht auf Widerspruch')).toBe(exists)
    expect(text.includes('Art. 21 DSGVO')).toBe(exists)
  })
})

describe('what lies on the device alone', () => {
  const blocksOf = (id: string, language: Language = 'de') =>
    buildNotice(runningTenant('segeberg'), language).sections.find((each) => each.id === id)?.blocks ?? []
  const under = (id: string, heading: string) => {
    const blocks = blocksOf(id)
    return blocks[blocks.findIndex((block) => block.kind === 'subheading' && block.text === heading) + 1]
  }

  test.each(['appointments-draft', 'web-terms'])('%s is said to lie there, and nowhere else', (id) => {
    expect(under(id, 'Wo die Daten liegen')).toEqual({ kind: 'paragraph', text: 'Auf Ihrem Gerät.' })
    const text = JSON.stringify(under(id, 'Wer die Daten außer uns bekommt'))
    expect(text).toContain('Sieht die Daten nur, während sie übertragen werden. Speichert sie nicht.')
    expect(text).not.toContain('Bekommt')
  })

  test('is said to become the link to the appointment, wherever it is said what the draft holds', () => {
    const register = loadRegister('tenants', claims)
    for (const slug of ['musterstadt', 'segeberg', 'viersen']) {
      const { fields, legalBasis, cookies } = getActivity(runningTenant(slug, register), 'appointments.draft')
      const said = [
        ...fields.map(({ hint }) => hint),
        ...legalBasis.flatMap(({ norm, text }) => (norm.endsWith(' TDDDG') ? [text] : [])),
        ...cookies.map(({ strictlyNecessary }) => strictlyNecessary),
      ]
      expect(said).toHaveLength(3)
      for (const text of said) {
        expect(text).toEqual({
          de: expect.stringContaining('Link zum Termin'),
          en: expect.stringContaining('link to the appointment'),
          ar: expect.stringContaining('رابط الموعد'),
        })
      }
    }
  })

  test('is ended by deleting the cookie, and the draft by its button too', () => {
    expect(under('web-terms', 'So beenden Sie das')).toEqual({
      kind: 'paragraph',
      text: 'Löschen Sie das Cookie „disclaimer“ in Ihrem Browser. Dann ist es weg.',
    })
    expect(under('appointments-draft', 'So beenden Sie das')).toMatchObject({
      text: expect.stringMatching(/„entwurf“.*„Abbrechen und Eingaben verwerfen“/),
    })
  })

  test('is seen by the operator only on its way, the register says too', () => {
    const said = registerStatements(writeRegister(runningTenant('segeberg'), 'de'))
    const draft = said.filter(({ activity, kind: part }) => activity === 'appointments.draft' && part === 'recipient')
    expect(draft.map(({ text }) => text).join()).toContain('Sieht die Daten nur, während sie übertragen werden.')
  })
})

describe('the rights in the log of a page', () => {
  test('go by the GDPR, without what the Social Code says of social data', () => {
    const own = (id: string) =>
      JSON.stringify(buildNotice(runningTenant('segeberg'), 'de').sections.find((each) => each.id === id)?.blocks)
    expect(own('web-delivery')).toContain('Auskunft (Art. 15 DSGVO)')
    expect(own('web-delivery')).not.toMatch(/§ 8[34]/)
    expect(own('case-file')).toContain('Auskunft (Art. 15 DSGVO, § 83 SGB X)')
  })
})

test('a list of periods is written as its language writes lists', () => {
  const activity = getActivity(runningTenant('segeberg'), 'appointments.booking')
  expect(retentionLine(activity, 'ar')).toContain('؛ ')
  expect(retentionLine(activity, 'ar')).not.toContain(';')
})

describe('mere numbers', () => {
  test.each(languages)('bring no right, neither at their section nor among the rights (%s)', (language) => {
    const { sections } = buildNotice(runningTenant('segeberg'), language)
    const blocks = sections.find(({ id }) => id === 'web-statistics')?.blocks ?? []
    expect(JSON.stringify(blocks)).not.toMatch(/Art\. (1[5-9]|2[01])|§ 8[34]/)
    const visit = sections.find(({ id }) => id === 'web-delivery')?.heading ?? ''
    const links = blocks.flatMap((block) => (block.kind === 'link' ? [block] : []))
    expect(links).toEqual([{ kind: 'link', text: visit, target: { section: 'web-delivery' } }])
    expect(JSON.stringify(blocks.filter(({ kind }) => kind === 'paragraph'))).toContain(visit)
    const counting = sections.find(({ id }) => id === 'web-statistics')?.heading ?? ''
    for (const id of ['rights', 'objection'])
      expect(JSON.stringify(sections.find((each) => each.id === id))).not.toContain(counting)
  })

  test('bring none for machines either', () => {
    const graph = registerJsonld(runningTenant('segeberg'), 'https://x.example/register.jsonld')['@graph']
    const rightsOf = (id: string) =>
      (graph as Record<string, unknown>[]).find((node) => node['dct:identifier'] === id)?.['dpv:hasRight']
    expect(rightsOf('web.statistics')).toEqual([])
    expect(rightsOf('web.delivery')).toContainEqual({ '@id': 'eu-gdpr:A21' })
  })
})

describe('what the notice says about contacts and use', () => {
  test.each([
    ['de', 'werben nicht'],
    ['en', 'advertise'],
    ['ar', 'إعلانات'],
  ] as const)('in %s: nothing is advertised', (language, word) => {
    expect(textOf('segeberg', language)).toContain(word)
  })

  test('of an officer by post only it says what is given here, not what there is in the world', () => {
    expect(flat(textOf('segeberg'))).toContain('Eine Telefonnummer oder E-Mail-Adresse dieser Stelle steht hier nicht.')
  })
})

describe('the checksum', () => {
  const changed = (path: string, from: string, to: string) => {
    using tenants = copyTenants()
    tenants.write(path, replaced(tenants.read(path), from, to))
    return noticeHash(runningTenant('segeberg', tenants.load()))
  }
  const hash = noticeHash(runningTenant('segeberg'))

  test('stays when the files change but not a word of the notice', () => {
    expect(changed(booking, 'dataCategory: pd:Name', 'dataCategory: pd:FullName')).toBe(hash)
    expect(changed('segeberg/tenant.yaml', 'holdMinutes: 15', 'holdMinutes: 20')).toBe(hash)
  })

  test('changes with a period, and with a word in one language only', () => {
    const others = [changed(booking, 'P14D', 'P7D'), changed(booking, 'So that we know who comes', 'To know who comes')]
    expect(new Set([hash, ...others]).size).toBe(3)
  })

  test('does not depend on the order of keys, so that it can be computed from what a database gives back', () => {
    expect(contentHash({ b: [1, { d: 2, c: 3 }], a: null })).toBe(contentHash({ a: null, b: [1, { c: 3, d: 2 }] }))
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]))
  })
})

describe('both languages', () => {
  test('say the same things: the same sections and blocks', () => {
    const shape = (language: Language) =>
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
      const activity = getActivity(runningTenant('segeberg'), 'appointments.booking')
      for (const { triggers = [] } of claims.needs) {
        for (const period of ['P1D', 'PT0S']) {
          const retention = triggers.map((trigger) => ({ id: 'x', trigger, period }))
          expect(retentionSentences({ ...activity, retention }, language)).toHaveLength(triggers.length)
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
    expect(text).toContain('https://x.example/widerruf')
  })
})
