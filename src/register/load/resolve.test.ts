import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createCatalogue } from './catalogue.ts'
import { resolve } from './resolve.ts'
import { readYaml } from './yaml.ts'

const letter = `
id: letter
title: { de: Briefe, en: Letters }
includes: [web]
limit: 3
fields:
  - { id: street, label: { de: Straße, en: Street } }
  - { id: town, label: { use: town@1 }, lookup: true }
  - use: trail@1
`

const parts = `
town@1: { de: Ort, en: Town }
trail@1: { id: trail, label: { de: Spur, en: Trail }, store: trail }
greeting@1: { de: Guten Tag., en: Good day. }
office@1: { de: 'Hier ist das {jobcenter}.', en: 'This is the {jobcenter}.' }
`

const shipped: Record<string, string> = { 'c/letter@1.yaml': letter, 'c/parts/all.yaml': parts }

const owner = { languages: ['de', 'en'], names: { de: 'Amt', en: 'Office' } }

const resolved = (text: string, files: Record<string, string> = {}, of = owner) =>
  resolve(readYaml('own.yaml', new TextEncoder().encode(text)), createCatalogue({ ...shipped, ...files }), of)

const whole = (text: string, files?: Record<string, string>, of = owner): unknown => {
  const { data, faults } = resolved(text, files, of)
  expect(faults).toEqual([])
  return data
}

const ids = (text: string) => (whole(text) as { fields: { id: string }[] }).fields.map(({ id }) => id)

const faultsOf = (text: string, files?: Record<string, string>) =>
  resolved(text, files).faults.map(({ file, line, message, remedy }) => `${file}:${line}: ${message} → ${remedy}`)

const asShipped = {
  ...parse(letter),
  fields: [
    { id: 'street', label: { de: 'Straße', en: 'Street' } },
    { id: 'town', label: { de: 'Ort', en: 'Town' }, lookup: true },
    { id: 'trail', label: { de: 'Spur', en: 'Trail' }, store: 'trail' },
  ],
}

describe('a file that extends an activity', () => {
  test('is that activity', () => {
    expect(whole('extends: letter@1')).toEqual(asShipped)
  })

  test('changes what it names, value by value and entry by entry, and leaves the rest', () => {
    const text = "extends: letter@1\nversion: '2'\nlimit: 5\nfields: { town: { lookup: false, size: 9 } }"
    const [street, town, trail] = asShipped.fields
    expect(whole(text)).toEqual({
      ...asShipped,
      version: '2',
      limit: 5,
      fields: [street, { ...town, lookup: false, size: 9 }, trail],
    })
  })

  test('takes away entries, groups and lists with off', () => {
    const { title: _, includes: __, ...left } = asShipped
    expect(whole('extends: letter@1\ntitle: off\nincludes: off\nfields: { town: off }')).toEqual({
      ...left,
      fields: [asShipped.fields[0], asShipped.fields[2]],
    })
  })

  test('may say off where a single word stands', () => {
    const files = { 'c/form@1.yaml': 'autocomplete: name' }
    expect(whole('extends: form@1\nautocomplete: off', files)).toEqual({ autocomplete: 'off' })
  })

  test('adds entries where it says', () => {
    expect(ids('extends: letter@1\nfields: { country: { after: town }, name: { before: street } }')).toEqual([
      'name',
      'street',
      'town',
      'country',
      'trail',
    ])
  })

  test('moves entries, also behind those it adds', () => {
    expect(ids('extends: letter@1\nfields: { country: { after: trail }, street: { after: country } }')).toEqual([
      'town',
      'trail',
      'country',
      'street',
    ])
  })

  test('replaces a list without ids whole', () => {
    expect(whole('extends: letter@1\nincludes: [mail]')).toMatchObject({ includes: ['mail'] })
  })

  test('replaces a text in all languages at once', () => {
    expect(whole('extends: letter@1\ntitle: { de: Post }')).toMatchObject({ title: { de: 'Post' } })
    expect((whole('extends: letter@1\ntitle: { en: Post }') as { title: unknown }).title).toEqual({ en: 'Post' })
  })

  test('may extend what extends another', () => {
    const files = { 'c/letter@2.yaml': 'extends: letter@1\nlimit: 4' }
    expect(whole('extends: letter@2\nfields: { town: off }', files)).toMatchObject({ limit: 4 })
    expect(whole('extends: letter@1', files)).toEqual(asShipped)
  })
})

