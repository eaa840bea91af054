import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyTenants } from '#test/helpers/tenants.ts'
import { askedFields, inputName, parseFields, type Typed, typedOf } from './form.ts'
import { type Activity, getActivity } from './register.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 100 }
const today = Temporal.PlainDate.from('2026-11-23')
let tenants: ReturnType<typeof copyTenants>
let activity: Activity
beforeAll(() => {
  tenants = copyTenants()
  const running = tenants.load().running.get('segeberg')
  if (!running) throw new Error('segeberg does not run')
  activity = getActivity(running, 'appointments.booking')
})
afterAll(() => tenants[Symbol.dispose]())

const good = {
  'f.name': 'Erika Markerfrau',
  'f.birthDate.day': '12',
  'f.birthDate.month': '8',
  'f.birthDate.year': '1984',
}
const parse = (typed: Typed, channel = 'inPerson') => parseFields(activity, channel, { ...good, ...typed }, today)
/** What is stored of one field, or why not. */
const taken = (field: string, typed: Typed, channel?: string) => {
  const parsed = parse(typed, channel)
  return parsed.ok ? parsed.values[field] : parsed.errors.map((error) => `${error.field.id}: ${error.key}`).join()
}

describe('the fields that are asked for', () => {
  test('are those the file declares for a form, in its order, and none that the system writes', () => {
    expect(askedFields(activity, 'inPerson').map((field) => field.id)).toEqual([
      'name',
      'birthDate',
      'customerOrBgNumber',
      'email',
      'freeText',
    ])
  })

  test('include a number to call only if we call', () => {
    expect(askedFields(activity, 'phone').map((field) => field.id)).toContain('phone')
    expect(taken('phone', { 'f.phone': '030 23125 777' })).toBeUndefined()
    expect(taken('phone', { 'f.phone': '030 23125 777' }, 'phone')).toBe('030 23125 777')
    expect(taken('phone', {}, 'phone')).toBe('phone: missing')
  })
})

describe('of a form is taken', () => {
  test('what belongs to fields, and nothing else of it', () => {
    expect(typedOf({ 'f.name': 'a', formToken: 'b', fname: 'c', vormerkung: 'd', 'f.': 'e' })).toEqual({
      'f.name': 'a',
      'f.': 'e',
    })
  })

  test('no value for a field that is not declared, or that only the system writes', () => {
    const parsed = parse({
      'f.shoeSize': '43',
      'f.reference': 'ABCD-EFGH',
      'f.manageLink': 'x',
      'f.service': 'y',
      'f.__proto__': 'z',
    })
    expect(parsed.ok && Object.keys(parsed.values).toSorted()).toEqual(['birthDate', 'name'])
  })

  test('an empty optional field is no value at all', () => {
    const parsed = parse({ 'f.email': '  ', 'f.freeText': '\n' })
    expect(parsed.ok && Object.keys(parsed.values).toSorted()).toEqual(['birthDate', 'name'])
  })
})

test.each([
  ['blanks around it', '  Erika \t', 'Erika'],
  ['a line break in one line', 'Erika\r\nMarkerfrau', 'Erika Markerfrau'],
  ['letters in two parts', 'Ame\u0301lie', 'Am\u00e9lie'],
  ['Arabic', 'محمد عبد الله', 'محمد عبد الله'],
  ['a joined emoji', 'A 👩‍👩‍👧', 'A 👩‍👩‍👧'],
  ['a joiner that spelling needs', 'می‌خواهم', 'می‌خواهم'],
  ['marks of direction that people type', 'a\u200fb\u200e', 'a\u200fb\u200e'],
  ['a hundred characters beyond the first plane', '𝒳'.repeat(100), '𝒳'.repeat(100)],
  ['one character more', '𝒳'.repeat(101), 'name: tooLong'],
  ['nothing but blanks', ' \t ', 'name: missing'],
  ['a null character', 'a\u0000', 'name: invisible'],
  ['a bell', 'a\u0007b', 'name: invisible'],
  ['delete', 'a\u007f', 'name: invisible'],
  ['a C1 control', 'a\u0085b', 'name: invisible'],
  ['a bidi override', '\u202eabc', 'name: invisible'],
  ['a bidi isolate', '\u2066abc\u2069', 'name: invisible'],
  ['a byte order mark', '\ufeffabc', 'name: invisible'],
])('a name with %s', (_, typed, value) => {
  expect(taken('name', { 'f.name': typed })).toBe(value)
})

