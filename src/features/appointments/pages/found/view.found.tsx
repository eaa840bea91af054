import type { Context } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import { lookedAt } from '#features/record.tsx'
import { activityId as codes, proofField } from '#features/rights/index.ts'
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
import { decideChange, decideMove } from '../../appointment.ts'
import type { Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { placeInWords, servicesInWords, whenInWords } from '../../words.ts'

/** An appointment to come, and a link to it. */
export type Found = { own: Own; token: string }

/** What can be done with one appointment of the mailbox. */
const FoundCard = ({ context, found, proof }: { context: Context; found: Found; proof: string }) => {
  const { t, place, language, now } = context
  const { own, token } = found
  const { appointment, record } = own
  const reference = record.fields.reference ?? ''
  const link = (name: 'manage' | 'move' | 'cancel', words: string) => (
    <a href={routes[name].href(place, { token })} key={name}>
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
          link('manage', t('appointments.find.open')),
          ...(decideMove(appointment, now).kind === 'possible' ? [link('move', t('appointments.manage.move'))] : []),
          ...(decideChange(appointment, now).kind === 'possible'
            ? [link('cancel', t('appointments.manage.cancel'))]
            : []),
        ]}
      />
      <Form
        action={routes.findRenew.href(place, {})}
        hidden={hidden(context, { ...proofField(proof), termin: reference })}
      >
        <Button variant="secondary">{t('appointments.find.renew')}</Button>
      </Form>
    </Card>
  )
}

/** The appointments of a mailbox that are to come, each with its link. */
export const foundPage = (context: Context, all: readonly Found[], proof: string): Response => {
  const { t, place, running } = context
  const none = all.length === 0
  const title = t(none ? 'appointments.find.none' : 'appointments.find.found')
  return page(context, {
    about: activityId,
    title,
    sibling: (at) => routes.find.href(at, {}),
    stores: none ? [] : [t('appointments.find.stores'), lookedAt(context, activityId)],
    body: (
      <>
        <PageTitle>{title}</PageTitle>
        <Lead>
          {none
            ? t('appointments.find.noneText', { phone: running.tenant.helpline.phone })
            : t('appointments.find.foundLead')}
        </Lead>
        {all.map((found) => (
          <FoundCard key={found.token} context={context} found={found} proof={proof} />
        ))}
        {!none && <Paragraph>{t('appointments.find.renewText')}</Paragraph>}
        {none && <ButtonLink href={routes.services.href(place, {})}>{t('appointments.lost.book')}</ButtonLink>}
      </>
    ),
  })
}

/** Several links have been made anew for this mailbox just now. */
export const tooManyLinksPage = (context: Context): Response => {
  const { t, place, running } = context
  return page(context, {
    about: codes,
    title: t('appointments.find.tooMany'),
    status: 429,
    sibling: (at) => routes.find.href(at, {}),
    body: (
      <>
        <PageTitle>{t('appointments.find.tooMany')}</PageTitle>
        <Lead>{t('appointments.find.tooManyText', { phone: running.tenant.helpline.phone })}</Lead>
        <ButtonLink href={routes.find.href(place, {})}>{t('platform.back')}</ButtonLink>
      </>
    ),
  })
}
