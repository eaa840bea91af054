import { expect, test } from 'vitest'
import { archive, booking, code, problemsOf, tenantFile, testFaults, web } from '#test/helpers/faults.ts'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

testFaults([
  {
    name: 'a period that is none',
    file: booking,
    from: 'period: P14D',
    to: 'period: P14',
    at: 'id: after',
    message: "retention.after.period: expected an ISO 8601 period such as P14D, PT24H or PT0S, found 'P14'",
    remedy: 'write P14D for 14 days, PT14H for 14 hours, PT0S for at once',
  },
  {
    name: 'a period that no calendar can count',
    file: booking,
    from: 'period: P14D',
    to: 'period: P99999999Y',
    at: 'id: after',
    message: "retention.after.period: expected a period of at most 100 years (P100Y), found 'P99999999Y'",
    remedy: 'write a period of at most 100 years (P100Y)',
  },
  {
    name: 'a period a day longer than a hundred years',
    file: booking,
    from: '    period: P3Y\n',
    to: '    period: P36526D\n',
    at: 'period: P36526D',
    message: 'expected a period of at most 100 years (P100Y)',
    remedy: 'write a period of at most 100 years (P100Y)',
  },
  {
    name: 'a text missing in one language',
    file: booking,
    from: '  en: Booking appointments online\n',
    to: '',
    at: 'title:',
    message: 'title.en: missing',
    remedy: "add 'en:' with the text in this language",
  },
  {
    name: 'an unknown key',
    file: booking,
    from: '    necessity: required\n',
    to: '    necessity: required\n    sharedWith: everybody\n',
    at: 'sharedWith',
    message: "fields.name: unknown key 'sharedWith'",
    remedy: 'remove it or correct its spelling',
  },
  {
    name: 'a comma that ends a text',
    file: web,
    from: '\n      de: Fehler finden und die Seiten verfügbar halten\n      en: finding faults and keeping the pages available\n      ar: العثور على الأخطاء وإبقاء الصفحات متاحة\n',
    to: ' { de: Fehler finden, die Seiten verfügbar halten, en: finding faults, ar: العثور على الأخطاء }\n',
    at: 'Fehler finden, die Seiten',
    message: "purposes.stability.text: unknown key 'die Seiten verfügbar halten'",
    remedy: 'put the text before it in quotes: between { and } a comma ends it',
  },
  {
    name: 'a word that is not on the list',
    file: booking,
    from: 'necessity: required',
    to: 'necessity: always',
    at: 'necessity: always',
    message: "fields.name.necessity: expected one of required, optional, found 'always'",
    remedy: 'write one of required, optional',
  },
  {
    name: 'stored fields and no retention',
    file: code,
    from: `retention:
  - { id: expired, trigger: code.created, period: PT1H }
  - { id: used, trigger: code.used, period: PT0S }
`,
    to: '',
    at: 'id: rights.code',
    message: 'retention: missing',
    remedy: 'add a rule with id, trigger and period: nothing may be stored for ever',
  },
  {
    name: 'an empty list of retention rules',
    file: web,
    from: 'retention:\n  - { id: log, trigger: request.received, period: P7D }',
    to: 'retention: []',
    at: 'retention: []',
    message: 'retention: no rule erases the stored fields',
    remedy: 'add a rule with id, trigger and period: nothing may be stored for ever',
  },
  {
    name: 'a number where text belongs',
    file: tenantFile,
    from: "postalCode: '24568'",
    to: 'postalCode: 24568',
    at: 'postalCode: 24568',
    message: 'controller.postalCode: expected text, found 24568',
    remedy: 'write text',
  },
  {
    name: 'too short a visit',
    file: tenantFile,
    from: 'minutes: 30',
    to: 'minutes: 0',
    at: 'minutes: 0',
    message: 'services.beratung-vor-ort.minutes: expected at least 5, found 0',
    remedy: 'write at least 5',
  },
  {
    name: 'an address without @',
    file: tenantFile,
    from: 'mailFrom: termine@segeberg.example',
    to: 'mailFrom: termine.segeberg.example',
    at: 'mailFrom',
    message: "mailFrom: expected an e-mail address such as termine@example.org, found 'termine.segeberg.example'",
    remedy: 'write an e-mail address such as termine@example.org',
  },
  {
    name: 'a day that is none',
    file: tenantFile,
    from: 'effectiveFrom: 2026-11-15',
    to: 'effectiveFrom: 1.11.2026',
    at: 'effectiveFrom',
    message: "effectiveFrom: expected a day such as 2026-12-01, found '1.11.2026'",
    remedy: 'write a day such as 2026-12-01',
  },
  {
    name: 'data sent without encryption',
    file: web,
    from: 'retention:',
    to: archive.replace('transport: tls', 'transport: none'),
    at: 'transport: none',
    message: "recipients.archive.transport: expected one of tls, smtp, local, found 'none'",
    remedy: 'write one of tls, smtp, local',
  },
])

test.each(['P14', 'P100Y1D', 'PT876601H', `P${'9'.repeat(40)}D`])(
  'the period %s is one fault, in whichever file it stands, and makes no other',
  (period) => {
    using tenants = copyTenants()
    tenants.write(booking, replaced(tenants.read(booking), 'period: P14D', `period: ${period}`))
    expect(problemsOf(tenants, 'segeberg').map(({ message }) => message)).toEqual([
      expect.stringContaining(`found '${period}'`),
    ])
    const operator = tenants.read('operator.yaml')
    tenants.write('operator.yaml', replaced(operator, 'window: P7D', `window: ${period}`))
    expect(tenants.load().problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^backup\.window: expected an? .*period .*, found /),
    ])
  },
)

test('a period of a hundred years is one', () => {
  using tenants = copyTenants()
  tenants.write(booking, replaced(tenants.read(booking), 'period: P3Y', 'period: P100Y'))
  expect(problemsOf(tenants, 'segeberg')).toEqual([])
})
