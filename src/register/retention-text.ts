import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import { type Activity, inLanguage, type Remains, type Retention } from './register.ts'
import { triggerWord } from './triggers.ts'

const whenInWords = ({ trigger, period }: Retention, language: Language): string => {
  const form = Temporal.Duration.from(period).blank ? 'atOnce' : 'after'
  const word = triggerWord(trigger, form)
  if (word === null) throw new Error(`no words for ${trigger}`)
  return translator(language)(word, { period: periodInWords(period, language) })
}

/** When an activity's records are erased, a sentence for each rule: "Wir löschen diese Daten 14 Tage nach dem Termin."
 *  @throws if the catalogue has no words for a trigger. */
export const retentionSentences = (activity: Activity, language: Language): string[] =>
  activity.retention.map((rule) => {
    const sentence = translator(language)('register.retention.sentence', { when: whenInWords(rule, language) })
    return rule.text ? `${sentence} ${inLanguage(rule.text, language)}` : sentence
  })

/** The same in one line, for a hint: "Gelöscht: 14 Tage nach dem Termin; sofort, wenn der Termin abgesagt wird"
 *  @throws if the catalogue has no words for a trigger. */
export const retentionLine = (activity: Activity, language: Language): string =>
  translator(language)('register.retention.line', {
    list: activity.retention
      .map((rule) => whenInWords(rule, language))
      .join(translator(language)('platform.listSemicolon')),
  })

/** What stays when a record is erased, and until when; it names nobody. */
export const remainsSentence = ({ text, period, from }: Remains, language: Language): string => {
  const t = translator(language)
  const until =
    period === undefined
      ? t('register.notice.remains.open')
      : t(`register.notice.remains.${from ?? 'period'}`, { period: periodInWords(period, language) })
  return `${inLanguage(text, language)} ${until}`
}
