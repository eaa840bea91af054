import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'

/** Every table of every schema that is not PostgreSQL's own, as `schema.name`, quoted where needed. */
export const listTables = async (client: pg.Client): Promise<string[]> =>
  (
    await client.query(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`,
    )
  ).rows.map((row) => row.name)

/** What `COPY … TO STDOUT` gives of a table: what a dump of the database contains. `pg` has no function for it, but sends
 *  whatever knows its protocol. */
export const copyOut = (client: pg.Client, table: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    client.query({
      submit: (connection: pg.Connection) =>
        (connection as unknown as { query(text: string): void }).query(`copy (select * from ${table}) to stdout`),
      handleCopyData: ({ chunk }: { chunk: Buffer }) => chunks.push(Buffer.from(chunk)),
      handleCommandComplete: () => {},
      handleReadyForQuery: () => resolve(Buffer.concat(chunks)),
      handleError: reject,
    } as unknown as pg.Submittable)
  })

/** The whole database, table by table. */
export const dump = async (client: pg.Client): Promise<Map<string, Buffer>> => {
  const tables = new Map<string, Buffer>()
  for (const table of await listTables(client)) tables.set(table, await copyOut(client, table))
  return tables
}

/** Every file below a folder, by path. */
export const readFilesBelow = (folder: string): Map<string, Buffer> =>
  new Map(
    (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [])
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [path, readFileSync(path)]
      }),
  )

/** The three ways in which base64 can show `bytes` in the middle of something longer, without the uncertain ends. */
const inBase64 = (bytes: Buffer, encoding: 'base64' | 'base64url'): string[] =>
  [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString(encoding)
      .replace(/=+$/, '')
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
  })

/** The forms in which a value could lie somewhere: as it is, in hex, in base64, percent-encoded, as a form sends it, in
 *  UTF-16. */
const formsOf = (value: string | Buffer): Buffer[] => {
  const bytes = Buffer.from(value as string)
  const texts = [bytes.toString('hex'), ...inBase64(bytes, 'base64'), ...inBase64(bytes, 'base64url')]
  if (typeof value === 'string') {
    const percent = encodeURIComponent(value)
    const inForm = new URLSearchParams({ '': value }).toString().slice(1)
    texts.push(
      percent,
      percent.replace(/%../g, (code) => code.toLowerCase()),
      inForm,
    )
    texts.push(value.toLowerCase(), value.toUpperCase())
  }
  const all = [bytes, ...texts.map((text) => Buffer.from(text))]
  if (typeof value === 'string') all.push(Buffer.from(value, 'utf16le'))
  return all.filter((form) => form.length >= 5)
}

/** Where any of the values can be read, as `where: name`. Binary columns, which a dump shows in hex, are searched as the
 *  bytes they are too. */
export const findTraces = (
  places: ReadonlyMap<string, Buffer>,
  values: Readonly<Record<string, string | Buffer>>,
): string[] => {
  const needles = Object.entries(values).flatMap(([name, value]) => formsOf(value).map((form) => ({ name, form })))
  const found = new Set<string>()
  for (const [place, content] of places) {
    const binary = [...content.toString('latin1').matchAll(/\\\\x([0-9a-f]{2,})/g)].map(([, hex = '']) =>
      Buffer.from(hex, 'hex'),
    )
    const haystack = Buffer.concat([content, ...binary])
    for (const { name, form } of needles) if (haystack.includes(form)) found.add(`${place}: ${name}`)
  }
  return [...found]
}
