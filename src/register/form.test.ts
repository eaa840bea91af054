import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { translator } from '#platform/i18n/translate.ts'
import type { Word } from '#platform/i18n/words.ts'
import { allTenants, claims, copyTenants } from '#test/helpers/tenants.ts'
import { askedFields, inputName, inputNames, parseFields, type Typed, typedOf } from './form.ts'
import { loadRegister } from './load/load.ts'
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
  ['a mark of direction within', 'a\u200fb\u200e', 'a\u200fb'],
  ['a hundred characters beyond the first plane', '𝒳'.repeat(100), '𝒳'.repeat(100)],
  ['one character more', '𝒳'.repeat(101), 'name: tooLong'],
  ['a hundred letters in two parts each', 'u\u0308'.repeat(100), 'ü'.repeat(100)],
  ['nothing but blanks', ' \t ', 'name: missing'],
  ['nothing but a letter that looks like a blank', '\u3164', 'name: missing'],
  ['nothing but joiners and marks of direction', '\u200c\u200d\u200e\u2067', 'name: missing'],
  ['nothing but an accent', '\u0301', 'name: missing'],
  ['a null character', 'a\u0000', 'a'],
  ['a bell', 'a\u0007b', 'ab'],
  ['delete', 'a\u007f', 'a'],
  ['a C1 control', 'a\u0081b', 'ab'],
  ['a bidi override', '\u202eabc', 'abc'],
  ['a bidi isolate', '\u2066abc\u2069', 'abc'],
  ['a byte order mark', '\ufeffabc', 'abc'],
  ['half a character', 'a\ud800b', 'ab'],
  ['letters written invisibly', 'a\u{e0041}\u{e0042}b', 'ab'],
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
  ['١٢٣٤٥', '12345'],
  ['۱۳۱A۰۹۹۰۸۱۵', '131A0990815'],
  ['１３１Ａ０９９０８１５', '131A0990815'],
  ['131A\u00a0099\u20130815', '131A 099-0815'],
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
  ['0', '1', '1984', '1984-01'],
  ['00', '00', '1980', '1980'],
  ['3.', '08.', '1984', '1984-08-03'],
  ['3rd', '8', '1984', '1984-08-03'],
  ['١٢', '٨', '١٩٨٤', '1984-08-12'],
  ['۱۲', '۸', '۱۹۸۴\u200f', '1984-08-12'],
  ['12', '00', '1984', 'birthDate: dateIncomplete'],
  ['00', '00', '2027', 'birthDate: dateInFuture'],
  ['00', '12', '2026', 'birthDate: dateInFuture'],
  ['00', '11', '2026', '2026-11'],
  ['00', '00', '0000', 'birthDate: dateIncomplete'],
  ['', '', '1984', 'birthDate: dateIncomplete'],
  ['1', '13', '1984', 'birthDate: dateImpossible'],
  ['1', '1', '84', 'birthDate: dateIncomplete'],
  ['1', '1', '0084', 'birthDate: dateIncomplete'],
  ['1', '', '1984', 'birthDate: dateIncomplete'],
  ['1', 'Mai', '1984', '1984-05-01'],
  ['1', 'Mond', '1984', 'birthDate: dateIncomplete'],
  ['03.08.1984', '', '', '1984-08-03'],
  ['03.08.1984', '8', '1984', '1984-08-03'],
  ['03.08.1984', '9', '1984', 'birthDate: dateIncomplete'],
  ['1984-08-03', '', '', '1984-08-03'],
  ['00.00.1980', '', '', '1980'],
  ['31.6.١٣٦٣', '', '', 'birthDate: dateImpossible'],
  ['۱', '۱', '۱۳۶۳', 'birthDate: dateImpossible'],
  ['1', '1', '2527', 'birthDate: dateImpossible'],
  ['-1', '1', '1984', 'birthDate: dateIncomplete'],
  ['1.5', '1', '1984', 'birthDate: dateIncomplete'],
  ['1e1', '1', '1984', 'birthDate: dateIncomplete'],
  ['00000000001', '1', '1984', '1984-01-01'],
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
  ['Erika <a@example.org>', 'a@example.org'],
  ['mailto:a@example.org?subject=Termin', 'a@example.org'],
  ['„a@example.org“,', 'a@example.org'],
  ["'a@example.org'", 'a@example.org'], // as Outlook writes one without a name
  ['‚a@example.org‘', 'a@example.org'],
  ['‘a@example.org’', 'a@example.org'],
  ['‹a@example.org›;', 'a@example.org'],
  ['{a@example.org}', 'a@example.org'],
  ['`a@example.org`', 'a@example.org'],
  ['A <a@example.org>, B <b@example.org>', 'email: email'],
  ['a<b>@example.org', 'email: email'],
  ['a@example.org.', 'a@example.org'],
  ['a@example.org\u200b', 'a@example.org'],
  ['a @ example.org', 'a@example.org'],
  ['erika mustermann@example.org', 'email: emailBlank'],
  ['erika@example. org', 'email: emailBlank'],
  ['jürgen@example.org', 'email: emailCharacterOptional'],
  ['эрика@example.org', 'email: emailCharacterOptional'],
  ['eri\u2019ka@example.org', "eri'ka@example.org"],
  ['eri\u00b4ka@example.org', "eri'ka@example.org"],
  ['eri\u00a8ka@example.org', 'email: emailCharacterOptional'],
  ['erika٨٤@example.org', 'erika84@example.org'],
  ['a@example.org\r\nBcc: b@example.org', 'email: email'],
  ['a@example.org\nBcc: b@example.org', 'email: email'],
  ['a@example.org\u0000', 'a@example.org'],
  ['a@[127.0.0.1]', 'email: email'],
  [`${'a'.repeat(250)}@example.org`, 'email: tooLong'],
])('an e-mail address %j', (typed, value) => {
  expect(taken('email', { 'f.email': typed })).toBe(value)
})

