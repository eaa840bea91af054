import type { Word } from '#platform/i18n/words.ts'
import { parseEmailAddress } from '#platform/mail/address.ts'
import { foreignCharacter, readAddress } from '#shared/text/address.ts'
import { type Day, type DayFault, type DayPart, dayParts, isoOf, readDay, readDayBoxes } from '#shared/text/day.ts'
import { readNumeric } from '#shared/text/digits.ts'
import { type PhoneFault, readPhone } from '#shared/text/phone.ts'
import { isVisible, readLines, readText } from '#shared/text/typed.ts'
import { type Activity, type Field, fieldsOfForm } from './register.ts'

/** What a person typed, by name of the form's inputs. */
export type Typed = Readonly<Record<string, string>>

/** What can be wrong with a field. Of a day that is none, `faults` say it, and of a pattern the tenant's words. */
type FieldProblem =
  | 'missing'
  | 'checkMissing'
  | 'dateMissing'
  | 'needed'
  | 'choice'
  | 'tooLong'
  | `email${'' | 'Blank' | 'Character' | 'CharacterOptional'}`
  | `phone${Capitalize<PhoneFault['kind']>}`
  | 'dateInFuture'
  | 'dateTooEarly'
  | 'dateIncomplete'
  | 'dateImpossible'
  | 'pattern'

/** Why a value is not taken. `message` is a text of the tenant, `word` one of the feature that found the fault, otherwise
 *  `key` names one of the features' words, under `fields`. */
export type FieldError = FieldFault & ({ key: FieldProblem; word?: undefined } | { key: string; word: Word })

type FieldFault = {
  field: Field
  /** The field that needs this one, where that is the reason. */
  neededBy?: Field
  values: Record<string, string | number>
  message?: Field['label']
  /** Of a day: everything that is wrong with it. */
  faults?: readonly DayFault[]
  /** Of a day: the boxes that are wrong, where not all are. */
  wrong?: readonly DayPart[]
}

export type ParsedFields =
  | { ok: true; values: Record<string, string>; typed: Typed }
  | { ok: false; errors: FieldError[]; typed: Typed }

/** Name of a field's input in the form. A date has three: `.day`, `.month`, `.year`. */
export const inputName = (field: Field): string => `f.${field.id}`

/** The value of a box that is ticked. */
export const ticked = 'yes'

/** Names of all inputs that the fields of an activity can have in a form. */
export const inputNames = (activity: Activity): string[] =>
  fieldsOfForm(activity).flatMap((field) =>
    field.input === 'date' ? dayParts.map((part) => `${inputName(field)}.${part}`) : [inputName(field)],
  )

/** The fields a form asks for in this case, in the order of the file. */
export const askedFields = (activity: Activity, when: string): Field[] =>
  fieldsOfForm(activity).filter((field) => field.when === undefined || field.when === when)

/** What a form sent of an activity's fields, and nothing else of it. */
export const typedOf = (form: Typed): Typed =>
  Object.fromEntries(Object.entries(form).filter(([name]) => name.startsWith('f.')))

/** `shown`: what stands in the form when it comes back, by name of the inputs. */
type Fault = Omit<FieldFault, 'field' | 'values'> & { key: FieldProblem; values?: FieldFault['values'] }
type Check = ({ value: string } | Fault) & { shown: Typed }

/** Whether nothing of a day lies behind today, as far as it is known. */
const isInFuture = (day: Day, today: Temporal.PlainDate): boolean => {
  const rest = today.toString().slice(0, isoOf(day).length)
  return isoOf(day) > rest
}

const checkDate = (field: Field, form: Typed, today: Temporal.PlainDate): Check => {
  const nameOf = (part: DayPart) => `${inputName(field)}.${part}`
  const typed = (part: DayPart) => form[nameOf(part)] ?? ''
  const boxes = readDayBoxes({ day: typed('day'), month: typed('month'), year: typed('year') })
  const shown = Object.fromEntries(
    dayParts.flatMap((part) =>
      form[nameOf(part)] === undefined && boxes[part] === '' ? [] : [[nameOf(part), boxes[part]]],
    ),
  )
  const read = readDay(boxes, field.partial)
  if (read === null) return { value: '', shown }
  if ('faults' in read) {
    const { faults } = read
    const isIncomplete = faults.some(({ kind }) => ['lacks', 'digits', 'year', 'apart'].includes(kind))
    const wrong = dayParts.filter((part) => faults.some(({ parts }) => parts.includes(part)))
    return { key: isIncomplete ? 'dateIncomplete' : 'dateImpossible', faults, wrong, shown }
  }
  if (isInFuture(read.day, today)) return { key: 'dateInFuture', shown }
  if (read.day.year < 1900) return { key: 'dateTooEarly', wrong: ['year'], shown }
  return { value: isoOf(read.day), shown }
}

