import { parseArgs } from 'node:util'
import type { Config } from '#platform/config.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { RunningTenant } from '#register/register.ts'
import { clockOf } from './compose.ts'
import { readRegister } from './register.ts'

/** A command of `anlaufstelle`: a file in `commands/` and a line in `command-line.ts`. */
export type Command = {
  name: string
  usage: string
  about: string
  /** What else `--help` says. */
  details?: string
  /** Returns the exit code: 0 done, 1 failed. @throws UsageError */
  run: (config: Config, args: string[]) => Promise<number>
}

/** Wrong words on the command line: exit code 2. */
export class UsageError extends Error {}

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** What the parser of the command line says, in words for somebody who did not write it. */
const plainly = (error: unknown): string => {
  const { code, message = 'unknown option' } = error as { code?: string; message?: string }
  const [, name] = /'(-[^ ']*)/.exec(message) ?? []
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return message.includes('does not take')
      ? `${name}: takes no value`
      : `${name}: expected a value after it, with no dash in front`
  return message.split('. ')[0] ?? message
}

/** What stands on the command line after the command's name. @throws UsageError for an unknown option. */
export const options = <O extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(
  args: string[],
  known: O,
) => {
  try {
    return parseArgs({ args, options: known, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(plainly(error))
  }
}

/** The language of `--lang`, German without it. @throws UsageError naming the ones this tenant speaks. */
export const languageOf = ({ tenant }: RunningTenant, lang: string | undefined): Language => {
  const language = tenant.languages.find((each) => each === (lang ?? 'de'))
  if (!language) throw new UsageError(`--lang: ${tenant.slug} speaks ${tenant.languages.join(', ')}`)
  return language
}

/** The format of `--format`, the first of the list without it. @throws UsageError naming the ones there are. */
export const formatOf = <F extends string>(format: string | undefined, known: readonly [F, ...F[]]): F => {
  const found = format === undefined ? known[0] : known.find((each) => each === format)
  if (!found) throw new UsageError(`--format: one of ${known.join(', ')}`)
  return found
}

/** The running tenant of this name. @throws UsageError naming the ones there are. */
export const tenantOf = (config: Config, slug: string | undefined): RunningTenant => {
  const register = readRegister(config, clockOf(config))
  const running = slug === undefined ? undefined : register.running.get(slug)
  if (!running) {
    const wanted = slug === undefined ? 'name a tenant' : `no running tenant ${slug}`
    throw new UsageError(`${wanted}; there are: ${[...register.running.keys()].join(', ')}`)
  }
  return running
}
