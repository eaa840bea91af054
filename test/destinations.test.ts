import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from './helpers/folder.ts'
import { freshDatabase, type Installation, startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'
import { copyTenants, replaced } from './helpers/tenants.ts'

/* Where a tenant lets the program connect to, and what proves there who we are. */

const file = 'segeberg/activities/mail-delivery.yaml'
const withDestination = (text: string) =>
  replaced(text, 'transport: smtp', 'transport: smtp\n    destination: { for: sms, host: sms.example, secret: gate }')
const edit = { [file]: withDestination }
const secretsDir = temporaryFolder('secrets')
const path = join(secretsDir, 'segeberg', 'gate')
const fileInItsPlace = temporaryFolder('secrets-file')

let database: Awaited<ReturnType<typeof freshDatabase>>
let installation: Installation
beforeAll(async () => {
  mkdirSync(join(secretsDir, 'segeberg'))
  writeFileSync(join(secretsDir, 'segeberg', '..data'), 'as Kubernetes has it')
  writeFileSync(join(fileInItsPlace, 'segeberg'), '')
  writeFileSync(path, 'sesam\n', { mode: 0o600 })
  database = await freshDatabase()
  installation = await startInstallation({ edit, config: { secretsDir }, database })
})
afterAll(async () => {
  await installation.close()
  await database.drop()
})

const runningOf = (slug: string) => {
  const running = installation.deps.register.running.get(slug)
  if (!running) throw new Error(`${slug} does not run`)
  return running
}

test('work of the tenant gets the host and the secret; another tenant gets neither', async () => {
  const { reach } = installation.deps
  expect(await reach(runningOf('segeberg'), 'sms', async (found) => found)).toEqual({
    host: 'sms.example',
    secret: 'sesam',
  })
  await expect(reach(runningOf('segeberg'), 'tiles', async () => 'reached')).rejects.toThrow('no destination for tiles')
  await expect(reach(runningOf('musterstadt'), 'sms', async () => 'reached')).rejects.toThrow('no destination for sms')
})

test('a new secret counts at once, one that others can read does not count', async () => {
  const ask = () => installation.deps.reach(runningOf('segeberg'), 'sms', async ({ secret }) => secret)
  writeFileSync(path, 'öffne dich')
  expect(await ask()).toBe('öffne dich')
  chmodSync(path, 0o640)
  await expect(ask()).rejects.toThrow(`${path} can be read by others than its owner`)
  chmodSync(path, 0o600)
  writeFileSync(path, '')
  await expect(ask()).rejects.toThrow('is empty')
  writeFileSync(path, 'sesam\n')
})

test('the notice names the host where the activity is told of, and the secret nowhere', async () => {
  const { text, html } = await person(installation).open('/segeberg/datenschutz')
  expect(text).toContain('Dafür verbindet sich dieses Programm mit sms.example.')
  expect(html).not.toMatch(/sesam|gate/)
})

test.each([
  ['is not there', { secretsDir: join(secretsDir, 'elsewhere') }, "the secret 'gate': there is no file"],
  ['lies beside one that nobody names', { secretsDir }, 'more is named by no destination'],
  ['has no folder but a file of its slug', { secretsDir: fileInItsPlace }, 'segeberg cannot be read'],
])('a tenant whose secret %s stays closed, with what to do, and the others run', async (_name, config, message) => {
  writeFileSync(join(secretsDir, 'segeberg', 'more'), 'x', { mode: 0o600 })
  const second = await startInstallation({
    edit,
    config: { ...config, keyFile: installation.config.keyFile },
    database,
  })
  try {
    expect([...second.deps.register.running.keys()]).toEqual(['musterstadt'])
    expect(second.said.join()).toContain(message)
    expect(second.said.join()).not.toContain('sesam')
  } finally {
    await second.close()
  }
})

const problemsOf = (change: (text: string) => string) => {
  using tenants = copyTenants(['segeberg'])
  tenants.write(file, change(tenants.read(file)))
  return tenants
    .load()
    .quarantined.get('segeberg')
    ?.problems.map(({ message }) => message)
}

const destination = (text: string) => `transport: smtp\n    destination: ${text}`
test.each([
  [
    'an address instead of a host',
    '{ for: sms, host: "https://sms.example/" }',
    'recipients.mailboxProvider.destination.host',
  ],
  ['a use that nobody knows', '{ for: fax, host: sms.example }', 'recipients.mailboxProvider.destination.for'],
  [
    'an address with a password for a host',
    '{ for: inbox, host: "imaps://post:sesam@imap.example" }',
    'destination.host: looks like a secret',
  ],
  [
    'a secret for the name of its file',
    '{ for: sms, host: sms.example, secret: sesam2! }',
    'destination.secret: expected',
  ],
  ['a password', '{ for: sms, host: sms.example, password: sesam }', 'destination.password: looks like a secret'],
])('a destination with %s is refused', (_name, text, message) => {
  const found = problemsOf((whole) => replaced(whole, 'transport: smtp', destination(text)))
  expect(found?.join()).toContain(message)
  expect(found?.join()).not.toContain('sesam')
})

test.each([
  ['a private key', '-----BEGIN PRIVATE KEY----- MC4CAQAw'],
  ['an address with a password', 'imaps://post:sesam@mail.example/'],
  ['signs that stand for chance', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
  ['signs of small letters and digits', 'k3jh4kj5h6kj7h8k9j0h1k2j3h4k5j6h'],
  ['hexadecimal digits', '5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99'],
])('%s in a file that many read is refused, and not repeated', (_name, secret) => {
  const found = problemsOf((text) => text.replace(/^title:\n {2}de: .*/m, `title:\n  de: '${secret}'`))
  expect(found?.join()).toContain('title.de: looks like a secret')
  expect(found?.join()).not.toContain(secret)
})
