import { whoStandsBehind } from '#features/behind.ts'
import type { Deps } from '#features/feature.ts'
import { base } from '#platform/http/routes.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { addressLine } from '#register/papers/written-register.ts'
import { getActivity, inLanguage, type RunningTenant } from '#register/register.ts'

/** Whether this tenant's mails may name the time of an appointment: where none is declared for them, they hold a link. */
export const mailsNameTimes = (running: RunningTenant): boolean =>
  getActivity(running, 'mail.delivery').fields.some(({ id }) => id === 'calendar')

/** Who writes, and how to find out whether it is they: the end of each mail. The address is written without its scheme, as
 *  something to type: a link in a forged mail would look the same. A mail that names no time names no place either, and an
 *  authority's address is often that. */
export const senderOf = (
  { deps, running }: { deps: Pick<Deps, 'config'>; running: RunningTenant },
  language: Language,
): string[] => {
  const { tenant } = running
  const name = inLanguage(tenant.name, language)
  const address = (deps.config.publicUrl + base({ slug: tenant.slug, language })).replace(/^https?:\/\//, '')
  return [
    translator(language)('mail.real', { address }),
    [name, ...(mailsNameTimes(running) ? [addressLine(tenant.controller)] : [])].join(', '),
    whoStandsBehind(running, language),
  ]
}
