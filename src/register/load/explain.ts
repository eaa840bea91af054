import type { z } from 'zod'
import { languages } from '#platform/i18n/translate.ts'
import type { Problem } from '../register.ts'
import { isSecret } from './check-secrets.ts'
import { nameOf, valueAt } from './name-of.ts'
import type { YamlFile } from './yaml.ts'

type Issue = z.core.$ZodIssue

const shown = (value: unknown): string => {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'a group of keys' : String(value)
}

const words: Record<string, string> = {
  string: 'text',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

const formats: Record<string, string> = {
  email: 'an e-mail address such as termine@example.org',
  url: 'an address such as https://www.example.org',
  uuid: 'a UUID; `uuidgen` makes one',
  date: 'a day such as 2026-12-01',
}

const periodRemedy = (found: unknown): string => {
  const number = /^P?T?(\d+)[a-z]?$/i.exec(String(found))?.[1] ?? '14'
  return `write P${number}D for ${number} days, PT${number}H for ${number} hours, PT0S for at once`
}

const expectation = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return words[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values
        .map(String)
        .join(', ')
        .replace(/^(?=.*, )/, 'one of ')
    case 'too_small':
      if (issue.origin === 'array') return `a list of at least ${issue.minimum}`
      return issue.origin === 'string' ? `text of at least ${issue.minimum} characters` : `at least ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'array' ? `a list of at most ${issue.maximum}` : `at most ${issue.maximum}`
    case 'invalid_format':
      if (!issue.message.startsWith('Invalid')) return issue.message
      return formats[issue.format] ?? `a value of the form ${issue.pattern ?? issue.format}`
    default:
      return issue.message
  }
}

const missingRemedy = (key: PropertyKey | undefined, expected: string): string => {
  if (key === 'retention') return 'add a rule with id, trigger and period: nothing may be stored for ever'
  if (languages.some((language) => language === key)) return `add '${String(key)}:' with the text in this language`
  return `add '${String(key)}:' with ${expected}`
}

/** The problems behind one complaint of the schema: where, what was expected and found, what to write instead. */
export const explain = (yaml: YamlFile, issue: Issue): Problem[] => {
  const { data } = yaml
  const name = nameOf(data, issue.path) || 'the file'
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      yaml.at(
        [...issue.path, key],
        `${name}: unknown key '${key}'`,
        /\s/.test(key)
          ? 'put the text before it in quotes: between { and } a comma ends it'
          : 'remove it or correct its spelling',
      ),
    )
  }
  const key = issue.path.at(-1)
  const found = valueAt(data, issue.path)
  const expected = expectation(issue)
  if (found === undefined) return [yaml.at(issue.path, `${name}: missing`, missingRemedy(key, expected))]
  if (key === 'retention' && issue.code === 'too_small') {
    return [yaml.at(issue.path, 'retention: no rule erases the stored fields', missingRemedy(key, expected))]
  }
  const isNoPeriod = key === 'period' && issue.code === 'invalid_format'
  const remedy = isNoPeriod ? periodRemedy(found) : `write ${expected}`
  // Where a secret may have been written by mistake, nothing repeats it.
  const isSilent = issue.path.includes('destination') || isSecret(key, found)
  const end = isSilent ? '' : `, found ${shown(found)}`
  return [yaml.at(issue.path, `${name}: expected ${expected}${end}`, remedy)]
}
