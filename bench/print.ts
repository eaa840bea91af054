import { cpus, release, totalmem } from 'node:os'

export const say = (line = ''): void => void process.stdout.write(`${line}\n`)

/** A Markdown table whose columns also line up in a terminal; every column but the first to the right. */
export const printTable = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`
  say(line(head))
  say(`|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column === 0 ? '-' : ':'}`).join('|')}|`)
  for (const row of rows) say(line(row))
  say()
}

export const printMachine = (): void => {
  const [first, ...others] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  say(
    `${first?.model.trim() ?? 'unknown processor'}, ${others.length + 1} cores, ${memory} GB, ${process.platform} ${release()}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`,
  )
  say()
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
