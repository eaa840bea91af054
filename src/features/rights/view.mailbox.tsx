import type { Context, Endable } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import type { Response } from '#platform/http/response.ts'
import type { RoutePath } from '#platform/http/routes.ts'
import { formatTime } from '#platform/i18n/format.ts'
import type { Word } from '#platform/i18n/words.ts'
import {
  Button,
  ButtonLink,
  Callout,
  ErrorSummary,
  Form,
  Lead,
  PageTitle,
  Paragraph,
  TextField,
} from '#platform/ui/components.tsx'
import { getActivity } from '#register/register.ts'
import { retentionSentences } from '#register/retention-text.ts'
import { nextCodeAt } from './code.ts'
import { activityId as codes } from './purposes.ts'
import { addressWord } from './words.ts'

/** A way that begins with a mailbox and a code sent to it: its words, and the addresses of its steps. */
export type Way = {
  /** A key. */
  title: Word
  lead: (context: Context) => string
  /** The kinds of records that it is about. */
  kinds: (context: Context) => readonly Endable[]
  /** Ways for less than all. */
  shorter?: (context: Context) => readonly { title: string; text: string }[]
  ask: RoutePath
  code: RoutePath
  show: RoutePath
}

const statusOf = { missing: 422, invalid: 422, character: 422, tooMany: 429 } as const

/** First step: which mailbox. */
export const mailboxPage = (
  context: Context,
  way: Way,
  given: { typed?: string; problem?: keyof typeof statusOf; character?: string } = {},
): Response => {
  const { t, place, running, language } = context
  const kinds = way.kinds(context)
  const error = given.problem && t(`rights.mailbox.${given.problem}`, { character: given.character ?? '' })
  return page(context, {
    about: codes,
    title: t(way.title),
    status: given.problem ? statusOf[given.problem] : 200,
    hasErrors: Boolean(error),
    sibling: (at) => way.ask.href(at, {}),
    stores: retentionSentences(getActivity(running, codes), language),
    body: (
      <>
        <ErrorSummary title={t('features.fields.summary')} errors={error ? [{ field: 'email', text: error }] : []} />
        <PageTitle>{t(way.title)}</PageTitle>
        <Lead>{way.lead(context)}</Lead>
        {way.shorter?.(context).map(({ title, text }) => (
          <Callout key={title} title={title}>
            <p>{text}</p>
          </Callout>
        ))}
        <Form action={way.code.href(place, {})} hidden={hidden(context)}>
          <TextField
            name="email"
            type="email"
            inputMode="email"
            autocomplete="email"
            label={t('rights.mailbox.label')}
            hint={t(addressWord(kinds))}
            value={given.typed}
            error={error}
          />
          <Button>{t('rights.mailbox.button')}</Button>
        </Form>
        {kinds.map(
          ({ activity, ending: { without } }) =>
            without && <Paragraph key={activity}>{t(without, { phone: running.tenant.helpline.phone })}</Paragraph>,
        )}
      </>
    ),
  })
}

/** Second step: the code. Says the same whether or not the mailbox is known. `meant`: an address that is perhaps meant
 *  instead. */
export const codePage = (
  context: Context,
  way: Way,
  asked: { form: string; wrong?: boolean; meant?: string | null },
): Response => {
  const { t, place, running, language } = context
  const error = asked.wrong ? t('rights.code.wrong') : undefined
  const next = nextCodeAt(context, asked.form)
  return page(context, {
    about: codes,
    title: t('rights.code.title'),
    status: asked.wrong ? 422 : 200,
    hasErrors: Boolean(error),
    sibling: (at) => way.ask.href(at, {}),
    stores: retentionSentences(getActivity(running, codes), language),
    body: (
      <>
        <ErrorSummary title={t('features.fields.summary')} errors={error ? [{ field: 'code', text: error }] : []} />
        <PageTitle>{t('rights.code.title')}</PageTitle>
        <Lead>{t('rights.code.lead')}</Lead>
        {asked.meant && <Paragraph>{t('rights.code.meant', { address: asked.meant })}</Paragraph>}
        <Form action={way.show.href(place, {})} hidden={hidden(context, { vorgang: asked.form })}>
          <TextField
            name="code"
            inputMode="numeric"
            autocomplete="one-time-code"
            width="medium"
            label={t('rights.code.label')}
            hint={t('rights.code.hint')}
            error={error}
          />
          <Button>{t('platform.next')}</Button>
        </Form>
        {next && (
          <Paragraph>{t('rights.code.none', { time: formatTime(next, language, running.tenant.timeZone) })}</Paragraph>
        )}
        <Paragraph>
          <a href={way.ask.href(place, {})}>{t('rights.code.again')}</a>
        </Paragraph>
      </>
    ),
  })
}

/** The proof of the mailbox is older than a quarter of an hour: ask for a new code. */
export const proofGonePage = (context: Context, way: Way): Response =>
  page(context, {
    about: codes,
    title: context.t('rights.proofGone.title'),
    status: 403,
    sibling: (at) => way.ask.href(at, {}),
    body: (
      <>
        <PageTitle>{context.t('rights.proofGone.title')}</PageTitle>
        <Lead>{context.t('rights.proofGone.text')}</Lead>
        <ButtonLink href={way.ask.href(context.place, {})}>{context.t('rights.mailbox.button')}</ButtonLink>
      </>
    ),
  })
