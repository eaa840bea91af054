import { whoStandsBehind } from '#features/behind.ts'
import type { Deps } from '#features/feature.ts'
import { base } from '#platform/http/routes.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { addressLine } from '#register/papers/record.ts'
import { inLanguage, type RunningTenant } from '#register/register.ts'

/** Who writes, and how to find out whether it is they: the end of each mail. The address is written without its scheme, as
 *  something to type: a link in a forged mail would look the same. */
export const senderOf = (
  { deps, running }: { deps: Pick<Deps, 'config'>; running: RunningTenant },
  language: Language,
): string[] => {
  const { tenant } = running
  const address = (deps.config.publicUrl + base({ slug: tenant.slug, language })).replace(/^https?:\/\//, '')
  return [
    translator(language)('mail.real', { address }),
    `${inLanguage(tenant.name, language)}, ${addressLine(tenant.controller)}`,
    whoStandsBehind(running, language),
  ]
}
