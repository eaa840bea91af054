import { join } from 'node:path'
import { expect, test } from 'vitest'
import { booking, code, problemsOf, testFaults, web } from '#test/helpers/faults.ts'
import { copyTenants } from '#test/helpers/tenants.ts'

testFaults([
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
    name: 'reminders without a link for them to carry',
    file: booking,
    from: '- id: service',
    to: `- id: reminder
    label: { de: Erinnern Sie mich., en: Remind me. }
    dataCategory: x:ReminderWish
    input: check
    necessity: optional
    needs: email
    reason: { de: Nur so., en: Just so. }
    ifRefused: { de: Nichts., en: Nothing. }
  - id: service`,
    at: 'fields:',
    message: "fields: 'laterLink' is missing; the software writes it",
    remedy: 'declare this field',
  },
  {
    name: 'a required field that nobody fills in',
    file: booking,
    from: '- id: service',
    to: `- id: income
    label: { de: Einkommen, en: Income, ar: نص }
    dataCategory: x:Income
    input: none
    necessity: required
    reason: { de: Nur so., en: Just so., ar: نص }
    ifRefused: { de: Nichts., en: Nothing., ar: نص }
  - id: service`,
    at: 'id: income',
    message: 'fields.income: required, but neither asked for nor written by the software',
    remedy: "give it an 'input:', set 'necessity: optional', or remove it",
  },
  {
    name: 'a consent that nobody is asked for',
    file: code,
    from: 'norm: Art. 6(1)(c) GDPR',
    to: 'norm: Art. 6(1)(a) GDPR',
    at: 'norm: Art. 6(1)(a) GDPR',
    message: 'legalBasis: rests on consent that nobody is asked for',
    remedy:
      "add a 'consent:' block here, or list this activity under 'covers' of the one that asks; what happens before anybody can agree rests on something else",
  },
  {
    name: 'an included activity that does not exist',
    file: booking,
    from: 'includes: [appointments.draft, mail.delivery, web.delivery, web.limits, web.terms]',
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
  ...['web-limits', 'web-delivery', 'appointments-draft'].map((name) => ({
    name: `${name} on a consent that is asked for later, and says nothing of it`,
    file: `segeberg/activities/${name}.yaml`,
    from: 'norm: Art. 6(1)(e) GDPR',
    to: 'norm: Art. 6(1)(a) GDPR',
    at: 'norm: Art. 6(1)(a) GDPR',
    message: 'legalBasis: rests on consent that nobody is asked for',
    remedy:
      "add a 'consent:' block here, or list this activity under 'covers' of the one that asks; what happens before anybody can agree rests on something else",
  })),
  {
    name: 'explicit consent to special categories of data that nobody is asked for',
    file: 'segeberg/activities/case-file.yaml',
    from: 'norm: Art. 9(2)(b) GDPR',
    to: 'norm: Art. 9(2)(a) GDPR',
    at: 'norm: Art. 9(2)(a) GDPR',
    message: 'legalBasis: rests on consent that nobody is asked for',
    remedy:
      "add a 'consent:' block here, or list this activity under 'covers' of the one that asks; what happens before anybody can agree rests on something else",
  },
  {
    name: 'a consent that covers a count, which no withdrawal could reach',
    file: 'segeberg/activities/web-statistics.yaml',
    from: 'legalBasis:\n  - norm: Art. 6(1)(e) GDPR',
    to: `consent:
  version: '1'
  text: { de: Ja, en: yes, ar: نص }
  purpose: { de: Zählen, en: counting, ar: نص }
  refusal: { de: nichts, en: nothing, ar: نص }
  withdrawal: { de: jederzeit, en: at any time, ar: نص }

legalBasis:
  - norm: Art. 6(1)(a) GDPR`,
    at: 'norm: Art. 6(1)(a) GDPR',
    message: 'legalBasis: rests on consent, and keeps no record that withdrawing it could end',
    remedy: "name another basis, e.g. 'Art. 6(1)(e) GDPR' with its law",
  },
  {
    name: 'a consent that covers what does not rest on it',
    file: booking,
    from: 'covers: [mail.delivery]',
    to: 'covers: [mail.delivery, web.limits]',
    at: 'covers:',
    message: 'consent.covers: web.limits does not rest on consent',
    remedy: "remove it here, or name 'Art. 6(1)(a) GDPR' there",
  },
  {
    name: 'a consent that covers what nobody is told of',
    file: booking,
    from: 'covers: [mail.delivery]',
    to: 'covers: [mail.delivery, case.file]',
    at: 'covers:',
    message: "consent.covers: case.file is not among 'includes', so nobody who agrees is told of it",
    remedy: "add it to 'includes'",
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
    remedy: "add '- id: count' with a text, 'period: P3Y' and 'from: month'; see parts/remains.yaml of the catalogue",
  },
  {
    name: 'a period that is said to run from somewhere else',
    file: booking,
    from: '    from: month\n',
    to: '',
    at: 'id: count',
    message: 'remains.count.from: its period does not run from there',
    remedy: "add 'from: month'",
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
    to: '\nremains:\n  - { id: ledger, text: { de: Etwas bleibt., en: Something remains., ar: نص } }\n\nretention:',
    at: 'id: ledger',
    message: 'remains.ledger: nothing of this kind stays',
    remedy: 'remove it or correct its id',
  },
  {
    name: 'a cookie that is the same for everybody, declared as one of its own for each person',
    file: 'segeberg/activities/web-terms.yaml',
    from: 'rule: forget',
    to: 'rule: forget\n    content: own',
    at: 'content: own',
    message: "cookies.disclaimer.content: the software sets it as 'same', not as 'own'",
    remedy: "remove 'content:'",
  },
  {
    name: 'a cookie that holds what somebody typed, declared as the same for everybody',
    file: 'segeberg/activities/appointments-draft.yaml',
    from: 'content: own',
    to: 'content: same',
    at: 'content: same',
    message: "cookies.entwurf.content: the software sets it as 'own', not as 'same'",
    remedy: "write 'content: own'",
  },
  {
    name: 'a draft of a form with special categories of data that is said to hold none',
    file: 'segeberg/activities/appointments-draft.yaml',
    from: '    specialCategory: possible\n',
    to: '',
    at: 'id: draft',
    message: 'fields.draft.specialCategory: appointments.booking asks for what can be special categories of data',
    remedy: "write 'specialCategory: possible'",
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
    name: 'erasure on request where there is a consent to withdraw',
    file: booking,
    from: 'trigger: consent.withdrawn, period: PT0S }',
    to: 'trigger: consent.withdrawn, period: PT0S }\n  - { id: asked, trigger: erasure.requested, period: PT0S }',
    at: 'id: asked',
    message: 'retention.asked: erasure.requested never happens, so this rule would erase nothing',
    remedy: 'write one of appointment.ended, appointment.cancelled, consent.withdrawn',
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
])

test('a missing activity is asked for by name', () => {
  using tenants = copyTenants()
  tenants.remove(code)
  expect(problemsOf(tenants, 'segeberg')).toEqual([
    {
      file: join(tenants.dir, code),
      line: 1,
      message: 'no file declares the activity rights.code',
      remedy: "add this file with 'extends: rights.code@1' and a version of its own",
    },
  ])
})
