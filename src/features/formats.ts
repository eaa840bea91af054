import { formatMoment } from '#platform/i18n/format.ts'
import { languages, translator } from '#platform/i18n/translate.ts'
import type { Format } from '#register/register.ts'

/* How people read what a feature writes by id or instant; `needs` names the format of a field. */

/** An instant, by the clock of the tenant. */
export const asMoment: Format = (value, { running, language }) =>
  formatMoment(Temporal.Instant.from(value), language, running.tenant.timeZone)

/** A language, by its own name. */
export const asLanguage: Format = (value) =>
  translator(languages.find((each) => each === value) ?? 'de')('platform.ownName')
