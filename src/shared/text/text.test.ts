import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foreignCharacter, readAddress, suggestAddress } from './address.ts'
import { dayParts, readDay, readDayBoxes, readDayPart } from './day.ts'
import { asciiDigits, readCode, readNumeric } from './digits.ts'
import { domains, mistaken } from './domains.ts'
import { readPhone } from './phone.ts'
import { isVisible, lengthOf, readLines, readText } from './typed.ts'

const runs = { numRuns: process.env.SLOW ? 5000 : 500 }
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(
      ...'aZ7٣é.@+-/()<>"´‚‘\u0301\u200c\u200d\u200e\u202a\u3164\ufe0f\ufeff\ud800 \r\n🏴',
      '👩',
      '\u{e0067}',
      '\u{e007f}',
    ),
    maxLength: 12,
  }),
)

describe('what is read', () => {
  test.each(Object.entries({ readText, readLines, readNumeric, readAddress, readDayPart, readCode, asciiDigits }))(
    'once is read alike the next time, whatever of Unicode it holds (%s)',
    (_, read) => {
      fc.assert(
        fc.property(anything, (raw) => {
          expect(read(read(raw))).toBe(read(raw))
        }),
        runs,
      )
    },
  )

  test('as a phone number is read alike the next time', () => {
    const typed = fc.oneof(anything, fc.string({ unit: fc.constantFrom(...'+00049 ()-/.٣,a☎'), maxLength: 24 }))
    fc.assert(
      fc.property(typed, (raw) => {
        const read = readPhone(raw)
        if ('value' in read) expect(readPhone(read.value)).toEqual(read)
      }),
      runs,
    )
  })

  test.each([
    ['a Persian name keeps its joiner', 'علی\u200cرضا', 'علی\u200cرضا'],
    ['a joiner at an end goes', '\u200cعلی\u200d', 'علی'],
    ['a joiner pressed twice is one', 'علی\u200c\u200cرضا', 'علی\u200cرضا'],
    ['a family stays one', '👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥', '👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥'],
    [
      'the flag of England stays, other invisible letters go',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}a\u{e0067}',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}a',
    ],
    ['letters of a Mac become those of everybody', 'Mu\u0308ller', 'Müller'],
    ['a name of a word processor', 'Müller\u2011Lu\u00ad\u0308denscheid\u00a0', 'Müller-Lüdenscheid'],
    ['an apostrophe stays the one that was typed', 'O’Brien', 'O’Brien'],
    ['an override does not turn what follows', 'a\u202ebc\u202c', 'abc'],
  ])('%s', (_, typed, read) => expect(readText(typed)).toBe(read))

  test('in a moment, however long a row of one character is', () => {
    const { user } = process.cpuUsage()
    for (const piece of [
      '\n',
      ')',
      '.',
      'ü',
      '٣',
      '<a>',
      '<@',
      '\u200c',
      '(',
      '0',
      '@',
      'e\u0301\ufe0f',
      '+',
      '0/',
      '1(',
      '/',
      'a1',
    ]) {
      const long = `${piece.repeat(120_000 / piece.length)}x`
      for (const read of [readLines, readText, readAddress, readPhone, readDayPart, foreignCharacter]) read(long)
    }
    expect(process.cpuUsage().user - user).toBeLessThan(10_000_000) // microseconds; with the square of the length it is minutes
  })
})

