import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { type Installation, startInstallation } from '../helpers/installation.ts'
import { bookAppointment, person } from '../helpers/person.ts'

/* Debian's OpenSSL checks a receipt by the very lines that docs/receipts.md gives to whoever does not trust our program. */

const lines = /```sh\n([\s\S]*?)```/.exec(readFileSync('docs/receipts.md', 'utf8'))?.[1] ?? ''

let installation: Installation
let folder: string
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
  folder = temporaryFolder('receipt')
  const who = person(installation)
  const { manage } = await bookAppointment(who)
  const saved = await who.send(await who.open(`${manage}/beleg`), {}, '/beleg/datei')
  writeFileSync(join(folder, 'beleg.json'), saved.html)
  writeFileSync(join(folder, 'jwks.json'), (await who.open('/segeberg/.well-known/jwks.json')).html)
  writeFileSync(join(folder, 'others.json'), (await who.open('/musterstadt/.well-known/jwks.json')).html)
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await installation.close()
})

test('OpenSSL finds the signature of a saved receipt right', () => {
  const said = execFileSync('sh', ['-ec', lines], { cwd: folder, encoding: 'utf8' })
  expect(said).toContain('"act":"booked","tenant":"segeberg"')
  expect(said).toContain('Signature Verified Successfully')
})

test('OpenSSL refuses a receipt of which one character was changed', () => {
  const file = join(folder, 'beleg.json')
  const good = readFileSync(file, 'utf8')
  const payload = good.indexOf('.', good.indexOf('"receipt"')) + 40
  writeFileSync(file, `${good.slice(0, payload)}${good[payload] === 'A' ? 'B' : 'A'}${good.slice(payload + 1)}`)
  const { status, stdout } = spawnSync('sh', ['-ec', lines], { cwd: folder, encoding: 'utf8' })
  writeFileSync(file, good)
  expect(status).toBe(1)
  expect(stdout).toContain('Signature Verification Failure')
})

test('OpenSSL refuses a receipt with the keys of another Jobcenter', () => {
  const { status } = spawnSync('sh', ['-ec', lines.replaceAll('jwks.json', 'others.json')], { cwd: folder })
  expect(status).not.toBe(0)
})
