import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadRegister } from '#register/load/load.ts'
import { fact, finding } from '#test/helpers/fact.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { person } from '#test/helpers/person.ts'
import { claims, runningTenant } from '#test/helpers/tenants.ts'
import { coming, isDue, isJudged, loadFacts, runningOf } from './facts.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())

const [kept, defect, ofTable] = ['SEG-009', 'SEG-001', 'SEG-004']
const asserting = () => expect(1).toBe(1)
const segeberg = () => runningTenant('segeberg', installation.deps.register).tenant.id
const drive = (slug = 'segeberg') => person(installation).open(`/${slug}/`)

describe('a fact is not shown', () => {
  test('by a body that asserts nothing, whatever it expects', async () => {
    await drive()
    await expect(fact(kept, installation, () => {})).rejects.toThrow('nothing was asserted')
    await expect(fact(kept, installation, () => expect(1))).rejects.toThrow('nothing was asserted')
    await expect(fact(kept, installation, () => [].forEach(asserting))).rejects.toThrow('nothing was asserted')
  })

  test('by an assertion that fails', async () => {
    await drive()
    await expect(fact(kept, installation, () => expect(1).toBe(2))).rejects.toThrow('to be 2')
  })

  test('by a test that drove no tenant, or another one', async ({ task }) => {
    await expect(fact(kept, installation, asserting)).rejects.toThrow('never drove segeberg')
    await drive('musterstadt')
    await expect(fact(kept, installation, asserting)).rejects.toThrow('never drove segeberg')
    expect(task.meta.facts).toBeUndefined()
  })

  test('under an id that is not in the list, or is to be shown in another way', async () => {
    await drive()
    await expect(fact('SEG-999', installation, asserting)).rejects.toThrow('in no file')
    await expect(fact(ofTable, installation, asserting)).rejects.toThrow('shown by field')
    await expect(fact(defect, installation, asserting)).rejects.toThrow('shown by finding')
    await expect(finding(kept, asserting)).rejects.toThrow('shown by behaviour')
  })
})

test.for([
  ['by a request', () => drive()],
  ['in its name', () => installation.deps.db.inTenant(segeberg(), async () => {})],
] as const)('a fact is noted once with the test that drove its tenant %s', async ([, drives], { task: { meta } }) => {
  await drives()
  await fact(kept, installation, () => expect([1]).toMatchObject([1]))
  await fact(kept, installation, () => expect(Promise.resolve(1)).resolves.toBe(1))
  const noted = meta.facts
  meta.facts = [] // all this shows the harness, not the tenant
  expect(noted).toEqual([kept])
})

describe('a run has to show', () => {
  const due = [...loadFacts().values()].filter((each) => isDue(each, new Map([['segeberg', new Set<string>()]])))
  const verdictsDueOf = (tenant: string) =>
    new Set(due.filter((each) => each.tenant === tenant).map((each) => each.verdict))

  test('all that a running tenant promises, and nothing that one promises which does not run', () => {
    expect(due.filter(({ tenant, verdict }) => tenant === 'segeberg' && verdict !== 'defect')).toHaveLength(48)
    expect([...verdictsDueOf('segeberg')]).toEqual(expect.arrayContaining(['keep', 'improve', 'text']))
    expect([...verdictsDueOf('viersen')].filter((verdict) => verdict !== 'defect')).toEqual([])
  })

  test('defects of the notices that are here to be judged, whoever runs', () => {
    const tenants = new Set(due.filter(({ verdict }) => verdict === 'defect').map(({ tenant }) => tenant))
    const published = [...loadFacts().values()].map(({ tenant }) => tenant).filter(isJudged)
    expect(tenants).toEqual(new Set(published))
  })

  test('nothing about a service that the tenant does not have, until it declares it', () => {
    const withMap = (...activities: string[]) => new Map([['viersen', new Set(activities)]])
    const ofMap = [...loadFacts().values()].filter(({ comesWith }) => comesWith === 'site.map')
    expect(ofMap.map(({ id }) => id)).toContain('VIE-067')
    expect(ofMap.filter((each) => isDue(each, withMap('appointments.booking')))).toEqual([])
    expect(ofMap.filter((each) => isDue(each, withMap('site.map')))).toEqual(ofMap)
  })

  test('what is said to come is nothing that a running tenant has already', () => {
    const running = runningOf(loadRegister('tenants', claims))
    const here = [...loadFacts().values()].filter(
      ({ tenant, comesWith }) => comesWith !== undefined && running.get(tenant)?.has(comesWith),
    )
    expect(here).toEqual([])
    const used = new Set([...loadFacts().values()].flatMap(({ comesWith }) => comesWith ?? []))
    expect(used).toEqual(new Set(Object.keys(coming)))
  })

  test('nothing about products that this one replaces', () => {
    expect(due.filter(({ verdict }) => verdict === 'vendor')).toEqual([])
  })
})
