import { translator } from '#platform/i18n/translate.ts'
import { registerStatements } from './register-statements.ts'
import type { WrittenRegister } from './written-register.ts'

const columns = ['activity', 'title', 'kind', 'id', 'name', 'text'] as const

// A cell that begins like this is a formula to Excel and LibreOffice, which run it. An apostrophe makes it text.
const formula = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u

const cell = (value: string): string => {
  const safe = formula.test(value) ? `'${value}` : value
  return `"${safe.replaceAll('"', '""')}"`
}

/** The register as a table, one line a statement. RFC 4180 with CRLF and every cell in quotes, but with semicolons, and in
 *  UTF-8 with its mark: so that a German Excel opens it with columns and umlauts by a double click. */
export const registerCsv = (register: WrittenRegister): string => {
  const t = translator(register.language)
  const lines = [
    columns.map((column) => t(`register.paper.column.${column}`)),
    ...registerStatements(register).map((statement) =>
      columns.map((column) => (column === 'kind' ? t(`register.paper.kind.${statement.kind}`) : statement[column])),
    ),
  ]
  return `\ufeff${lines.map((line) => `${line.map(cell).join(';')}\r\n`).join('')}`
}
