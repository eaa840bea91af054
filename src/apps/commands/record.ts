import { routes } from '#features/website/routes.ts'
import type { Config } from '#platform/config.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { registerCsv } from '#register/papers/register-csv.ts'
import { registerPaper } from '#register/papers/register-paper.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import type { RunningTenant } from '#register/register.ts'
import { type Command, formatOf, languageOf, options, tenantOf } from '../command.ts'
import { printPaper } from '../paper.tsx'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const formats = {
  html: (_config: Config, running: RunningTenant, language: Language) =>
    printPaper(registerPaper(running, writeRegister(running, language)), 'html', language),
  json: (_config: Config, running: RunningTenant, language: Language) => json(writeRegister(running, language)),
  csv: (_config: Config, running: RunningTenant, language: Language) => registerCsv(writeRegister(running, language)),
  jsonld: ({ publicUrl }: Config, running: RunningTenant) => {
    const { slug } = running.tenant
    return json(registerJsonld(running, publicUrl + routes.register.href({ slug, language: 'de' }, {})))
  },
}

const printRegister = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { lang: { type: 'string' }, format: { type: 'string' } })
  const format = formatOf(values.format, ['html', 'json', 'csv', 'jsonld'])
  const running = tenantOf(config, positionals[0])
  process.stdout.write(formats[format](config, running, languageOf(running, values.lang)))
  return 0
}

// Called as the command has been from the beginning.
export const record: Command = {
  name: 'record',
  usage: 'record <tenant> [--format html|json|csv|jsonld] [--lang de|en|ar]',
  about: 'print the record of processing activities (Art. 30 GDPR)',
  run: printRegister,
}
