import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Problem } from '#register/register.ts'
import { copyTenants, replaced } from './tenants.ts'

/* What a file of a tenant can have wrong: the tests beside the checks hold one fault after the other against the program. */

export const tenantFile = 'segeberg/tenant.yaml'
export const booking = 'segeberg/activities/appointments-booking.yaml'
export const mail = 'segeberg/activities/mail-delivery.yaml'
export const web = 'segeberg/activities/web-delivery.yaml'
export const code = 'segeberg/activities/rights-code.yaml'

/** `from` becomes `to`; the problem is expected on the line of `at` in the changed file. */
export type Case = { name: string; file: string; from: string; to: string; at: string; message: string; remedy: string }

export const lineOf = (text: string, part: string): number => {
  const index = text.indexOf(part)
  if (index < 0) throw new Error(`no '${part}' in the changed file`)
  return text.slice(0, index).split('\n').length
}

export const contract = `    contract:
      kind: Art28
      concluded: 2026-10-01
      text: { de: Vertrag, en: contract, ar: نص }
`
/** A recipient for an activity that has none, before what follows it in the file. */
export const archive = `recipients:
  - id: archive
    name: { de: Archiv, en: Archive, ar: نص }
    role: processor
    country: DE
${contract}    fields: all
    transport: tls

retention:`

export const problemsOf = (tenants: ReturnType<typeof copyTenants>, slug: string): readonly Problem[] =>
  tenants.load().quarantined.get(slug)?.problems ?? []

/** A test for each fault: it is named with file, line and remedy, and only its tenant stops. */
export const testFaults = (cases: readonly Case[]): void => {
  test.each(cases)('$name is named with file, line and remedy, and only its tenant stops', (one) => {
    using tenants = copyTenants()
    const text = replaced(tenants.read(one.file), one.from, one.to)
    tenants.write(one.file, text)
    const { running, quarantined } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt'])
    const problems = quarantined.get('segeberg')?.problems ?? []
    expect(problems).toContainEqual({
      file: join(tenants.dir, one.file),
      line: lineOf(text, one.at),
      message: expect.stringContaining(one.message),
      remedy: one.remedy,
    })
  })
}