describe('a part', () => {
  test('stands for what it is, anywhere, and keys beside it change it', () => {
    const text = 'fields:\n  - use: trail@1\n  - { use: trail@1, id: other, store: hash }\nhint: { use: greeting@1 }'
    expect(whole(text)).toEqual({
      fields: [asShipped.fields[2], { ...asShipped.fields[2], id: 'other', store: 'hash' }],
      hint: { de: 'Guten Tag.', en: 'Good day.' },
    })
  })

  test('that is added is called as the file calls it', () => {
    expect(whole('extends: letter@1\nfields: { looks: { before: street, use: trail@1 } }')).toMatchObject({
      fields: [{ id: 'looks', store: 'trail' }, { id: 'street' }, { id: 'town' }, { id: 'trail' }],
    })
  })

  test('may be a sentence of a text', () => {
    const text = 'hint: { sentences: [{ use: greeting@1 }, { de: Bis bald., en: See you. }] }'
    expect(whole(text)).toEqual({ hint: { de: 'Guten Tag. Bis bald.', en: 'Good day. See you.' } })
  })
})

describe('a text', () => {
  test('of the catalogue comes in the languages of the tenant only, one of the file as it is', () => {
    const german = { ...owner, languages: ['de'] }
    expect(whole('extends: letter@1\nfields: off', {}, german)).toMatchObject({ title: { de: 'Briefe' } })
    expect(whole('title: { de: Briefe, en: Letters }', {}, german)).toEqual({ title: { de: 'Briefe', en: 'Letters' } })
  })

  test('of the catalogue that a comma cuts is not taken for a short one', () => {
    const cut = { 'c/parts/cut.yaml': 'cut@1: { de: Damit wir wissen, worum es geht., en: So that we know. }' }
    expect(whole('hint: { use: cut@1 }', cut)).toEqual({
      hint: { de: 'Damit wir wissen', 'worum es geht.': null, en: 'So that we know.' },
    })
  })

  test('names the Jobcenter where it says so', () => {
    expect(whole('hint: { use: office@1 }')).toEqual({
      hint: { de: 'Hier ist das Amt.', en: 'This is the Office.' },
    })
  })

  test('fills in nothing but texts', () => {
    expect(whole("regex: '{jobcenter}'")).toEqual({ regex: '{jobcenter}' })
  })
})

describe('a problem', () => {
  const file = resolved(
    'extends: letter@1\n\nfields:\n  town:\n    lookup: false\n  name: { before: street, use: trail@1 }',
  )
  const at = (path: (string | number)[]) => file.at(path, 'wrong', 'mend it')

  test('at what the file says stands at its line there', () => {
    expect(at(['fields', 2, 'lookup'])).toEqual({ file: 'own.yaml', line: 5, message: 'wrong', remedy: 'mend it' })
    expect(at(['fields', 2, 'missing'])).toMatchObject({ file: 'own.yaml', line: 4 })
  })

  test('at what it takes stands at the line that takes it, and names where that is written', () => {
    expect(at(['fields', 1, 'label', 'de'])).toEqual({
      file: 'own.yaml',
      line: 1,
      message: 'wrong (from letter@1, c/letter@1.yaml:7)',
      remedy: 'mend it',
    })
    expect(at(['fields', 2, 'label'])).toMatchObject({ line: 1, message: 'wrong (from town@1, c/parts/all.yaml:2)' })
    expect(at(['fields', 0, 'store'])).toMatchObject({ line: 6, message: 'wrong (from trail@1, c/parts/all.yaml:3)' })
  })
})

