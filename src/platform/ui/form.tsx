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
import { Icon } from '#platform/ui/icon.tsx'
import { untranslated } from '#platform/ui/untranslated.ts'

type FormProps = {
  /** For buttons outside the form that send it. */
  id?: string
  action: string
  method?: 'get' | 'post'
  /** What the form carries along unseen: the form token, the hold, earlier answers. */
  hidden?: Readonly<Record<string, string>>
  /** Where the browser script sends the form while it is filled in, so that its answers are kept. */
  keep?: string
  children: ComponentChildren
}

/** A form whose answers the server checks; the browser's own bubbles stay off, they speak the wrong language. */
export const Form = ({ id, action, method = 'post', hidden = {}, keep, children }: FormProps) => (
  <form class="a-form" id={id} action={action} method={method} data-draft={keep} noValidate>
    {children}
    <HiddenFields values={hidden} />
  </form>
)

export const HiddenFields = ({ values }: { values: Readonly<Record<string, string>> }) => (
  <>
    {Object.entries(values).map(([name, value]) => (
      <input type="hidden" name={name} value={value} key={name} />
    ))}
  </>
)

type ButtonProps = {
  variant?: 'primary' | 'secondary' | 'danger'
  name?: string
  value?: string
  /** Sends the form to another address than the form's own. */
  formAction?: string
  children: ComponentChildren
}

/** Submits its form. The browser script slows a second click; the server must be idempotent all the same. */
export const Button = ({ variant = 'primary', name, value, formAction, children }: ButtonProps) => (
  <button class={`a-button a-button-${variant}`} type="submit" name={name} value={value} formAction={formAction}>
    {children}
  </button>
)

/** A link in the shape of a button: starts something, changes nothing. */
export const ButtonLink = ({
  href,
  variant = 'primary',
  children,
}: {
  href: string
  variant?: 'primary' | 'secondary'
  children: ComponentChildren
}) => (
  <a class={`a-button a-button-${variant}`} href={href}>
    {children}
  </a>
)

/** Prints the page. Not there without JavaScript, so it never promises what it cannot do. */
export const PrintButton = ({ children }: { children: ComponentChildren }) => (
  <button class="a-button a-button-secondary" type="button" data-print hidden>
    {children}
  </button>
)

type OwnLinkProps = {
  url: string
  label: string
  copy: string
  share: string
  /** What is said when the link has been copied, and when it could only be selected. */
  copied: string
  marked: string
  /** What helps without a button. */
  hint: string
}

/** A link to keep, as text that can be selected. The buttons are there only where the browser can do what they say. */
export const OwnLink = ({ url, label, copy, share, copied, marked, hint }: OwnLinkProps) => (
  <div class="a-own-link" data-keep data-copied={copied} data-marked={marked}>
    <p class="a-text">
      {label}:{' '}
      <bdi class="a-own-link-text" dir="ltr" {...untranslated} data-link>
        {url}
      </bdi>
    </p>
    <div class="a-buttons">
      <button class="a-button a-button-secondary" type="button" data-copy hidden>
        {copy}
      </button>
      <button class="a-button a-button-secondary" type="button" data-share hidden>
        {share}
      </button>
    </div>
    <p class="a-hint" role="status" />
    <p class="a-text a-own-link-hint">{hint}</p>
  </div>
)

/** Buttons side by side; below each other where the screen is narrow. */
export const Buttons = ({ children }: { children: ComponentChildren }) => <div class="a-buttons">{children}</div>

type TextFieldProps = FieldProps & {
  label: string
  value?: string | undefined
  type?: 'text' | 'email' | 'tel' | 'search' | 'password'
  /** What the browser may fill in (WCAG 1.3.5), e.g. `given-name`. */
  autocomplete?: string
  inputMode?: 'text' | 'numeric' | 'tel' | 'email'
  width?: 'short' | 'medium' | 'full'
  spellcheck?: boolean
}

/** One line of text, in any script: the direction follows what is typed. As long as people type it: what is pasted is not
 *  cut in silence, and the browser would count in other units than we do. */
