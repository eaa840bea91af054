import { expect, test } from 'vitest'
import { booking, mail, problemsOf, tenantFile, testFaults, web } from '#test/helpers/faults.ts'
import { copyTenants } from '#test/helpers/tenants.ts'
import { problemLine } from './load.ts'

testFaults([
  {
    name: 'a key that occurs twice',
    file: booking,
    from: 'id: appointments.booking',
    to: 'id: appointments.booking\nid: another',
    at: 'id: another',
    message: 'not valid YAML: Map keys must be unique',
    remedy: 'keep one of the two entries',
  },
  {
    name: 'a tag',
    file: tenantFile,
    from: 'kind: gE',
    to: 'kind: !!js/function gE',
    at: 'kind: !!js',
    message: 'not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function',
    remedy: 'remove the tag that begins with an exclamation mark',
  },
  {
    name: 'aliases that multiply',
    file: mail,
    from: 'id: mail.delivery',
    to: 'a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]',
    at: 'b: &b',
    message: "alias '*a'",
    remedy: 'write the value out; aliases are not allowed',
  },
  {
    name: 'an open quote',
    file: tenantFile,
    from: 'timeZone: Europe/Berlin',
    to: "timeZone: 'Europe/Berlin",
    at: 'timeZone',
    message: 'not valid YAML',
    remedy: 'correct indentation, colons and quotes near this line',
  },
])

test.each([
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), 'not UTF-8 text'],
  ['a very large file', `# ${'x'.repeat(300_000)}`, 'larger than 200000 bytes'],
  ['an empty file', '', 'the file: expected a group of keys, found null'],
])('%s', (_name, content, message) => {
  using tenants = copyTenants()
  tenants.write(web, content)
  expect([...tenants.load().running.keys()]).toEqual(['musterstadt'])
  expect(problemsOf(tenants, 'segeberg')).toContainEqual(expect.objectContaining({ line: 1, message }))
})

test.each([2_000, 100_000])('nesting %i deep is refused, not followed', (depth) => {
  using tenants = copyTenants()
  tenants.write(web, `${'['.repeat(depth)}${']'.repeat(depth)}`)
  expect([...tenants.load().running.keys()]).toEqual(['musterstadt'])
  expect(problemsOf(tenants, 'segeberg').map(problemLine)).toEqual([
    expect.stringMatching(
      /web-delivery\.yaml:1: not readable as YAML: nested too deeply → flatten it; see another tenant's file of this name$/,
    ),
  ])
})
