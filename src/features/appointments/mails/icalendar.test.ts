import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CalendarEvent, calendarText } from './icalendar.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 50 }
const instant = (text: string) => Temporal.Instant.from(text)
const anEvent = (given: Partial<CalendarEvent> = {}): CalendarEvent => ({
  uid: '0198f3c2-7f7e-4d55-9f0a-1c2d3e4f5a6b@jobcenter.example',
  sequence: 0,
  method: 'REQUEST',
  startsAt: instant('2026-11-30T09:20:00Z'),
  endsAt: instant('2026-11-30T09:40:00Z'),
  timeZone: 'Europe/Berlin',
  summary: 'Termin im Jobcenter',
  description: 'Bitte bringen Sie Ihren Ausweis mit.',
  location: 'Luisenstraße 105, Düsseldorf',
  organizer: { name: 'Jobcenter Düsseldorf', email: 'termine@jobcenter.example' },
  attendee: 'erika@example.org',
  url: 'https://jobcenter.example/termin/abc',
  stampedAt: instant('2026-11-01T12:00:00.5Z'),
  ...given,
})

const lines = (text: string) => text.replace(/\r\n[ \t]/g, '').split('\r\n')
const eventOf = (text: string) => {
  const all = lines(text)
  return all.slice(all.indexOf('BEGIN:VEVENT') + 1, all.indexOf('END:VEVENT'))
}
/** The value of a property of the event with its parameters: `[';TZID=Europe/Berlin', '20261130T102000']`. */
const property = (text: string, name: string): [parameters: string, value: string] | null => {
  const found = eventOf(text).filter((line) => new RegExp(`^${name}[;:]`).test(line))
  if (found.length > 1) throw new Error(`${name} occurs ${found.length} times`)
  const parts = /^[A-Z-]+((?:;[A-Z-]+=(?:"[^"]*"|[^;:"]*))*):(.*)$/s.exec(found[0] ?? '')
  return parts ? [parts[1] ?? '', parts[2] ?? ''] : null
}
const value = (text: string, name: string) => property(text, name)?.[1]
const unescaped = (text: string | undefined) =>
  (text ?? '').replace(/\\([\\;,nN])/g, (_, c: string) => (/n/i.test(c) ? '\n' : c))

describe('an invitation', () => {
  const text = calendarText(anEvent({ sequence: 3 }))

  test('names who invites and who comes, and waits for no reply', () => {
    expect(lines(text)).toContain('METHOD:REQUEST')
    expect(property(text, 'ORGANIZER')).toEqual([';CN="Jobcenter Düsseldorf"', 'mailto:termine@jobcenter.example'])
    expect(property(text, 'ATTENDEE')).toEqual([
      ';ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE',
      'MAILTO:erika@example.org',
    ])
  })

  test('is confirmed, private, stamped in UTC, and says whose product made it', () => {
    expect(lines(text).slice(0, 3)).toEqual(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Anlaufstelle//DE'])
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true)
    expect(value(text, 'UID')).toBe(anEvent().uid)
    expect(value(text, 'SEQUENCE')).toBe('3')
    expect(value(text, 'STATUS')).toBe('CONFIRMED')
    expect(value(text, 'CLASS')).toBe('PRIVATE')
    expect(value(text, 'DTSTAMP')).toBe('20261101T120000Z')
    expect(value(text, 'URL')).toBe('https://jobcenter.example/termin/abc')
  })

  test('gives local times with the time zone they need', () => {
    expect(property(text, 'DTSTART')).toEqual([';TZID=Europe/Berlin', '20261130T102000'])
    expect(property(text, 'DTEND')).toEqual([';TZID=Europe/Berlin', '20261130T104000'])
    expect(lines(text).filter((line) => line === 'TZID:Europe/Berlin')).toHaveLength(1)
    expect(lines(text).indexOf('BEGIN:VTIMEZONE')).toBeLessThan(lines(text).indexOf('BEGIN:VEVENT'))
  })
})

test('a move keeps the identity and raises the sequence', () => {
  const before = calendarText(anEvent({ sequence: 1 }))
  const after = calendarText(
    anEvent({ sequence: 2, startsAt: instant('2026-12-01T08:00:00Z'), endsAt: instant('2026-12-01T08:20:00Z') }),
  )
  expect(value(after, 'UID')).toBe(value(before, 'UID'))
  expect(Number(value(after, 'SEQUENCE'))).toBeGreaterThan(Number(value(before, 'SEQUENCE')))
  expect(value(after, 'DTSTART')).toBe('20261201T090000')
})

test('a cancellation is addressed like the invitation and says so', () => {
  const text = calendarText(anEvent({ method: 'CANCEL', sequence: 1 }))
  expect(lines(text)).toContain('METHOD:CANCEL')
  expect(value(text, 'STATUS')).toBe('CANCELLED')
  expect(value(text, 'ATTENDEE')).toBe('MAILTO:erika@example.org')
  expect(value(text, 'UID')).toBe(anEvent().uid)
})

test('a file to keep names nobody', () => {
  const text = calendarText(anEvent({ method: 'PUBLISH' }))
  expect(lines(text)).toContain('METHOD:PUBLISH')
  expect(text).not.toMatch(/ATTENDEE|ORGANIZER|erika/)
})

