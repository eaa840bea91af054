import { parseEmailAddress } from '#platform/mail/address.ts'
import { type Activity, type Field, fieldsOfForm } from './register.ts'

/** What a person typed, by name of the form's inputs; kept as it is, so that a form can come back as it was. */
export type Typed = Readonly<Record<string, string>>

/** Why a value is not taken. `message` is a text of the tenant, otherwise `key` names one of `locales/…/fields.json`. */
export type FieldError = {
  field: Field
  /** The field that needs this one, where that is the reason. */
  neededBy?: Field
  key: string
  values: Record<string, string | number>
  message?: Field['label']
}

export type ParsedFields =
  | { ok: true; values: Record<string, string>; typed: Typed }
  | { ok: false; errors: FieldError[]; typed: Typed }

/** Name of a field's input in the form. A date has three: `.day`, `.month`, `.year`. */
export const inputName = (field: Field): string => `f.${field.id}`

/** The value of a box that is ticked. */
export const ticked = 'yes'
const dateParts = ['day', 'month', 'year'] as const

/** Names of all inputs that the fields of an activity can have in a form. */
export const inputNames = (activity: Activity): string[] =>
  fieldsOfForm(activity).flatMap((field) =>
    field.input === 'date' ? dateParts.map((part) => `${inputName(field)}.${part}`) : [inputName(field)],
  )

/** The fields a form asks for: those of this channel, in the order of the file. */
export const askedFields = (activity: Activity, channel: string): Field[] =>
  fieldsOfForm(activity).filter((field) => field.channel === undefined || field.channel === channel)

/** What a form sent of an activity's fields, and nothing else of it. */
export const typedOf = (form: Typed): Typed =>
  Object.fromEntries(Object.entries(form).filter(([name]) => name.startsWith('f.')))

// Control characters, and the ones that reorder or hide text (bidi overrides and isolates, zero-width no-break space).
const invisible = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069\ufeff]/gu

const clean = (raw: string, lines: boolean): string => {
  const text = raw.normalize('NFC').replace(/\r\n?/g, '\n')
  return (lines ? text : text.replace(/[\n\t]+/g, ' ')).replace(invisible, '').trim()
}

type Check = { value: string } | { key: string; values?: Record<string, string | number>; message?: Field['label'] }

const checkDate = (field: Field, form: Typed, today: Temporal.PlainDate): Check => {
  const [day, month, year] = dateParts.map((part) => (form[`${inputName(field)}.${part}`] ?? '').trim())
  if (!day && !month && !year) return { value: '' }
  const numbers = [day, month, year].map((part) => (/^\d{1,4}$/.test(part ?? '') ? Number(part) : Number.NaN))
  const [d = Number.NaN, m = Number.NaN, y = Number.NaN] = numbers
  if (numbers.some(Number.isNaN) || y < 1000) return { key: 'dateIncomplete' }
  try {
    const date = Temporal.PlainDate.from({ day: d, month: m, year: y }, { overflow: 'reject' })
    if (Temporal.PlainDate.compare(date, today) > 0) return { key: 'dateInFuture' }
    if (y < 1900) return { key: 'dateTooEarly' }
    return { value: date.toString() }
  } catch {
    return { key: 'dateImpossible' }
  }
}

const checkText = (field: Field, form: Typed): Check => {
  const raw = form[inputName(field)] ?? ''
  const value = clean(raw, field.input === 'longText')
  if (raw.match(invisible)) return { key: 'invisible' }
  if ([...value].length > field.maxLength) return { key: 'tooLong', values: { count: field.maxLength } }
  if (value === '') return { value }
  if (field.input === 'email') {
    const address = parseEmailAddress(value)
    return address === null ? { key: 'email' } : { value: address }
  }
  if (field.pattern && !new RegExp(`^(?:${field.pattern.regex})$`, 'u').test(value)) {
    return { key: 'pattern', message: field.pattern.message }
  }
  return { value }
}

/** A choice is one of the options, a box is ticked or not: our own forms send nothing else. */
const checkChosen = (field: Field, form: Typed): Check => {
  const value = form[inputName(field)] ?? ''
  const allowed = field.input === 'check' ? [ticked] : (field.options ?? []).map(({ id }) => id)
  return value === '' || allowed.includes(value) ? { value } : { key: 'choice' }
}

const checkField = (field: Field, form: Typed, today: Temporal.PlainDate): Check => {
  if (field.input === 'date') return checkDate(field, form, today)
  return field.input === 'choice' || field.input === 'check' ? checkChosen(field, form) : checkText(field, form)
}

const missingKey = { date: 'dateMissing', choice: 'choice', check: 'checkMissing' } as Record<string, string>
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

/** Holds what a form sent against the declared fields. Everything typed comes back, invisible characters removed.
 *  `today` decides what lies in the future. */
export const parseFields = (
  activity: Activity,
  channel: string,
  form: Typed,
  today: Temporal.PlainDate,
): ParsedFields => {
  const values: Record<string, string> = {}
  const errors: FieldError[] = []
  const typed: Record<string, string> = { ...typedOf(form) }
  const asked = askedFields(activity, channel)
  for (const field of asked) {
    const check = checkField(field, form, today)
    if (field.input !== 'date')
      typed[inputName(field)] = clean(form[inputName(field)] ?? '', field.input === 'longText')
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