describe('a phone number', () => {
  const read = (typed: string) => {
    const found = readPhone(typed)
    return 'value' in found ? found.value : found.kind
  }

  test.each([
    ['0151 2345678,', '0151 2345678'],
    ['0151 2345678;', '0151 2345678'],
    ['☎ 0151 2345678', '0151 2345678'],
    ['📞0151 2345678', '0151 2345678'],
    ['📱\ufe0f +49 151 2345678', '+49 151 2345678'],
    ['Handy 0151 2345678', '0151 2345678'],
    ['Tel. 9510', '9510'],
    ['Mobil/WhatsApp: +49 151 2345678', '+49 151 2345678'],
    ['0151 2345678 (Mutter)', '0151 2345678'],
    ['0151 23 45 67 89 (Mutter)', '0151 23 45 67 89'],
    ['030 23125 777 abends', '030 23125 777'],
    ['رقم الهاتف ٠١٥١ ٢٣٤٥٦٧٨', '0151 2345678'],
    ['49 151 2345678+', '+49 151 2345678'],
    ['0151 2345678+', '0151 2345678'],
    ['https://wa.me/491512345678', '+491512345678'],
    ['https://wa.me/491512345678?text=Hallo', '+491512345678'],
    ['+49 0151 2345678', '+49 151 2345678'],
    ['+490301234567', '+49 301234567'],
    ['0049 (0)30 1234567', '+49 30 1234567'],
    ['+0151 2345678', '0151 2345678'],
    ['++49 151 2345678', '+49 151 2345678'],
    ['+39 06 1234567', '+39 06 1234567'],
    ['+39 (0)6 1234567', '+39 0 6 1234567'],
    ['+43 0664 1234567', '+43 664 1234567'],
    ['+430664 1234567', '+43 664 1234567'],
    ['0043 (0)664 1234567', '+43 664 1234567'],
    ['+90 0532 1234567', '+90 532 1234567'],
    ['+90 (0532) 123 45 67', '+90 532 123 45 67'],
    ['+963 0944 123456', '+963 944 123456'],
    ['+38 050 123 45 67', '+38 050 123 45 67'],
    ['+380 050 1234567', '+380 50 1234567'],
    ['+48 601 234 567', '+48 601 234 567'],
    ['+225 07 12345678', '+225 07 12345678'],
    ['+49 10 1234567', '+49 10 1234567'],
    ['030 / 23125-001', '030 23125 001'],
    ['04551 951/0', '04551 951 0'],
    ['0151/2345678', '0151 2345678'],
  ])('%j is read as %s', (typed, value) => expect(read(typed)).toBe(value))

  test.each([
    ['9510 / 0171 1234567', 'several'],
    ['04551 9510 / 0171 12345', 'several'],
    ['0151 2345678 / 0152 3456789', 'several'],
    ['0151 2345678, 0152 3456789', 'several'],
    ['0151 2345678 oder +49 152 3456789', 'several'],
    ['0151 2345678 - 0152 3456789', 'several'],
    ['+49 151 2345678 +49 152 3', 'several'],
    ['+49 30', 'tooFew'],
    ['0049 30 12', 'tooFew'],
    ['0000000', 'tooFew'],
    ['0 000 000 00', 'tooFew'],
    ['½½½½', 'character'],
    ['030 23125 77½', 'character'],
    ['①②③④⑤⑥', 'character'],
    ['0800 HALLO', 'character'],
    ['131A0990815', 'character'],
    ['erika1984567@gmx.de', 'character'],
    ['Haus 3 0151 2345678', 'character'],
    ['0151 2345678 18 Uhr', 'character'],
    ['0151 2345678 (2. Versuch)', 'character'],
    ['0151 2345678 ab 18 Uhr', 'character'],
    [`0151 2345678 ${'bitte '.repeat(6)}`, 'character'],
    ['☎', 'noDigits'],
    ['+', 'noDigits'],
  ])('is not %j: %s', (typed, kind) => expect(read(typed)).toBe(kind))
})

test('something is visible where people see something', () => {
  for (const text of ['a', 'ا', '-', '👩', '०', '\u{e000}']) expect([text, isVisible(text)]).toEqual([text, true])
  for (const text of ['', ' ', '\u3164', '\u2800', '\u200c', '\u2063', '\ufe0f', '\u0301', '\u115f', '\u00ad'])
    expect([text, isVisible(text)]).toEqual([text, false])
})

test('nothing that is left blank makes a text visible: alone, or any two of it', () => {
  const blank = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter((each) =>
    /^[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{M}]$/u.test(each),
  )
  blank.push('\u2800', '\ufffc', '\u{1d159}', '\u{13441}', '\u{13442}')
  expect(blank.filter((each) => isVisible(each) || isVisible(readText(each)))).toEqual([])
  fc.assert(
    fc.property(fc.constantFrom(...blank), fc.constantFrom(...blank), (one, other) => {
      expect(isVisible(readText(one + other))).toBe(false)
    }),
    runs,
  )
})

test('lengths count code points of what is read: line ends once, letters in two parts once', () => {
  expect(['a\r\nb', 'u\u0308', '👩'.repeat(300), ' a ', '\u200ba', '𝒳'].map(lengthOf)).toEqual([3, 1, 300, 1, 1, 1])
  fc.assert(
    fc.property(anything, (raw) => {
      expect(lengthOf(raw)).toBe([...readLines(raw)].length)
    }),
    runs,
  )
})