test('a long text keeps its lines, in one notation', () => {
  expect(taken('freeText', { 'f.freeText': ' a\r\nb\rc\n\td ' })).toBe('a\nb\nc\n\td')
})

test.each([
  ['131A0990815', '131A0990815'],
  ['12345//0001234', '12345//0001234'],
  ['abc', 'customerOrBgNumber: pattern'],
  ['1234; drop', 'customerOrBgNumber: pattern'],
  ['١٢٣٤٥', 'customerOrBgNumber: pattern'],
  ['1'.repeat(31), 'customerOrBgNumber: tooLong'],
])('a customer number %s', (typed, value) => {
  expect(taken('customerOrBgNumber', { 'f.customerOrBgNumber': typed })).toBe(value)
})

test('an error of a pattern brings the words of the tenant', () => {
  const parsed = parse({ 'f.customerOrBgNumber': '!' })
  expect(!parsed.ok && parsed.errors[0]?.message?.en).toMatch(/4 to 20 characters/)
})

test.each([
  ['12', '8', '1984', '1984-08-12'],
  ['1', '1', '1900', '1900-01-01'],
  ['08', '08', '1984', '1984-08-08'],
  [' 8 ', '8', ' 1984', '1984-08-08'],
  ['29', '2', '2024', '2024-02-29'],
  ['23', '11', '2026', '2026-11-23'],
  ['24', '11', '2026', 'birthDate: dateInFuture'],
  ['1', '1', '9999', 'birthDate: dateInFuture'],
  ['31', '12', '1899', 'birthDate: dateTooEarly'],
  ['29', '2', '2023', 'birthDate: dateImpossible'],
  ['29', '2', '1900', 'birthDate: dateImpossible'],
  ['31', '4', '1984', 'birthDate: dateImpossible'],
  ['0', '1', '1984', 'birthDate: dateImpossible'],
  ['1', '13', '1984', 'birthDate: dateImpossible'],
  ['1', '1', '84', 'birthDate: dateIncomplete'],
  ['1', '1', '0084', 'birthDate: dateIncomplete'],
  ['1', '', '1984', 'birthDate: dateIncomplete'],
  ['1', 'Mai', '1984', 'birthDate: dateIncomplete'],
  ['-1', '1', '1984', 'birthDate: dateIncomplete'],
  ['1.5', '1', '1984', 'birthDate: dateIncomplete'],
  ['1e1', '1', '1984', 'birthDate: dateIncomplete'],
  ['١', '1', '1984', 'birthDate: dateIncomplete'],
  ['00000000001', '1', '1984', 'birthDate: dateIncomplete'],
  ['', '', '', 'birthDate: dateMissing'],
])('a birth date of %s. %s. %s is %s', (day, month, year, value) => {
  expect(taken('birthDate', { 'f.birthDate.day': day, 'f.birthDate.month': month, 'f.birthDate.year': year })).toBe(
    value,
  )
})

test.each([
  ['Erika@Example.ORG', 'Erika@example.org'],
  ['erika@müller.example', 'erika@xn--mller-kva.example'],
  ['erika', 'email: email'],
  ['a@example.org,b@example.org', 'email: email'],
  ['Erika <a@example.org>', 'email: email'],
  ['a@example.org\r\nBcc: b@example.org', 'email: email'],
  ['a@example.org\nBcc: b@example.org', 'email: email'],
  ['a@example.org\u0000', 'email: invisible'],
  ['a@[127.0.0.1]', 'email: email'],
  [`${'a'.repeat(250)}@example.org`, 'email: tooLong'],
])('an e-mail address %j', (typed, value) => {
  expect(taken('email', { 'f.email': typed })).toBe(value)
})

