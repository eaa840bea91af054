import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import type { PlainBlock } from '../blocks.ts'
import { cookiesOf, type OnDevice, onDeviceOf } from '../device.ts'
import { inLanguage, type RunningTenant } from '../register.ts'
import type { NoticeSection } from './section.ts'

/** For how long it stays, by what it is. */
const stays = ({ kind, name, period }: OnDevice, language: Language): string => {
  const t = translator(language)
  if (period !== null)
    return t(`register.notice.cookies.${kind === 'cookie' ? 'one' : kind}`, {
      name,
      period: periodInWords(period, language),
    })
  return t(`register.notice.cookies.session.${kind === 'cookie' ? kind : 'local'}`, { name })
}

const sentencesOf = (each: OnDevice, language: Language): string[] => [
  stays(each, language),
  ...(each.isNecessary ? [] : [translator(language)('register.notice.cookies.optional')]),
  inLanguage(each.why, language),
]

/** What one declared cookie is for, why it is needed, and for how long it stays: nothing for one that is not declared. */
export const cookieSentences = (running: RunningTenant, id: string, language: Language): string[] => {
  const cookie = cookiesOf(running).get(id)
  return cookie ? sentencesOf(cookie, language) : []
}

/** Whether all of it are cookies that a service cannot do without: then it can be said in fewer words. */
export const areNecessaryCookies = (all: readonly OnDevice[]): boolean =>
  all.every(({ kind, isNecessary }) => kind === 'cookie' && isNecessary)

/** In one sentence, for the summary: "Wir setzen keine Cookies." */
export const cookieLine = (running: RunningTenant, language: Language): string => {
  const all = onDeviceOf(running)
  const t = translator(language)
  if (all.length === 0) return t('register.notice.cookies.summaryNone')
  const key = areNecessaryCookies(all) ? 'summary' : 'summaryDevice'
  return t(`register.notice.cookies.${key}`, { list: all.map(({ name }) => name).join(t('platform.listComma')) })
}

/** All that this tenant puts on a device, and how to be rid of it; or that there is nothing. */
export const cookieBlocks = (running: RunningTenant, language: Language): PlainBlock[] => {
  const t = translator(language)
  const all = onDeviceOf(running)
  const paragraph = (
    key: 'what' | 'kinds' | 'none' | 'only' | 'onlyDevice' | 'delete' | 'deleteDevice',
  ): PlainBlock => ({ kind: 'paragraph', text: t(`register.notice.cookies.${key}`) })
  const explained = [paragraph('what'), paragraph('kinds')]
  if (all.length === 0) return [paragraph('none'), ...explained]
  return [
    ...explained,
    paragraph(areNecessaryCookies(all) ? 'only' : 'onlyDevice'),
    { kind: 'facts', rows: all.map((each) => ({ label: each.name, value: sentencesOf(each, language).join(' ') })) },
    paragraph('delete'),
    ...(all.every(({ kind }) => kind === 'cookie') ? [] : [paragraph('deleteDevice')]),
  ]
}

export const cookieSection = (running: RunningTenant, language: Language): NoticeSection => ({
  id: 'cookies',
  heading: translator(language)('register.notice.cookies.heading'),
  blocks: cookieBlocks(running, language),
})