export const TextField = (field: TextFieldProps) => {
  const { name, label, value, type = 'text', autocomplete, inputMode, width = 'full', spellcheck } = field
  return (
    <Field error={field.error}>
      <Label name={name} asTitle={field.asTitle ?? false}>
        {label}
      </Label>
      <Hint {...field} />
      <FieldError {...field} />
      <input
        class={`a-input a-input-${width}`}
        id={fieldId(name)}
        name={name}
        type={type as 'text'} // Preact's types know one kind at a time
        value={value}
        dir="auto"
        autocomplete={autocomplete as 'on' | undefined}
        inputMode={inputMode}
        spellcheck={spellcheck}
        aria-describedby={describedBy(field)}
        aria-invalid={invalid(field.error)}
      />
    </Field>
  )
}

type TextAreaProps = FieldProps & {
  label: string
  value?: string | undefined
  rows?: number
  /** Counts while typing. `hint` stands there without JavaScript; `{n}` is replaced in the two others. */
  count?: { max: number; hint: string; remaining: Record<string, string>; over: Record<string, string> }
}

/** Text of several lines. Longer text than `count.max` can be typed, so that nothing pasted is cut in silence. */
export const TextArea = (field: TextAreaProps) => {
  const { name, label, value, rows = 5, count } = field
  const countId = `${fieldId(name)}-count`
  return (
    <Field error={field.error}>
      <Label name={name} asTitle={field.asTitle ?? false}>
        {label}
      </Label>
      <Hint {...field} />
      <FieldError {...field} />
      <textarea
        class="a-input a-area"
        id={fieldId(name)}
        name={name}
        rows={rows}
        dir="auto"
        data-max={count?.max}
        aria-describedby={count ? describedBy(field, countId) : describedBy(field)}
        aria-invalid={invalid(field.error)}
      >
        {value}
      </textarea>
      {count && (
        <p
          class="a-hint a-count"
          id={countId}
          data-remaining={JSON.stringify(count.remaining)}
          data-over={JSON.stringify(count.over)}
        >
          {count.hint}
        </p>
      )}
    </Field>
  )
}

type DatePart = 'day' | 'month' | 'year'
type DateFieldProps = FieldProps & {
  legend: string
  labels: Readonly<Record<DatePart, string>>
  value?: Readonly<Partial<Record<DatePart, string>>> | undefined
  /** Which boxes are wrong; all of them unless named. */
  wrong?: readonly DatePart[] | undefined
  /** Lets the browser fill in the person's date of birth. */
  birthday?: boolean
}

/** A date people know by heart, typed in three boxes: `<name>.day`, `<name>.month`, `<name>.year`. */
export const DateField = (field: DateFieldProps) => {
  const { name, legend, labels, value, birthday, wrong = ['day', 'month', 'year'] } = field
  const box = (part: DatePart) => (
    <div class="a-date-part" key={part}>
      <label class="a-label-small" for={fieldId(`${name}.${part}`)}>
        {labels[part]}
      </label>
      <input
        class={`a-input a-date-${part}`}
        id={fieldId(`${name}.${part}`)}
        name={`${name}.${part}`}
        type="text"
        inputMode="numeric"
        value={value?.[part]}
        autocomplete={(birthday ? `bday-${part}` : 'off') as 'on'}
        aria-invalid={invalid(field.error && wrong.includes(part))}
      />
    </div>
  )
  return (
    <Field error={field.error}>
      <fieldset class="a-group" aria-describedby={describedBy(field)}>
        <Legend asTitle={field.asTitle}>{legend}</Legend>
        <Hint {...field} />
        <FieldError {...field} />
        <div class="a-date">{(['day', 'month', 'year'] as const).map(box)}</div>
      </fieldset>
    </Field>
  )
}

type SummaryProps = { title: string; errors: readonly { field?: string; text: string }[] }

/** All that is wrong, at the top of the page, in the same words as at the fields; takes the focus. Nothing without errors. */
export const ErrorSummary = ({ title, errors }: SummaryProps) =>
  errors.length === 0 ? null : (
    <div class="a-errors a-notice a-notice-error" tabindex={-1} data-error-summary>
      <div class="a-errors-box" role="alert">
        <h2 class="a-notice-title">
          <Icon name="error" />
          <span>{title}</span>
        </h2>
        <ul class="a-errors-list">
          {errors.map(({ field, text }) => (
            <li key={text}>{field === undefined ? text : <a href={`#${fieldId(field)}`}>{text}</a>}</li>
          ))}
        </ul>
      </div>
    </div>
  )
