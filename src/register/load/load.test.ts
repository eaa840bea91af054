import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyTenants, needs, replaced } from '#test/helpers/tenants.ts'
import type { Problem } from '../register.ts'
import { loadRegister, problemLine } from './load.ts'

const tenantFile = 'segeberg/tenant.yaml'
const booking = 'segeberg/activities/appointments-booking.yaml'
const mail = 'segeberg/activities/mail-delivery.yaml'
const web = 'segeberg/activities/web-delivery.yaml'
const code = 'segeberg/activities/rights-code.yaml'

/** `from` becomes `to`; the problem is expected on the line of `at` in the changed file. */
type Case = { name: string; file: string; from: string; to: string; at: string; message: string; remedy: string }

const lineOf = (text: string, part: string): number => {
  const index = text.indexOf(part)
  if (index < 0) throw new Error(`no '${part}' in the changed file`)
  return text.slice(0, index).split('\n').length
}

const contract = `    contract:
      kind: Art28
      concluded: 2026-10-01
      text: { de: Vertrag, en: contract }
`
/** A recipient for an activity that has none, before what follows it in the file. */
const archive = `recipients:
  - id: archive
    name: { de: Archiv, en: Archive }
    role: processor
    country: DE
${contract}    fields: all
    transport: tls

retention:`

const inSchema: Case[] = [
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
    name: 'a text missing in one language',
    file: booking,
    from: 'title: { de: Termine online buchen, en: Booking appointments online }',
    to: 'title: { de: Termine online buchen }',
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
    from: 'Fehler finden und die Seiten',
    to: 'Fehler finden, die Seiten',
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
  - { id: expired, trigger: code.created, period: PT15M }
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
    from: 'effectiveFrom: 2026-11-01',
    to: 'effectiveFrom: 1.11.2026',
    at: 'effectiveFrom',
    message: "effectiveFrom: expected a day such as 2026-12-01, found '1.11.2026'",
    remedy: 'write a day such as 2026-12-01',
  },
]

const inYaml: Case[] = [
  {
    name: 'a key that occurs twice',
    file: booking,
    from: "version: '1'",
    to: "version: '1'\nversion: '2'",
    at: "version: '2'",
    message: 'not valid YAML: Map keys must be unique',
    remedy: 'keep one of the two entries',
  },
  {
    name: 'a tag',
    file: tenantFile,
    from: 'kind: gE',
    to: 'kind: !!js/function gE',
    at: 'kind: !!js',
    message: 'not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function',
    remedy: 'remove the tag that begins with an exclamation mark',
  },
  {
    name: 'aliases that multiply',
    file: mail,
    from: "version: '1'",
    to: 'a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]',
    at: 'b: &b',
    message: "alias '*a'",
    remedy: 'write the value out; aliases are not allowed',
  },
  {
    name: 'an open quote',
    file: tenantFile,
    from: 'timeZone: Europe/Berlin',
    to: "timeZone: 'Europe/Berlin",
    at: 'timeZone',
    message: 'not valid YAML',
    remedy: 'correct indentation, colons and quotes near this line',
  },
]