test('digits of every script read alike: in numbers, codes, phone numbers and days', () => {
  const all = Array.from({ length: 0x110000 }, (_, code) => code).filter(
    (code) => (code < 0xd800 || code > 0xdfff) && /^\p{Nd}$/u.test(String.fromCodePoint(code)),
  )
  const scripts = Array.from({ length: all.length / 10 }, (_, n) => all.slice(n * 10, n * 10 + 10))
  expect(scripts.length).toBeGreaterThan(60)
  for (const script of scripts) {
    const write = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(script[Number(digit)] ?? 0))
    expect(readNumeric(write('0123456789'))).toBe('0123456789')
    expect(readCode(write('1234 5678 9012'))).toBe('123456789012')
    expect(readPhone(write('(+49) 30 23125-001'))).toEqual({ value: '+49 30 23125 001' })
    const [day, month, year] = ['03.', '8', '1984'].map(write) as [string, string, string]
    expect(readDay({ day, month, year })).toEqual({ day: { day: 3, month: 8, year: 1984 } })
  }
})

test.each([
  ...['03.08.1984', '3.8.1984', '3. 8. 1984', '1984-08-03', '03/08/1984', ' 03 - 08 - 1984 ', '03 08 1984', '٣/٨/١٩٨٤'],
  ...['03081984', '19840803', '3. August 1984', '3 Aug. 1984', 'August 3rd, 1984', '3 آب 1984', '3.8.1984 г.'],
  ...['1984/8/3', '3．8．1984', '03.08.1984.', '3rd Aug 1984'],
])('a whole day in the first box is shared out: %s', (day) => {
  for (const rest of [
    { month: '', year: '' },
    { month: '08', year: '' },
    { month: 'August', year: '1984' },
  ])
    expect(readDay({ day, ...rest })).toEqual({ day: { day: 3, month: 8, year: 1984 } })
  const boxes = readDayBoxes({ day, month: '', year: '' })
  expect(readDayBoxes(boxes)).toEqual(boxes)
  expect(readDay({ day, month: '9', year: '1984' })).toHaveProperty('faults')
})

test('the month may stand first where nothing else can be meant', () => {
  const read = (day: string) => readDay({ day, month: '', year: '' })
  expect(read('08/23/1984')).toEqual({ day: { day: 23, month: 8, year: 1984 } })
  expect(read('08/12/1984')).toEqual({ day: { day: 8, month: 12, year: 1984 } })
  expect(read('08.23.1984')).toEqual({ faults: [{ kind: 'month', parts: ['month'] }] })
})

test.each([
  ['August', 8],
  ['Aug', 8],
  ['aug.', 8],
  ['AUGUST', 8],
  ['أغسطس', 8],
  ['اغسطس', 8],
  ['آب', 8],
  ['غشت', 8],
  ['كانون الثاني', 1],
  ['جانفي', 1],
  ['Jänner', 1],
  ['März', 3],
  ['Maerz', 3],
  ['Ma\u0308r', 3],
  ['Sept.', 9],
  ['Okt', 10],
  ['Oct', 10],
  ['8.', 8],
])('a month may be a word: %s', (month, number) => {
  expect(readDay({ day: '1', month, year: '1984 г.' })).toEqual({ day: { day: 1, month: number, year: 1984 } })
})

test.each(['J', 'Ju', 'Ma', 'كانون', 'Mond', 'toString', 'August 8'])('no month can be meant by %s', (month) => {
  expect(readDay({ day: '1', month, year: '1984' })).toEqual({ faults: [{ kind: 'digits', parts: ['month'] }] })
})

test('every day of the calendar is a day, and no other', () => {
  const year = fc.oneof(fc.constantFrom(1900, 1999, 2000, 2024), fc.integer({ min: 1900, max: 2100 }))
  fc.assert(
    fc.property(year, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), (y, m, d) => {
      const read = readDay({ day: String(d), month: String(m), year: String(y) })
      const { daysInMonth } = Temporal.PlainYearMonth.from({ year: y, month: m })
      expect(read && 'day' in read).toBe(d <= daysInMonth)
    }),
    runs,
  )
})

