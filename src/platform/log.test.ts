import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessLine, type Log, openLog } from './log.ts'

let dir: string
let log: Log
let faults: string[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anlaufstelle-log-'))
  faults = []
  log = openLog(dir, (line) => faults.push(line))
})
afterEach(() => rmSync(dir, { recursive: true }))

const line = (time: string): AccessLine => ({
  time,
  page: '/segeberg/termin',
  status: 200,
  address: '198.51.100.0',
  browser: 'Firefox 140',
  operatingSystem: 'Linux',
})
const write = (...times: string[]) => {
  for (const time of times) log.access('segeberg', line(time))
}
const times = (slug = 'segeberg'): string[] =>
  readdirSync(join(dir, slug))
    .sort()
    .flatMap((name) =>
      readFileSync(join(dir, slug, name), 'utf8')
        .split('\n')
        .filter(Boolean),
    )
    .map((text) => (JSON.parse(text) as AccessLine).time)
const erase = (before: string, slug = 'segeberg') => log.eraseAccessBefore(slug, Temporal.Instant.from(before))

test('a line stands in a file of its tenant and its day that only the owner reads', () => {
  write('2026-11-23T08:00:00Z')
  const file = join(dir, 'segeberg', '2026-11-23.jsonl')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(line('2026-11-23T08:00:00Z'))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, 'segeberg')).mode & 0o777).toBe(0o700)
})

test('erasing is exact to the line: at the limit gone, a second later kept', () => {
  write('2026-11-22T23:59:59Z', '2026-11-23T07:59:59Z', '2026-11-23T08:00:00Z', '2026-11-23T08:00:01Z')
  erase('2026-11-23T08:00:00Z')
  expect(times()).toEqual(['2026-11-23T08:00:01Z'])
  expect(readdirSync(join(dir, 'segeberg'))).toEqual(['2026-11-23.jsonl'])
})

test('a torn line goes with the erasure and keeps no other from going or staying; so does a half-written file', () => {
  write('2026-11-23T07:00:00Z')
  const folder = join(dir, 'segeberg')
  appendFileSync(join(folder, '2026-11-23.jsonl'), '{"time":"2026-11-23T09:00:0\n')
  write('2026-11-23T09:00:00Z')
  writeFileSync(join(folder, '2026-11-22.jsonl.new'), 'left by a crash')
  erase('2026-11-23T08:00:00Z')
  expect(times()).toEqual(['2026-11-23T09:00:00Z'])
  expect(readdirSync(folder)).toEqual(['2026-11-23.jsonl'])
})

test('a whole day that is over goes with its file', () => {
  write('2026-11-21T08:00:00Z', '2026-11-23T08:00:00Z')
  erase('2026-11-22T12:00:00Z')
  expect(readdirSync(join(dir, 'segeberg'))).toEqual(['2026-11-23.jsonl'])
})

test('lines written after an erasure go on in the same file', () => {
  write('2026-11-23T07:00:00Z', '2026-11-23T09:00:00Z')
  erase('2026-11-23T08:00:00Z')
  write('2026-11-23T10:00:00Z')
  expect(times()).toEqual(['2026-11-23T09:00:00Z', '2026-11-23T10:00:00Z'])
})

test('one tenant’s erasure leaves the others’ lines alone, and a tenant without lines is no fault', () => {
  write('2026-11-20T08:00:00Z')
  log.access('musterstadt', line('2026-11-20T08:00:00Z'))
  erase('2026-11-23T08:00:00Z')
  expect(times('musterstadt')).toHaveLength(1)
  expect(() => erase('2026-11-23T08:00:00Z', 'viersen')).not.toThrow()
})

test('the oldest line of each tenant is known, whatever lies beside it', () => {
  expect(log.oldestAccess()).toEqual(new Map())
  log.access('segeberg', line('2026-11-22T08:00:00Z'))
  log.access('segeberg', line('2026-11-20T09:30:00Z'))
  log.access('segeberg', line('2026-11-20T10:00:00Z'))
  log.access('musterstadt', line('2026-11-21T08:00:00Z'))
  writeFileSync(join(dir, 'segeberg', '2026-11-19.jsonl'), '') // a day whose lines have all gone
  writeFileSync(join(dir, 'notes.txt'), 'not a tenant')
  const oldest = Object.fromEntries([...log.oldestAccess()].map(([slug, at]) => [slug, at.toString()]))
  expect(oldest).toEqual({ segeberg: '2026-11-20T09:30:00Z', musterstadt: '2026-11-21T08:00:00Z' })
})

test('a torn line counts as old as its day can be', () => {
  log.access('segeberg', line('2026-11-22T08:00:00Z'))
  writeFileSync(join(dir, 'segeberg', '2026-11-20.jsonl'), '{"time":"2026-11-\n')
  expect(log.oldestAccess().get('segeberg')?.toString()).toBe('2026-11-20T00:00:00Z')
})

test('a fault names place, code and first words, and never the details in which a value could stand', () => {
  const error = Object.assign(
    new Error('duplicate key value violates unique constraint "one"\nKey is erika@example.org'),
    {
      code: '23505',
      detail: 'Key (email)=(erika@example.org) already exists.',
      where: 'erika@example.org',
    },
  )
  log.fault('POST /:tenant/termin/buchen', error)
  const [text = ''] = faults
  expect(text).toContain('POST /:tenant/termin/buchen')
  expect(text).toContain('Error 23505: duplicate key value violates unique constraint')
  expect(text).toContain('log.test.ts')
  expect(text).not.toContain('erika')
})

test('what the database says about a value is left out, for it quotes the value', () => {
  log.fault(
    'job',
    Object.assign(new Error('invalid input syntax for type uuid: "erika@example.org"'), { code: '22P02' }),
  )
  expect(faults[0]).toContain('Error 22P02: a value that does not fit\n    at ')
  expect(faults[0]).not.toContain('erika')
})

test('a fault that is no error is noted without its content', () => {
  log.fault('job mail.deliver', 'erika@example.org')
  expect(faults).toEqual(['fault in job mail.deliver: unknown fault'])
})
