import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { buildRecord } from '#register/record.ts'
import { recordCsv } from '#register/record-csv.ts'
import { recordStatements } from '#register/record-statements.ts'
import { runningTenant } from '../helpers/tenants.ts'

/* What another program, Python's csv, reads in the record as a table. */

const program = `
import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8-sig', newline='')
print(json.dumps(list(csv.reader(text, delimiter=';', strict=True))))`

test.each(['musterstadt', 'segeberg'])('the record of %s reads as a row for each statement', (slug) => {
  const record = buildRecord(runningTenant(slug), 'de')
  const [, ...rows] = JSON.parse(
    execFileSync(process.env.TEST_PYTHON ?? 'python3', ['-c', program], { input: recordCsv(record), encoding: 'utf8' }),
  ) as string[][]
  expect(rows.map(([activity, title, , id, name, text]) => ({ activity, title, id, name, text }))).toEqual(
    recordStatements(record).map(({ part: _, ...statement }) => statement),
  )
})
