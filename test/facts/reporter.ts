import { readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { claims } from '#apps/features.ts'
import { loadRegister } from '#register/load/load.ts'
import { isDue, loadFacts, noticesOf, runningOf } from './facts.ts'
import { promisesPage, type Shown, type Witness } from './promises.ts'

const path = 'docs/promises.md'

/** What the passed tests of a run showed. */
const collect = (modules: readonly TestModule[]): Shown => {
  const shown = new Map<string, Witness[]>()
  for (const module of modules)
    for (const test of module.children.allTests('passed'))
      for (const id of test.meta().facts ?? [])
        shown.set(id, [...(shown.get(id) ?? []), { file: module.relativeModuleId, name: test.fullName }])
  return shown
}

const readPage = (): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Ends a run of all tests: it fails when a promise of a running tenant was not shown, and when docs/promises.md says
 *  something else than the run. With PROMISES=write it writes that page. */
export default class FactsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: string): void {
    const facts = loadFacts()
    const running = runningOf(loadRegister('tenants', claims))
    const shown = collect(modules)
    const missing = [...facts.values()].filter((fact) => isDue(fact, running) && !shown.has(fact.id))
    if (missing.length > 0) {
      const lines = missing.map(({ id, shownBy, claim }) => `  ${id} (${shownBy}): ${claim}`)
      fail(`No passed test showed ${missing.length} facts (see docs/adding-a-feature.md):\n${lines.join('\n')}`)
    }
    const page = promisesPage(noticesOf(facts, running), shown)
    if (page === readPage()) return
    if (process.env.PROMISES === 'write') {
      writeFileSync(path, page)
      console.log(`\n${path} is written.`)
      return
    }
    // Of a run in which something failed the page would say too little.
    if (reason === 'passed' && errors.length === 0)
      fail(`${path} no longer says what this run showed. "npm run promises" writes it.`)
  }
}

const fail = (why: string): void => {
  console.error(`\n${why}`)
  process.exitCode = 1
}
