import { Readable } from 'node:stream'
import { createTransport } from 'nodemailer'
import { parseEmailAddress } from './address.ts'

export type Mail = {
  /** Address of the sender, for the envelope and the header. */
  from: string
  fromName: string
  /** Exactly one address, as `parseEmailAddress` returns it. */
  to: string
  subject: string
  text: string
  html: string
  /** An iTIP message (RFC 5546); the method must be the one inside `content`. */
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string }
  /** `<delivery-id@host>`: the same for every attempt, so that a second copy after an unclear end is recognisable. */
  messageId: string
}

/**
 * What became of a mail. Codes only: a server's words may repeat the address, so they are dropped here.
 * - `accepted`: the server took it over (250 to DATA).
 * - `refused`: for good, trying again is useless. `code`: its 5xx reply (RFC 5321 §4.2), null when it could not even
 *   be offered (too large for the announced SIZE, for example).
 * - `unreachable`: for now. `code`: a 4xx reply or the name of the failure (`ECONNREFUSED`, `ETIMEDOUT`, `EAUTH` …).
 *   The server does not have the mail.
 * - `unclear`: the server had every byte and gave no answer, so it may have the mail or not (RFC 1047). `code` as above.
 */
export type Outcome =
  | { kind: 'accepted' }
  | { kind: 'refused'; code: number | null }
  | { kind: 'unreachable'; code: string }
  | { kind: 'unclear'; code: string }

export type Mailer = {
  /** Asks `mayHandOver` when the server has agreed to take the mail and no byte of it has left; what that throws is
   *  thrown here, and the server gets nothing.
   *  @throws TypeError (as a rejection) if an address or the Message-ID is malformed: a mistake of the caller. */
  send(mail: Mail, mayHandOver?: () => Promise<void>): Promise<Outcome>
  /** Breaks off what is under way. */
  close(): void
}

/** Milliseconds to wait for a mail server. */
export type Patience = {
  /** From looking it up to its greeting. */
  greeting: number
  /** For any answer. */
  answer: number
  /** For a mail from beginning to end, against servers that drip. */
  whole: number
}

/** RFC 5321 § 4.5.3.2: five minutes for the greeting, and of its answers the one that takes longest, to the last byte of a
 *  mail, has ten. Less makes copies: a server that was only slow has the mail, and gets it again. */
export const rfc5321: Patience = { greeting: 5 * 60_000, answer: 10 * 60_000, whole: 30 * 60_000 }

const notOneLine = /[\p{Cc}\u2028\u2029]+/gu
const oneLine = (text: string): string => text.replace(notOneLine, ' ').trim()

const checked = (mail: Mail): Mail => {
  // The messages of these errors may be logged, so they do not quote the value.
  if (parseEmailAddress(mail.to) !== mail.to) throw new TypeError('mail.to: not exactly one e-mail address')
  if (parseEmailAddress(mail.from) !== mail.from) throw new TypeError('mail.from: not exactly one e-mail address')
  if (!/^<[\w.+-]{1,128}@[\w.-]{1,128}>$/.test(mail.messageId))
    throw new TypeError('mail.messageId: not of the form <id@host>')
  return { ...mail, fromName: oneLine(mail.fromName), subject: oneLine(mail.subject) }
}

const message = ({ from, fromName, to, subject, text, html, calendar, messageId }: Mail) => ({
  messageId,
  from: { name: fromName, address: from },
  to: { name: '', address: to },
  envelope: { from, to: [to] },
  subject,
  text,
  html,
  // Quoted-printable (RFC 2045, 6.7) breaks every line of more than 76 characters, links among them, and some programs cut
  // a link there. In base64 a line holds no link that could be broken, and no server on the way encodes it anew.
  encoding: 'base64' as const,
  // RFC 3834 and its Exchange counterpart: out-of-office assistants stay quiet.
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  // A text/calendar alternative (RFC 6047) and the same as a file, for programs that know only files.
  ...(calendar ? { icalEvent: { method: calendar.method, filename: 'termin.ics', content: calendar.content } } : {}),
  disableFileAccess: true,
  disableUrlAccess: true,
  xMailer: false as const,
})

