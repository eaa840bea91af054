import { chai, TestRunner } from 'vitest'
import { loadFacts, type Way } from '#test/facts/facts.ts'
import type { Installation } from './installation.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Ids of the facts that this test showed, if it passed. */
    facts?: string[]
  }
}

const facts = loadFacts()

// `expect.getState().assertionCalls` counts `expect(…)`, also one that no matcher follows and that so asserts nothing.
let asserted = 0
const matchers = chai.Assertion.prototype as unknown as Record<string, unknown>
for (const name of Object.getOwnPropertyNames(matchers).filter((each) => /^to[A-Z]/.test(each))) {
  const matcher = Object.getOwnPropertyDescriptor(matchers, name)?.value
  if (typeof matcher !== 'function') continue
  matchers[name] = function (this: unknown, ...given: unknown[]) {
    const result = matcher.apply(this, given)
    asserted++
    return result
  }
}

/** Notes that this test shows a fact, once it passes. */
const note = (id: string): void => {
  const test = TestRunner.getCurrentTest()
  if (!test) throw new Error(`${id}: a fact is shown within a test`)
  test.meta.facts = [...new Set([...(test.meta.facts ?? []), id])]
}

const findFact = (id: string, way: Way) => {
  const fact = facts.get(id)
  if (!fact) throw new Error(`${id} is in no file of test/facts`)
  if (fact.shownBy !== way) throw new Error(`${id} is shown by ${fact.shownBy}, not by ${way}`)
  return fact
}

/** Shows that the running tenant keeps what a privacy notice promises: `body` asserts it. Counts if the test passes.
 *  @throws when the id is unknown or to be shown in another way, when `body` asserted nothing, and when this test has
 *  neither asked the fact's tenant for a page nor worked in its name. */
export const fact = async (
  id: string,
  installation: Pick<Installation, 'isDriven'>,
  body: () => unknown,
  way: Way = 'behaviour',
): Promise<void> => {
  const { tenant, verdict } = findFact(id, way)
  if (verdict === 'defect') throw new Error(`${id} is a defect: only a finding of tenant check shows it`)
  const before = asserted
  await body()
  if (asserted === before) throw new Error(`${id}: nothing was asserted`)
  if (!installation.isDriven(tenant)) throw new Error(`${id}: this test never drove ${tenant}`)
  note(id)
}
