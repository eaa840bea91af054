import { execFile } from 'node:child_process'
import { type KeyObject, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigError } from '#platform/config.ts'
import { systemRandom } from '#platform/random.ts'
import {
  loadMasterKeys,
  newMasterKey,
  newRecordKey,
  newTenantKey,
  openRecordKey,
  openTenantKey,
  rewrapTenantKey,
} from './keys.ts'
import { TamperedError } from './seal.ts'

const segeberg = '9c3bc0ab-982f-4e76-90d3-a21bbfece880'
const musterstadt = 'ad911fce-55c3-4ede-b303-203a86c24519'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-keys-'))
  file = join(folder, 'below', 'master.key')
})
afterEach(() => rmSync(folder, { recursive: true }))

const firstOf = (keys: readonly KeyObject[]): KeyObject => {
  const [key] = keys
  if (!key) throw new Error('no key')
  return key
}

const master = () => firstOf(loadMasterKeys(file, systemRandom))

test('the master key is made once, for its owner’s eyes only, and is the same afterwards', () => {
  const first = master().export()
  expect(first).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = readFileSync(file, 'utf8')
  expect(master().export().equals(first)).toBe(true)
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('processes that start at once agree on one master key and leave nothing beside it', async () => {
  const start = `import('${new URL('./keys.ts', import.meta.url)}').then(async ({ loadMasterKeys }) =>
    console.log(loadMasterKeys(process.argv[1], (await import('node:crypto')).randomBytes)[0].export().toString('hex')))`
  const run = () =>
    new Promise<string>((resolve, reject) =>
      execFile(process.execPath, ['--input-type=module', '-e', start, file], (error, out) =>
        error ? reject(error) : resolve(out),
      ),
    )
  const keys = await Promise.all(Array.from({ length: 6 }, run))
  expect(new Set(keys)).toEqual(new Set([`${master().export().toString('hex')}\n`]))
  expect(readdirSync(dirname(file))).toEqual([basename(file)])
})

test.each([0o644, 0o640, 0o604, 0o660])('a master key that others can read is refused (mode %o)', (mode) => {
  master()
  chmodSync(file, mode)
  expect(master).toThrow(ConfigError)
  expect(master).toThrow(`run: chmod 600 ${file}`)
})

test.each([
  ['nothing', ''],
  ['words', 'this is no key'],
  ['half a key', randomBytes(16).toString('base64')],
  ['two keys', randomBytes(64).toString('base64')],
])('a file that holds %s instead of a key is refused and left alone', (_what, content) => {
  master()
  writeFileSync(file, content)
  expect(master).toThrow(ConfigError)
  expect(master).toThrow('does not hold a key')
  expect(readFileSync(file, 'utf8')).toBe(content)
})

test('a tenant’s key opens with the master key it was wrapped by, and for this tenant alone', () => {
  const right = master()
  const wrapped = newTenantKey(right, segeberg, systemRandom)
  expect(openTenantKey(right, segeberg, wrapped).index.export()).toHaveLength(32)
  expect(() => openTenantKey(right, musterstadt, wrapped)).toThrow(TamperedError)
  const other = firstOf(loadMasterKeys(join(folder, 'other.key'), systemRandom))
  expect(() => openTenantKey(other, segeberg, wrapped)).toThrow(TamperedError)
})

test('each record has a key of its own, which opens for this record, this tenant and its keys alone', () => {
  const right = master()
  const keys = openTenantKey(right, segeberg, newTenantKey(right, segeberg, systemRandom))
  const others = openTenantKey(right, segeberg, newTenantKey(right, segeberg, systemRandom))
  const record = '11111111-1111-4111-8111-111111111111'
  const one = newRecordKey(keys, segeberg, record, systemRandom)
  const two = newRecordKey(keys, segeberg, record, systemRandom)
  expect(one.key.export().equals(two.key.export())).toBe(false)
  expect(openRecordKey(keys, segeberg, record, one.wrapped).equals(one.key)).toBe(true)
  const elsewhere = '22222222-2222-4222-8222-222222222222'
  expect(() => openRecordKey(keys, segeberg, elsewhere, one.wrapped)).toThrow(TamperedError)
  expect(() => openRecordKey(keys, musterstadt, record, one.wrapped)).toThrow(TamperedError)
  expect(() => openRecordKey(others, segeberg, record, one.wrapped)).toThrow(TamperedError)
})

test('the keys for wrapping, for check values and for forms are three, and none is the master key', () => {
  const right = master()
  const wrapped = newTenantKey(right, segeberg, systemRandom)
  const { wrapping, index, form } = openTenantKey(right, segeberg, wrapped)
  const all = [right, wrapping, index, form].map((key) => key.export().toString('hex'))
  expect(new Set(all).size).toBe(4)
})

test('a new master key changes none of a tenant’s keys', () => {
  const old = master()
  const wrapped = newTenantKey(old, segeberg, systemRandom)
  const other = newMasterKey(systemRandom)
  const before = openTenantKey(old, segeberg, wrapped)
  const after = openTenantKey(other, segeberg, rewrapTenantKey([other, old], segeberg, wrapped, systemRandom))
  for (const use of ['wrapping', 'index', 'form'] as const) expect(after[use].equals(before[use])).toBe(true)
})
