import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archive, lineOf, tenantFile, web } from '#test/helpers/faults.ts'
import { claims, copyTenants, replaced } from '#test/helpers/tenants.ts'
import { loadRegister } from './load.ts'

const on = (tenants: ReturnType<typeof copyTenants>, today: string) =>
  loadRegister(tenants.dir, claims, '2026-11-22', today).quarantined.get('segeberg')?.problems ?? []

test('a contract with the operator is none before the day on which it is concluded', () => {
  using tenants = copyTenants()
  const text = replaced(tenants.read(tenantFile), 'concluded: 2026-10-01', 'concluded: 2027-01-01')
  tenants.write(tenantFile, text)
  expect(on(tenants, '2026-12-31')).toEqual([
    {
      file: join(tenants.dir, tenantFile),
      line: lineOf(text, 'concluded:'),
      message: 'operator.contract.concluded: 2027-01-01 is still to come on 2026-12-31',
      remedy: 'write the day on which it was concluded; nothing may be handed over before (Art. 28(3) GDPR)',
    },
  ])
  expect(on(tenants, '2027-01-01')).toEqual([])
})

test('a contract with a recipient is none before its day either', () => {
  using tenants = copyTenants()
  tenants.write(web, replaced(tenants.read(web), 'retention:', archive.replace('2026-10-01', '2027-01-01')))
  expect(on(tenants, '2026-12-31').map(({ message }) => message)).toEqual([
    'recipients.archive.contract.concluded: 2027-01-01 is still to come on 2026-12-31',
  ])
  expect(on(tenants, '2027-01-01')).toEqual([])
})
