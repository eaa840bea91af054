import type { Config } from '#platform/config.ts'
import { processorReport, processorsOf } from '#register/papers/processor-report.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import { type Command, formatOf, languageOf, options, tenantOf, UsageError } from '../command.ts'
import { printPaper } from '../paper.tsx'

const printReport = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, {
    lang: { type: 'string' },
    format: { type: 'string' },
    recipient: { type: 'string' },
  })
  const format = formatOf(values.format, ['html', 'text'])
  const running = tenantOf(config, positionals[0])
  const language = languageOf(running, values.lang)
  const register = writeRegister(running, language)
  const processors = processorsOf(register)
  if (processors.length === 0)
    throw new UsageError(`${running.tenant.slug} has no processor, so there is nothing to report`)
  if (values.recipient === undefined && processors.length > 1) {
    throw new UsageError(`say which one with --recipient: one of ${processors.join(', ')}`)
  }
  const paper = processorReport(running, register, values.recipient ?? processors[0] ?? '')
  if (!paper) throw new UsageError(`--recipient: one of ${processors.join(', ')}`)
  process.stdout.write(printPaper(paper, format, language))
  return 0
}

// Called as the command has been from the beginning.
export const processorNotice: Command = {
  name: 'processor-notice',
  usage: 'processor-notice <tenant> [--recipient <id>] [--format html|text] [--lang de|en|ar]',
  about: 'print the report on a processor for the supervising authority (§ 80 SGB X)',
  run: printReport,
}
