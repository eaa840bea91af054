import { describe, expect, test } from 'vitest'
import { lineOf } from '#test/helpers/faults.ts'
import { copyTenants, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { problemLine } from './load.ts'
import { changedSilently, olderThanPublished, silentChanges } from './silent-change.ts'

const booking = 'segeberg/activities/appointments-booking.yaml'
const tenantFile = 'segeberg/tenant.yaml'

const published = runningTenant('segeberg').declarations
const version = Number(published.find(({ id }) => id === 'appointments.booking')?.version)
const publishedAs = (id: string, version: string) =>
  published.find((one) => one.id === id && one.version === version)?.content

/** What is said when these files replace the published ones. */
const said = (changes: Record<string, [from: string, to: string][]>): string[] => {
  using tenants = copyTenants()
  for (const [path, edits] of Object.entries(changes)) {
    tenants.write(
      path,
      edits.reduce((text, [from, to]) => replaced(text, from, to), tenants.read(path)),
    )
  }
  return silentChanges(runningTenant('segeberg', tenants.load()).declarations, publishedAs).map(problemLine)
}

describe('a promise that changes without a new version', () => {
  test('is named: file, line, what it is, what it was, and what to do', () => {
    const [line, ...rest] = said({ [booking]: [['period: P14D', 'period: P30D']] })
    expect(rest).toEqual([])
    expect(line).toMatch(
      new RegExp(
        `appointments-booking\\.yaml:\\d+: retention\\.after\\.period: is P30D, but version ${version} was published with P14D → raise 'version' \\(it is '${version}'\\), or take the change back$`,
      ),
    )
  })

  test('is named at the line where it stands', () => {
    using tenants = copyTenants()
    const expected = lineOf(tenants.read(booking), 'period: P14D')
    const [line] = said({ [booking]: [['period: P14D', 'period: P30D']] })
    expect(expected).toBeGreaterThan(1)
    expect(line).toContain(`:${expected}: `)
  })

  test('names every change', () => {
    const lines = said({
      [booking]: [
        ['period: P14D', 'period: P30D'],
        ['necessity: required', 'necessity: optional'],
        ['So that we know who comes', 'To know who comes'],
      ],
    })
    expect(lines).toHaveLength(3)
    for (const path of ['retention.after.period', 'fields.name.necessity', 'fields.name.reason.en'])
      expect(lines.filter((line) => line.includes(` ${path}: `))).toHaveLength(1)
  })

  test('is no silent one once the version is raised', () => {
    expect(
      said({
        [booking]: [
          ['period: P14D', 'period: P30D'],
          [`version: '${version}'`, `version: '${version + 1}'`],
        ],
      }),
    ).toEqual([])
  })

  test('is found in what the notice says for all activities, under the day from which it holds', () => {
    const edit: [string, string] = ['phone: 030 23125 001', 'phone: 030 23125 002']
    const [line] = said({ [tenantFile]: [edit] })
    expect(line).toContain('helpline.phone: is 030 23125 002, but what took effect on 2026-11-15 was published with')
    expect(line).toContain("'effectiveFrom'")
    expect(said({ [tenantFile]: [edit, ['effectiveFrom: 2026-11-15', 'effectiveFrom: 2026-12-01']] })).toEqual([])
  })

  test('is not one that the notice does not speak of', () => {
    expect(said({ [tenantFile]: [['holdMinutes: 15', 'holdMinutes: 20']] })).toEqual([])
  })

  test('is none where only comments and blanks changed', () => {
    expect(said({ [booking]: [['\nretention:', '\n# as agreed with the officer\nretention:']] })).toEqual([])
  })
})

describe('a file that is older than what was published', () => {
  const older = (publishedOf: Record<string, string[]>, today = '2026-12-24'): string[] =>
    olderThanPublished(published, (id) => publishedOf[id] ?? [], today).map(problemLine)

  test('is named with its line, both versions, and what to do', () => {
    expect(older({ 'appointments.booking': ['1', '99', '9'] })).toEqual([
      expect.stringMatching(
        new RegExp(
          `appointments-booking\\.yaml:\\d+: version: is ${version}, but 99 has been published: .* → take the newer file, or .*'version' after 99$`,
        ),
      ),
    ])
  })

  test('is also the one that takes effect earlier', () => {
    expect(older({ tenant: ['2026-11-15', '2026-12-01'] })).toEqual([
      expect.stringMatching(/tenant\.yaml:\d+: effectiveFrom: is 2026-11-15, but 2026-12-01 has been published/),
    ])
  })

  test('is not the one that takes back a day to come', () => {
    expect(older({ tenant: ['2026-11-15', '2026-12-01'] }, '2026-11-30')).toEqual([])
    expect(older({ tenant: ['2026-11-15', '2026-12-01'] }, '2026-12-01')).toHaveLength(1)
  })

  test('is not the one that was published last, nor a newer one', () => {
    expect(
      older({
        tenant: ['2026-10-01', '2026-11-15'],
        'appointments.booking': ['0.9', String(version)],
        'web.terms': [],
      }),
    ).toEqual([])
  })
})

describe('differences', () => {
  const paths = (before: unknown, after: unknown) => changedSilently(before, after).map(({ path }) => path)

  test('follow an item by its id, wherever it stands', () => {
    const item = (id: string, period: string) => ({ id, period })
    const before = { retention: [item('a', 'P1D'), item('b', 'P2D')] }
    expect(paths(before, { retention: [item('a', 'P1D'), item('x', 'P9D'), item('b', 'P2D')] })).toEqual([
      'retention.x',
    ])
    expect(paths(before, { retention: [item('b', 'P2D')] })).toEqual(['retention.a'])
  })

  test('include the order of a list, since people read it in that order', () => {
    expect(changedSilently([{ id: 'a' }, { id: 'b' }], [{ id: 'b' }, { id: 'a' }])).toEqual([
      { path: '', steps: [], before: 'a, b', after: 'b, a' },
    ])
  })

  test('tell what came from what went', () => {
    expect(changedSilently({ a: 1 }, { b: 2 })).toEqual([
      { path: 'a', steps: ['a'], before: 1, after: undefined },
      { path: 'b', steps: ['b'], before: undefined, after: 2 },
    ])
  })

  test('are none between the same content with its keys in another order', () => {
    expect(changedSilently({ a: [1, { b: 2, c: 3 }] }, { a: [1, { c: 3, b: 2 }] })).toEqual([])
  })
})
