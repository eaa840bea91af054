import { beforeAll, describe, expect, test } from 'vitest'
import { runHere } from '#test/helpers/command.ts'
import { finding } from '#test/helpers/fact.ts'
import { isJudged, loadFacts } from './facts.ts'

/* What is wrong with a published notice, `tenant check` has to say. */

const defects = [...loadFacts().values()].filter(({ verdict, tenant }) => verdict === 'defect' && isJudged(tenant))

type Finding = {
  tenant: string
  rule: string
  message: string
  law: string
  noticeDate: string
  facts: readonly string[]
}
let findings: readonly Finding[]

describe.runIf(defects.length > 0)('tenant check says of a published notice', () => {
  beforeAll(async () => {
    const { out } = await runHere(['tenant', 'check', 'tenants', '--json'])
    findings = JSON.parse(out).findings
  })

  for (const { id, tenant, note, claim } of defects)
    test(`${id}: ${note ?? claim}`, () =>
      finding(id, () => {
        const about = findings.filter(({ facts }) => facts.includes(id))
        expect(about.map((each) => each.tenant)).toContain(tenant)
        for (const { rule, message, law, noticeDate } of about) {
          expect(rule).toMatch(/^[a-z]+(-[a-z]+)*$/)
          expect(noticeDate).toMatch(/^(undated, read \d{4}-\d\d-\d\d|\d{4}(-\d\d){0,2})$/)
          for (const words of [message, law]) expect(words).not.toBe('')
        }
      }))
})
