import type { Config } from '#platform/config.ts'
import { deletionConcept as concept } from '#register/papers/deletion.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import { type Command, formatOf, languageOf, options, tenantOf } from '../command.ts'
import { printPaper } from '../paper.tsx'

const printConcept = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { lang: { type: 'string' }, format: { type: 'string' } })
  const format = formatOf(values.format, ['html', 'text'])
  const running = tenantOf(config, positionals[0])
  const language = languageOf(running, values.lang)
  process.stdout.write(printPaper(concept(running, writeRegister(running, language)), format, language))
  return 0
}

export const deletionConcept: Command = {
  name: 'deletion-concept',
  usage: 'deletion-concept <tenant> [--format html|text] [--lang de|en|ar]',
  about: 'print the deletion concept, structured after DIN 66398',
  run: printConcept,
}