describe('on the days the clocks change in Germany', () => {
  const times = (start: string, end: string) => {
    const text = calendarText(anEvent({ startsAt: instant(start), endsAt: instant(end) }))
    return [property(text, 'DTSTART')?.join(':'), property(text, 'DTEND')?.join(':'), text.includes('BEGIN:VTIMEZONE')]
  }
  const berlin = (time: string) => `;TZID=Europe/Berlin:${time}`

  test.each([
    ['the day before spring', '2026-03-28T09:00:00Z', '2026-03-28T09:30:00Z', '20260328T100000', '20260328T103000'],
    ['spring, after the gap', '2026-03-29T08:00:00Z', '2026-03-29T08:30:00Z', '20260329T100000', '20260329T103000'],
    ['spring, across the gap', '2026-03-29T00:45:00Z', '2026-03-29T01:15:00Z', '20260329T014500', '20260329T031500'],
    ['autumn, in the morning', '2026-10-25T09:00:00Z', '2026-10-25T09:30:00Z', '20261025T100000', '20261025T103000'],
  ])('%s', (_, start, end, localStart, localEnd) =>
    expect(times(start, end)).toEqual([berlin(localStart), berlin(localEnd), true]),
  )

  test('2:15 in autumn is given in UTC, because its local name could mean either', () => {
    expect(times('2026-10-25T00:15:00Z', '2026-10-25T00:30:00Z')).toEqual([
      ':20261025T001500Z',
      ':20261025T003000Z',
      false,
    ])
    expect(times('2026-10-25T01:15:00Z', '2026-10-25T01:30:00Z')).toEqual([
      ':20261025T011500Z',
      ':20261025T013000Z',
      false,
    ])
  })

  test('the definition of Europe/Berlin has both changes on the last Sunday', () => {
    const all = lines(calendarText(anEvent()))
    const part = (name: string) => all.slice(all.indexOf(`BEGIN:${name}`), all.indexOf(`END:${name}`))
    expect(part('DAYLIGHT')).toEqual(
      expect.arrayContaining(['TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU']),
    )
    expect(part('STANDARD')).toEqual(
      expect.arrayContaining(['TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU']),
    )
  })
})

test('texts come back as they were, in lines of at most 75 octets that are UTF-8 each', () => {
  const pieces = fc.constantFrom(
    '\n',
    '\\',
    '\\n',
    ';',
    ',',
    ':',
    '"',
    '^',
    'ü',
    '👩‍👩‍👧',
    'e\u0301',
    '日本',
    ' ',
    'END:VEVENT',
    '\t',
    'x'.repeat(40),
  )
  const anyText = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
  )
  const clean = anyText.map((text) => text.replace(/[^\P{Cc}\n\t]/gu, ''))
  fc.assert(
    fc.property(clean, clean, clean, (summary, description, location) => {
      const text = calendarText(anEvent({ summary, description, location }))
      for (const line of Buffer.from(text).toString('latin1').split('\r\n')) {
        expect(line.length).toBeLessThanOrEqual(75)
        expect(line).not.toMatch(/[\r\n]/)
        new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(line, 'latin1'))
      }
      expect(unescaped(value(text, 'SUMMARY'))).toBe(summary.replace(/\n+/g, ' '))
      expect(unescaped(value(text, 'DESCRIPTION'))).toBe(description)
      expect(unescaped(value(text, 'LOCATION'))).toBe(location)
      expect(eventOf(text)).toHaveLength(eventOf(calendarText(anEvent())).length - Number(!location))
    }),
    runs,
  )
})

test('an instant comes back from its local time, whatever the instant', () => {
  const epoch = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2036, 0) }).map((ms) => Math.floor(ms / 1000) * 1000)
  fc.assert(
    fc.property(epoch, fc.integer({ min: 1, max: 480 }), (start, minutes) => {
      const startsAt = Temporal.Instant.fromEpochMilliseconds(start)
      const text = calendarText(anEvent({ startsAt, endsAt: startsAt.add({ minutes }) }))
      const read = (name: string) => {
        const [parameters, time] = property(text, name) ?? ['', '']
        return parameters
          ? Temporal.PlainDateTime.from(time).toZonedDateTime('Europe/Berlin').toInstant()
          : Temporal.Instant.from(time)
      }
      expect(read('DTSTART').equals(startsAt)).toBe(true)
      expect(read('DTEND').since(read('DTSTART')).total('minutes')).toBe(minutes)
    }),
    runs,
  )
})

test('control characters and halves of characters do not get through', () => {
  const text = calendarText(
    anEvent({ summary: 'a\u0000b\r\nBEGIN:VALARM\ud800', organizer: { name: 'J\r\nX:"y"', email: 'a@b.example' } }),
  )
  expect(value(text, 'SUMMARY')).toBe('ab BEGIN:VALARM\ufffd')
  expect(property(text, 'ORGANIZER')?.[0]).toBe(`;CN="J X:^'y^'"`)
  expect(lines(text)).not.toContain('BEGIN:VALARM')
})

test('what is no appointment is refused', () => {
  expect(() => calendarText(anEvent({ endsAt: anEvent().startsAt }))).toThrow(RangeError)
  expect(() => calendarText(anEvent({ timeZone: 'Europe/Nowhere' }))).toThrow(RangeError)
})
