import { noticeHrefs } from '#features/rights/routes.ts'
import type { Config } from '#platform/config.ts'
import { languages } from '#platform/i18n/translate.ts'
import { buildNotice, noticeText } from '#register/notice.ts'
import { type Command, options, tenantOf, UsageError } from '../command.ts'

const printNotice = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { lang: { type: 'string' } })
  const language = languages.find((each) => each === (values.lang ?? 'de'))
  if (!language) throw new UsageError(`--lang: one of ${languages.join(', ')}`)
  const running = tenantOf(config, positionals[0])
  const place = { slug: running.tenant.slug, language }
  process.stdout.write(noticeText(buildNotice(running, language), noticeHrefs(place, config.publicUrl)))
  return 0
}

export const notice: Command = {
  name: 'notice',
  usage: 'notice <tenant> [--lang de|en]',
  about: 'print the privacy notice as text',
  run: printNotice,
}
