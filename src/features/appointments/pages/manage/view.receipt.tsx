import type { Context } from '#features/feature.ts'
import { page } from '#features/page.tsx'
import { lookedAt } from '#features/record.tsx'
import type { Response } from '#platform/http/response.ts'
import { Lead, PageTitle } from '#platform/ui/components.tsx'
import type { Issued } from '../../receipts/receipt.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { Proof } from '../receipts/view.proof.tsx'

/** The receipt of what was last done to an appointment that stands. */
export const receiptPage = (context: Context, issued: Issued, token: string): Response => {
  const { t, place } = context
  return page(context, {
    about: activityId,
    title: t('appointments.receipts.title'),
    stores: [t('appointments.receipts.notStored'), lookedAt(context, activityId)],
    back: { text: t('platform.back'), href: routes.manage.href(place, { token }) },
    body: (
      <>
        <PageTitle>{t('appointments.receipts.title')}</PageTitle>
        <Lead>{t('appointments.receipts.lead')}</Lead>
        <Proof context={context} issued={issued} />
      </>
    ),
  })
}