describe('refused, with line and remedy, is', () => {
  test.each([
    [
      'an activity that is unknown',
      'a: 1\nextends: mail@1',
      [2, "extends: the catalogue has no activity 'mail@1'", 'write one of letter@1'],
    ],
    [
      'a version that never was',
      'extends: letter@7',
      [1, "extends: the catalogue has no 'letter@7'", 'write letter@1, or another version that exists'],
    ],
    [
      'an activity without its version',
      'extends: letter',
      [1, "extends: the catalogue has no 'letter'", 'write letter@1, or another version that exists'],
    ],
    [
      'what is no name',
      'extends: [letter@1]',
      [1, "extends: the catalogue has no activity 'letter@1'", 'write one of letter@1'],
    ],
    [
      'a part that is unknown',
      'hint:\n  use: gruss@1',
      [2, "hint.use: the catalogue has no part 'gruss@1'", 'write one of greeting@1, office@1, town@1, trail@1'],
    ],
    [
      'an activity used as a part',
      'use: letter@1',
      [1, "use: the catalogue has no part 'letter@1'", 'write one of greeting@1, office@1, town@1, trail@1'],
    ],
    [
      'a name that every object has',
      'extends: constructor',
      [1, "extends: the catalogue has no activity 'constructor'", 'write one of letter@1'],
    ],
    [
      'an entry changed that is not there',
      'extends: letter@1\nfields:\n  twon: { lookup: true }',
      [
        3,
        'fields.twon: letter@1 has nothing of this id',
        "correct it, or add 'after:' with the id that it shall come after",
      ],
    ],
    [
      'an entry taken away that is not there',
      'extends: letter@1\nfields: { twon: off }',
      [2, 'fields.twon: letter@1 has nothing of this id to take away', 'correct the id'],
    ],
    [
      'an entry after one that is not there',
      'extends: letter@1\nfields: { name: { after: twon } }',
      [
        2,
        "fields.name: there is no 'twon' to stand after",
        'write an id that letter@1 has, or that is added further up',
      ],
    ],
    [
      'an entry that is no group',
      'extends: letter@1\nfields: { town: true }',
      [2, 'fields.town: neither a group of keys nor off', "write what differs, or 'off'"],
    ],
    [
      'an id beside the id',
      'extends: letter@1\nfields: { town: { id: city } }',
      [2, 'fields.town: has an id already', "remove 'id:', or add it under the id that it shall have"],
    ],
    [
      'two parts that claim one field',
      'extends: letter@1\nfields:\n  trail:\n    use: trail@1',
      [
        4,
        'fields.trail: trail@1 says what this is, and trail@1 claims it, too',
        "write only what differs, or take the first away with 'off' and add the other under its own id",
      ],
    ],
    [
      'a word in place of a group',
      'extends: letter@1\ntitle: Post',
      [2, 'title: letter@1 has a text here', 'write a text'],
    ],
    [
      'a group in place of a word',
      'extends: letter@1\nlimit: { a: 1 }',
      [2, 'limit: letter@1 has a single value here', 'write a single value'],
    ],
    [
      'a group in place of a list',
      'extends: letter@1\nincludes: { web: off }',
      [2, 'includes: letter@1 has a list here', 'write a list'],
    ],
    [
      'a list in place of entries',
      'extends: letter@1\nfields: [{ id: town }]',
      [
        2,
        'fields: letter@1 has entries by their id here',
        "write each entry under its id, e.g. 'email:' instead of '- id: email'",
      ],
    ],
    [
      'a sentence that is no text',
      'hint:\n  sentences:\n    - Hallo.',
      [3, 'hint.sentences.0: not a text', "write 'de:' and the other languages, or 'use:' a part that is a text"],
    ],
    [
      'braces that stand for nothing',
      'hint:\n  de: Das {amt}.',
      [2, '{amt} stands for nothing', 'write {jobcenter}, or no braces'],
    ],
  ] as const)('%s', (_name, text, [line, message, remedy]) => {
    expect(faultsOf(text)).toEqual([`own.yaml:${line}: ${message} → ${remedy}`])
  })

  test.each([
    ['of extends', { 'c/a@1.yaml': 'extends: b@1', 'c/b@1.yaml': 'extends: a@1' }, 'extends: a@1', 'a@1 → b@1 → a@1'],
    ['of a part with itself', { 'c/parts/o.yaml': 'o@1: { inner: { use: o@1 } }' }, 'x: { use: o@1 }', 'o@1 → o@1'],
    ['of parts', { 'c/parts/o.yaml': 'o@1: { use: p@1 }\np@1: [{ use: o@1 }]' }, 'x: { use: p@1 }', 'p@1 → o@1 → p@1'],
  ])('a circle %s', (_name, files, text, circle) => {
    const [fault = '', ...more] = faultsOf(text, files)
    expect(fault).toMatch(/^own\.yaml:1: /)
    expect(fault).toContain(`comes back to itself: ${circle}`)
    expect(fault).toMatch(/→ take another version, and report this$/)
    expect(more).toEqual([])
  })

  test('an entry of the catalogue that is broken, named with its own line', () => {
    expect(faultsOf('extends: a@1', { 'c/a@1.yaml': '\nx: [' })).toEqual([
      expect.stringMatching(/^own\.yaml:1: extends: a@1 of the catalogue is faulty: c\/a@1\.yaml:\d+: not valid YAML/),
    ])
    expect(faultsOf('extends: a@1', { 'c/a@1.yaml': 'extends: letter@1\nlimit: []' })).toEqual([
      expect.stringContaining('a@1 of the catalogue is faulty: c/a@1.yaml:2: limit: letter@1 has a single value here'),
    ])
  })
})

test('names of prototypes are keys like any other', () => {
  const data = whole('extends: letter@1\n__proto__: { polluted: true }\nfields: { __proto__: { after: town } }')
  expect(Object.hasOwn(data as object, '__proto__')).toBe(true)
  expect((data as { polluted?: unknown }).polluted).toBeUndefined()
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  expect((data as { fields: { id: string }[] }).fields.map(({ id }) => id)).toEqual([
    'street',
    'town',
    '__proto__',
    'trail',
  ])
})
