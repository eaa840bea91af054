import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base, route } from './routes.ts'

const german = { slug: 'segeberg', language: 'de' } as const
const english = { slug: 'segeberg', language: 'en' } as const

test('German has no segment of its own in the path, every other language has', () => {
  expect([base(german), base(english)]).toEqual(['/segeberg', '/segeberg/en'])
  expect(route('/termin/zeit').href(english, {})).toBe('/segeberg/en/termin/zeit')
  expect(route('/').href(german, {})).toBe('/segeberg/')
})

test('what is filled in leads to no other page, whatever it says', () => {
  const manage = route('/termin/verwalten/:token/absagen')
  fc.assert(
    fc.property(fc.string(), (token) => {
      const { pathname, search } = new URL(manage.href(german, { token: `a${token}` }), 'http://x')
      expect(pathname.split('/')).toHaveLength(6)
      expect(search).toBe('')
      expect(pathname.endsWith('/absagen')).toBe(true)
    }),
  )
})

test('a query is escaped, and left out when there is nothing to ask', () => {
  const times = route('/termin/zeit')
  expect(times.href(german, {}, {})).toBe('/segeberg/termin/zeit')
  expect(times.href(german, {}, { ab: '2026-11-24', x: 'a&b=c' })).toBe(
    '/segeberg/termin/zeit?ab=2026-11-24&x=a%26b%3Dc',
  )
})
