import { type Context, contributed, type Handler } from '#features/feature.ts'
import { file, notFound, type Response } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { type Notice, noticePart, noticeText, staffNotice } from '#register/notice/notice.ts'
import { noticeAddresses, staffAddresses } from './addresses.ts'
import { noticeChanges } from './changes.ts'
import { checkedAt, currentNotice, keptForm } from './kept.ts'
import { noticeJson } from './notice-json.ts'
import { listVersions } from './sql.ts'
import { readChange, readVersion } from './versions.ts'
import { changesPage, noticePage, partPage, staffNoticePage, versionPage, versionsPage } from './view.notice.tsx'

/** Answers with the notice for whoever works here; a tenant that declares nothing for them has no such page. */
const ofStaff =
  (answer: (context: Context, notice: Notice) => Response): Handler =>
  async (context) => {
    const notice = staffNotice(context.running, context.language, checkedAt(context))
    return notice ? answer(context, notice) : notFound
  }

const staffComplete = ({ place, deps }: Context, { sections }: Notice) =>
  staffAddresses(contributed(deps, 'noticeLinks'), place, deps.config.publicUrl, sections)

export const showStaffNotice = ofStaff(staffNoticePage)

export const showStaffText = ofStaff((context, notice) =>
  file('text/plain; charset=utf-8', noticeText(notice, staffComplete(context, notice))),
)

export const showStaffJson = ofStaff((context, notice) => {
  const { slug: tenant, language } = context.place
  const json = noticeJson(notice, { tenant, language }, staffComplete(context, notice))
  return file('application/json; charset=utf-8', json)
})

const complete = ({ place, deps }: Context) =>
  noticeAddresses(contributed(deps, 'noticeLinks'), place, deps.config.publicUrl)

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

export const showPart: Handler<{ part: string }> = async (context) => {
  const notice = currentNotice(context)
  const sections = noticePart(context.running, notice, context.params.part)
  return sections ? partPage(context, notice, sections) : notFound
}

export const showVersions: Handler = async (context) => versionsPage(context, await context.inTenant(listVersions))

export const showVersion: Handler<{ hash: string }> = async (context) => {
  const { inTenant, params, language } = context
  const notice = await inTenant(async (tx) => {
    const versions = await listVersions(tx)
    const version = versions.findLast((each) => each.hash === params.hash)
    return version ? readVersion(tx, versions, version, language) : null
  })
  return notice ? versionPage(context, notice) : notFound
}

export const showChanges: Handler<{ hash: string }> = async (context) => {
  const { inTenant, params, language, running } = context
  const change = await inTenant((tx) => readChange(tx, params.hash))
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
