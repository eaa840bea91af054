import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lineOf, problemsOf, tenantFile, web } from '#test/helpers/faults.ts'
import { allTenants, claims, copyTenants, replaced } from '#test/helpers/tenants.ts'
import { loadRegister, problemLine } from './load.ts'

describe('files and folders', () => {
  test('both shipped tenants run', () => {
    const { running, quarantined } = loadRegister('tenants', claims)
    expect([...quarantined.values()].flatMap(({ problems }) => problems.map(problemLine))).toEqual([])
    expect([...running.keys()]).toEqual(allTenants)
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
    using tenants = copyTenants()
    const { running, quarantined, judged } = tenants.load()
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

describe('the law of a day', () => {
  test('decides: what is in force today was not before it began', () => {
    using tenants = copyTenants()
    expect([...loadRegister(tenants.dir, claims, '2026-11-22').running.keys()]).toContain('segeberg')
    const early = loadRegister(tenants.dir, claims, '2024-05-13').quarantined.get('segeberg')?.problems
    expect(early?.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('not in force before 2024-05-14'),
    )
  })
})
