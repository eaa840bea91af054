import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, runHere } from './helpers/command.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { eventually, freshDatabase, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'
import { allTenants } from './helpers/tenants.ts'

/* A tenant with a fault in its files does not run; the others do, and somebody is told what to mend. */

const path = 'segeberg/activities/appointments-booking.yaml'
let line = 0
const spoil = (text: string): string => {
  line = text.split('\n').findIndex((each) => each.includes('period: P14D')) + 1
  return text.replace('period: P14D', 'period: soon')
}

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ edit: { [path]: spoil } })
})
afterAll(() => installation.close())

test('at the start it is said which tenant does not run, in which file and line, and what to do', () => {
  const said = installation.said.join('\n')
  expect(said).toContain('Tenant segeberg does not run until this is mended:')
  expect(said).toMatch(new RegExp(`${path}:${line}: .+ → .+`))
  expect(said).not.toContain('musterstadt')
})

test.each([
  ['/segeberg/', 'nicht in Betrieb'],
  ['/segeberg/termin', 'nicht in Betrieb'],
  ['/segeberg/datenschutz', 'nicht in Betrieb'],
  ['/segeberg/en/termin', 'not in operation'],
  ['/segeberg/nothing-here', 'nicht in Betrieb'],
  [`/segeberg/termin/verwalten/${'A'.repeat(22)}`, 'nicht in Betrieb'],
])('%s is closed for now', async (url, words) => {
  const page = await person(installation).open(url)
  expect(page.status).toBe(503)
  expect(page.headers['retry-after']).toBeDefined()
  expect(page.text).toContain(words)
  expect(page.text).not.toMatch(/yaml|P14D|soon/)
})

test('a form sent to it changes nothing', async () => {
  const page = await person(installation).post('/segeberg/termin/vormerken', { leistung: 'beratung-vor-ort' })
  expect(page.status).toBe(503)
})

test('the others run as ever, and the way in does not lead to it', async () => {
  const who = person(installation)
  const { booked } = await bookAppointment(who, { slug: 'musterstadt' })
  expect(booked.status).toBe(200)
  const home = await who.open('/')
  expect(home.html).toContain('href="/musterstadt/"')
  expect(home.html).not.toContain('href="/segeberg/"')
})

test('what it promised is kept all the same: records are erased when they are due, and access lines after a day', async () => {
  const database = await freshDatabase()
  const before = await startInstallation({ database })
  try {
    await bookAppointment(person(before))
    const lines = () => readdirSync(join(before.folder, 'log/segeberg')).length
    expect(lines()).toBe(1)
    // The same database and folder, after somebody has spoiled a file and started again.
    const after = await startInstallation({
      database,
      edit: { [path]: spoil },
      config: { dataDir: before.folder, keyFile: before.config.keyFile },
    })
    expect([...after.deps.register.running.keys()]).toEqual(['musterstadt'])
    const records = async () =>
      (await after.admin.query(`select from vault.record where activity = 'appointments.booking'`)).rowCount
    expect(await records()).toBe(1)
    after.time.move('P20D')
    await after.sweep()
    expect(await records()).toBe(0)
    expect(lines()).toBe(0)
    await after.close()
  } finally {
    await before.close()
    await database.drop()
  }
})

test('what stays behind of it goes too: mail deliveries, page counts and proofs of consent; and late ones are seen', async () => {
  const database = await freshDatabase()
  const before = await startInstallation({ database })
  try {
    const who = person(before)
    const { manage } = await bookAppointment(who)
    // Before the withdrawal makes it needless.
    await eventually(() => before.mailbox.messages().length === 1, 'the confirmation')
    await who.send(await who.open(`${manage}/widerrufen`))
    await eventually(() => before.mailbox.messages().length === 2, 'both mails')
    const id = before.deps.register.running.get('segeberg')?.tenant.id ?? ''
    await before.sweep()
    const config = { dataDir: before.folder, keyFile: before.config.keyFile }
    const after = await startInstallation({ database, edit: { [path]: spoil }, config, withoutWorker: true })
    const left = async () =>
      Object.fromEntries(
        await Promise.all(
          ['mail_delivery', 'page_count', 'consent_record'].map(async (table) => {
            const { rows } = await after.admin.query(`select from ${table} where tenant_id = $1`, [id])
            return [table, rows.length > 0]
          }),
        ),
      )
    const late = async () => (await person(after).open('/readyz')).html
    expect(await left()).toEqual({ mail_delivery: true, page_count: true, consent_record: true })
    after.time.move('P8D')
    expect(await late()).toContain(`mail deliveries of ${id} overdue`)
    await after.sweep()
    expect(await left()).toEqual({ mail_delivery: false, page_count: true, consent_record: true })
    after.time.move('P360D')
    expect(await late()).toContain(`page counts of ${id} overdue`)
    await after.sweep()
    expect(await left()).toEqual({ mail_delivery: false, page_count: false, consent_record: true })
    after.time.move('P731D')
    expect(await late()).toContain(`consent proofs of ${id} overdue`)
    await after.sweep()
    expect(await left()).toEqual({ mail_delivery: false, page_count: false, consent_record: false })
    after.time.move('PT1M')
    expect(await late()).not.toContain(id)
    await after.close()
  } finally {
    await before.close()
    await database.drop()
  }
})

test('with every tenant faulty neither installation nor doctor start; each names every fault and ends with code 78', async () => {
  const folder = temporaryFolder('quarantine')
  try {
    cpSync('tenants', folder, { recursive: true })
    for (const slug of allTenants) writeFileSync(join(folder, slug, 'tenant.yaml'), 'not: [closed')
    for (const command of ['serve', 'doctor']) {
      const { code, err } = await (command === 'serve' ? run : runHere)([command], {
        TENANTS_DIR: folder,
        DATA_DIR: folder,
        PORT: '0',
      })
      expect(code).toBe(78)
      expect(err).toContain(`TENANTS_DIR: no tenant in ${folder} can run\n`)
      for (const slug of allTenants) expect(err).toMatch(new RegExp(`${slug}/tenant\\.yaml:1: .+ → .+`))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
