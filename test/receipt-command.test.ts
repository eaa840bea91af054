import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runHere } from './helpers/command.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

/* `receipt verify` as somebody in an advice centre has it: a file, no database, no network. */

let folder: string
let jws: string
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
beforeAll(async () => {
  folder = temporaryFolder('receipts')
  const installation = await startInstallation({ withoutWorker: true })
  const who = person(installation)
  const { manage } = await bookAppointment(who)
  const saved = (await who.send(await who.open(`${manage}/beleg`), {}, '/beleg/datei')).html
  jws = JSON.parse(saved).receipt
  write('beleg.json', saved)
  write('bare.txt', `${jws}\n`)
  write(
    'altered.txt',
    jws.replace(/.{86}$/, (signature) => signature.replace(/^./, (a) => (a === 'A' ? 'B' : 'A'))),
  )
  write('half.txt', jws.slice(0, 100))
  write('jwks.json', (await who.open('/segeberg/.well-known/jwks.json')).html)
  write('others.json', (await who.open('/musterstadt/.well-known/jwks.json')).html)
  write('none.json', '{"keys":[{"kty":"RSA"}]}')
  await installation.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const verify = (...args: string[]) => {
  const paths = args.map((arg) => (arg.startsWith('-') ? arg : join(folder, arg)))
  return runHere(['receipt', 'verify', ...paths], { DATA_DIR: join(folder, 'no-data'), DATABASE_URL: '' })
}

test('a receipt is good by the keys of its Jobcenter', async () => {
  const { code, out, err } = await verify('bare.txt', '--keys', 'jwks.json')
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('Genuine, by these keys:')
  for (const words of ['booked', 'Beratung vor Ort', 'Jobcenter Kreis Segeberg', 'Europe/Berlin'])
    expect(out).toContain(words)
  expect(out).not.toContain('docs/receipts.md')
})

test('a saved file alone is unaltered, and the program says that this is not all', async () => {
  const { code, out } = await verify('beleg.json')
  expect(code).toBe(0)
  expect(out).toContain('Unaltered, by the keys that came with it:')
  expect(out).toContain('does not show who issued it')
  expect(out).not.toContain('Genuine')
})

test('programs get the same as JSON, with where the keys came from', async () => {
  const { out } = await verify('beleg.json', '--json')
  expect(JSON.parse(out)).toMatchObject({ kind: 'valid', receipt: { act: 'booked' }, keysFrom: 'receipt' })
  const refused = await verify('altered.txt', '--keys', 'jwks.json', '--json')
  expect([refused.code, JSON.parse(refused.out)]).toEqual([1, { kind: 'wrongSignature', keysFrom: 'option' }])
})

test.each([
  ['altered.txt', 'jwks.json', 'Not genuine: it was altered'],
  ['bare.txt', 'others.json', 'Not proven: it was signed with a key that is not among these'],
  ['half.txt', 'jwks.json', 'This is no receipt: it is not complete'],
])('%s with %s is refused with code 1', async (file, keys, words) => {
  const { code, out } = await verify(file, '--keys', keys)
  expect([code, out]).toEqual([1, expect.stringContaining(words)])
})

test.each([
  [['bare.txt'], 'without keys: name the keys of its Jobcenter with --keys'],
  [['nowhere.txt'], 'cannot be read (ENOENT)'],
  [['bare.txt', '--keys', 'none.json'], 'holds no Ed25519 key'],
  [['bare.txt', '--keys', 'bare.txt'], 'holds no Ed25519 key'],
  [[], 'say: receipt verify <file>'],
])('with nothing to check with it says what is missing, with code 2: %j', async (args, words) => {
  const { code, err } = await verify(...args)
  expect([code, err]).toEqual([2, expect.stringContaining(words)])
})
