import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { renderToString } from 'preact-render-to-string'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { look } from '#test/helpers/html.ts'
import { startLocalMailbox } from './local-mailbox.ts'
import { MailboxList, MailboxMessage } from './mailbox-view.tsx'
import { type Mail, rfc5321, smtpMailer } from './mailer.ts'

const received = Temporal.Instant.from('2026-11-30T09:20:00Z')
const replies: Record<string, number> = { 'gone@example.org': 550, 'full@example.org': 451, 'login@example.org': 530 }
const answerAfter: Record<string, Promise<void>> = {}
const mailbox = await startLocalMailbox(() => received, {
  refuse: (recipient) => replies[recipient] ?? null,
  answerAfter: (recipient) => answerAfter[recipient],
})
const mailer = smtpMailer(mailbox.url)
beforeEach(() => mailbox.clear())
afterAll(async () => {
  mailer.close()
  await mailbox.close()
})

const aMail = (given: Partial<Mail> = {}): Mail => ({
  from: 'termine@jobcenter.example',
  fromName: 'Jobcenter Düsseldorf',
  to: 'erika@example.org',
  subject: 'Ihr Termin am 30. November: Bestätigung',
  text: 'Guten Tag,\n\nIhr Termin steht fest: „Grüße“ → https://jobcenter.example/termin?a=1.\n',
  html: '<p>Ihr Termin steht fest: Grüße</p>',
  messageId: '<0198f3c2-7f7e-4d55-9f0a-1c2d3e4f5a6b@jobcenter.example>',
  ...given,
})
const invitation = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'METHOD:REQUEST',
  'SUMMARY:Termin für „Erika“',
  'END:VCALENDAR',
  '',
].join('\r\n')
const arrived = () => {
  const [mail] = mailbox.messages()
  if (!mail) throw new Error('no mail arrived')
  return mail
}
const header = (name: string) =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im')
    .exec(arrived().raw.split('\r\n\r\n')[0] ?? '')?.[1]
    ?.replace(/\r\n/g, '')

describe('a mail that is accepted', () => {
  test('arrives with its umlauts in name, subject, text and markup', async () => {
    expect(await mailer.send(aMail())).toEqual({ kind: 'accepted' })
    const { from, to, subject, text, html, calendar, receivedAt } = arrived()
    expect(from).toBe('Jobcenter Düsseldorf <termine@jobcenter.example>')
    expect(to).toBe('erika@example.org')
    expect(subject).toBe(aMail().subject)
    expect(text.trimEnd()).toBe(aMail().text.trimEnd())
    expect(html.trim()).toBe(aMail().html)
    expect(calendar).toBeNull()
    expect(receivedAt.equals(received)).toBe(true)
  })

  test('carries the caller’s Message-ID at each attempt and asks machines not to answer', async () => {
    await mailer.send(aMail())
    await mailer.send(aMail())
    expect(mailbox.messages()).toHaveLength(2)
    expect(header('Message-ID')).toBe(aMail().messageId)
    expect(header('Auto-Submitted')).toBe('auto-generated')
    expect(header('X-Auto-Response-Suppress')).toBe('All')
    expect(header('X-Mailer')).toBeUndefined()
  })

  test.each(['REQUEST', 'CANCEL'] as const)(
    'brings the calendar a %s as an alternative to text and markup',
    async (method) => {
      const content = invitation.replace('REQUEST', method)
      await mailer.send(aMail({ calendar: { method, content } }))
      expect(arrived().calendar).toBe(content)
      const types = [...arrived().raw.matchAll(/^Content-Type: (.*(?:\r\n[ \t].*)*)/gim)].map(([, type]) =>
        type?.replace(/\s+/g, ' '),
      )
      expect(types.map((type) => type?.split('; boundary')[0])).toEqual([
        'multipart/mixed',
        'multipart/alternative',
        'text/plain; charset=utf-8',
        'text/html; charset=utf-8',
        `text/calendar; charset=utf-8; method=${method}`,
        'application/ics; name=termin.ics',
      ])
    },
  )

  test('does not let a name or a subject start a header of their own', async () => {
    await mailer.send(aMail({ fromName: 'Team\r\nBcc: spy@example.org', subject: 'Termin\r\nX-Evil: 1\u2028x' }))
    expect(header('Bcc')).toBeUndefined()
    expect(header('X-Evil')).toBeUndefined()
    expect(arrived().subject).toBe('Termin X-Evil: 1 x')
    expect(arrived().from).toBe('Team Bcc: spy@example.org <termine@jobcenter.example>')
  })
})

