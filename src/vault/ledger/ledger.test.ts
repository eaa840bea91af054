import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RefusedError } from '#platform/config.ts'
import { legalHoldReasons } from '../legal-hold.ts'
import { openLedger } from './ledger.ts'
import { compareChanges, formatLine, type LedgerLine, type LegalHoldLine, parseLine } from './line.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-ledger-'))
  file = join(folder, 'below', 'erasures.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const aLine = (n: number): LedgerLine => ({
  kind: 'erased',
  tenant: '9c3bc0ab-982f-4e76-90d3-a21bbfece880',
  id: `11111111-1111-4111-8111-${String(n).padStart(12, '0')}`,
  activity: 'appointments.booking',
  rule: 'cancelled',
  records: [`22222222-2222-4222-8222-${String(n).padStart(12, '0')}`],
  at: Temporal.Instant.from('2026-11-23T08:00:00Z').add({ seconds: n }),
})

const readAll = async () => {
  const said: string[] = []
  const lines: LedgerLine[] = []
  for await (const line of openLedger(file).read((what) => said.push(what))) lines.push(line)
  return { ids: lines.map(({ id }) => id), lines, said }
}
const idsOf = (...numbers: number[]) => numbers.map((n) => aLine(n).id)

test('what is appended is read again in its order, by this process or another, for its owner’s eyes only', async () => {
  expect((await readAll()).ids).toEqual([])
  const ledger = openLedger(file)
  expect(ledger.exists()).toBe(false)
  await Promise.all([ledger.append([aLine(1), aLine(2)]), ledger.append([aLine(3)]), ledger.append([])])
  await openLedger(file).append([aLine(4)])
  const { ids, lines, said } = await readAll()
  expect(ids).toEqual(idsOf(1, 2, 3, 4))
  expect(lines[0]?.at.equals(aLine(1).at)).toBe(true)
  expect(said).toEqual([])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a line is the same after writing and reading, whatever stands in it', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' })
  const id = fc.uuid({ version: 4 })
  const common = {
    tenant: id,
    id,
    at: fc.integer({ min: 0, max: 4e12 }).map((ms) => Temporal.Instant.fromEpochMilliseconds(ms)),
  }
  const anyLine: fc.Arbitrary<LedgerLine> = fc.oneof(
    fc.record({
      ...common,
      kind: fc.constant('erased' as const),
      activity: text,
      rule: text,
      records: fc.array(id, { maxLength: 5 }),
    }),
    fc.record({
      ...common,
      kind: fc.constant('held' as const),
      record: id,
      cause: fc.constantFrom(...legalHoldReasons),
    }),
    fc.record({ ...common, kind: fc.constant('restricted' as const), record: id, cause: text }),
    fc.record({ ...common, kind: fc.constant('released' as const), record: id }),
  )
  fc.assert(
    fc.property(anyLine, (line) => {
      const written = formatLine(line)
      expect(written).not.toContain('\n')
      const read = parseLine(written)
      expect(read?.kind).toBe(line.kind)
      expect(read && formatLine(read)).toBe(written)
    }),
  )
})

test('a line from before there were kinds is an erasure, and an erasure is still written like that', () => {
  const old = formatLine(aLine(1))
  expect(old).toBe(
    '{"tenant":"9c3bc0ab-982f-4e76-90d3-a21bbfece880","id":"11111111-1111-4111-8111-000000000001","activity":"appointments.booking","rule":"cancelled","records":["22222222-2222-4222-8222-000000000001"],"at":"2026-11-23T08:00:01Z"}',
  )
  expect(parseLine(old)).toEqual(aLine(1))
})

test('a legal hold for a reason that there is not, and a kind that there is not, are no lines', () => {
  const { tenant, id, at } = aLine(1)
  const held = { kind: 'held', tenant, id, record: id, cause: 'court-order', at: at.toString() }
  expect(parseLine(JSON.stringify(held))).not.toBeNull()
  for (const spoiled of [{ cause: 'because' }, { cause: undefined }, { kind: 'kept' }, { record: 'Erika' }])
    expect(parseLine(JSON.stringify({ ...held, ...spoiled }))).toBeNull()
})

test('changes by legal holds have one order, in whatever order they were written, also within one instant', () => {
  const { tenant, id, at } = aLine(1)
  const of = { tenant, id, record: id }
  const changes: LegalHoldLine[] = [
    { kind: 'held', ...of, cause: 'court-order', at },
    { kind: 'restricted', ...of, cause: 'consent.withdrawn', at },
    { kind: 'released', ...of, at },
    { kind: 'held', ...of, cause: 'tax-law', at: at.add({ milliseconds: 1 }) },
  ]
  fc.assert(
    fc.property(fc.shuffledSubarray(changes, { minLength: 4 }), (written) => {
      expect(written.sort(compareChanges)).toEqual(changes)
    }),
    { numRuns: 30 },
  )
})

test('wherever the last line broke off, the others stand, and the next one begins a new line', async () => {
  const whole = formatLine(aLine(2))
  for (let kept = 1; kept <= whole.length; kept++) {
    rmSync(file, { force: true })
    await openLedger(file).append([aLine(1)])
    appendFileSync(file, whole.slice(0, kept))
    const isWhole = kept === whole.length // only its end is missing
    const before = await readAll()
    expect(before.ids).toEqual(isWhole ? idsOf(1, 2) : idsOf(1))
    expect(before.said).toEqual(isWhole ? [] : [`${file}:2: broke off while it was written and is left out.`])
    await openLedger(file).append([aLine(3)])
    const after = await readAll()
    expect(after.ids).toEqual(isWhole ? idsOf(1, 2, 3) : idsOf(1, 3))
    expect(after.said).toEqual(before.said)
  }
})

test.each([
  ['words', 'this is no line'],
  ['half a line', formatLine(aLine(2)).slice(0, 60)],
  ['a line without its instant', '{"tenant":"9c3bc0ab-982f-4e76-90d3-a21bbfece880"}'],
  ['a day that does not exist', formatLine(aLine(2)).replace('2026-11-23', '2026-02-30')],
])('%s in the middle is named with file and number, and nothing is read past it', async (_what, content) => {
  await openLedger(file).append([aLine(1), aLine(2), aLine(3)])
  const [first, , third] = readFileSync(file, 'utf8').split('\n')
  for (const rest of [[third, ''], ['']]) {
    writeFileSync(file, [first, content, ...rest].join('\n'))
    await expect(readAll()).rejects.toThrow(RefusedError)
    await expect(readAll()).rejects.toThrow(`${file}:2: is no line of the erasure ledger`)
  }
})

test('a file that cannot be written is named with the setting', async () => {
  await openLedger(file).append([aLine(1)])
  const below = openLedger(join(file, 'below.jsonl')) // a folder is needed where a file is
  expect(() => below.make()).toThrow(RefusedError)
  await expect(below.append([aLine(2)])).rejects.toThrow('ANLAUFSTELLE_LEDGER_FILE: ')
  expect((await readAll()).ids).toEqual(idsOf(1))
})
