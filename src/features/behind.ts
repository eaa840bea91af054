import { type Language, translator } from '#platform/i18n/translate.ts'
import { inLanguage, type RunningTenant } from '#register/register.ts'

/** Whose pages these are and who operates them, in a sentence or two: at the top of each page and at the end of each mail. */
export const whoStandsBehind = ({ tenant, operator }: RunningTenant, language: Language): string => {
  const kind = tenant.fictional ? 'Fictional' : tenant.demonstration ? 'Demonstration' : 'Authority'
  return translator(language)(`platform.banner${kind}`, {
    name: inLanguage(tenant.name, language),
    operator: inLanguage(operator.name, language),
  })
}
