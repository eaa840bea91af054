import type { ComponentChildren } from 'preact'
import { formatMoment } from '#platform/i18n/format.ts'
import type { LocalMail } from './local-mailbox.ts'

// The mailbox belongs to no tenant: its pages have no language and no time zone of their own, so they speak both
// languages at once and keep German time.
const moment = (receivedAt: Temporal.Instant) => (
  <time dateTime={receivedAt.toString()}>{formatMoment(receivedAt, 'de', 'Europe/Berlin')}</time>
)

export type MailboxListProps = {
  messages: readonly LocalMail[]
  /** The address of the page that shows one mail. */
  messageHref: (id: string) => string
}

/** Content of the page that lists the local mailbox, newest first. */
export const MailboxList = ({ messages, messageHref }: MailboxListProps) => (
  <>
    <h1 class="kern-heading-x-large">
      Lokales Postfach / <span lang="en">Local mailbox</span>
    </h1>
    <p class="kern-body">
      Was diese Installation verschickt hat; nichts davon hat diesen Rechner verlassen. /{' '}
      <span lang="en">What this installation has sent; none of it has left this machine.</span>
    </p>
    {messages.length === 0 ? (
      <p class="kern-body">
        Keine Nachrichten. / <span lang="en">No messages.</span>
      </p>
    ) : (
      <table class="kern-table">
        <thead class="kern-table__head">
          <tr class="kern-table__row">
            {['Betreff / Subject', 'An / To', 'Eingang / Received'].map((title) => (
              <th class="kern-table__header" scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody class="kern-table__body">
          {messages.map((mail) => (
            <tr class="kern-table__row" key={mail.id}>
              <th class="kern-table__header" scope="row">
                <a class="kern-link" href={messageHref(mail.id)}>
                  {mail.subject || '(–)'}
                </a>
              </th>
              <td class="kern-table__cell">{mail.to}</td>
              <td class="kern-table__cell">{moment(mail.receivedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </>
)

// Ends before punctuation that belongs to the sentence; "<" and quotes never belong to an address.
const address = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g

/** Text with its http(s) addresses as links; everything else stays text. */
const linked = (text: string): ComponentChildren[] => {
  const parts: ComponentChildren[] = []
  let end = 0
  for (const { 0: href, index } of text.matchAll(address)) {
    parts.push(
      text.slice(end, index),
      <a class="kern-link" href={href} rel="noreferrer">
        {href}
      </a>,
    )
    end = index + href.length
  }
  return [...parts, text.slice(end)]
}

const Source = ({ title, children }: { title: ComponentChildren; children: string }) => (
  <details>
    <summary>{title}</summary>
    <pre>{children}</pre>
  </details>
)

export type MailboxMessageProps = {
  mail: LocalMail
  /** The address of the list. */
  listHref: string
}

/** Content of the page that shows one mail of the local mailbox. Its HTML part is shown as source, never rendered:
 *  a mail is made of what people typed. */
export const MailboxMessage = ({ mail, listHref }: MailboxMessageProps) => (
  <>
    <p class="kern-body">
      <a class="kern-link" href={listHref}>
        Lokales Postfach / <span lang="en">Local mailbox</span>
      </a>
    </p>
    <h1 class="kern-heading-x-large">{mail.subject || '(–)'}</h1>
    <dl>
      <dt>Von / From</dt>
      <dd>{mail.from}</dd>
      <dt>An / To</dt>
      <dd>{mail.to}</dd>
      <dt>Eingang / Received</dt>
      <dd>{moment(mail.receivedAt)}</dd>
    </dl>
    <h2 class="kern-heading-medium">Text</h2>
    <pre>{linked(mail.text)}</pre>
    {mail.calendar === null ? null : (
      <>
        <h2 class="kern-heading-medium">
          Kalendereintrag / <span lang="en">Calendar entry</span>
        </h2>
        <pre>{mail.calendar}</pre>
      </>
    )}
    <Source title="HTML">{mail.html}</Source>
    <Source title="Quelltext / Source">{mail.raw}</Source>
  </>
)