type Reading =
  | { value: string; shown: string }
  | { key: FieldProblem; values?: FieldError['values']; message?: Field['label']; shown: string }

const checkAddress = (field: Field, text: string): Reading => {
  const read = readAddress(text)
  const shown = isVisible(read) ? read : text
  const address = parseEmailAddress(read)
  if (address !== null) return { value: address, shown }
  if (shown.split('@').length === 2 && /\s/.test(shown)) return { key: 'emailBlank', shown }
  const character = foreignCharacter(shown)
  if (character === null) return { key: 'email', shown }
  const key = field.necessity === 'optional' ? 'emailCharacterOptional' : 'emailCharacter'
  return { key, values: { character }, shown }
}

const phoneKeys: Record<PhoneFault['kind'], FieldProblem> = {
  noDigits: 'phoneNoDigits',
  tooFew: 'phoneTooFew',
  tooMany: 'phoneTooMany',
  several: 'phoneSeveral',
  character: 'phoneCharacter',
}

const checkPhone = (text: string): Reading => {
  const read = readPhone(text)
  if ('value' in read) return { ...read, shown: read.value }
  const values = read.kind === 'character' ? { character: read.character } : {}
  return { key: phoneKeys[read.kind], values, shown: text }
}

/** A pattern is held against the text first, then against what it is as a number: in other digits, with other dashes. */
const checkPattern = ({ pattern }: Field, text: string): Reading => {
  if (!pattern) return { value: text, shown: text }
  const regex = new RegExp(`^(?:${pattern.regex})$`, 'u')
  const value = [text, readNumeric(text)].find((each) => regex.test(each))
  return value === undefined ? { key: 'pattern', message: pattern.message, shown: text } : { value, shown: value }
}

const readTyped = (field: Field, raw: string): Reading => {
  const text = field.input === 'longText' ? readLines(raw) : readText(raw)
  if (!isVisible(text)) return { value: '', shown: '' }
  if (field.input === 'email') return checkAddress(field, text)
  return field.input === 'phone' ? checkPhone(text) : checkPattern(field, text)
}

const checkText = (field: Field, form: Typed): Check => {
  const name = inputName(field)
  const { shown, ...read } = readTyped(field, form[name] ?? '')
  const length = [...('value' in read ? read.value : shown)].length
  // What is wrong with a phone number says more than that it is too long.
  const isTooLong = length > field.maxLength && (field.input !== 'phone' || 'value' in read)
  return {
    ...(isTooLong ? { key: 'tooLong' as const, values: { count: field.maxLength } } : read),
    shown: { [name]: shown },
  }
}

/** A choice is one of the options, a box is ticked or not: our own forms send nothing else. */
const checkChosen = (field: Field, form: Typed): Check => {
  const name = inputName(field)
  const value = form[name] ?? ''
  const shown = { [name]: value }
  const allowed = field.input === 'check' ? [ticked] : (field.options ?? []).map(({ id }) => id)
  return value === '' || allowed.includes(value) ? { value, shown } : { key: 'choice', shown }
}

const checkField = (field: Field, form: Typed, today: Temporal.PlainDate): Check => {
  if (field.input === 'date') return checkDate(field, form, today)
  return field.input === 'choice' || field.input === 'check' ? checkChosen(field, form) : checkText(field, form)
}

const missingKey = { date: 'dateMissing', choice: 'choice', check: 'checkMissing' } as Record<string, FieldProblem>

/** Fields that were left empty and that another one needs which was not. */
const missingNeeds = (
  asked: readonly Field[],
  values: Readonly<Record<string, string>>,
  found: readonly FieldError[],
): FieldError[] =>
  asked.flatMap((neededBy) => {
    const field = values[neededBy.id] ? asked.find(({ id }) => id === neededBy.needs) : undefined
    return !field || values[field.id] || found.some((error) => error.field.id === field.id)
      ? []
      : [{ field, key: 'needed', values: {}, neededBy }]
  })

/** Holds what a form sent against the declared fields. Everything typed comes back, as it was read (`src/shared/text`): what
 *  comes back is read alike. `today` decides what lies in the future. */
export const parseFields = (activity: Activity, when: string, form: Typed, today: Temporal.PlainDate): ParsedFields => {
  const values: Record<string, string> = {}
  const errors: FieldError[] = []
  const typed: Record<string, string> = { ...typedOf(form) }
  const asked = askedFields(activity, when)
  for (const field of asked) {
    const { shown, ...check } = checkField(field, form, today)
    Object.assign(typed, shown)
    if (!('value' in check)) {
      errors.push({ field, values: {}, ...check })
    } else if (check.value !== '') {
      values[field.id] = check.value
    } else if (field.necessity === 'required') {
      errors.push({ field, key: missingKey[field.input] ?? 'missing', values: {} })
    }
  }
  errors.push(...missingNeeds(asked, values, errors))
  return errors.length > 0 ? { ok: false, errors, typed } : { ok: true, values, typed }
}
