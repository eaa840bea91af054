import { contributed } from '#features/feature.ts'
import {
  listVersions,
  noticeAddresses,
  noticeHtml,
  noticeJson,
  readVersion,
  versionOn,
} from '#features/website/index.ts'
import type { Config } from '#platform/config.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { buildNotice, type Notice, noticeText } from '#register/notice/notice.ts'
import type { RunningTenant } from '#register/register.ts'
import { type Command, formatOf, languageOf, options, tenantOf, UsageError } from '../command.ts'
import { withComposed } from '../compose.ts'
import { features } from '../features.ts'

const dayOf = (text: string): Temporal.PlainDate => {
  try {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new RangeError()
    return Temporal.PlainDate.from(text, { overflow: 'reject' })
  } catch {
    throw new UsageError(`--at: expected a day such as 2026-12-31, found '${text}'`)
  }
}

type Wanted = { running: RunningTenant; language: Language; day: Temporal.PlainDate }

/** The version in force on a day, from the database; where there was none, says since when there is one. */
const readFromDatabase = (config: Config, { running, language, day }: Wanted): Promise<Notice | string> =>
  withComposed(config, {}, ({ deps }) =>
    deps.db.inTenant(running.tenant.id, async (tx) => {
      const versions = await listVersions(tx)
      const version = versionOn(versions, day)
      if (version) return readVersion(tx, versions, version, language)
      const first = versions.map((each) => each.effectiveFrom).sort()[0]
      return first === undefined
        ? `${running.tenant.slug} has never run on this database, so no notice was ever in force`
        : `${running.tenant.slug} had no notice on ${day}; the first one is in force from ${first}`
    }),
  )

const printNotice = async (config: Config, args: string[]): Promise<number> => {
  const known = { lang: { type: 'string' }, format: { type: 'string' }, at: { type: 'string' } } as const
  const { values, positionals } = options(args, known)
  const format = formatOf(values.format, ['text', 'html', 'json'])
  const day = values.at === undefined ? null : dayOf(values.at)
  const running = tenantOf(config, positionals[0])
  const language = languageOf(running, values.lang)
  const notice = day ? await readFromDatabase(config, { running, language, day }) : buildNotice(running, language)
  if (typeof notice === 'string') {
    process.stderr.write(`${notice}\n`)
    return 1
  }
  const place = { slug: running.tenant.slug, language }
  const addressOf = noticeAddresses(contributed({ contributed: features }, 'noticeLinks'), place, config.publicUrl)
  const written = {
    text: () => noticeText(notice, addressOf),
    html: () => noticeHtml(notice, language, addressOf),
    json: () => noticeJson(notice, { tenant: place.slug, language }, addressOf),
  }
  process.stdout.write(written[format]())
  return 0
}

export const notice: Command = {
  name: 'notice',
  usage: 'notice <tenant> [--lang de|en|ar] [--format text|html|json] [--at <day>]',
  about: 'print the privacy notice as it is, or as it was in force on a day (2026-12-31)',
  run: printNotice,
}
