import { expect, test } from 'vitest'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

const file = 'segeberg/activities/case-file.yaml'
const booking = 'segeberg/activities/appointments-booking.yaml'

type Case = { name: string; path: string; from: string; to: string; message: string; remedy: string }

const faults: Case[] = [
  {
    name: 'an address that is not encrypted',
    path: file,
    from: 'url: https://',
    to: 'url: http://',
    message: "executedBy.url: expected an address that begins with https://, found 'http://akte.segeberg.example/'",
    remedy: 'write an address that begins with https://',
  },
  {
    name: 'an address that runs a script',
    path: file,
    from: 'url: https://akte.segeberg.example/',
    to: "url: 'javascript:alert(1)'",
    message: "executedBy.url: expected an address that begins with https://, found 'javascript:alert(1)'",
    remedy: 'write an address that begins with https://',
  },
  {
    name: 'a field of the file that would be stored here',
    path: file,
    from: '    store: elsewhere\n',
    to: '',
    message: 'fields.name.store: the activity is executed elsewhere, so nothing is kept here',
    remedy: "write 'store: elsewhere'",
  },
  {
    name: 'a field of the file that our form would ask for',
    path: file,
    from: 'input: none',
    to: 'input: text',
    message: 'fields.name.input: the activity is executed elsewhere, so nobody is asked here',
    remedy: "write 'input: none'",
  },
  {
    name: 'a field of the file that we would search by',
    path: file,
    from: '    store: elsewhere\n',
    to: '    store: elsewhere\n    lookup: true\n',
    message: 'fields.name.lookup: the activity is executed elsewhere, so nothing is found here',
    remedy: "remove 'lookup:'",
  },
  {
    name: 'a field of ours that is said to be elsewhere',
    path: booking,
    from: "    autocomplete: 'off'\n    maxLength: 500\n",
    to: "    autocomplete: 'off'\n    maxLength: 500\n    store: elsewhere\n",
    message: 'fields.freeText.store: this software executes the activity, so the field is here',
    remedy: "add 'executedBy:' or remove this",
  },
  {
    name: 'an event that nobody has words for',
    path: file,
    from: 'trigger: benefitDecision.notified',
    to: 'trigger: moon.landed',
    message: 'retention.decided: the program has no words for moon.landed',
    remedy: "add them to src/register/locales/*.json under 'trigger', or write another trigger",
  },
  {
    name: 'erasure by asking here of what is executed elsewhere',
    path: file,
    from: 'trigger: benefitDecision.notified',
    to: 'trigger: erasure.requested',
    message:
      'retention.decided: erasure.requested is asked of this software, and nothing here erases what is executed elsewhere',
    remedy: 'write a trigger that happens there, or remove the rule',
  },
  {
    name: 'an activity of our own handed to others',
    path: booking,
    from: '\npurposes:',
    to: '\nexecutedBy: { name: { de: Andere, en: Others, ar: نص }, url: https://others.example/ }\npurposes:',
    message: 'executedBy: this software itself works under appointments.booking',
    remedy: 'remove the block',
  },
  {
    name: 'consent that this software would have to ask for',
    path: booking,
    from: '\npurposes:',
    to: '\nexecutedBy: { name: { de: Andere, en: Others, ar: نص }, url: https://others.example/ }\npurposes:',
    message: 'consent: the activity is executed elsewhere, so this software neither asks nor notes a withdrawal',
    remedy: 'remove the block; consent is asked where the activity is executed',
  },
  {
    name: 'a purpose that is no term',
    path: file,
    from: 'dpv: dpv:RecordManagement',
    to: 'dpv: to keep a file',
    message: "purposes.document.dpv: expected a term such as dpv:Name, found 'to keep a file'",
    remedy: 'write a term such as dpv:Name',
  },
  {
    name: 'a sub-processor far away',
    path: booking,
    from: 'retention:',
    to: `recipients:
  - id: printer
    name: { de: Druckerei, en: Printer, ar: نص }
    role: processor
    country: DE
    contract: { kind: Art28, concluded: 2026-10-01, text: { de: V, en: C, ar: نص } }
    fields: all
    transport: tls
    subProcessors: [{ id: far, name: { de: F, en: F, ar: نص }, country: US, task: { de: A, en: A, ar: نص } }]
retention:`,
    message: 'recipients.printer.subProcessors.far: country US is outside EU and EEA',
    remedy:
      'choose one in the EU, the EEA, Switzerland or a state with an adequacy decision for all recipients and without an end (§ 80(2) SGB X, § 35(7) SGB I)',
  },
  {
    name: 'a sub-processor of somebody who processes nothing on behalf of others',
    path: file,
    from: '    fields: all',
    to: '    subProcessors: [{ id: far, name: { de: F, en: F, ar: نص }, country: DE, task: { de: A, en: A, ar: نص } }]\n    fields: all',
    message: 'recipients.caseworkers.subProcessors: nobody of role internalUnit has any',
    remedy: 'remove them, or list them as recipients of their own',
  },
]

test.each(faults)('$name is refused', ({ path, from, to, message, remedy }) => {
  using tenants = copyTenants()
  tenants.write(path, replaced(tenants.read(path), from, to))
  expect(tenants.load().quarantined.get('segeberg')?.problems).toContainEqual(
    expect.objectContaining({ message, remedy }),
  )
})

test('an activity executed elsewhere needs no feature and no access trail', () => {
  using tenants = copyTenants()
  const { running } = tenants.load()
  expect(
    running
      .get('segeberg')
      ?.activities.get('case.file')
      ?.fields.map(({ store }) => store),
  ).toEqual(Array(4).fill('elsewhere'))
  tenants.write(file, tenants.read(file).replace(/^executedBy:\n(?: {2}.*\n)+/m, ''))
  expect(
    tenants
      .load()
      .quarantined.get('segeberg')
      ?.problems.map(({ message }) => message),
  ).toContain('id: no feature works under case.file, so nothing would enforce it')
})
