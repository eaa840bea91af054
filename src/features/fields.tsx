import { formatMonth, formatPartialDate, joinTexts, monthName } from '#platform/i18n/format.ts'
import { pluralForms, type Translate } from '#platform/i18n/translate.ts'
import type { Word } from '#platform/i18n/words.ts'
import { Checkbox, DateField, ErrorSummary, Radios, Select, TextArea, TextField } from '#platform/ui/components.tsx'
import { type FieldError, inputName, type Typed, ticked } from '#register/form.ts'
import { type Field, inLanguage } from '#register/register.ts'
import { suggestAddress } from '#shared/text/address.ts'
import type { DayFault } from '#shared/text/day.ts'
import type { Context } from './feature.ts'

type Errors = readonly FieldError[]

type Speaking = Pick<Context, 'language' | 't'>

/** One thing that is wrong with a day, in a sentence. */
const dayFaultText = (fault: DayFault, { t, language }: Speaking): string => {
  if (fault.kind !== 'noSuchDay') {
    const parts = joinTexts(
      fault.parts.map((part) => t(`features.fields.${part}`)),
      language,
    )
    return t(`features.fields.wrongDay.${fault.kind}`, { parts })
  }
  const { day, month, year } = fault
  const named = Temporal.PlainYearMonth.from({ year: year ?? 2000, month })
  const inWords = year === undefined ? monthName(named, language) : formatMonth(named, language)
  return t('features.fields.wrongDay.noSuchDay', { day, month: inWords })
}

const wordOf = ({ key, word }: FieldError): Word => {
  if (word) return word
  if (key === 'pattern' || key === 'dateIncomplete' || key === 'dateImpossible')
    throw new Error('a fault without words')
  return `features.fields.${key}`
}

/** An error in words: the tenant's own text for a pattern, ours otherwise. Says which field, what is wrong, all of it, and
 *  what to do. */
export const errorText = (error: FieldError, context: Speaking): string => {
  const { t, language } = context
  if (error.message) return inLanguage(error.message, language)
  const label = inLanguage(error.field.label, language).replace(/\?$/, '')
  if (error.faults) return [`${label}:`, ...error.faults.map((fault) => dayFaultText(fault, context))].join(' ')
  return t(wordOf(error), {
    label,
    ...(error.neededBy ? { by: inLanguage(error.neededBy.label, language) } : {}),
    ...error.values,
  })
}

/** The input that an error is about: of a day, the first box that is wrong. */
const wrongInput = ({ field, wrong }: FieldError): string =>
  wrong?.[0] ? `${inputName(field)}.${wrong[0]}` : inputName(field)

/** All errors of a form at the top of its page. */
export const FieldErrors = ({ errors, context }: { errors: Errors; context: Context }) => (
  <ErrorSummary
    title={context.t('features.fields.summary')}
    errors={errors.map((error) => ({ field: wrongInput(error), text: errorText(error, context) }))}
  />
)

type InputProps = { field: Field; typed: Typed; errors: Errors; context: Context }

const labelOf = (field: Field, context: Context, t: Translate): string => {
  const label = inLanguage(field.label, context.language)
  const isAsked = field.necessity === 'optional' && field.input !== 'check'
  return isAsked ? t('features.fields.optional', { label }) : label
}

/** More options than this are a list to unfold. */
const mostRadios = 6

/** What kind of text it is: phones show the keyboard for it. */
const keyboards: Partial<Record<Field['input'], { type: 'email' | 'tel'; inputMode: 'email' | 'tel' }>> = {
  email: { type: 'email', inputMode: 'email' },
  phone: { type: 'tel', inputMode: 'tel' },
}

type Common = { name: string; hint: string | undefined; error: string | undefined }

/** One of the declared options; whoever need not answer finds that among them. */
const ChoiceInput = ({ field, typed, context, ...common }: Omit<InputProps, 'errors'> & Common) => {
  const { t, language } = context
  const isFree = field.necessity === 'optional'
  const options = (field.options ?? []).map(({ id, label }) => ({ value: id, label: inLanguage(label, language) }))
  const label = labelOf(field, context, t)
  const value = typed[common.name] ?? ''
  const none = { value: '', label: t(isFree ? 'features.fields.empty' : 'features.fields.choose') }
  return options.length > mostRadios ? (
    <Select {...common} label={label} value={value} options={[none, ...options]} />
  ) : (
    <Radios
      {...common}
      legend={label}
      value={isFree ? value : value || undefined}
      options={isFree ? [...options, none] : options}
    />
  )
}

/** One declared field as an input: label, hint and limits come from the register. */
export const FieldInput = ({ field, typed, errors, context }: InputProps) => {
  const { t } = context
  const name = inputName(field)
  const error = errors.find((each) => each.field.id === field.id)
  const common = {
    name,
    hint: field.hint && inLanguage(field.hint, context.language),
    error: error && errorText(error, context),
  }
  if (field.input === 'choice') return <ChoiceInput {...common} field={field} typed={typed} context={context} />
  if (field.input === 'check')
    return <Checkbox {...common} label={labelOf(field, context, t)} value={ticked} checked={typed[name] === ticked} />
  if (field.input === 'date') {
    const part = (key: string) => typed[`${name}.${key}`] ?? ''
    const hint = [common.hint, field.partial && t('features.fields.partialHint')].filter(Boolean).join(' ')
    return (
      <DateField
        {...common}
        hint={hint || undefined}
        wrong={error?.wrong}
        legend={labelOf(field, context, t)}
        labels={{ day: t('features.fields.day'), month: t('features.fields.month'), year: t('features.fields.year') }}
        value={{ day: part('day'), month: part('month'), year: part('year') }}
        birthday={field.autocomplete === 'bday'}
      />
    )
  }
  if (field.input === 'longText') {
    const count = {
      max: field.maxLength,
      hint: t('features.fields.atMost', { count: field.maxLength }),
      remaining: pluralForms('features.fields.remaining', context.language),
      over: pluralForms('features.fields.over', context.language),
    }
    return <TextArea {...common} label={labelOf(field, context, t)} value={typed[name]} count={count} />
  }
  return (
    <TextField
      {...common}
      label={labelOf(field, context, t)}
      value={typed[name]}
      {...(keyboards[field.input] ?? {})}
      {...(field.autocomplete === undefined ? {} : { autocomplete: field.autocomplete })}
      spellcheck={false}
    />
  )
}

/** The address that is perhaps meant instead of the one that was given; null where there is nothing to ask. */
export const meantInstead = (field: Field, value: string): string | null =>
  field.input === 'email' ? suggestAddress(value) : null

/** A declared field's value for reading: a date, as far as it is known, in the person's language, a choice in words. An
 *  option that is no longer declared stays as it is stored. */
export const fieldValue = (field: Field, value: string, context: Context): string => {
  switch (field.input) {
    case 'date':
      return formatPartialDate(value, context.language)
    case 'check':
      return value === ticked ? context.t('features.fields.ticked') : value
    case 'choice': {
      const option = field.options?.find(({ id }) => id === value)
      return option ? inLanguage(option.label, context.language) : value
    }
    default:
      return value
  }
}
