import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { archive, lineOf, problemsOf, tenantFile, testFaults, web } from '#test/helpers/faults.ts'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'
import { problemLine } from './load.ts'

testFaults([
  {
    name: 'an operator outside the countries a tenant allows',
    file: tenantFile,
    from: 'processorCountries: [DE]',
    to: 'processorCountries: [AT]',
    at: 'processorCountries',
    message: 'processorCountries: the operator of this installation works in DE, not in AT',
    remedy: 'run this tenant on an installation there, or add the country',
  },
])

test('without an operator, nobody runs, and the file is named', () => {
  using tenants = copyTenants()
  tenants.remove('operator.yaml')
  const { running, quarantined, problems } = tenants.load()
  expect([running.size, quarantined.size]).toEqual([0, 0])
  expect(problems.map(problemLine)).toEqual([expect.stringMatching(/operator\.yaml:1: no such file/)])
})

test('whoever operates the installation is a recipient of everything it does', () => {
  using tenants = copyTenants()
  tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), 'Beispielweg 1', 'Hafenstraße 2'))
  const { running } = tenants.load()
  const seats = [...running.values()].flatMap(({ activities }) =>
    [...activities.values()].map(({ executedBy, recipients }) => ({
      isHere: !executedBy,
      seat: recipients.find(({ id }) => id === 'operator')?.address?.street,
    })),
  )
  expect(new Set(seats.filter(({ isHere }) => isHere).map(({ seat }) => seat))).toEqual(new Set(['Hafenstraße 2']))
  const elsewhere = seats.filter(({ isHere }) => !isHere)
  expect(elsewhere.length).toBeGreaterThan(0)
  expect(elsewhere.filter(({ seat }) => seat !== undefined)).toEqual([])
})

describe('where processors may work, as a tenant says it,', () => {
  const sub = '{ id: power, name: { de: R, en: R, ar: نص }, country: NO, task: { de: Strom, en: power, ar: نص } }'

  test('binds those who work for the operator, too', () => {
    using tenants = copyTenants()
    tenants.write('operator.yaml', `${tenants.read('operator.yaml')}\nsubProcessors: [${sub}]\n`)
    const { running, quarantined } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt'])
    expect(quarantined.get('segeberg')?.problems).toEqual([
      {
        file: join(tenants.dir, tenantFile),
        line: lineOf(tenants.read(tenantFile), 'processorCountries'),
        message: 'processorCountries: power, who works for the operator of this installation, works in NO, not in DE',
        remedy: 'run this tenant on an installation there, or add the country',
      },
    ])
    tenants.write(tenantFile, replaced(tenants.read(tenantFile), 'Countries: [DE]', 'Countries: [DE, NO]'))
    expect([...tenants.load().running.keys()]).toEqual(['musterstadt', 'segeberg'])
  })

  test('binds the processors that an activity names, and those who work for them', () => {
    using tenants = copyTenants()
    const text = replaced(
      tenants.read(web),
      'retention:',
      replaced(archive.replace('DE\n', 'AT\n'), 'transport: tls', `transport: tls\n    subProcessors: [${sub}]`),
    )
    tenants.write(web, text)
    expect(problemsOf(tenants, 'segeberg').map(({ message }) => message)).toEqual([
      'recipients.archive: works in AT, not in DE',
      'recipients.archive.subProcessors.power: works in NO, not in DE',
    ])
  })
})