const inTenant: Case[] = [
  {
    name: 'a slug that is an address of the installation',
    file: tenantFile,
    from: 'slug: segeberg',
    to: 'slug: en',
    at: 'slug:',
    message: "slug: 'en' is an address of the installation",
    remedy: 'choose another slug',
  },
  {
    name: 'a slug that is not the folder',
    file: tenantFile,
    from: 'slug: segeberg',
    to: 'slug: sege-berg',
    at: 'slug:',
    message: "slug: 'sege-berg' differs from its folder 'segeberg'",
    remedy: 'write segeberg or rename the folder',
  },
  {
    name: 'a visit that is no multiple of the step',
    file: tenantFile,
    from: 'minutes: 30',
    to: 'minutes: 25',
    at: 'minutes: 25',
    message: 'services.beratung-vor-ort.minutes: 25 is not a multiple of stepMinutes, 10',
    remedy: 'write 30, or choose other stepMinutes',
  },
  {
    name: 'offered starts that are no multiple of the step',
    file: tenantFile,
    from: 'everyMinutes: 20',
    to: 'everyMinutes: 15',
    at: 'everyMinutes: 15',
    message: 'services.beratung-telefon.everyMinutes: 15 is not a multiple of stepMinutes, 10',
    remedy: 'write 20, or choose other stepMinutes',
  },
  {
    name: 'an unknown time zone',
    file: tenantFile,
    from: 'timeZone: Europe/Berlin',
    to: 'timeZone: Europe/Kaltenkirchen',
    at: 'timeZone',
    message: "timeZone: 'Europe/Kaltenkirchen' is unknown",
    remedy: 'write an IANA name such as Europe/Berlin',
  },
  {
    name: 'opening hours that end before they begin',
    file: tenantFile,
    from: "from: '14:00', to: '17:00'",
    to: "from: '17:00', to: '14:00'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 17:00 to 14:00 is no time span',
    remedy: "write a 'to' later than 'from', at most 24:00",
  },
  {
    name: 'opening hours after midnight',
    file: tenantFile,
    from: "to: '17:00'",
    to: "to: '24:30'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 14:00 to 24:30 is no time span',
    remedy: "write a 'to' later than 'from', at most 24:00",
  },
  {
    name: 'opening hours that overlap',
    file: tenantFile,
    from: "from: '14:00'",
    to: "from: '11:00'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 11:00 to 17:00 overlaps 08:00 to 12:00 of the same day',
    remedy: 'write one span for both',
  },
  {
    name: 'opening hours between two steps',
    file: tenantFile,
    from: "from: '14:00'",
    to: "from: '14:05'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 14:05 to 17:00 begins between two steps, so no start would be offered',
    remedy: 'begin at a multiple of 10 minutes after midnight',
  },
  {
    name: 'two services of the same id',
    file: tenantFile,
    from: 'id: beratung-telefon',
    to: 'id: beratung-vor-ort',
    at: 'id: beratung-vor-ort\n    title: { de: Beratung am Telefon',
    message: "services: the id 'beratung-vor-ort' occurs twice",
    remedy: 'rename or remove one of the two',
  },
  {
    name: 'a sender in another notation than mail servers use',
    file: tenantFile,
    from: 'mailFrom: termine@segeberg.example',
    to: 'mailFrom: termine@SEGEBERG.example',
    at: 'mailFrom:',
    message:
      "mailFrom: expected an address in lower case such as termine@example.org, found 'termine@SEGEBERG.example'",
    remedy: 'write an address in lower case such as termine@example.org',
  },
  {
    name: 'the wrong supervisory authority',
    file: tenantFile,
    from: 'kind: gE',
    to: 'kind: zkT',
    at: 'website:',
    message: 'supervisoryAuthority: not the one for a Jobcenter of kind zkT in DE-SH',
    remedy:
      'name the Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein (ULD), https://www.datenschutzzentrum.de',
  },
  {
    name: 'an old address of the supervisory authority',
    file: tenantFile,
    from: 'street: Graurheindorfer Straße 153',
    to: 'street: Husarenstraße 30',
    at: 'street: Husarenstraße 30',
    message: 'supervisoryAuthority: not the address of the BfDI',
    remedy: 'write Graurheindorfer Straße 153, 53117 Bonn',
  },
  {
    name: 'another name than that of the supervisory authority',
    file: tenantFile,
    from: 'de: Die Bundesbeauftragte oder der Bundesbeauftragte für den Datenschutz und die Informationsfreiheit (BfDI)',
    to: 'de: Die Landesbeauftragte',
    at: 'name:\n    de: Die Landesbeauftragte',
    message: 'supervisoryAuthority: not called like the BfDI',
    remedy: 'correct the name',
  },
  {
    name: 'a Land that does not exist',
    file: tenantFile,
    from: 'land: DE-SH',
    to: 'land: SH',
    at: 'land: SH',
    message:
      "land: expected one of DE-BB, DE-BE, DE-BW, DE-BY, DE-HB, DE-HE, DE-HH, DE-MV, DE-NI, DE-NW, DE-RP, DE-SH, DE-SL, DE-SN, DE-ST, DE-TH, found 'SH'",
    remedy:
      'write one of DE-BB, DE-BE, DE-BW, DE-BY, DE-HB, DE-HE, DE-HH, DE-MV, DE-NI, DE-NW, DE-RP, DE-SH, DE-SL, DE-SN, DE-ST, DE-TH',
  },
  {
    name: 'a disguised address of the data protection officer',
    file: tenantFile,
    from: 'supervisoryAuthority:',
    to: '  email: datenschutz@no-spam.segeberg.example\n\nsupervisoryAuthority:',
    at: 'email: datenschutz@no-spam',
    message: "dataProtectionOfficer.email: 'datenschutz@no-spam.segeberg.example' is disguised",
    remedy: 'write an address that people can use',
  },
]

