import { languageIn, type Place } from '#platform/http/routes.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { spokenBy } from '#register/register.ts'
import type { AppDeps } from './deps.ts'

/** Tenant and language of an address, as far as it names any; German where its tenant does not speak that language. Takes
 *  the address as `readAddress` reads it. */
export const placeOf = (deps: AppDeps, url: string): { place: Place | null; language: Language; slug: string } => {
  const slug = url.split('?')[0]?.split('/')[1] ?? ''
  const asked = languageIn(url)
  const running = deps.register.running.get(slug)
  const language = running ? spokenBy(running, asked) : asked
  return { place: running ? { slug, language } : null, language, slug }
}
