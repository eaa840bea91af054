import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

const sub = (id: string, country: string) =>
  `{ id: ${id}, name: { de: R, en: R, ar: نص }, country: ${country}, task: { de: Strom, en: power, ar: نص } }`
test.each([
  ['an operator far away', 'country: DE', 'country: US', 'country: US is outside EU and EEA'],
  [
    'somebody far away who works for the operator',
    'country: DE',
    `country: DE\nsubProcessors: [${sub('far', 'US')}]`,
    'subProcessors.far: country US is outside EU and EEA',
  ],
])('with %s, nobody runs', (_name, from, to, message) => {
  using tenants = copyTenants()
  const changed = replaced(tenants.read('operator.yaml'), from, to)
  tenants.write('operator.yaml', changed)
  const { running, operator, problems } = tenants.load()
  expect([running.size, operator]).toEqual([0, null])
  expect(problems).toEqual([
    {
      file: join(tenants.dir, 'operator.yaml'),
      line: changed.split('\n').findIndex((line) => line.includes('country: US')) + 1,
      message,
      remedy:
        'choose one in the EU, the EEA, Switzerland or a state with an adequacy decision for all recipients and without an end (§ 80(2) SGB X, § 35(7) SGB I)',
    },
  ])
})

test.each([
  ['in the EEA', 'NO'],
  ['in Switzerland, which stands equal by § 35(7) SGB I', 'CH'],
  ['where an adequacy decision says so', 'NZ'],
])('somebody %s may work for the operator, where a tenant does not say otherwise', (_where, country) => {
  using tenants = copyTenants()
  tenants.write('operator.yaml', `${tenants.read('operator.yaml')}\nsubProcessors: [${sub('near', country)}]\n`)
  expect([...tenants.load().running.keys()]).toEqual(['musterstadt'])
})