describe('what is chosen or ticked', () => {
  const takenIn = (slug: string, field: string, typed: Typed, channel = 'inPerson') => {
    const running = tenants.load().running.get(slug)
    if (!running) throw new Error(`${slug} does not run`)
    const parsed = parseFields(getActivity(running, 'appointments.booking'), channel, { ...good, ...typed }, today)
    return parsed.ok ? parsed.values[field] : parsed.errors.map((error) => `${error.field.id}: ${error.key}`).join()
  }

  test.each([
    ['uk', 'uk'],
    ['', undefined],
    ['xx', 'interpreterLanguage: choice'],
    ['UK', 'interpreterLanguage: choice'],
    ['toString', 'interpreterLanguage: choice'],
  ])('is one of the options, by its id: %j', (typed, value) => {
    expect(takenIn('musterstadt', 'interpreterLanguage', { 'f.interpreterLanguage': typed })).toBe(value)
  })

  test.each([
    ['yes', 'yes'],
    ['', undefined],
    ['no', 'wheelchair: choice'],
  ])('is a tick or nothing: %j', (typed, value) => {
    expect(takenIn('musterstadt', 'wheelchair', { 'f.wheelchair': typed })).toBe(value)
  })

  test('is only asked for the channel it is for, and may be left out there, too', () => {
    const call = { 'f.wheelchair': 'yes', 'f.phone': '030 23125 777' }
    expect(takenIn('musterstadt', 'wheelchair', call, 'phone')).toBeUndefined()
    expect(takenIn('musterstadt', 'name', {})).toBe('Erika Markerfrau')
  })
})

test('all mistakes are told at once, in the order of the form', () => {
  const parsed = parse({ 'f.name': '', 'f.birthDate.month': '13', 'f.email': 'x', 'f.customerOrBgNumber': '!' })
  expect(!parsed.ok && parsed.errors.map((error) => error.field.id)).toEqual([
    'name',
    'birthDate',
    'customerOrBgNumber',
    'email',
  ])
})

describe('whatever is typed', () => {
  const typed = fc.record({
    'f.name': fc.string({ unit: 'binary' }),
    'f.email': fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })),
    'f.freeText': fc.string({ unit: 'binary', maxLength: 600 }),
    'f.customerOrBgNumber': fc.string(),
    'f.birthDate.day': fc.oneof(fc.nat(32).map(String), fc.string()),
    'f.birthDate.month': fc.oneof(fc.nat(13).map(String), fc.string()),
    'f.birthDate.year': fc.oneof(fc.integer({ min: 1890, max: 2030 }).map(String), fc.string()),
  })

  test('comes back, and what comes back is taken the next time if it is taken at all', () => {
    fc.assert(
      fc.property(typed, (form) => {
        const first = parseFields(activity, 'inPerson', form, today)
        expect(Object.keys(first.typed).toSorted()).toEqual(Object.keys(form).toSorted())
        const second = parseFields(activity, 'inPerson', first.typed, today)
        expect(second.typed).toEqual(first.typed)
        if (first.ok) expect(second).toEqual(first)
      }),
      runs,
    )
  })

  test('a value is never longer than declared, and never holds what hides or reorders text', () => {
    fc.assert(
      fc.property(typed, (form) => {
        const parsed = parse(form)
        if (!parsed.ok) return
        for (const field of askedFields(activity, 'inPerson')) {
          const value = parsed.values[field.id] ?? ''
          expect([...value].length).toBeLessThanOrEqual(field.maxLength)
          expect(value).toMatch(
            /^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u.test(value.replace(/[\n\t]/g, '')) ? /^/ : /never/,
          )
        }
      }),
      runs,
    )
  })
})

test('a field’s input has the field’s name', () => {
  expect(askedFields(activity, 'phone').map(inputName)).toContain('f.phone')
})

describe('a box to tick', () => {
  const withReminder = (typed: Typed) => {
    const running = tenants.load().running.get('musterstadt')
    if (!running) throw new Error('musterstadt does not run')
    return parseFields(getActivity(running, 'appointments.booking'), 'inPerson', { ...good, ...typed }, today)
  }

  test('says yes or nothing', () => {
    expect(withReminder({ 'f.reminder': 'yes', 'f.email': 'a@example.org' })).toMatchObject({
      ok: true,
      values: { reminder: 'yes' },
    })
    const without = withReminder({ 'f.email': 'a@example.org' })
    expect(without.ok && 'reminder' in without.values).toBe(false)
  })

  test.each([
    ['nothing', '', 'email: needed'],
    ['something that is none', 'a@', 'email: email'],
  ])('asks once for the field that it needs, where that holds %s', (_, email, found) => {
    const parsed = withReminder({ 'f.reminder': 'yes', 'f.email': email })
    expect(parsed.ok ? [] : parsed.errors.map((error) => `${error.field.id}: ${error.key}`)).toEqual([found])
    expect(parsed.typed['f.reminder']).toBe('yes')
  })
})
