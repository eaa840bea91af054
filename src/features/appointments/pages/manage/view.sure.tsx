import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { lookedAt } from '#features/record.tsx'
import type { Response } from '#platform/http/response.ts'
import type { Place } from '#platform/http/routes.ts'
import {
  Button,
  ButtonLink,
  Buttons,
  Checkbox,
  ErrorSummary,
  Form,
  Lead,
  PageTitle,
  SummaryList,
  type SummaryRow,
} from '#platform/ui/components.tsx'
import { ticked } from '#register/form.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'

/* Programs that check mails follow the links in them, and some press the buttons behind them. None ticks a box: so whatever
 * changes something behind a mailed link asks for a tick (docs/decisions/0044). */

/** Names of these boxes, by what they stand for; those that can be on one page differ. */
export const boxes = { act: 'sicher', reminder: 'sicherErinnerung', earlier: 'sicherFrueher' } as const
type Box = (typeof boxes)[keyof typeof boxes]

/** Whether somebody who sent this form means it. */
export const isSure = ({ form }: Pick<Context, 'form'>, box: Box = boxes.act): boolean => form[box] === ticked

type Asked = {
  box?: Box
  /** What is ticked: a sentence that the person says. */
  sure: string
  button: string
  action: string
}

type SureProps = Asked & { context: Context; carried?: Record<string, string>; isMissing?: boolean }
type ButtonsOf = { variant?: 'primary' | 'secondary' | 'danger'; keep?: { text: string; href: string } }

/** A form of one box and one button. `keep`: the way out, beside the button. */
export const SureForm = ({ context, box = boxes.act, ...asked }: SureProps & ButtonsOf) => (
  <Form action={asked.action} hidden={hidden(context, asked.carried)}>
    <Checkbox
      name={box}
      value={ticked}
      label={asked.sure}
      error={asked.isMissing ? context.t('appointments.sure.missing') : undefined}
    />
    <Buttons>
      <Button variant={asked.variant ?? 'primary'}>{asked.button}</Button>
      {asked.keep && (
        <ButtonLink variant="secondary" href={asked.keep.href}>
          {asked.keep.text}
        </ButtonLink>
      )}
    </Buttons>
  </Form>
)

type Question = Asked &
  Omit<ButtonsOf, 'keep'> & {
    title: string
    lead: string
    rows?: readonly SummaryRow[]
    keep: string
    /** The button was pressed without the tick. */
    isMissing: boolean
    carried?: Record<string, string>
    /** Where this question is found in another language. */
    sibling?: (place: Place) => string
    back?: string
  }

/** Asks before something is changed, and says what it does. */
export const questionPage = (context: Context, token: string, question: Question): Response => {
  const { t, place } = context
  const toManage = routes.manage.href(place, { token })
  const { title, lead, rows, keep, isMissing, sibling, back, box = boxes.act } = question
  return page(context, {
    about: activityId,
    title,
    status: isMissing ? 422 : 200,
    hasErrors: isMissing,
    stores: [lookedAt(context, activityId)],
    ...(sibling ? { sibling } : {}),
    back: { text: t('platform.back'), href: back ?? toManage },
    body: (
      <>
        <ErrorSummary
          title={t('features.fields.summary')}
          errors={isMissing ? [{ field: box, text: t('appointments.sure.missing') }] : []}
        />
        <PageTitle>{title}</PageTitle>
        <Lead>{lead}</Lead>
        {rows && <SummaryList rows={rows} />}
        <SureForm {...question} context={context} keep={{ text: keep, href: toManage }} />
      </>
    ),
  })
}
