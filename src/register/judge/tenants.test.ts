import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lineOf, tenantFile, web } from '#test/helpers/faults.ts'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

describe('what a Jobcenter publishes', () => {
  const published = 'segeberg/published.yaml'

  test('alone makes nobody run and quarantines nobody', () => {
    using tenants = copyTenants()
    const { running, quarantined } = tenants.load()
    const judged = tenants.judge()
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
    expect(tenants.judge().has('segeberg')).toBe(false)
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
    const { running, quarantined } = tenants.load()
    const judged = tenants.judge()
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
    const { running } = tenants.load()
    const judged = tenants.judge()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(judged.get('segeberg')?.problems.map((problem) => problem.message)).toContainEqual(
      expect.stringContaining(message),
    )
    expect(judged.get('segeberg')?.findings).toEqual([])
  })

  test('is judged also while its tenant stands still', () => {
    using tenants = copyTenants()
    tenants.write(web, 'id: [')
    const { quarantined } = tenants.load()
    const judged = tenants.judge()
    expect([...quarantined.keys()]).toEqual(['segeberg'])
    expect(judged.get('segeberg')?.findings).not.toEqual([])
  })

  test('beside activities without tenant.yaml is no excuse for what is missing', () => {
    using tenants = copyTenants()
    tenants.remove(tenantFile)
    expect([...tenants.load().quarantined.keys()]).toEqual(['segeberg'])
  })
})
