import type { Context } from '#features/feature.ts'
import { Callout, Details, Heading, OwnLink } from '#platform/ui/components.tsx'
import { manageAddress } from '../../scene.ts'
import { isJust } from './just.ts'

/** The link in words, with what a phone can do with it: it stands nowhere else, as long as no mail has arrived. */
const TheLink = ({ context, token }: { context: Context; token: string }) => {
  const { t } = context
  return (
    <OwnLink
      url={manageAddress(context, context.language, token)}
      label={t('appointments.keepLink.label')}
      copy={t('appointments.keepLink.copy')}
      share={t('appointments.keepLink.share')}
      copied={t('appointments.keepLink.copied')}
      marked={t('appointments.keepLink.marked')}
      hint={t('appointments.keepLink.picture')}
    />
  )
}

/** The link to the appointment, to keep. Folded for who gets it by mail and has just booked. */
export const KeepLink = ({ context, token, folded }: { context: Context; token: string; folded: boolean }) => {
  const { t } = context
  if (folded)
    return (
      <Details summary={t('appointments.keepLink.folded')}>
        <TheLink context={context} token={token} />
      </Details>
    )
  return (
    <>
      <Heading>{t('appointments.keepLink.heading')}</Heading>
      <TheLink context={context} token={token} />
    </>
  )
}

/** That the link in the address is a new one, and that those before it have ended; null on any other visit. */
export const NewLink = ({ context }: { context: Context }) =>
  isJust(context, 'newLink') ? (
    <Callout kind="success" title={context.t('appointments.newLink.title')}>
      <p>{context.t('appointments.newLink.text')}</p>
    </Callout>
  ) : null
