import type { TenantTx } from '#platform/db/db.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { olderThanPublished, silentChanges } from '#register/load/silent-change.ts'
import { type Notice, noticeContents, noticeHash, stamped } from '#register/notice/notice.ts'
import { type Problem, type RunningTenant, toldTo } from '#register/register.ts'
import {
  insertPublished,
  insertVersion,
  listPublished,
  listVersions,
  lockVersions,
  readNotices,
  type VersionLine,
} from './sql.ts'

/** The day it is for the tenant. */
export const todayAt = ({ now, running }: { now: Temporal.Instant; running: RunningTenant }): Temporal.PlainDate =>
  now.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate()

/** From which day a version is in force: the first one as declared, a later one not before the day it was first seen. */
export const effectiveFrom = (declared: string, isFirst: boolean, today: Temporal.PlainDate): string =>
  isFirst || Temporal.PlainDate.compare(declared, today) > 0 ? declared : today.toString()

/** Keeps the notice that the tenant's files make, if it says anything else than the newest version, and returns which
 *  version it is. However many start at once, one of them keeps it. */
export const keepNotice = async (
  tx: TenantTx,
  running: RunningTenant,
  now: Temporal.Instant,
): Promise<{ hash: string; effectiveFrom: string }> => {
  await lockVersions(tx)
  for (const declaration of running.declarations) await insertPublished(tx, declaration, now)
  const hash = noticeHash(running)
  const newest = (await listVersions(tx)).at(-1)
  if (newest?.hash === hash) return { hash, effectiveFrom: newest.effectiveFrom }
  const { tenant } = running
  const { activities } = toldTo('citizens', running)
  const today = todayAt({ now, running })
  const version = {
    number: (newest?.number ?? 0) + 1,
    hash,
    effectiveFrom: effectiveFrom(tenant.effectiveFrom, newest === undefined, today),
    firstSeenAt: now,
    activities: Object.fromEntries([...activities.values()].map((activity) => [activity.id, activity.version])),
    notices: noticeContents(running),
  }
  await insertVersion(tx, version)
  return { hash, effectiveFrom: version.effectiveFrom }
}

/** Promises of this tenant that differ from what was published under the same version, or are older than what was
 *  published, each with file, line and name. Only a database where the tenant has run before knows any. */
export const findSilentChanges = async (
  tx: TenantTx,
  running: RunningTenant,
  now: Temporal.Instant,
): Promise<Problem[]> => {
  const today = todayAt({ now, running }).toString()
  const published = await listPublished(tx)
  const of = (id: string) => published.filter((one) => one.id === id)
  return [
    ...olderThanPublished(running.declarations, (id) => of(id).map(({ version }) => version), today),
    ...silentChanges(running.declarations, (id, version) => of(id).find((one) => one.version === version)?.content),
  ]
}

/** The version in force on a day: of those that are, the newest. Null when there was none yet. */
export const versionOn = (versions: readonly VersionLine[], day: Temporal.PlainDate): VersionLine | null =>
  versions.findLast((each) => Temporal.PlainDate.compare(each.effectiveFrom, day) <= 0) ?? null

/** How a version stands on a day: to come, in force, or replaced. */
export const stateOn = (
  { effectiveFrom: from, replacedOn }: { effectiveFrom: string; replacedOn?: string },
  day: Temporal.PlainDate,
): 'coming' | 'inForce' | 'old' => {
  if (Temporal.PlainDate.compare(from, day) > 0) return 'coming'
  return replacedOn !== undefined && Temporal.PlainDate.compare(replacedOn, day) <= 0 ? 'old' : 'inForce'
}

/** A stored version for reading, with the day on which the next one took its place. In German, which is decisive, where the
 *  tenant did not speak `language` then: `language` of the answer says so. */
export const readVersion = async (
  tx: TenantTx,
  versions: readonly VersionLine[],
  { number, hash, effectiveFrom: from }: VersionLine,
  language: Language,
): Promise<Notice & { language: Language }> => {
  const next = versions.find((each) => each.number === number + 1)
  const notices = await readNotices(tx, number)
  const spoken = notices[language] ? language : 'de'
  const stamp = { hash, effectiveFrom: from, checkedAt: null, ...(next && { replacedOn: next.effectiveFrom }) }
  return { ...stamped(notices[spoken] ?? notices.de, stamp, spoken), language: spoken }
}

/** What the version with this hash says and what the one before it said, by language. Null for an unknown hash; `before`
 *  is null for the first version. */
export const readChange = async (tx: TenantTx, hash: string) => {
  const versions = await listVersions(tx)
  const after = versions.findLast((each) => each.hash === hash)
  if (!after) return null
  const before = versions.find((each) => each.number === after.number - 1) ?? null
  return {
    after: { ...after, notices: await readNotices(tx, after.number) },
    before: before && { ...before, notices: await readNotices(tx, before.number) },
  }
}
