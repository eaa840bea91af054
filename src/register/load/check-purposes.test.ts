import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadRegister } from '#register/load/load.ts'
import { booking, code, lineOf, mail, problemsOf, testFaults } from '#test/helpers/faults.ts'
import { allTenants, claims, copyTenants, replaced, runningTenant } from '#test/helpers/tenants.ts'

testFaults([
  {
    name: 'a purpose that the software works for and nobody declares',
    file: booking,
    from: '- id: change\n',
    to: '- id: chnage\n',
    at: 'purposes:',
    message: "purposes: 'change' is missing; the software opens records for it",
    remedy: "declare this purpose, with 'opens: [person]'",
  },
  {
    name: 'a purpose that the software opens no record for, and that says so',
    file: booking,
    from: '- id: book\n',
    to: '- id: book\n    opens: [person]\n',
    at: 'opens: [person]',
    message: "purposes.book.opens: the software opens no record for it as 'person'",
    remedy: "take 'person' out; without anybody left, remove 'opens:'",
  },
  {
    name: 'a purpose that keeps silent about opening records',
    file: mail,
    from: '    opens: [mail]\n',
    to: '',
    at: '- id: inform',
    message: "purposes.inform.opens: 'mail' is missing; the software opens records for it",
    remedy: "add 'opens: [mail]'",
  },
  {
    name: 'a purpose that names one of two who open records',
    file: code,
    from: 'opens: [person, mail]',
    to: 'opens: [person]',
    at: '- id: prove',
    message: "purposes.prove.opens: 'mail' is missing; the software opens records for it",
    remedy: "add 'opens: [mail]'",
  },
  {
    name: 'a purpose that goes with a field nobody declares',
    file: booking,
    from: '  - id: rights\n',
    to: `  - id: remind
    dpv: dpv:CommunicationManagement
    text: { de: erinnern, en: reminding, ar: نص }
    opens: [mail]
  - id: rights
`,
    at: 'opens: [mail]\n  - id: rights',
    message:
      "purposes.remind.opens: the software opens records for it only where appointments.booking declares the field 'reminder'",
    remedy: 'declare that field, or remove this purpose',
  },
  {
    name: 'somebody opening records whom nobody knows',
    file: code,
    from: 'opens: [person, mail]',
    to: 'opens: [person, mail, staff]',
    at: 'opens: [person, mail, staff]',
    message: "purposes.prove.opens[2]: expected one of person, mail, found 'staff'",
    remedy: 'write one of person, mail',
  },
])

test('a field that may be left out brings its purposes along, also those of another activity', () => {
  for (const [name, id, from] of [
    ['appointments-booking', 'remind', '- id: remind\n'],
    ['appointments-booking', 'earlier', '- id: earlier\n    dpv'],
    ['mail-delivery', 'remind', '- id: remind\n'],
    ['mail-delivery', 'offer', '- id: offer\n'],
  ] as const) {
    using tenants = copyTenants()
    const file = `musterstadt/activities/${name}.yaml`
    const text = replaced(tenants.read(file), from, from.replace(id, 'other'))
    tenants.write(file, text)
    expect(problemsOf(tenants, 'musterstadt')).toContainEqual({
      file: join(tenants.dir, file),
      line: lineOf(text, 'purposes:'),
      message: `purposes: '${id}' is missing; the software opens records for it`,
      remedy: "declare this purpose, with 'opens: [mail]'",
    })
  }
})

test('a purpose that only another activity would need is one too many where that is not declared', () => {
  using tenants = copyTenants()
  const file = 'segeberg/activities/mail-delivery.yaml'
  const added =
    '- id: thank\n    dpv: dpv:CommunicationManagement\n    text: { de: Danken, en: Thank, ar: شكر }\n    opens: [mail]\n  '
  const text = replaced(tenants.read(file), '- id: inform', `${added}- id: inform`)
  tenants.write(file, text)
  const thanking = { activity: 'mail.delivery', purposes: [{ purpose: 'thank', actor: 'mail' }] } as const
  const found = loadRegister(tenants.dir, {
    ...claims,
    needs: [...claims.needs, { ...thanking, where: { activity: 'greetings' } }],
  })
  expect(found.quarantined.get('segeberg')?.problems).toEqual([
    {
      file: join(tenants.dir, file),
      line: lineOf(text, 'opens: [mail]'),
      message: 'purposes.thank.opens: the software opens records for it only where a file declares greetings',
      remedy: 'declare that activity, or remove this purpose',
    },
  ])
})

test('a fault in one file is not taken for a purpose too many in another', () => {
  using tenants = copyTenants()
  const file = 'musterstadt/activities/appointments-booking.yaml'
  tenants.write(file, replaced(tenants.read(file), 'period: P14D', 'period: soon'))
  expect(problemsOf(tenants, 'musterstadt').map((problem) => problem.file)).toEqual([join(tenants.dir, file)])
})

test.each(allTenants)(
  'of %s everything that a mailbox leads to is opened for its person’s rights, codes excepted',
  (slug) => {
    const found = [...runningTenant(slug).activities.values()].filter(({ fields }) =>
      fields.some(({ id, lookup }) => id === 'email' && lookup),
    )
    expect(found.length).toBeGreaterThan(2)
    const shown = claims.needs.filter(({ purposes = [] }) =>
      purposes.some(({ purpose, actor }) => purpose === 'rights' && actor === 'person'),
    )
    const ids = found.map(({ id }) => id)
    const isHere = (id: string) => runningTenant(slug).activities.has(id)
    expect(
      shown
        .map(({ activity }) => activity)
        .filter(isHere)
        .sort(),
    ).toEqual(ids.filter((id) => id !== 'rights.code').sort())
  },
)
