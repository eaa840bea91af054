import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultOfAddress, readAddress } from './address.ts'

test.each([
  ['/', '/'],
  ['/a/b?c=d', '/a/b?c=d'],
  ['/%61/%7E-%2d%5F?c=%61', '/a/~--_?c=%61'],
  ['/a%2fb%20c%C3%A9', '/a%2fb%20c%C3%A9'],
  ['/%256d', '/%256d'],
  ['/a#b', '/a'],
  ['/a?b#c', '/a?b'],
  ['/a?b?c', '/a?b?c'],
  ['/%zz', '/%25zz'],
  ['/%6d%ff', '/m%25ff'],
  ['http://host/a?b', '/a?b'],
  ['HTTPS://host', '/'],
  ['http://host?b', '/?b'],
  ['*', '/*'],
  ['', '/'],
])('the address %s is read as %s', (raw, read) => {
  expect(readAddress(raw)).toBe(read)
})

test('an address that is read is read the same again, and decodes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('/', '%', '2', '5', '6', 'd', 'e', '.', '?', '#', 'é', ':', '%25', '%6d')),
      (parts) => {
        const read = readAddress(`/${parts.join('')}`)
        const [path = ''] = read.split('?')
        expect(() => decodeURIComponent(path)).not.toThrow()
        expect(decodeURIComponent(readAddress(read).split('?')[0] ?? '')).toBe(decodeURIComponent(path))
      },
    ),
  )
})

test('of an address longer than any of ours the path alone is left', () => {
  expect(readAddress(`/segeberg/en/?${'x'.repeat(5000)}`)).toBe('/segeberg/en/')
})

test('an address and a host without fault have none', () => {
  const rawHeaders = ['Host', 'termine.example:8443', 'X-Host', 'Host']
  expect(faultOfAddress({ raw: '/a', address: '/a', rawHeaders, host: 'termine.example:8443' })).toBeNull()
  expect(faultOfAddress({ raw: '/a', address: '/a', rawHeaders: [], host: undefined })).toBeNull()
})
