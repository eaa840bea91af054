import { createHash } from 'node:crypto'

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** JSON that is the same for the same content, whatever the order of keys: a database may change that. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted)

/** SHA-256 over the canonical JSON of a value, as 64 hexadecimal digits. */
export const contentHash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')