const inActivity: Case[] = [
  {
    name: 'a contract as legal basis of a benefit',
    file: booking,
    from: 'norm: Art. 7 GDPR',
    to: 'norm: Art. 6(1)(b) GDPR',
    at: 'norm: Art. 6(1)(b) GDPR',
    message: 'Art. 6(1)(b) needs a contract with the person',
    remedy: "cite 'Art. 6(1)(e) GDPR' or 'Art. 6(1)(c) GDPR' with the norm of the Social Code",
  },
  {
    name: 'a section that the law does not have',
    file: booking,
    from: 'norm: § 67b(2) SGB X',
    to: 'norm: § 999z SGB X',
    at: 'norm: § 999z SGB X',
    message: "'§ 999z SGB X': SGB X has no § 999z",
    remedy: 'correct the number',
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
  {
    name: 'two fields of the same id',
    file: booking,
    from: '- id: birthDate',
    to: '- id: name',
    at: 'id: name\n    label: { de: Geburtsdatum',
    message: "fields: the id 'name' occurs twice",
    remedy: 'rename or remove one of the two',
  },
  {
    name: 'two rules of the same id',
    file: booking,
    from: 'id: cancelled',
    to: 'id: after',
    at: 'id: after, trigger: appointment.cancelled',
    message: "retention: the id 'after' occurs twice",
    remedy: 'rename or remove one of the two',
  },
  {
    name: 'a pattern that is no regular expression',
    file: booking,
    from: "regex: '[A-Za-z0-9\\/\\- ]{4,20}'",
    to: "regex: '[A-Za-z0-9'",
    at: "regex: '[A-Za-z0-9'",
    message: "fields.customerOrBgNumber.pattern: '[A-Za-z0-9' is no regular expression",
    remedy: 'correct it; between [ and ] write \\/ and \\- for slash and dash',
  },
  {
    name: 'a pattern that browsers refuse',
    file: booking,
    from: "regex: '[A-Za-z0-9\\/\\- ]{4,20}'",
    to: "regex: '[A-Za-z0-9/ ]{4,20}'",
    at: "regex: '[A-Za-z0-9/ ]{4,20}'",
    message: "fields.customerOrBgNumber.pattern: '[A-Za-z0-9/ ]{4,20}' is no regular expression",
    remedy: 'correct it; between [ and ] write \\/ and \\- for slash and dash',
  },
  {
    name: 'special categories without a ground',
    file: booking,
    from: 'norm: Art. 9(2)(a) GDPR',
    to: 'norm: Art. 5 GDPR',
    at: 'specialCategory: possible',
    message: 'fields.freeText: special categories of data without a ground of Art. 9(2) GDPR',
    remedy: "add a legal basis such as 'Art. 9(2)(a) GDPR', or set 'specialCategory: no'",
  },
  {
    name: 'a link that could be read back',
    file: booking,
    from: '    store: hash\n',
    to: '',
    at: 'id: manageLink',
    message: "fields.manageLink.store: the software keeps it as 'hash', not as 'vault'",
    remedy: "write 'store: hash'",
  },
  {
    name: 'an address by which nobody would be found',
    file: booking,
    from: `    maxLength: 254
    necessity: optional
    lookup: true
`,
    to: `    maxLength: 254
    necessity: optional
`,
    at: 'id: email',
    message: "fields.email.lookup: without it nobody's records are found by this field",
    remedy: "write 'lookup: true'",
  },
  {
    name: 'a store whose every look is noted, without saying so',
    file: booking,
    from: '    store: trail\n',
    to: '    store: memory\n',
    at: 'fields:',
    message: "fields: 0 declared with 'store: trail', 1 expected",
    remedy: "declare one: each look at a stored record is noted (see 'accessTrail' of another activity)",
  },
  {
    name: 'a required field that nobody fills in',
    file: booking,
    from: '- id: service',
    to: `- id: income
    label: { de: Einkommen, en: Income }
    dataCategory: x:Income
    input: none
    necessity: required
    reason: { de: Nur so., en: Just so. }
    ifRefused: { de: Nichts., en: Nothing. }
  - id: service`,
    at: 'id: income',
    message: 'fields.income: required, but neither asked for nor written by the software',
    remedy: "give it an 'input:', set 'necessity: optional', or remove it",
  },
  {
    name: 'a recipient of an undeclared field',
    file: mail,
    from: 'fields: [email, subject',
    to: 'fields: [email, iban, subject',
    at: 'fields: [email, iban',
    message: "recipients.mailboxProvider: receives 'iban', which is no field of this activity",
    remedy: 'declare the field or remove it here',
  },
  {
    name: 'a processor without contract',
    file: web,
    from: 'retention:',
    to: archive.replace(contract, ''),
    at: 'id: archive',
    message: 'recipients.archive: a processor without contract',
    remedy: "conclude one (Art. 28 GDPR, § 80 SGB X) and add 'contract:' with kind and text",
  },
  {
    name: 'a recipient outside EU and EEA',
    file: web,
    from: 'retention:',
    to: archive.replace('DE\n', 'US\n'),
    at: 'country: US',
    message: 'recipients.archive: country US is outside EU and EEA',
    remedy: 'choose a recipient in the EU or EEA (§ 80(2) SGB X, Art. 44 GDPR)',
  },
  {
    name: 'a processor said to be chosen by the person',
    file: web,
    from: 'retention:',
    to: archive.replace('DE\n', 'chosenByPerson\n'),
    at: 'country: chosenByPerson',
    message: 'recipients.archive: a recipient of role processor is not chosen by the person',
    remedy: 'name its country, e.g. DE',
  },
  {
    name: 'the operator written by hand',
    file: web,
    from: 'retention:',
    to: archive.replace('id: archive', 'id: operator'),
    at: 'id: operator',
    message:
      'recipients.operator: the operator of the installation is a recipient of every activity without being written here',
    remedy: 'remove this entry; the operator stands in operator.yaml, the contract in tenant.yaml',
  },
  {
    name: 'an operator outside the countries a tenant allows',
    file: tenantFile,
    from: 'processorCountries: [DE]',
    to: 'processorCountries: [AT]',
    at: 'processorCountries',
    message: 'processorCountries: the operator of this installation works in DE, not in AT',
    remedy: 'run this tenant on an installation there, or add the country',
  },
  {
    name: 'a consent that nothing rests on',
    file: booking,
    from: 'norm: Art. 6(1)(a) GDPR',
    to: 'norm: Art. 6(1)(e) GDPR',
    at: 'consent:',
    message: 'consent: asked for, but no legal basis rests on it',
    remedy: "add 'Art. 6(1)(a) GDPR' to legalBasis or remove the block",
  },
  {
    name: 'a consent that nobody is asked for',
    file: code,
    from: 'norm: Art. 6(1)(c) GDPR',
    to: 'norm: Art. 6(1)(a) GDPR',
    at: 'norm: Art. 6(1)(a) GDPR',
    message: 'legalBasis: rests on consent that nobody is asked for',
    remedy: "add a 'consent:' block here, or list this activity under 'includes' of the one that asks",
  },
  {
    name: 'a section of the TMG',
    file: web,
    from: 'norm: § 25(2) No 2 TDDDG',
    to: 'norm: § 13 TMG',
    at: 'norm: § 13 TMG',
    message: "'§ 13 TMG' is repealed",
    remedy: 'cite Art. 13 GDPR; this section has no successor in the DDG',
  },
  {
    name: 'a section of the TTDSG',
    file: web,
    from: 'norm: § 25(2) No 2 TDDDG',
    to: 'norm: § 25(2) No 2 TTDSG',
    at: 'norm: § 25(2) No 2 TTDSG',
    message: "'§ 25(2) No 2 TTDSG' is repealed",
    remedy: 'cite § 25(2) No 2 TDDDG, its successor',
  },
  {
    name: "an authority's legitimate interest",
    file: web,
    from: 'norm: Art. 6(1)(e) GDPR',
    to: 'norm: Art. 6(1)(f) GDPR',
    at: 'norm: Art. 6(1)(f) GDPR',
    message: 'Art. 6(1)(f) is closed to authorities performing their tasks (Art. 6(1) GDPR, second subparagraph)',
    remedy: "cite 'Art. 6(1)(e) GDPR'",
  },
]

const together: Case[] = [
  {
    name: 'an included activity that does not exist',
    file: booking,
    from: 'includes: [mail.delivery, web.delivery]',
    to: 'includes: [mail.delivery, fax.delivery]',
    at: 'includes:',
    message: 'includes: there is no activity fax.delivery',
    remedy: 'declare it or remove it here',
  },
  {
    name: 'a field that the software writes but nobody declared',
    file: web,
    from: '- id: browser',
    to: '- id: device',
    at: 'fields:\n  - id: fullAddress',
    message: "fields: 'browser' is missing; the software writes it",
    remedy: 'declare this field',
  },
  {
    name: 'a consent whose proof would stay for ever',
    file: booking,
    from: '  - id: consentProof\n    period: P3Y\n',
    to: '  - id: consentProof\n',
    at: 'id: consentProof',
    message: 'remains.consentProof: no period ends it',
    remedy: "add 'period: P3Y': nothing may be stored for ever",
  },
  {
    name: 'something that stays after erasure and is not declared',
    file: booking,
    from: '  - id: count\n',
    to: '  - id: total\n',
    at: 'remains:\n  - id: ledger',
    message: "remains: 'count' stays when a record is erased, and nobody is told",
    remedy: "add '- id: count' with a text; see another tenant's file",
  },
  {
    name: 'a period that nothing would keep',
    file: booking,
    from: '  - id: ledger\n',
    to: '  - id: ledger\n    period: P1Y\n',
    at: 'period: P1Y',
    message: 'remains.ledger.period: the software does not erase it',
    remedy: "remove 'period:'",
  },
  {
    name: 'a rest that is declared and does not stay',
    file: web,
    from: '\nretention:',
    to: '\nremains:\n  - { id: ledger, text: { de: Etwas bleibt., en: Something remains. } }\n\nretention:',
    at: 'id: ledger',
    message: 'remains.ledger: nothing of this kind stays',
    remedy: 'remove it or correct its id',
  },
  {
    name: 'an event that nothing follows from',
    file: booking,
    from: '  - { id: withdrawn, trigger: consent.withdrawn, period: PT0S }\n',
    to: '',
    at: 'retention:',
    message: 'retention: nothing follows from consent.withdrawn',
    remedy: "add a rule with 'trigger: consent.withdrawn' and a period",
  },
  {
    name: 'a rule for an event that never happens',
    file: web,
    from: 'trigger: request.received, period: P7D }',
    to: 'trigger: request.received, period: P7D }\n  - { id: never, trigger: moon.landed, period: P1D }',
    at: 'id: never',
    message: 'retention.never: moon.landed never happens, so this rule would erase nothing',
    remedy: 'write one of request.received',
  },
  {
    name: 'an activity that no feature works under',
    file: code,
    from: 'id: rights.code',
    to: 'id: fax.delivery',
    at: 'id: fax.delivery',
    message: 'id: no feature works under fax.delivery, so nothing would enforce it',
    remedy: "remove the file, correct its id, or name who executes it elsewhere in 'executedBy:'",
  },
  {
    name: 'two files of one activity',
    file: web,
    from: 'id: web.delivery',
    to: 'id: mail.delivery',
    at: 'id: mail.delivery',
    message: 'id: mail-delivery.yaml declares mail.delivery too',
    remedy: 'remove one of the two files',
  },
]

describe('a fault is named with file, line and remedy, and only its tenant stops', () => {
  test.each([...inSchema, ...inYaml, ...inTenant, ...inActivity, ...together])('$name', (one) => {
    using tenants = copyTenants()
    const text = replaced(tenants.read(one.file), one.from, one.to)
    tenants.write(one.file, text)
    const { running, quarantined } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt'])
    const problems = quarantined.get('segeberg')?.problems ?? []
    expect(problems).toContainEqual({
      file: join(tenants.dir, one.file),
      line: lineOf(text, one.at),
      message: expect.stringContaining(one.message),
      remedy: one.remedy,
    })
  })
})

const problemsOf = (tenants: ReturnType<typeof copyTenants>, slug: string): readonly Problem[] =>
  tenants.load().quarantined.get(slug)?.problems ?? []

describe('files and folders', () => {
  test('both shipped tenants run', () => {
    const { running, quarantined } = loadRegister('tenants', needs)
    expect([...quarantined.values()].flatMap(({ problems }) => problems.map(problemLine))).toEqual([])
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
  })

  test('a missing activity is asked for by name', () => {
    using tenants = copyTenants()
    tenants.remove(code)
    expect(problemsOf(tenants, 'segeberg')).toEqual([
      {
        file: join(tenants.dir, code),
        line: 1,
        message: 'no file declares the activity rights.code',
        remedy: "add this file with 'id: rights.code'; take another tenant's as an example",
      },
    ])
  })

  test('without an operator, nobody runs, and the file is named', () => {
    using tenants = copyTenants()
    tenants.remove('operator.yaml')
    const { running, quarantined, problems } = tenants.load()
    expect([running.size, quarantined.size]).toEqual([0, 0])
    expect(problems.map(problemLine)).toEqual([expect.stringMatching(/operator\.yaml:1: no such file/)])
  })

  test('whoever operates the installation is a recipient of everything it does', () => {
    using tenants = copyTenants()
    tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), 'Beispielweg 1', 'Hafenstraße 2'))
    const { running } = tenants.load()
    const seats = [...running.values()].flatMap(({ activities }) =>
      [...activities.values()].map(({ executedBy, recipients }) => ({
        isHere: !executedBy,
        seat: recipients.find(({ id }) => id === 'operator')?.address?.street,
      })),
    )
    expect(new Set(seats.filter(({ isHere }) => isHere).map(({ seat }) => seat))).toEqual(new Set(['Hafenstraße 2']))
    const elsewhere = seats.filter(({ isHere }) => !isHere)
    expect(elsewhere.length).toBeGreaterThan(0)
    expect(elsewhere.filter(({ seat }) => seat !== undefined)).toEqual([])
  })

  const sub = (id: string, country: string) =>
    `{ id: ${id}, name: { de: R, en: R }, country: ${country}, task: { de: Strom, en: power } }`
  test.each([
    ['an operator far away', 'country: DE', 'country: US', 'country: US is outside EU and EEA'],
    [
      'somebody far away who works for the operator',
      'country: DE',
      `country: DE\nsubProcessors: [${sub('far', 'US')}]`,
      'subProcessors.far: country US is outside EU and EEA',
    ],
  ])('with %s, nobody runs', (_name, from, to, message) => {
    using tenants = copyTenants()
    const changed = replaced(tenants.read('operator.yaml'), from, to)
    tenants.write('operator.yaml', changed)
    const { running, operator, problems } = tenants.load()
    expect([running.size, operator]).toEqual([0, null])
    expect(problems).toEqual([
      {
        file: join(tenants.dir, 'operator.yaml'),
        line: changed.split('\n').findIndex((line) => line.includes('country: US')) + 1,
        message,
        remedy: 'choose one in the EU or EEA (§ 80(2) SGB X, Art. 44 GDPR)',
      },
    ])
  })

  test('somebody in the EEA may work for the operator', () => {
    using tenants = copyTenants()
    tenants.write('operator.yaml', `${tenants.read('operator.yaml')}\nsubProcessors: [${sub('near', 'NO')}]\n`)
    expect([...tenants.load().running.keys()]).toEqual(['musterstadt', 'segeberg'])
  })

  test('a folder without tenant.yaml does not run', () => {
    using tenants = copyTenants()
    tenants.remove(tenantFile)
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(
      expect.objectContaining({ file: join(tenants.dir, tenantFile), line: 1, message: 'no such file' }),
    )
  })

  test('two tenants with one id: neither runs, as their data would mix', () => {
    using tenants = copyTenants()
    const id = /^id: .*$/m.exec(tenants.read('musterstadt/tenant.yaml'))?.[0] ?? ''
    tenants.write(tenantFile, tenants.read(tenantFile).replace(/^id: .*$/m, id))
    expect([...tenants.load().running.keys()]).toEqual([])
    expect(problemsOf(tenants, 'segeberg')).toEqual([
      {
        file: join(tenants.dir, tenantFile),
        line: 2,
        message: "id: the tenant 'musterstadt' has the same",
        remedy: 'write a new UUID into the newer of the two; `uuidgen` makes one',
      },
    ])
  })

  test('a file of another name among the activities is not overlooked', () => {
    using tenants = copyTenants()
    tenants.write('segeberg/activities/fax.yml', 'id: fax')
    expect(problemsOf(tenants, 'segeberg').map(({ message }) => message)).toEqual([
      'not an activity: its name does not end in .yaml',
    ])
  })

  test.each([
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), 'not UTF-8 text'],
    ['a very large file', `# ${'x'.repeat(300_000)}`, 'larger than 200000 bytes'],
    ['an empty file', '', 'the file: expected a group of keys, found null'],
  ])('%s', (_name, content, message) => {
    using tenants = copyTenants()
    tenants.write(web, content)
    expect([...tenants.load().running.keys()]).toEqual(['musterstadt'])
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(expect.objectContaining({ line: 1, message }))
  })

  test.each([2_000, 100_000])('nesting %i deep is refused, not followed', (depth) => {
    using tenants = copyTenants()
    tenants.write(web, `${'['.repeat(depth)}${']'.repeat(depth)}`)
    expect([...tenants.load().running.keys()]).toEqual(['musterstadt'])
    expect(problemsOf(tenants, 'segeberg').length).toBeLessThan(10)
  })

  test('a folder in the place of a file does not stop the others', () => {
    using tenants = copyTenants()
    rmSync(join(tenants.dir, web))
    mkdirSync(join(tenants.dir, web))
    expect(problemsOf(tenants, 'segeberg').map(({ message }) => message)).toContain('a folder, not a file')
  })

  test('the hash changes with every byte of a tenant and with no other', () => {
    using tenants = copyTenants()
    const before = tenants.load().running
    tenants.write(web, `${tenants.read(web)}# a remark\n`)
    const after = tenants.load().running
    expect(before.get('segeberg')?.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(after.get('segeberg')?.hash).not.toBe(before.get('segeberg')?.hash)
    expect(after.get('musterstadt')?.hash).toBe(before.get('musterstadt')?.hash)
  })

  test('a problem is one line for people', () => {
    const problem = { file: 'tenants/x/tenant.yaml', line: 12, message: 'slug: missing', remedy: "add 'slug:'" }
    expect(problemLine(problem)).toBe("tenants/x/tenant.yaml:12: slug: missing → add 'slug:'")
  })
})