test('three boxes hold a day, or faults that name boxes, whatever is typed', () => {
  const parts = ['0', '1', '3', '19', '1984', '.', '/', '-', ',', ' ', 'Mai', 'آب', 'st', ' г.', 'م']
  const typed = fc.oneof(anything, fc.string({ unit: fc.constantFrom(...parts), maxLength: 6 }))
  fc.assert(
    fc.property(typed, typed, typed, fc.boolean(), (day, month, year, partial) => {
      const boxes = readDayBoxes({ day, month, year })
      expect(readDayBoxes(boxes)).toEqual(boxes)
      const read = readDay({ day, month, year }, partial)
      expect(readDay(boxes, partial)).toEqual(read)
      if (read === null || 'day' in read) return
      expect(read.faults.length).toBeGreaterThan(0)
      for (const { parts } of read.faults) expect(dayParts).toEqual(expect.arrayContaining(parts))
    }),
    { ...runs, examples: [['3.8.84th', '', '', false]] },
  )
})

describe('an address', () => {
  test.each([
    ['erika@gmial.com', 'erika@gmail.com'],
    ['erika@gmx.dee', 'erika@gmx.de'],
    ['erika@t-onlien.de', 'erika@t-online.de'],
    ['erika@hotmail.con', 'erika@hotmail.com'],
    ['erika@gmail.de', 'erika@gmail.com'],
    ['erika@web.ed', 'erika@web.de'],
    ['erika@outlok.de', 'erika@outlook.de'],
    ['erika@googelmail.com', 'erika@googlemail.com'],
    ['erika@gmaill.de', 'erika@gmail.com'],
    ['erika@hotmial.con', 'erika@hotmail.com'],
    ['erika@gmx.ent', 'erika@gmx.net'],
    ['erika@gmail.cmo', 'erika@gmail.com'],
    ['erika@yahooo.co.uk', 'erika@yahoo.co.uk'],
    ['erika@gmail.co', 'erika@gmail.com'],
    ['erika@hotmail.cm', 'erika@hotmail.com'],
    ['erika@wp.lp', 'erika@wp.pl'],
    ['erika@orange.co', null],
    ['erika@hotmial.se', null],
    ['erika@constructor', null],
    ['erika@__proto__', null],
    ['erika@jobcenter-kreis-segeberg.de', null],
    ['erika@example.org', null],
    ['erika@gmx.at', null],
    ['erika@uni-kiel.de', null],
    ['erika@caritas.de', null],
  ])('%s is asked about: %s', (typed, meant) => expect(suggestAddress(typed)).toBe(meant))

  test('of a large service in another country is not asked about', () => {
    const microsoft =
      'at be ch co.id co.il co.jp co.kr co.th co.uk co.za com.ar com.au com.br com.tr com.vn cz dk es fi fr gr hu'
    const more = 'ie in it lv lt my nl no ph pt ro sa se sg sk'
    const yahoo =
      'ae at be ca co.id co.in co.jp co.uk com.au com.br com.mx com.tr com.vn dk es fi fr gr ie in it nl no pl pt ro ru se'
    const real = [
      ...['hotmail', 'outlook', 'live'].flatMap((name) =>
        `${microsoft} ${more}`.split(' ').map((end) => `${name}.${end}`),
      ),
      ...yahoo.split(' ').map((end) => `yahoo.${end}`),
      ...['mail.ee', 'mail.az', 'gmx.lu', 'gmx.us', 'inbox.lv', 'online.no', 'orange.be', 'icloud.com', 'vodafone.it'],
      ...['my.com', 'vp.pl', 'tp.pl', 'q.com', 'mailo.com', 'web.com', 't-online.at', 'gmx.at'],
    ]
    expect(real.filter((domain) => suggestAddress(`a@${domain}`) !== null)).toEqual([])
  })

  test('that is known, or that was asked for, is not asked about', () => {
    for (const domain of [...domains, ...mistaken.values()]) expect(suggestAddress(`a@${domain}`)).toBeNull()
  })

  test.each([
    ['jürgen@example.org', 'ü'],
    ['эрика@example.org', 'э'],
    ['info@müller.example', null],
    ['jürgen', null],
    ['a b@example.org', null],
  ])('%s has a character before the @ that cannot be sent to: %s', (typed, found) =>
    expect(foreignCharacter(typed)).toBe(found),
  )
})
