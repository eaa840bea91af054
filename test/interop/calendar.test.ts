import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { eventually, startInstallation } from '../helpers/installation.ts'
import { bookAppointment, person } from '../helpers/person.ts'

/* What another program, Debian's python3-icalendar, reads in our calendar entries. */

const read = (calendar: string) =>
  JSON.parse(
    execFileSync(process.env.TEST_PYTHON ?? 'python3', ['-c', program], { input: calendar, encoding: 'utf8' }),
  ) as Record<string, string>

const program = `
import datetime, icalendar, json, sys
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
[event] = calendar.walk('VEVENT')
instant = lambda name: event.decoded(name).astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
print(json.dumps({
  'method': str(calendar['METHOD']), 'uid': str(event['UID']), 'sequence': str(event['SEQUENCE']),
  'status': str(event['STATUS']), 'start': instant('DTSTART'), 'end': instant('DTEND'), 'stamp': instant('DTSTAMP'),
  'zones': ','.join(str(zone['TZID']) for zone in calendar.walk('VTIMEZONE')),
  'errors': str(calendar.errors + event.errors),
}))`

test('booking, moving and cancelling read as one event that changes', async () => {
  const installation = await startInstallation()
  try {
    const who = person(installation)
    const { manage, start } = await bookAppointment(who)
    const mail = async (count: number) => {
      await eventually(() => installation.mailbox.messages().length === count, `mail ${count}`)
      return read(installation.mailbox.messages()[0]?.calendar ?? '')
    }
    const booked = await mail(1)
    expect(booked).toMatchObject({ method: 'REQUEST', sequence: '0', status: 'CONFIRMED', start, errors: '[]' })
    expect(booked.zones).toBe('Europe/Berlin')
    const times = await who.open(`${manage}/verschieben`)
    const later = who.starts(times)[5] ?? ''
    await who.send(times, { beginn: later })
    expect(await mail(2)).toMatchObject({
      method: 'REQUEST',
      sequence: '1',
      start: later,
      uid: booked.uid,
      errors: '[]',
    })
    await who.send(await who.open(`${manage}/absagen`))
    expect(await mail(3)).toMatchObject({ method: 'CANCEL', sequence: '2', status: 'CANCELLED', uid: booked.uid })
  } finally {
    await installation.close()
  }
})

test('the file to keep reads like the mail', async () => {
  const installation = await startInstallation({ withoutWorker: true })
  try {
    const who = person(installation)
    const { manage, start } = await bookAppointment(who)
    const { html } = await who.open(`${manage}/termin.ics`)
    expect(read(html)).toMatchObject({ method: 'PUBLISH', start, zones: 'Europe/Berlin', errors: '[]' })
  } finally {
    await installation.close()
  }
})
