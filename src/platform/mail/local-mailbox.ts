import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { Clock } from '#platform/clock.ts'

/** A mail that arrived in the local mailbox. */
export type LocalMail = {
  id: string
  receivedAt: Temporal.Instant
  /** As the mail's header says it: `Name <address>`. */
  from: string
  /** The recipient of the envelope; several are separated by a comma and a space. */
  to: string
  subject: string
  text: string
  html: string
  /** The text/calendar part with the line ends of RFC 5545; null if there is none. */
  calendar: string | null
  /** The whole message as it came over the wire. */
  raw: string
}

export type LocalMailbox = {
  /** What `smtpMailer` takes. */
  url: string
  /** Newest first, at most 200; older ones are forgotten. */
  messages(): readonly LocalMail[]
  find(id: string): LocalMail | null
  clear(): void
  close(): Promise<void>
}

export type LocalMailboxOptions = {
  /** An SMTP reply to give for a recipient, 550 or 451 for example; null accepts. */
  refuse?: (recipient: string) => number | null
  /** What has to be over before it says that it has a mail, by recipient; the mail has arrived by then. */
  answerAfter?: (recipient: string) => Promise<void> | undefined
}

const kept = 200
const largest = 5 * 1024 * 1024 // octets

const smtpError = (responseCode: number, words: string): Error => Object.assign(new Error(words), { responseCode })

const withinLimit = async (stream: SMTPServerDataStream): Promise<Buffer | null> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer)
  return stream.sizeExceeded ? null : Buffer.concat(chunks)
}

const calendarOf = ({ attachments }: Email): string | null => {
  const part = attachments.find(({ mimeType }) => mimeType === 'text/calendar')
  return typeof part?.content === 'string' ? part.content.replace(/\r?\n/g, '\r\n') : null
}

const read = async (raw: Buffer, { envelope }: SMTPServerSession): Promise<Omit<LocalMail, 'id' | 'receivedAt'>> => {
  const email = await PostalMime.parse(raw, { attachmentEncoding: 'utf8' })
  const { name, address } = email.from ?? {}
  const sender = address ?? (envelope.mailFrom ? envelope.mailFrom.address : '')
  return {
    from: name ? `${name} <${sender}>` : sender,
    to: envelope.rcptTo.map((recipient) => recipient.address).join(', '),
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    calendar: calendarOf(email),
    raw: raw.toString('utf8'),
  }
}

const listening = (server: SMTPServer): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.removeListener('error', reject)
      server.on('error', () => {}) // a client that hangs up is not our failure
      resolve(`smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`)
    })
  })

/**
 * A real SMTP server for the demonstration and for tests: reachable from this machine only, on a port of the system's
 * choice. It delivers nothing and keeps mails in memory, never on disk.
 * @throws if it cannot listen.
 */
export const startLocalMailbox = async (clock: Clock, options: LocalMailboxOptions = {}): Promise<LocalMailbox> => {
  const mails: LocalMail[] = []
  let count = 0
  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    const raw = await withinLimit(stream)
    if (raw === null) throw smtpError(552, 'too large')
    const mail = await read(raw, session)
    count += 1
    mails.unshift({ id: String(count), receivedAt: clock(), ...mail })
    mails.length = Math.min(mails.length, kept)
    await options.answerAfter?.(mail.to)
  }
  const server = new SMTPServer({
    name: 'localhost',
    size: largest,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'], // it would offer a certificate nobody trusts
    disableReverseLookup: true,
    closeTimeout: 500,
    onRcptTo: ({ address }, _session, answer) => {
      const code = options.refuse?.(address) ?? null
      answer(code === null ? null : smtpError(code, `not for <${address}>`)) // repeats the address, as servers do
    },
    onData: (stream, session, answer) => {
      receive(stream, session).then(() => answer(null), answer)
    },
  })
  const url = await listening(server)
  return {
    url,
    messages: () => mails,
    find: (id) => mails.find((mail) => mail.id === id) ?? null,
    clear: () => {
      mails.length = 0
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