// Replies that judge our sign-in or the state of the session, not this mail (RFC 5321 §4.2, RFC 4954 §6).
const aboutUs = new Set([503, 530, 534, 535, 538])

/** `isComplete`: whether the server had every byte when it failed. */
const outcomeOf = (failure: unknown, isComplete: boolean): Outcome => {
  const { code, originalCode, responseCode } = failure as {
    code?: unknown
    originalCode?: unknown
    responseCode?: unknown
  }
  const reply = typeof responseCode === 'number' && responseCode >= 400 ? responseCode : null
  const aboutThisMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  if (aboutThisMail && (reply === null || (reply >= 500 && !aboutUs.has(reply))))
    return { kind: 'refused', code: reply }
  const name = reply === null || !aboutThisMail ? (originalCode ?? code) : String(reply)
  return {
    kind: isComplete && reply === null ? 'unclear' : 'unreachable',
    code: typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'EUNKNOWN',
  }
}

const connection = (url: string) => {
  const parsed = URL.canParse(url) ? new URL(url) : null
  const secure = parsed?.protocol === 'smtps:'
  if (!parsed?.hostname || !(secure || parsed.protocol === 'smtp:'))
    throw new TypeError('an SMTP address begins with smtp:// or smtps://')
  for (const [name, value] of parsed.searchParams) {
    if (name !== 'tls' || value !== 'required')
      throw new TypeError(`SMTP address: the only setting is ?tls=required, not ${name}`)
  }
  const user = decodeURIComponent(parsed.username)
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    requireTLS: parsed.searchParams.has('tls'),
    ...(user ? { auth: { user, pass: decodeURIComponent(parsed.password) } } : {}),
  }
}

/** Whether the server had every byte, and what spoke against giving it any. */
type Progress = { isComplete: boolean; objection: { error: unknown } | null }

/** What a mail's bytes are read from. Nobody reads before the server has agreed to take them. */
const handedOver = (bytes: () => Readable, mayHandOver: () => Promise<void>, progress: Progress) => {
  const read = async function* () {
    try {
      await mayHandOver()
    } catch (error) {
      progress.objection = { error }
      throw error
    }
    yield* bytes()
    progress.isComplete = true
  }
  return () => Readable.from(read())
}

/**
 * Sends over SMTP (RFC 5321), a connection a mail. `url`:
 * - `smtp://[user:password@]host[:587]`: STARTTLS (RFC 3207) when the server offers it,
 * - the same with `?tls=required`: no STARTTLS, no mail; what every server beyond this machine should have,
 * - `smtps://[user:password@]host[:465]`: TLS from the first byte (RFC 8314).
 *
 * Where TLS is used, the certificate is checked. Nothing is logged.
 * @throws TypeError if `url` is none of these.
 */
export const smtpMailer = (url: string, { greeting, answer, whole }: Patience = rfc5321): Mailer => {
  const options = {
    ...connection(url),
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    socketTimeout: answer,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  const ending = new AbortController()
  return {
    async send(mail, mayHandOver = async () => {}) {
      const valid = checked(mail)
      const transport = createTransport(options)
      const progress: Progress = { isComplete: false, objection: null }
      transport.use('stream', ({ message: made }, next) => {
        const bytes = made.createReadStream.bind(made)
        made.createReadStream = handedOver(bytes, mayHandOver, progress) as typeof made.createReadStream
        next()
      })
      try {
        const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(whole)])
        await transport.sendMail({ ...message(valid), signal })
        return { kind: 'accepted' }
      } catch (failure) {
        if (progress.objection) throw progress.objection.error
        return outcomeOf(failure, progress.isComplete)
      } finally {
        transport.close()
      }
    },
    close: () => ending.abort(),
  }
}
