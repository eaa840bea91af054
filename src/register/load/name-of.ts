import type { Path } from './yaml.ts'

/** What stands at a place of what YAML says; undefined where there is no such place. */
export const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, step) => (node as Record<PropertyKey, unknown> | null | undefined)?.[step], data)

/** `fields.email.label.en`: list items go by their id, where they have one. */
export const nameOf = (data: unknown, path: Path): string =>
  path
    .map((step, depth) => {
      if (typeof step !== 'number') return `.${String(step)}`
      const id = (valueAt(data, path.slice(0, depth + 1)) as { id?: unknown } | null | undefined)?.id
      return typeof id === 'string' ? `.${id}` : `[${step}]`
    })
    .join('')
    .replace(/^\./, '')
