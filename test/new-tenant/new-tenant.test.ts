import { cpSync, globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { differenceLine, examine } from '#apps/doctor/index.ts'
import { features } from '#apps/features.ts'
import { buildNotice } from '#register/notice/notice.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { type Installation, startInstallation } from '../helpers/installation.ts'
import { bookAppointment, person } from '../helpers/person.ts'
import { runningTenant } from '../helpers/tenants.ts'

/* The smallest tenant with appointments, as docs/adding-a-tenant.md has it written. */

const folder = 'test/new-tenant/neustadt'

let tenantsDir: string
let installation: Installation
beforeAll(async () => {
  tenantsDir = temporaryFolder('new-tenant')
  cpSync('tenants/operator.yaml', join(tenantsDir, 'operator.yaml'))
  cpSync(folder, join(tenantsDir, 'neustadt'), { recursive: true })
  installation = await startInstallation({ config: { tenantsDir } })
})
afterAll(async () => {
  await installation.close()
  rmSync(tenantsDir, { recursive: true })
})

test('it is written in at most 120 lines', () => {
  const lines = globSync(`${folder}/**/*.yaml`).flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
  expect(lines.length).toBeGreaterThan(50)
  expect(lines.length).toBeLessThanOrEqual(120)
})

test('it is in order, and the doctor finds nothing against it', async () => {
  const { register } = installation.deps
  expect([register.problems, [...register.quarantined], [...register.running.keys()]]).toEqual([[], [], ['neustadt']])
  const deps = { ...installation.deps, config: { ...installation.config, databaseUrl: null, smtpUrl: null } }
  const found = await examine(deps, installation.database.connection, features, clientDir)
  expect(found.map(differenceLine)).toEqual([])
})

test('people book there, are asked what it asks for, and agree to its own words', async () => {
  const { consent, check, booked } = await bookAppointment(person(installation), { slug: 'neustadt' })
  expect(consent.text).toContain('Das Jobcenter Neustadt darf die Angaben aus diesem Formular verarbeiten')
  expect(check.text).toContain('12. August 1984')
  expect(booked.text).toContain('Buchungsnummer')
})

test('its notice says what it changed, in its languages', () => {
  const notice = JSON.stringify(buildNotice(runningTenant('neustadt', installation.deps.register), 'en'))
  expect(notice).toContain('7 days')
  expect(notice).not.toMatch(/undefined|\{jobcenter\}|[\u0600-\u06ff]/)
})
