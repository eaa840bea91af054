import {
  activityId as booking,
  decideChange,
  decideMove,
  type Own,
  placeInWords,
  servicesInWords,
  whenInWords,
} from '#features/appointments/index.ts'
import { routes as appointments } from '#features/appointments/routes.ts'
import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { lookedAt } from '#features/record.tsx'
import type { Response } from '#platform/http/response.ts'
import {
  Button,
  ButtonLink,
  Card,
  Form,
  Lead,
  List,
  PageTitle,
  Paragraph,
  Reference,
} from '#platform/ui/components.tsx'
import { activityId as codes } from './code.ts'
import { routes } from './routes.ts'

/** An appointment to come, and a link to it. */
export type Found = { own: Own; token: string }

/** What can be done with one appointment of the mailbox. */
const FoundCard = ({ context, found, proof }: { context: Context; found: Found; proof: string }) => {
  const { t, place, language, now } = context
  const { own, token } = found
  const { appointment, record } = own
  const reference = record.fields.reference ?? ''
  const link = (name: 'manage' | 'move' | 'cancel', words: string) => (
    <a href={appointments[name].href(place, { token })} key={name}>
      {words}
    </a>
  )
  return (
    <Card title={whenInWords(context, appointment.startsAt)} icon="calendar">
      {appointment.displacedAt && <p>{t('appointments.displaced.title')}</p>}
      <p>{servicesInWords(context, appointment.serviceIds)}</p>
      <p>{placeInWords(context, appointment, language)}</p>
      <p>
        {t('appointments.reference')} <Reference>{reference}</Reference>
      </p>
      <List
        items={[
          link('manage', t('rights.find.open')),
          ...(decideMove(appointment, now).kind === 'possible' ? [link('move', t('appointments.manage.move'))] : []),
          ...(decideChange(appointment, now).kind === 'possible'
            ? [link('cancel', t('appointments.manage.cancel'))]
            : []),
        ]}
      />
      <Form action={routes.findRenew.href(place, {})} hidden={hidden(context, { nachweis: proof, termin: reference })}>
        <Button variant="secondary">{t('rights.find.renew')}</Button>
      </Form>
    </Card>
  )
}

/** The appointments of a mailbox that are to come, each with its link. */
export const foundPage = (context: Context, all: readonly Found[], proof: string): Response => {
  const { t, place, running } = context
  const none = all.length === 0
  const title = t(none ? 'rights.find.none' : 'rights.find.found')
  return page(context, {
    about: booking,
    title,
    sibling: (at) => routes.find.href(at, {}),
    stores: none ? [] : [t('rights.find.stores'), lookedAt(context, booking)],
    body: (
      <>
        <PageTitle>{title}</PageTitle>
        <Lead>
          {none ? t('rights.find.noneText', { phone: running.tenant.helpline.phone }) : t('rights.find.foundLead')}
        </Lead>
        {all.map((found) => (
          <FoundCard key={found.token} context={context} found={found} proof={proof} />
        ))}
        {!none && <Paragraph>{t('rights.find.renewText')}</Paragraph>}
        {none && <ButtonLink href={appointments.services.href(place, {})}>{t('appointments.lost.book')}</ButtonLink>}
      </>
    ),
  })
}

/** Several links have been made anew for this mailbox just now. */
export const tooManyLinksPage = (context: Context): Response => {
  const { t, place, running } = context
  return page(context, {
    about: codes,
    title: t('rights.find.tooMany'),
    status: 429,
    sibling: (at) => routes.find.href(at, {}),
    body: (
      <>
        <PageTitle>{t('rights.find.tooMany')}</PageTitle>
        <Lead>{t('rights.find.tooManyText', { phone: running.tenant.helpline.phone })}</Lead>
        <ButtonLink href={routes.find.href(place, {})}>{t('common.back')}</ButtonLink>
      </>
    ),
  })
}
