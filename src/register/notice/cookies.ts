import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import type { PlainBlock } from '../blocks.ts'
import { cookiesOf, inLanguage, type RunningTenant } from '../register.ts'
import type { NoticeSection } from './section.ts'

/** What one declared cookie is for, why it is needed, and for how long it stays: nothing for one that is not declared. */
export const cookieSentences = (running: RunningTenant, name: string, language: Language): string[] => {
  const cookie = cookiesOf(running).get(name)
  if (!cookie) return []
  return [
    translator(language)('register.notice.cookies.one', { name, period: periodInWords(cookie.period, language) }),
    inLanguage(cookie.strictlyNecessary, language),
  ]
}

/** In one sentence, for the summary: "Wir setzen keine Cookies." */
export const cookieLine = (running: RunningTenant, language: Language): string => {
  const names = [...cookiesOf(running).keys()]
  const t = translator(language)
  return names.length === 0
    ? t('register.notice.cookies.summaryNone')
    : t('register.notice.cookies.summary', { list: names.join(t('platform.listComma')) })
}

/** Every cookie this tenant declares, and how to be rid of them; or that there is none. */
export const cookieBlocks = (running: RunningTenant, language: Language): PlainBlock[] => {
  const t = translator(language)
  const names = [...cookiesOf(running).keys()]
  const explained: PlainBlock[] = [
    { kind: 'paragraph', text: t('register.notice.cookies.what') },
    { kind: 'paragraph', text: t('register.notice.cookies.kinds') },
  ]
  if (names.length === 0) return [{ kind: 'paragraph', text: t('register.notice.cookies.none') }, ...explained]
  return [
    ...explained,
    { kind: 'paragraph', text: t('register.notice.cookies.only') },
    {
      kind: 'facts',
      rows: names.map((name) => ({ label: name, value: cookieSentences(running, name, language).join(' ') })),
    },
    { kind: 'paragraph', text: t('register.notice.cookies.delete') },
  ]
}

export const cookieSection = (running: RunningTenant, language: Language): NoticeSection => ({
  id: 'cookies',
  heading: translator(language)('register.notice.cookies.heading'),
  blocks: cookieBlocks(running, language),
})
