import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problemsOf, tenantFile, web } from '#test/helpers/faults.ts'
import { allTenants, claims, copyTenants } from '#test/helpers/tenants.ts'
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
