import { translator } from '#platform/i18n/translate.ts'
import type { ProcessingRecord } from './record.ts'
import { recordStatements } from './record-statements.ts'

const columns = ['activity', 'title', 'part', 'id', 'name', 'text'] as const

// A cell that begins like this is a formula to Excel and LibreOffice, which run it. An apostrophe makes it text.
const formula = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u

const cell = (value: string): string => {
  const safe = formula.test(value) ? `'${value}` : value
  return `"${safe.replaceAll('"', '""')}"`
}

/** The record as a table, one line a statement. RFC 4180 with CRLF and every cell in quotes, but with semicolons, and in
 *  UTF-8 with its mark: so that a German Excel opens it with columns and umlauts by a double click. */
export const recordCsv = (record: ProcessingRecord): string => {
  const t = translator(record.language)
  const lines = [
    columns.map((column) => t(`register.record.column.${column}`)),
    ...recordStatements(record).map((statement) =>
      columns.map((column) => (column === 'part' ? t(`register.record.part.${statement.part}`) : statement[column])),
    ),
  ]
  return `\ufeff${lines.map((line) => `${line.map(cell).join(';')}\r\n`).join('')}`
}
