import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderLetter } from '#features/mail/index.ts'
import { type LocalMail, startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { smtpMailer } from '#platform/mail/mailer.ts'
import { calendarText } from './mails/icalendar.ts'

/* A real mail, byte by byte, where host and tenant have long names. */

const url = `https://${'termine.'.repeat(12)}jobcenter-landkreis-beispielhausen.example/${'landkreis-'.repeat(5)}ost/en/termin/verwalten/Ab_-efghijklmnopqrstuA/angebot/0198f3c2-7f7e-4d55-9f0a-1c2d3e4f5a6b`
const description = `Verschieben oder absagen: über den Link. ${'Bitte bringen Sie einen Ausweis mit. '.repeat(4)}${url}`

let mail: LocalMail
const mailbox = await startLocalMailbox(() => Temporal.Instant.from('2026-11-30T09:20:00Z'))
const mailer = smtpMailer(mailbox.url)
afterAll(async () => {
  mailer.close()
  await mailbox.close()
})
beforeAll(async () => {
  const startsAt = Temporal.Instant.from('2026-12-07T09:00:00Z')
  await mailer.send({
    from: 'termine@jobcenter.example',
    fromName: 'Jobcenter Beispielhausen',
    to: 'erika@example.org',
    subject: 'Ihr Termin',
    ...renderLetter({
      language: 'de',
      heading: 'Ihr Termin ist gebucht',
      paragraphs: ['Guten Tag, wir bestätigen Ihren Termin.'],
      facts: [['Ort', 'Kisdorfer Weg 7a']],
      action: { label: 'Termin ansehen', url },
      closing: [`Was gespeichert ist, sehen Sie hier: ${url}.`],
    }),
    calendar: {
      method: 'REQUEST',
      content: calendarText({
        uid: 'ABCD-EFGH@jobcenter.example',
        sequence: 0,
        method: 'REQUEST',
        isTentative: false,
        startsAt,
        endsAt: startsAt.add({ minutes: 30 }),
        timeZone: 'Europe/Berlin',
        summary: 'Termin',
        description,
        location: 'Kisdorfer Weg 7a',
        organizer: { name: 'Jobcenter', email: 'termine@jobcenter.example' },
        attendee: 'erika@example.org',
        url,
        stampedAt: startsAt,
      }),
    },
    messageId: '<0198f3c2-7f7e-4d55-9f0a-1c2d3e4f5a6b@jobcenter.example>',
  })
  ;[mail] = mailbox.messages() as [LocalMail]
})

/** The parts of the mail as they came over the wire: heads and bodies. */
const parts = () =>
  mail.raw
    .split(/\r\n--[^\r\n]+\r\n/)
    .map((part) => part.split('\r\n\r\n'))
    .filter(([head = '']) => /^content-type: (text|application)\//im.test(head))
    .map(([head = '', ...body]) => ({
      type: /^content-type: ([\w/]+)/im.exec(head)?.[1],
      encoding: /^content-transfer-encoding: (\S+)/im.exec(head)?.[1],
      body: body.join('\r\n\r\n'),
    }))

/** What is in a part for a program that takes every line for one, soft ends of lines (RFC 2045, 6.7) among them. */
const readPlainly = ({ encoding, body }: { encoding: string | undefined; body: string }): string =>
  encoding === 'base64'
    ? Buffer.from(body, 'base64').toString()
    : body.replace(/=([\dA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))

test('a link in a mail is in one line, also for a program that breaks at the soft line ends of an encoding', () => {
  const found = parts().map((part) => [
    part.type,
    readPlainly(part)
      .replace(/\r\n[ \t]/g, '')
      .split(url).length - 1,
  ])
  expect(found).toEqual([
    ['text/plain', 2],
    ['text/html', 2],
    ['text/calendar', 2],
    ['application/ics', 2],
  ])
  expect(mail.text.split('\n')).toContain(url)
})

test('no line of a mail is longer than servers have to take, and none of a calendar than 75 octets', () => {
  for (const line of mail.raw.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998)
  for (const part of parts()) expect([part.type, part.encoding]).toEqual([part.type, 'base64'])
  for (const line of (mail.calendar ?? '').split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  expect(mail.calendar?.replace(/\r\n[ \t]/g, '')).toContain(url)
})