describe('a mail that is not accepted', () => {
  test('is refused for good when the server says 550, and nothing of its words is kept', async () => {
    expect(await mailer.send(aMail({ to: 'gone@example.org' }))).toEqual({ kind: 'refused', code: 550 })
    expect(mailbox.messages()).toHaveLength(0)
  })

  test('is unreachable for now when the server says 451', async () => {
    expect(await mailer.send(aMail({ to: 'full@example.org' }))).toEqual({ kind: 'unreachable', code: '451' })
  })

  test('is kept for later when the server objects to our sign-in rather than to the mail', async () => {
    expect(await mailer.send(aMail({ to: 'login@example.org' }))).toEqual({ kind: 'unreachable', code: '530' })
  })

  test('is refused when it is larger than the server takes', async () => {
    const outcome = await mailer.send(aMail({ text: 'x'.repeat(6 * 1024 * 1024) }))
    expect(outcome).toEqual({ kind: 'refused', code: 552 })
  })

  test('is unreachable when nobody listens', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => nobody.once('listening', resolve))
    const { port } = nobody.address() as AddressInfo
    await new Promise((resolve) => nobody.close(resolve))
    expect(await smtpMailer(`smtp://127.0.0.1:${port}`).send(aMail())).toEqual({
      kind: 'unreachable',
      code: 'ECONNREFUSED',
    })
  })

  test('is unreachable when the server turns everybody away at the door', async () => {
    const closed = createServer((socket) => socket.end('554 no service for erika@example.org\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => closed.once('listening', resolve))
    const { port } = closed.address() as AddressInfo
    const outcome = await smtpMailer(`smtp://127.0.0.1:${port}`).send(aMail())
    await new Promise((resolve) => closed.close(resolve))
    expect(outcome.kind).toBe('unreachable')
    expect(JSON.stringify(outcome)).not.toContain('erika')
  })

  test('does not leave without TLS when TLS is required', async () => {
    const outcome = await smtpMailer(`${mailbox.url}?tls=required`).send(aMail())
    expect(outcome.kind).toBe('unreachable')
    expect(mailbox.messages()).toHaveLength(0)
  })
})

