import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import type { RunningTenant } from '../register.ts'
import type { NoticeSection } from './section.ts'

/** What becomes of erased data in backups: the window, what a restore does, when it cannot, and the limit that is left. */
export const backupSection = ({ operator }: RunningTenant, language: Language): NoticeSection => {
  const t = translator(language)
  const values = { period: periodInWords(operator.backup.window, language) }
  return {
    id: 'backups',
    heading: t('register.notice.backups.heading'),
    blocks: (['keys', 'restore', 'ledger', 'limit'] as const).map((key) => ({
      kind: 'paragraph',
      text: t(`register.notice.backups.${key}`, values),
    })),
  }
}