describe('what a Jobcenter publishes', () => {
  const published = 'segeberg/published.yaml'

  test('alone makes nobody run and quarantines nobody', () => {
    const { running, quarantined, judged } = loadRegister('tenants', needs)
    for (const slug of ['duesseldorf', 'gross-gerau', 'offenbach', 'viersen']) {
      expect([running.has(slug), quarantined.has(slug)]).toEqual([false, false])
      expect(judged.get(slug)?.findings).not.toEqual([])
    }
  })

  test('is no part of the hash of what is enforced', () => {
    using tenants = copyTenants()
    const before = tenants.load().running.get('segeberg')?.hash
    tenants.write(published, `${tenants.read(published)}# a remark\n`)
    expect(tenants.load().running.get('segeberg')?.hash).toBe(before)
    tenants.remove(published)
    expect(tenants.load().running.get('segeberg')?.hash).toBe(before)
    expect(tenants.load().judged.has('segeberg')).toBe(false)
  })

  test.each([
    ['an unknown key', 'land: DE-SH', 'land: DE-SH\nowner: x', "the file: unknown key 'owner'", 'owner: x'],
    [
      'a key that occurs twice',
      'land: DE-SH',
      'land: DE-SH\nland: DE-HE',
      'not valid YAML: Map keys must be unique',
      'land: DE-HE',
    ],
    ['an alias', 'land: DE-SH', 'land: &land DE-SH\nname: *land', "alias '*land'", 'name: *land'],
    [
      'a word that is not on the list',
      'right: access',
      'right: acces',
      'rights.named[0].right: expected one of access',
      'right: acces',
    ],
    [
      'a basis that is none',
      '- { norm: Art. 6(1)(e) GDPR }',
      '- { norms: Art. 6(1)(e) GDPR }',
      "activities.web.logs.bases[0]: unknown key 'norms'",
      '- { norms:',
    ],
    [
      'a basis twice over',
      '- { norm: Art. 6(1)(e) GDPR }',
      '- { norm: Art. 6(1)(e) GDPR, ground: law }',
      "activities.web.logs.bases[0]: expected either 'norm' or 'ground'",
      '- { norm: Art. 6(1)(e) GDPR, ground',
    ],
    [
      'another Land than in tenant.yaml',
      'land: DE-SH',
      'land: DE-HE',
      "land: 'DE-HE' differs from tenant.yaml",
      'land: DE-HE',
    ],
    [
      'a fact that is none',
      'facts: [SEG-002]',
      'facts: [segeberg two]',
      'controller.facts[0]: expected an id of a fact such as SEG-001',
      'facts: [segeberg two]',
    ],
  ])('broken by %s is named with file and line, and whoever runs goes on running', (_name, from, to, message, at) => {
    using tenants = copyTenants()
    const text = replaced(tenants.read(published), from, to)
    tenants.write(published, text)
    const { running, quarantined, judged } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(quarantined.size).toBe(0)
    expect(judged.get('segeberg')?.problems).toContainEqual({
      file: join(tenants.dir, published),
      line: lineOf(text, at),
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/./),
    })
  })

  test.each([
    ['a very large file', `# ${'x'.repeat(300_000)}`, 'larger than 200000 bytes'],
    ['an empty file', '', 'the file: expected a group of keys, found null'],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), 'not UTF-8 text'],
    ['nesting without end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ''],
  ])('as %s is a problem and no reason to stop', (_name, content, message) => {
    using tenants = copyTenants()
    tenants.write(published, content)
    const { running, judged } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(judged.get('segeberg')?.problems.map((problem) => problem.message)).toContainEqual(
      expect.stringContaining(message),
    )
    expect(judged.get('segeberg')?.findings).toEqual([])
  })

  test('is judged also while its tenant stands still', () => {
    using tenants = copyTenants()
    tenants.write(web, 'id: [')
    const { quarantined, judged } = tenants.load()
    expect([...quarantined.keys()]).toEqual(['segeberg'])
    expect(judged.get('segeberg')?.findings).not.toEqual([])
  })

  test('beside activities without tenant.yaml is no excuse for what is missing', () => {
    using tenants = copyTenants()
    tenants.remove(tenantFile)
    expect([...tenants.load().quarantined.keys()]).toEqual(['segeberg'])
  })
})

