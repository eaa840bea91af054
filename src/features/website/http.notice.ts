import type { Context, Handler } from '#features/feature.ts'
import { file, notFound } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { noticePart, noticeText } from '#register/notice/notice.ts'
import { noticeAddresses } from './addresses.ts'
import { noticeChanges } from './changes.ts'
import { currentNotice, keptForm } from './kept.ts'
import { noticeJson } from './notice-json.ts'
import { listVersions } from './sql.ts'
import { readChange, readVersion } from './versions.ts'
import { changesPage, noticePage, partPage, versionPage, versionsPage } from './view.notice.tsx'

const complete = ({ place, deps }: Context) => noticeAddresses(place, deps.config.publicUrl)

export const showNotice: Handler = async (context) => noticePage(context, currentNotice(context))

export const showText: Handler = async (context) => {
  const notice = currentNotice(context)
  const text = keptForm(context, notice, 'text', () => noticeText(notice, complete(context)))
  return file('text/plain; charset=utf-8', text)
}

export const showJson: Handler = async (context) => {
  const { slug: tenant, language } = context.place
  const notice = currentNotice(context)
  const json = keptForm(context, notice, 'json', () => noticeJson(notice, { tenant, language }, complete(context)))
  return file('application/json; charset=utf-8', json)
}

export const showPart: Handler = async (context) => {
  const notice = currentNotice(context)
  const sections = noticePart(context.running, notice, context.params.part ?? '')
  return sections ? partPage(context, notice, sections) : notFound
}

export const showVersions: Handler = async (context) => versionsPage(context, await context.inTenant(listVersions))

export const showVersion: Handler = async (context) => {
  const { inTenant, params, language } = context
  const notice = await inTenant(async (tx) => {
    const versions = await listVersions(tx)
    const version = versions.findLast((each) => each.hash === params.hash)
    return version ? readVersion(tx, versions, version, language) : null
  })
  return notice ? versionPage(context, notice) : notFound
}

export const showChanges: Handler = async (context) => {
  const { inTenant, params, language, running } = context
  const change = await inTenant((tx) => readChange(tx, params.hash ?? ''))
  if (!change) return notFound
  const { before, after } = change
  const changesIn = (each: Language) => {
    const [from, to] = [before?.notices[each], after.notices[each]]
    return from && to ? noticeChanges(from, to) : []
  }
  const others = running.tenant.languages.filter((each) => each !== language && changesIn(each).length > 0)
  const isNew = before !== null && before.notices[language] === undefined
  return changesPage(context, { before, after, changes: changesIn(language), isNew, others })
}
