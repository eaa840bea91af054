import { type Context, contributed, type Handler } from '#features/feature.ts'
import { file, notFound, type Response } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { buildNotice, type Notice, noticePart, noticeText, staffNotice } from '#register/notice/notice.ts'
import { noticeAddresses, staffAddresses } from './addresses.ts'
import { noticeChanges } from './changes.ts'
import { noticeJson } from './notice-json.ts'
import { listVersions } from './sql.ts'
import { readChange, readVersion } from './versions.ts'
import { changesPage, noticePage, partPage, staffNoticePage, versionPage, versionsPage } from './view.notice.tsx'

/** The notice that this installation works by now. Needs no database, so that it is there in an outage, too. */
const current = ({ deps, running, language }: Context): Notice => {
  const version = deps.inForce.get(running.tenant.slug)
  if (!version) throw new Error(`tenant ${running.tenant.slug} is not prepared`)
  return buildNotice(running, language, { ...version, checkedAt: checkedAt({ deps, running }) })
}

const checkedAt = ({ deps, running: { tenant } }: Pick<Context, 'deps' | 'running'>) =>
  deps.checkedAt(tenant.slug)?.toZonedDateTimeISO(tenant.timeZone) ?? null

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

export const showNotice: Handler = async (context) => noticePage(context, current(context))

export const showText: Handler = async (context) =>
  file('text/plain; charset=utf-8', noticeText(current(context), complete(context)))

export const showJson: Handler = async (context) => {
  const { slug: tenant, language } = context.place
  return file('application/json; charset=utf-8', noticeJson(current(context), { tenant, language }, complete(context)))
}

export const showPart: Handler<{ part: string }> = async (context) => {
  const notice = current(context)
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