/** A mail server of which only the answers are real: one by one, to whatever comes. `null` breaks the connection off. */
const server = async (answers: readonly (string | null)[]) => {
  let answered = 0
  const heard: string[] = []
  const listening = createServer((socket) => {
    const answer = () => {
      const words = answers[answered++]
      if (words === null) socket.destroy()
      else if (words !== undefined) socket.write(`${words}\r\n`)
    }
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      heard.push(bytes.toString())
      const isInData = heard.join('').includes('DATA\r\n') && !/DATA\r\n$/.test(heard.join(''))
      if (!isInData || heard.join('').endsWith('\r\n.\r\n')) answer()
    })
    answer()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  return { url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`, heard, close: () => listening.close() }
}
const ready = ['220 here', '250 hello', '250 from', '250 to']
/** Longer than any machine takes for what is answered at once. */
const patience = { greeting: 60_000, answer: 60_000, whole: 120_000 }
/** For servers that say nothing any more; still long enough for what they said before. */
const impatience = { greeting: 3000, answer: 3000, whole: 60_000 }

test.each([
  ['the greeting', 5, rfc5321.greeting],
  ['the answer to MAIL', 5, rfc5321.answer],
  ['the answer to RCPT', 5, rfc5321.answer],
  ['the answer to DATA', 2, rfc5321.answer],
  ['a block of the mail', 3, rfc5321.answer],
  ['the answer to the end of the mail', 10, rfc5321.answer],
  ['all of that', 5 + 5 + 5 + 2 + 3 + 10, rfc5321.whole],
])('%s is waited for by the minutes of RFC 5321 § 4.5.3.2: %i', (_what, minutes, waited) => {
  expect(waited).toBeGreaterThanOrEqual(minutes * 60_000)
})

test('a server that is slow to say that it has the mail is waited for, and gets one copy', async () => {
  answerAfter['slow@example.org'] = sleep(500)
  expect(await mailer.send(aMail({ to: 'slow@example.org' }))).toEqual({ kind: 'accepted' })
  expect(mailbox.messages()).toHaveLength(1)
})

describe.concurrent('a server that is slow', () => {
  test.each([
    ['never says that it has the mail', [...ready, '354 go'], 'unclear', 'ETIMEDOUT', impatience],
    ['breaks off when it has every byte', [...ready, '354 go', null], 'unclear', /^ECONN/, patience],
    ['never asks for the bytes', ready, 'unreachable', 'ETIMEDOUT', impatience],
    ['breaks off before the bytes', [...ready, null], 'unreachable', /^ECONN/, patience],
    ['does not take the recipient at once', [...ready.slice(0, 3), '451 later'], 'unreachable', '451', patience],
    ['says at the end that it has no room', [...ready, '354 go', '452 full'], 'unreachable', '452', patience],
    ['never greets', [], 'unreachable', 'ETIMEDOUT', impatience],
  ] as const)(
    'and %s: whether it has the mail is known or said to be unclear',
    async (_, answers, kind, code, waits) => {
      const slow = await server(answers)
      const outcome = await smtpMailer(slow.url, waits).send(aMail())
      slow.close()
      expect(outcome).toEqual({ kind, code: typeof code === 'string' ? code : expect.stringMatching(code) })
    },
  )

  test('is broken off with when the mailer closes', async () => {
    const slow = await server(ready.slice(0, 1))
    const closing = smtpMailer(slow.url)
    const outcome = closing.send(aMail())
    await vi.waitUntil(() => slow.heard.length > 0)
    closing.close()
    expect((await outcome).kind).toBe('unreachable')
    slow.close()
  })
})

describe('whoever has the mail in hand', () => {
  test('is asked when the server will take it, and before a byte of it leaves', async () => {
    const taking = await server([...ready, '354 go', '250 done'])
    let heardBefore = ''
    const outcome = await smtpMailer(taking.url, patience).send(aMail(), async () => {
      heardBefore = taking.heard.join('')
      await sleep(50)
      expect(taking.heard.join('')).toBe(heardBefore)
    })
    expect(outcome).toEqual({ kind: 'accepted' })
    expect(heardBefore).toMatch(/RCPT TO:<erika@example\.org>\r\n[\s\S]*DATA\r\n$/)
    taking.close()
  })

  test('is not asked for a recipient that the server refuses', async () => {
    const asked = vi.fn(async () => {})
    expect(await mailer.send(aMail({ to: 'gone@example.org' }), asked)).toEqual({ kind: 'refused', code: 550 })
    expect(asked).not.toHaveBeenCalled()
  })

  test('can object, and the server gets nothing', async () => {
    const objection = new Error('somebody else has it')
    await expect(mailer.send(aMail(), () => Promise.reject(objection))).rejects.toBe(objection)
    await mailer.send(aMail({ subject: 'the next' }))
    expect(mailbox.messages().map((mail) => mail.subject)).toEqual(['the next'])
  })
})

describe('a mistake of the caller', () => {
  test.each([
    'erika@example.org\r\nBcc: spy@example.org',
    'erika@example.org\n',
    'a@example.org,b@example.org',
    'a@example.org, b@example.org',
    'Erika <erika@example.org>',
    'erika',
    '',
    ' erika@example.org',
  ])('to %j is never sent, and the error does not repeat it', async (to) => {
    const failure = await mailer.send(aMail({ to })).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TypeError)
    expect((failure as Error).message).not.toContain('erika@')
    expect(mailbox.messages()).toHaveLength(0)
  })

  test.each(['no-brackets@host', '<two words@host>', '<a@host>\r\nX: y', ''])(
    '%j is no Message-ID',
    async (messageId) => {
      await expect(mailer.send(aMail({ messageId }))).rejects.toThrow(TypeError)
    },
  )

  test.each([
    'http://mail.example',
    'smtp://',
    'mail.example:25',
    'smtp://mail.example?tls=no',
    'smtp://mail.example?logger=true',
  ])('%j is no SMTP address', (url) => expect(() => smtpMailer(url)).toThrow(TypeError))
})

test('the local mailbox keeps the newest 200 mails and finds each by its id', async () => {
  await Promise.all(Array.from({ length: 200 }, () => mailer.send(aMail({ subject: 'one of many' }))))
  const oldest = mailbox.messages().at(-1)?.id ?? ''
  await mailer.send(aMail({ subject: 'the newest' }))
  expect(mailbox.messages()).toHaveLength(200)
  expect(arrived().subject).toBe('the newest')
  expect(mailbox.find(arrived().id)).toBe(arrived())
  expect(mailbox.find(oldest)).toBeNull()
  expect(new Set(mailbox.messages().map((mail) => mail.id)).size).toBe(200)
})

test('the pages of the local mailbox show markup as source and only web addresses as links', async () => {
  const text = '<b>x</b> (https://jobcenter.example/a?b=1&c=2). javascript:alert(1) "http://x.example/"'
  await mailer.send(aMail({ subject: '<i>Termin</i>', text, html: '<script>alert(1)</script>' }))
  const list = renderToString(MailboxList({ messages: mailbox.messages(), messageHref: (id) => `/mails/${id}` }))
  expect(list).toContain(`href="/mails/${arrived().id}"`)
  const page = renderToString(MailboxMessage({ mail: arrived(), listHref: '/mails' }))
  const links = look(page)
    .all('[href]')
    .map((link) => link.attribute('href'))
  expect(links).toEqual(['/mails', 'https://jobcenter.example/a?b=1&c=2', 'http://x.example/'])
  expect(page).toContain('&lt;script')
  expect(look(list + page).all('script, b, i')).toEqual([])
})
