import { chai, TestRunner } from 'vitest'
import { type Fact, loadFacts, type Way } from '#test/facts/facts.ts'
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

/** Runs what asserts a fact, and notes the fact with the test that runs now: it counts if that test passes. */
const show = async (id: string, way: Way, body: () => unknown, mayCount: (fact: Fact) => void): Promise<void> => {
  const found = facts.get(id)
  if (!found) throw new Error(`${id} is in no file of test/facts`)
  if (found.shownBy !== way) throw new Error(`${id} is shown by ${found.shownBy}, not by ${way}`)
  const before = asserted
  await body()
  if (asserted === before) throw new Error(`${id}: nothing was asserted`)
  mayCount(found)
  const test = TestRunner.getCurrentTest()
  if (!test) throw new Error(`${id}: a fact is shown within a test`)
  test.meta.facts = [...new Set([...(test.meta.facts ?? []), id])]
}

/** Shows that the running tenant keeps what a privacy notice promises: `body` asserts it.
 *  @throws when the id is unknown, a defect, or to be shown in another way; when `body` asserted nothing; and when this
 *  test has neither asked the fact's tenant for a page nor worked in its name. */
export const fact = (
  id: string,
  installation: Pick<Installation, 'isDriven'>,
  body: () => unknown,
  way: Exclude<Way, 'finding'> = 'behaviour',
): Promise<void> =>
  show(id, way, body, ({ tenant }) => {
    if (!installation.isDriven(tenant)) throw new Error(`${id}: this test never drove ${tenant}`)
  })

/** Shows that `tenant check` reports what is wrong with a published notice: `body` asserts it. */
export const finding = (id: string, body: () => unknown): Promise<void> => show(id, 'finding', body, () => {})