test.each([
  ['31', '2', '90', 'year day,month', ['day', 'month', 'year']],
  ['31', '13', '1984', 'month', ['month']],
  ['', 'Mond', '84', 'lacks digits year', ['day', 'month', 'year']],
  ['gestern', '', '', 'apart', ['day', 'month', 'year']],
  ['3.8.84', '', '', 'year', ['year']],
  ['31', '6', '1363', 'calendar', ['year']],
  ['29', '2', '1900', 'day,month,year', ['day', 'month', 'year']],
  ['12', '0', '1984', 'lacks', ['month']],
])('of %j.%j.%j everything that is wrong is told, and in which boxes', (day, month, year, told, boxes) => {
  const parsed = parse({ 'f.birthDate.day': day, 'f.birthDate.month': month, 'f.birthDate.year': year })
  const [error] = parsed.ok ? [] : parsed.errors
  const faults = error?.faults?.map(({ kind, parts }) => (kind === 'noSuchDay' ? parts.join() : kind))
  expect([faults?.join(' '), error?.wrong]).toEqual([told, boxes])
})

describe('a phone number', () => {
  test.each([
    ['030 23125 777', '030 23125 777'],
    ['tel:+49-30-23125-777', '+49 30 23125 777'],
    ['(+49) 30 23125777', '+49 30 23125777'],
    ['0049 30 / 23125.777', '+49 30 23125 777'],
    ['+49 (0) 30 23125 777', '+49 30 23125 777'],
    ['\u202a+49\u00a0151\u201112345678\u202c', '+49 151 12345678'],
    ['\u200f٠٣٠ ٢٣١٢٥ ٧٧٧', '030 23125 777'],
    ['۰۳۰۲۳۱۲۵۷۷۷', '03023125777'],
    ['هاتف: ٠٣٠٢٣١٢٥', '03023125'],
    ['------', 'phone: phoneNoDigits'],
    ['gerne abends', 'phone: phoneNoDigits'],
    ['777', 'phone: phoneTooFew'],
    ['030 23125 777 oder 0151 12345678', 'phone: phoneSeveral'],
    ['030 23125 777 / 0151 12345678', 'phone: phoneSeveral'],
    ['9510 / 0171 1234567', 'phone: phoneSeveral'],
    ['030 23125 777 0151 12345678', 'phone: phoneTooMany'],
    ['☎ Handy: 0151 12345678 (Mutter)', '0151 12345678'],
    ['\u2063', 'phone: missing'],
  ])('%j', (typed, value) => expect(taken('phone', { 'f.phone': typed }, 'phone')).toBe(value))

  test('of each Jobcenter’s helpline, as its own pages print it, is taken', () => {
    const { running } = loadRegister('tenants', claims)
    expect(running.size).toBe(allTenants.length)
    for (const { tenant, activities } of running.values()) {
      const booking = activities.get('appointments.booking') as Activity
      for (const language of tenant.languages) {
        const printed = translator(language)('appointments.ending.without', { phone: tenant.helpline.phone })
        const pasted = printed.slice(printed.search(/[\u2068\d]/), printed.search(/\d\D*$/) + 2)
        const parsed = parseFields(booking, 'phone', { 'f.phone': pasted }, today)
        const wrong = parsed.ok ? [] : parsed.errors.map((error) => error.field.id)
        expect([tenant.slug, language, pasted, wrong.includes('phone'), parsed.typed['f.phone']]).toEqual([
          tenant.slug,
          language,
          pasted,
          false,
          tenant.helpline.phone,
        ])
      }
    }
  })
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
  // Letters of all of Unicode, pieces that people type and paste, and both mixed.
  const pieces = fc.constantFrom(
    ...[
      '0',
      '7',
      '٣',
      '۴',
      '９',
      '१',
      '.',
      '-',
      '\u2011',
      '–',
      '/',
      '(',
      ')',
      '+',
      '00',
      '(0)',
      ' ',
      '\u00a0',
      '\n',
      '\r\n',
    ],
    ...[
      'a',
      'ü',
      'u\u0308',
      'م',
      '@',
      '@',
      '<',
      '>',
      'mailto:',
      'tel:',
      'gmail.com',
      '.de',
      ',',
      '"',
      '？',
      '1984',
      '31',
    ],
    ...[
      '\u200c',
      '\u200d',
      '\u200b',
      '\u200f',
      '\u202a',
      '\u202c',
      '\ufeff',
      '\u3164',
      '\ufe0f',
      '👩',
      '\u{e0041}',
      '\u0000',
    ],
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.oneof(pieces, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), maxLength: 12 }),
  )
  const everyField = (activity: Activity) =>
    fc.record(Object.fromEntries(inputNames(activity).map((name) => [name, text])))
  const bookings = [...loadRegister('tenants', claims).running.values()].map((running) =>
    getActivity(running, 'appointments.booking'),
  )
  const texts = translator('de')
  // The 34 inputs of four forms: more than 100,000 values.
  const often = { numRuns: process.env.SLOW ? 10_000 : 3_000 }

  test.each(bookings.map((booking, index) => [allTenants[index], booking] as const))(
    'is read without a crash, comes back, and is read alike when it does (%s)',
    (_, booking) => {
      fc.assert(
        fc.property(everyField(booking), (form) => {
          const first = parseFields(booking, 'phone', form, today)
          expect(Object.keys(first.typed).toSorted()).toEqual(Object.keys(form).toSorted())
          const second = parseFields(booking, 'phone', first.typed, today)
          expect(second.typed).toEqual(first.typed)
          expect(second).toEqual(first)
          // Each refusal has words, of ours or of the tenant.
          for (const { key, message, faults } of first.ok ? [] : first.errors) {
            const said = faults
              ? faults.map(({ kind }) => `features.fields.wrongDay.${kind}`)
              : [`features.fields.${key}`]
            if (!message) for (const one of said) texts(one as Word, { count: 1 })
          }
        }),
        often,
      )
    },
  )

  test('a value is never longer than declared, and never holds what hides or reorders text', () => {
    const reorders = /(?![\n\t])\p{Cc}|[\u200b\u202a-\u202e\u2066-\u2069\ufeff]/u
    fc.assert(
      fc.property(everyField(activity), (form) => {
        const parsed = parse({ ...form, ...good })
        if (!parsed.ok) return
        for (const field of askedFields(activity, 'inPerson')) {
          const value = parsed.values[field.id] ?? ''
          expect([...value].length).toBeLessThanOrEqual(field.maxLength)
          expect(value).not.toMatch(reorders)
        }
      }),
      { numRuns: runs.numRuns * 10 },
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
