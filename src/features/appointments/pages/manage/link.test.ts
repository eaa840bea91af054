import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capability } from '#platform/random.ts'
import { isMisshapen, readLink } from './link.ts'

const place = { slug: 'segeberg', language: 'de' } as const
const start = '/segeberg/termin/verwalten/'
const offer = '0198f3c2-7f7e-4d55-9f0a-1c2d3e4f5a6b'
const token = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => capability(() => bytes))
const subPaths = ['', '/absagen', '/verschieben', '/termin.ics', '/frueher/beenden', `/angebot/${offer}`]

/** Where a text behind `verwalten/` leads; null where it is no link any more. */
const leadsTo = (text: string): string | null => {
  const target = readLink(text)
  return target ? target.route.href(place, target.params) : null
}

/** What stands behind a link in mails and chats, and is taken for a part of it. */
const tails = [
  ...[
    '.',
    ')',
    '>',
    ',',
    ';',
    '"',
    '’',
    '»',
    '…',
    '!',
    '*',
    '|',
    "'",
    ']',
    '\u200b',
    '\u00a0',
    ' ',
    '=',
    '=3D',
    '%3D',
    '&gt;',
  ],
  ...[
    '&amp;',
    '\n',
    '\r\n',
    '](',
    ')**',
    '/',
    '//',
    '/.',
    '?neu=1',
    '\u3002',
    '\u060c',
    '</a>',
    '%20',
    '\ufeff',
    '_',
    '-',
  ],
  ...[
    ' Bis bald!',
    `https://jobcenter.example${start}`,
    ` https://jobcenter.example${start}`,
    '](https://x.example/y)',
  ],
]
const tail = fc.oneof(
  fc.constantFrom(...tails),
  fc.tuple(fc.constantFrom(...tails), fc.constantFrom(...tails)).map((both) => both.join('')),
  fc.string({ unit: 'grapheme' }).map((text) => ` ${text}`),
)

describe('a link to an appointment', () => {
  test('with anything behind it leads to the page that it was meant for', () => {
    fc.assert(
      fc.property(token, fc.constantFrom(...subPaths), tail, (own, subPath, rubbish) => {
        expect(leadsTo(`${own}${subPath}${rubbish}`)).toBe(`${start}${own}${subPath}`)
      }),
    )
  })

  test('with rubbish before it, twice in a row, or wrapped by what nobody sees leads there, too', () => {
    const wraps = fc.constantFrom('=\r\n', '\u00ad', '\u200b', '%0D%0A', ' ', '\n', '=')
    fc.assert(
      fc.property(token, fc.integer({ min: 1, max: 21 }), wraps, (own, at, wrap) => {
        for (const text of [`/${own}`, `<${own}>`, `${own}https://x.example${start}${own}`])
          expect(leadsTo(text)).toBe(start + own)
        expect(leadsTo(own.slice(0, at) + decodeURIComponent(wrap) + own.slice(at))).toBe(start + own)
      }),
    )
  })

  test('cut within its address of a page leads to the appointment', () => {
    fc.assert(
      fc.property(
        token,
        fc.constantFrom(...subPaths.slice(1)),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (own, subPath, part) => {
          const cut = subPath.slice(0, Math.floor(part * subPath.length))
          const target = readLink(own + cut)
          expect(target?.params.token).toBe(own)
          expect(['/frueher', ''].map((path) => start + own + path)).toContain(leadsTo(own + cut))
        },
      ),
    )
  })

  test('cut within its 22 characters leads nowhere, whatever stands behind it that is no word', () => {
    fc.assert(
      fc.property(
        token,
        fc.integer({ min: 0, max: 21 }),
        fc.constantFrom('', ...tails.slice(0, 30)),
        (own, length, rubbish) => {
          const target = readLink(own.slice(0, length) + rubbish)
          expect(target?.params.token).not.toBe(own)
          if (!/[\w-]/.test(rubbish)) expect(target).toBeNull()
        },
      ),
    )
  })

  test('of another case than ours is told from one that nobody knows', () => {
    fc.assert(
      fc.property(token, (own) => {
        fc.pre(/[a-z]/.test(own) && /[A-Z]/.test(own)) // all but one in 100,000
        expect([own, own.toLowerCase(), own.toUpperCase()].map(isMisshapen)).toEqual([false, true, true])
      }),
    )
  })
})
