import type { ComponentChildren } from 'preact'

/** What every field of a form takes. Errors and all other texts arrive finished, in the person's language. */
export type FieldProps = {
  name: string
  hint?: string | undefined
  error?: string | undefined
  /** The field's question is the title of the page: it becomes the h1. For pages that ask one thing. */
  asTitle?: boolean
}

/** The id of a field, and so the target of links to it: `field-<name>`. A date carries its id on its first box, the day. */
export const fieldId = (name: string): string => `field-${name.replace(/\.day$/, '').replaceAll('.', '-')}`

const hintId = (name: string): string => `${fieldId(name)}-hint`
const errorId = (name: string): string => `${fieldId(name)}-error`

/** The ids that describe a field, for `aria-describedby`; undefined when there is nothing to say. */
export const describedBy = ({ name, hint, error }: FieldProps, ...more: string[]): string | undefined =>
  [hint && hintId(name), error && errorId(name), ...more].filter(Boolean).join(' ') || undefined

/** `aria-invalid` only where it is true: its absence is the quiet case. */
export const invalid = (wrong: unknown): 'true' | undefined => (wrong ? 'true' : undefined)

export const Hint = ({ name, hint }: FieldProps) =>
  hint ? (
    <p class="a-hint" id={hintId(name)}>
      {hint}
    </p>
  ) : null

export const FieldError = ({ name, error }: FieldProps) =>
  error ? (
    <p class="a-error" id={errorId(name)}>
      {error}
    </p>
  ) : null

/** The frame of one field: marks an error at the edge, keeps the distance to the next. */
export const Field = ({ error, children }: { error?: string | undefined; children: ComponentChildren }) => (
  <div class={error ? 'a-field a-field-wrong' : 'a-field'}>{children}</div>
)

export const Label = ({ name, asTitle, children }: FieldProps & { children: ComponentChildren }) => {
  const label = (
    <label class={asTitle ? 'a-label a-title' : 'a-label'} for={fieldId(name)}>
      {children}
    </label>
  )
  return asTitle ? <h1 class="a-asking">{label}</h1> : label
}

export const Legend = ({ asTitle, children }: { asTitle?: boolean | undefined; children: ComponentChildren }) => (
  <legend class={asTitle ? 'a-legend a-asking' : 'a-legend'}>
    {asTitle ? <h1 class="a-title">{children}</h1> : children}
  </legend>
)
