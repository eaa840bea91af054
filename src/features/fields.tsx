import { formatDate } from '#platform/i18n/format.ts'
import { pluralForms, type Translate } from '#platform/i18n/translate.ts'
import { Checkbox, DateField, ErrorSummary, Radios, Select, TextArea, TextField } from '#platform/ui/components.tsx'
import { type FieldError, inputName, type Typed, ticked } from '#register/form.ts'
import { type Field, inLanguage } from '#register/register.ts'
import type { Context } from './feature.ts'

type Errors = readonly FieldError[]

/** An error in words: the tenant's own text for a pattern, ours otherwise. Says which field and what to do. */
export const errorText = (error: FieldError, context: Pick<Context, 'language' | 't'>): string =>
  error.message
    ? inLanguage(error.message, context.language)
    : context.t(`fields.${error.key}`, {
        label: inLanguage(error.field.label, context.language).replace(/\?$/, ''),
        ...(error.neededBy ? { by: inLanguage(error.neededBy.label, context.language) } : {}),
        ...error.values,
      })

/** All errors of a form at the top of its page. */
export const FieldErrors = ({ errors, context }: { errors: Errors; context: Context }) => (
  <ErrorSummary
    title={context.t('fields.summary')}
    errors={errors.map((error) => ({ field: inputName(error.field), text: errorText(error, context) }))}
  />
)

type InputProps = { field: Field; typed: Typed; errors: Errors; context: Context }

const labelOf = (field: Field, context: Context, t: Translate): string => {
  const label = inLanguage(field.label, context.language)
  const isAsked = field.necessity === 'optional' && field.input !== 'check'
  return isAsked ? t('fields.optional', { label }) : label
}

/** More options than this are a list to unfold. */
const mostRadios = 6

type Common = { name: string; hint: string | undefined; error: string | undefined }

/** One of the declared options; whoever need not answer finds that among them. */
const ChoiceInput = ({ field, typed, context, ...common }: Omit<InputProps, 'errors'> & Common) => {
  const { t, language } = context
  const isFree = field.necessity === 'optional'
  const options = (field.options ?? []).map(({ id, label }) => ({ value: id, label: inLanguage(label, language) }))
  const label = labelOf(field, context, t)
  const value = typed[common.name] ?? ''
  const none = { value: '', label: t(isFree ? 'fields.empty' : 'fields.choose') }
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
    return (
      <DateField
        {...common}
        legend={labelOf(field, context, t)}
        labels={{ day: t('fields.day'), month: t('fields.month'), year: t('fields.year') }}
        value={{ day: part('day'), month: part('month'), year: part('year') }}
        birthday={field.autocomplete === 'bday'}
      />
    )
  }
  if (field.input === 'longText') {
    const count = {
      max: field.maxLength,
      hint: t('fields.atMost', { count: field.maxLength }),
      remaining: pluralForms('fields.remaining', context.language),
      over: pluralForms('fields.over', context.language),
    }
    return <TextArea {...common} label={labelOf(field, context, t)} value={typed[name]} count={count} />
  }
  return (
    <TextField
      {...common}
      label={labelOf(field, context, t)}
      value={typed[name]}
      type={field.input === 'email' ? 'email' : 'text'}
      {...(field.input === 'email' ? { inputMode: 'email' as const } : {})}
      {...(field.autocomplete === undefined ? {} : { autocomplete: field.autocomplete })}
      spellcheck={false}
    />
  )
}

/** A declared field's value for reading: a date in the person's language, a choice in words. An option that is no longer
 *  declared stays as it is stored. */
export const fieldValue = (field: Field, value: string, context: Context): string => {
  switch (field.input) {
    case 'date':
      return formatDate(Temporal.PlainDate.from(value), context.language)
    case 'check':
      return value === ticked ? context.t('fields.ticked') : value
    case 'choice': {
      const option = field.options?.find(({ id }) => id === value)
      return option ? inLanguage(option.label, context.language) : value
    }
    default:
      return value
  }
}
