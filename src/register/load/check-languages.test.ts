import { expect, test } from 'vitest'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

const file = 'segeberg/tenant.yaml'
const problemsWith = (from: string, to: string) => {
  using tenants = copyTenants()
  tenants.write(file, replaced(tenants.read(file), from, to))
  const { running, quarantined } = tenants.load()
  expect([...running.keys()]).toEqual(['musterstadt'])
  return quarantined.get('segeberg')?.problems ?? []
}

test('a text without a language that its tenant lists is named with its line', () => {
  const [problem, ...others] = problemsWith('    ar: الإدارة\n', '')
  expect(others).toEqual([])
  expect(problem).toMatchObject({
    message: 'controller.representedBy.ar: missing',
    remedy: "add 'ar:' with the text in this language",
  })
})

test('texts in a language that their tenant does not list are named, in every file of it', () => {
  const problems = problemsWith('languages: [de, en, ar]', 'languages: [de, en]')
  expect(problems.map(({ message }) => message)).toContain(
    'name.ar: nobody would read it, as the tenant does not speak this language',
  )
  expect(new Set(problems.map((problem) => problem.file)).size).toBe(10)
})

test.each([
  ['[en, ar]', "with 'de'"],
  ['[de, en, ar, ar]', 'each language once'],
  ['[de, en, tlh]', 'one of de, en, ar'],
])('a tenant cannot speak %s', (languages, expected) => {
  const problems = problemsWith('languages: [de, en, ar]', `languages: ${languages}`)
  expect(problems.some(({ message }) => message.startsWith('languages') && message.includes(expected))).toBe(true)
})
