import type { Translated } from '#platform/i18n/words.ts'
import type ar from './ar.json'
import type de from './de.json'
import type en from './en.json'

declare module '#platform/i18n/words.ts' {
  interface Words {
    statistics: Translated<{ de: typeof de; en: typeof en; ar: typeof ar }>
  }
}
