import type { ComponentChildren } from 'preact'
import {
  describedBy,
  Field,
  FieldError,
  type FieldProps,
  fieldId,
  Hint,
  invalid,
  Label,
  Legend,
} from '#platform/ui/field.tsx'

type Option = { value: string; label: string; hint?: string | undefined }

// The first option carries the field's own id, so that a link from the error summary lands on it.
const optionId = (name: string, index: number) => (index === 0 ? fieldId(name) : `${fieldId(name)}-${index + 1}`)

type ChoiceProps = {
  type: 'radio' | 'checkbox'
  id: string
  name: string
  option: Option
  checked: boolean
  describes?: string | undefined
  wrong?: boolean
}

/** One tick or dot as a card: all of it can be tapped. */
const Choice = ({ type, id, name, option, checked, describes, wrong = false }: ChoiceProps) => {
  const hint = option.hint && `${id}-about`
  return (
    <div class={`a-choice a-choice-${type}`}>
      <input
        class="a-choice-input"
        type={type}
        id={id}
        name={name}
        value={option.value}
        checked={checked}
        aria-describedby={[hint, describes].filter(Boolean).join(' ') || undefined}
        aria-invalid={invalid(wrong)}
      />
      <label class="a-choice-label" for={id}>
        {option.label}
      </label>
      {hint && (
        <p class="a-hint" id={hint}>
          {option.hint}
        </p>
      )}
    </div>
  )
}

/** One question, several radio buttons. A plain fieldset is a group, and a group cannot be marked invalid. */
const RadioGroup = ({ children, ...field }: FieldProps & { legend: string; children: ComponentChildren }) => (
  <Field error={field.error}>
    <fieldset
      class="a-group"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: "ARIA in HTML" allows it
      role="radiogroup"
      aria-describedby={describedBy(field)}
      aria-invalid={invalid(field.error)}
    >
      <Legend asTitle={field.asTitle}>{field.legend}</Legend>
      <Hint {...field} />
      <FieldError {...field} />
      {children}
    </fieldset>
  </Field>
)

type RadiosProps = FieldProps & { legend: string; options: readonly Option[]; value?: string | undefined }

/** One of several. Nothing is chosen beforehand unless `value` says so; the server answers an empty choice. */
export const Radios = (field: RadiosProps) => (
  <RadioGroup {...field}>
    <div class="a-choices">
      {field.options.map((option, index) => (
        <Choice
          key={option.value}
          type="radio"
          id={optionId(field.name, index)}
          name={field.name}
          option={option}
          checked={option.value === field.value}
        />
      ))}
    </div>
  </RadioGroup>
)

type CheckboxesProps = FieldProps & { legend: string; options: readonly Option[]; values: readonly string[] }

/** Any of several. */
export const Checkboxes = (field: CheckboxesProps) => (
  <Field error={field.error}>
    <fieldset class="a-group" aria-describedby={describedBy(field)}>
      <Legend asTitle={field.asTitle}>{field.legend}</Legend>
      <Hint {...field} />
      <FieldError {...field} />
      <div class="a-choices">
        {field.options.map((option, index) => (
          <Choice
            key={option.value}
            type="checkbox"
            id={optionId(field.name, index)}
            name={field.name}
            option={option}
            checked={field.values.includes(option.value)}
            wrong={Boolean(field.error)}
          />
        ))}
      </div>
    </fieldset>
  </Field>
)

type SelectProps = FieldProps & { label: string; options: readonly Option[]; value?: string | undefined }

/** One of many, in a list that unfolds. */
export const Select = (field: SelectProps) => (
  <Field error={field.error}>
    <Label name={field.name} asTitle={false}>
      {field.label}
    </Label>
    <Hint {...field} />
    <FieldError {...field} />
    <select
      class="a-input a-select"
      id={fieldId(field.name)}
      name={field.name}
      aria-describedby={describedBy(field)}
      aria-invalid={invalid(field.error)}
    >
      {field.options.map(({ value, label }) => (
        <option key={value} value={value} selected={value === (field.value ?? '')}>
          {label}
        </option>
      ))}
    </select>
  </Field>
)

type CheckboxProps = Omit<FieldProps, 'asTitle'> & { label: string; value?: string; checked?: boolean }

/** Yes or not yes, e.g. a consent. Never ticked beforehand unless the person ticked it. */
export const Checkbox = (field: CheckboxProps) => (
  <Field error={field.error}>
    <FieldError {...field} />
    <Choice
      type="checkbox"
      id={fieldId(field.name)}
      name={field.name}
      option={{ value: field.value ?? 'yes', label: field.label, hint: field.hint }}
      checked={field.checked ?? false}
      describes={describedBy({ name: field.name, error: field.error })}
      wrong={Boolean(field.error)}
    />
  </Field>
)

/** The free times of one day, e.g. `Montag, 24. August`. */
export type SlotDay = { label: string; slots: readonly { value: string; label: string }[] }

type SlotListProps = FieldProps & { legend: string; days: readonly SlotDay[]; value?: string | undefined }

/** Free times by day. One radio group over all days, so arrow keys walk through it; each day is announced with its times. */
export const SlotList = (field: SlotListProps) => {
  const firstOfDay = field.days.map((_, day) =>
    field.days.slice(0, day).reduce((sum, { slots }) => sum + slots.length, 0),
  )
  return (
    <RadioGroup {...field}>
      {field.days.map((day, index) => (
        <SlotsOfDay
          key={day.label}
          name={field.name}
          day={day}
          id={`${fieldId(field.name)}-day-${index + 1}`}
          first={firstOfDay[index] ?? 0}
          value={field.value}
        />
      ))}
    </RadioGroup>
  )
}

/** What is longer than a time says something beside it, e.g. that it is the first of two hours of that name. */
const timeLength = '12:30 p.m.'.length

type SlotsProps = { name: string; day: SlotDay; id: string; first: number; value: string | undefined }

const SlotsOfDay = ({ name, day, id, first, value }: SlotsProps) => (
  <div class="a-day">
    <p class="a-day-label" id={id}>
      {day.label}
    </p>
    <div class="a-slots">
      {day.slots.map((slot, index) => {
        const slotId = optionId(name, first + index)
        return (
          <div class={slot.label.length > timeLength ? 'a-slot a-slot-long' : 'a-slot'} key={slot.value}>
            <input
              class="a-slot-input"
              type="radio"
              id={slotId}
              name={name}
              value={slot.value}
              checked={slot.value === value}
              aria-labelledby={`${id} ${slotId}-label`}
            />
            <label class="a-slot-label" id={`${slotId}-label`} for={slotId}>
              {slot.label}
            </label>
          </div>
        )
      })}
    </div>
  </div>
)
