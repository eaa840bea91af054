import fc from 'fast-check'
import { expect, test } from 'vitest'
import { momentInWords } from '#shared/receipt/words.ts'
import { formatMoment } from './format.ts'
import { hourTwice } from './hour-twice.ts'

const instant = Temporal.Instant.from

test.each([
  ['2026-10-24T23:59:59Z', null],
  ['2026-10-25T00:00:00Z', 'first'],
  ['2026-10-25T00:59:59Z', 'first'],
  ['2026-10-25T01:00:00Z', 'second'],
  ['2026-10-25T01:59:59Z', 'second'],
  ['2026-10-25T02:00:00Z', null],
  ['2026-03-29T00:59:59Z', null],
  ['2026-03-29T01:00:00Z', null],
  ['2026-07-01T12:00:00Z', null],
] as const)('in Germany, %s comes twice: %s', (at, which) => {
  expect(hourTwice(instant(at), 'Europe/Berlin')).toBe(which)
})

const zones = ['Europe/Berlin', 'Pacific/Chatham', 'Australia/Lord_Howe', 'Asia/Tokyo', 'America/Havana', 'UTC']

test('a time comes twice exactly where its clock has two readings of it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.oneof(
        fc.constantFrom('2026-10-25T00:00:00Z', '2026-04-04T13:00:00Z', '2026-04-04T14:00:00Z', '2026-11-01T04:00:00Z'),
        fc.integer({ min: 0, max: 500 }).map((days) =>
          instant('2026-01-01T00:00:00Z')
            .add({ hours: 24 * days })
            .toString(),
        ),
      ),
      fc.integer({ min: -300, max: 300 }),
      (zone, near, minutes) => {
        const at = instant(near).add({ minutes })
        const local = at.toZonedDateTimeISO(zone).toPlainDateTime()
        const read = (disambiguation: 'earlier' | 'later') =>
          local.toZonedDateTime(zone, { disambiguation }).toInstant()
        const [earlier, later] = [read('earlier'), read('later')]
        const expected = earlier.equals(later) ? null : at.equals(earlier) ? 'first' : 'second'
        expect(hourTwice(at, zone)).toBe(expected)
      },
    ),
  )
})

test('words for the two hours are two, in every language, on pages and on receipts', () => {
  for (const language of ['de', 'en', 'ar'] as const) {
    const said = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].flatMap((at) => [
      formatMoment(instant(at), language, 'Europe/Berlin'),
      momentInWords(at, language, 'Europe/Berlin'),
    ])
    expect(new Set(said).size).toBe(4)
  }
  expect(momentInWords('2026-10-25T00:30:00Z', 'de', 'Europe/Berlin')).toBe(
    'Sonntag, 25. Oktober 2026 um 02:30 Uhr (Mitteleuropäische Sommerzeit)',
  )
  expect(momentInWords('2026-10-25T02:30:00Z', 'de', 'Europe/Berlin')).toBe('Sonntag, 25. Oktober 2026 um 03:30 Uhr')
})
