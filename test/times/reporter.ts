import type { Reporter, TestModule } from 'vitest/node'
import { cpuMeter } from './cpu.ts'

type Row = { file: string; all: number; database: number; importing: number; tests: number }

const shown = 40

/** Says after a run in which file the CPU time went. It counts what is used between the end of one file and the end of
 *  the next, so only one file may run at a time (`npm run test:times`). */
export default class TimesReporter implements Reporter {
  private readonly read = cpuMeter()
  private readonly watch = setInterval(() => this.read(), 250).unref()
  private readonly rows: Row[] = []
  private atStart = { all: 0, database: 0 }
  private last = { all: 0, database: 0 }
  private importing = 0

  onTestModuleQueued(): void {
    if (this.last.all > 0) return
    this.last = this.read()
    this.atStart = this.last
  }

  onTestModuleCollected(): void {
    this.importing = this.read().all - this.last.all
  }

  onTestModuleEnd(module: TestModule): void {
    const now = this.read()
    this.rows.push({
      file: module.relativeModuleId,
      all: now.all - this.last.all,
      database: now.database - this.last.database,
      importing: this.importing,
      tests: [...module.children.allTests()].length,
    })
    this.last = now
    this.importing = 0
  }

  onTestRunEnd(): void {
    clearInterval(this.watch)
    const sum = (of: (row: Row) => number, rows: readonly Row[] = this.rows) =>
      rows.reduce((total, row) => total + of(row), 0)
    const inBrowser = this.rows.filter(({ file }) => file.startsWith('test/e2e/'))
    const line = (all: number, database: number, importing: number, tests: number, file: string) =>
      console.log(
        [all.toFixed(1).padStart(7), database.toFixed(1).padStart(11), importing.toFixed(1).padStart(8)].join('') +
          `${String(tests).padStart(7)}  ${file}`,
      )
    console.log('\nCPU seconds  PostgreSQL  import  tests  file')
    for (const row of this.rows.toSorted((a, b) => b.all - a.all).slice(0, shown))
      line(row.all, row.database, row.importing, row.tests, row.file)
    const rest = this.rows.length - shown
    if (rest > 0) console.log(`… and ${rest} more`)
    const { all, database } = this.atStart
    line(all, database, 0, 0, 'Vitest itself, and the database made before the first file')
    const total = (rows: readonly Row[]) => [sum((row) => row.all, rows), sum((row) => row.database, rows)] as const
    const of = (rows: readonly Row[], name: string) =>
      line(
        ...total(rows),
        sum((row) => row.importing, rows),
        sum((row) => row.tests, rows),
        name,
      )
    of(inBrowser, 'in the browser (test/e2e)')
    of(this.rows, `all ${this.rows.length} files`)
  }
}
