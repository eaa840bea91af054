import type { ComponentChildren } from 'preact'
import { formatMoment } from '#platform/i18n/format.ts'
import { Details, Heading, Lead, PageTitle, Paragraph, SummaryList, Table } from '#platform/ui/components.tsx'
import type { LocalMail } from './local-mailbox.ts'

// The mailbox belongs to no tenant: its pages have no language and no time zone of their own, so they speak German
// and English at once and keep German time.
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
    <PageTitle>
      Lokales Postfach / <span lang="en">Local mailbox</span>
    </PageTitle>
    <Lead>
      Was diese Installation verschickt hat; nichts davon hat diesen Rechner verlassen. /{' '}
      <span lang="en">What this installation has sent; none of it has left this machine.</span>
    </Lead>
    {messages.length === 0 ? (
      <Paragraph>
        Keine Nachrichten. / <span lang="en">No messages.</span>
      </Paragraph>
    ) : (
      <Table
        caption="Nachrichten / Messages"
        columns={['Betreff / Subject', 'An / To', 'Eingang / Received'].map((label) => ({ label }))}
        rows={messages.map((mail) => [
          <a href={messageHref(mail.id)} key={mail.id}>
            <bdi>{mail.subject || '(–)'}</bdi>
          </a>,
          mail.to,
          moment(mail.receivedAt),
        ])}
      />
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
      <a href={href} rel="noreferrer" key={index}>
        {href}
      </a>,
    )
    end = index + href.length
  }
  return [...parts, text.slice(end)]
}

const Source = ({ title, children }: { title: string; children: string }) => (
  <Details summary={title}>
    <pre class="a-source">{children}</pre>
  </Details>
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
    <Paragraph>
      <a href={listHref}>
        Lokales Postfach / <span lang="en">Local mailbox</span>
      </a>
    </Paragraph>
    <PageTitle>
      <bdi>{mail.subject || '(–)'}</bdi>
    </PageTitle>
    <SummaryList
      rows={[
        { label: 'Von / From', value: mail.from },
        { label: 'An / To', value: mail.to },
        { label: 'Eingang / Received', value: moment(mail.receivedAt) },
      ]}
    />
    <Heading>Text</Heading>
    <pre class="a-source a-letter" dir="auto">
      {linked(mail.text)}
    </pre>
    {mail.calendar && <Source title="Kalendereintrag / Calendar entry">{mail.calendar}</Source>}
    <Source title="HTML">{mail.html}</Source>
    <Source title="Quelltext / Source">{mail.raw}</Source>
  </>
)