describe('a municipal Jobcenter of a Land that is not in the catalogue', () => {
  const inSaxony = (text: string) => replaced(replaced(text, 'kind: gE', 'kind: zkT'), 'land: DE-SH', 'land: DE-SN')

  test('runs with an authority nobody could compare, and a finding says so', () => {
    using tenants = copyTenants()
    tenants.remove('segeberg/published.yaml')
    const text = inSaxony(tenants.read(tenantFile))
      .replace(/Die Bundesbeauftragte .*/, 'Sächsische Datenschutzbeauftragte')
      .replace('https://www.bfdi.bund.de', 'https://www.datenschutz.sachsen.de')
    tenants.write(tenantFile, text)
    const { running, judged } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(judged.get('segeberg')?.findings).toEqual([
      expect.objectContaining({
        rule: 'authority-unknown',
        line: lineOf(text, 'land: DE-SN'),
        noticeDate: '2026-11-01',
      }),
    ])
  })

  test('does not run with the authority of somebody else', () => {
    using tenants = copyTenants()
    tenants.write(tenantFile, inSaxony(tenants.read(tenantFile)))
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(
      expect.objectContaining({ remedy: 'name the commissioner for data protection of DE-SN' }),
    )
  })
})

describe('the law of a day', () => {
  test('decides: what is in force today was not before it began', () => {
    using tenants = copyTenants()
    expect([...loadRegister(tenants.dir, needs, '2026-11-22').running.keys()]).toContain('segeberg')
    const early = loadRegister(tenants.dir, needs, '2024-05-13').quarantined.get('segeberg')?.problems
    expect(early?.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('not in force before 2024-05-14'),
    )
  })
})
