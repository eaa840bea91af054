import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { examine } from '#apps/doctor/index.ts'
import { features } from '#apps/features.ts'
import { noticeHash } from '#register/notice/notice.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'
import { copyTenants, replaced, runningTenant } from './helpers/tenants.ts'

/* What happens with data of people who work at a Jobcenter is told to them, in a notice of its own. */

const file = 'viersen/activities/case-file.yaml'
const forStaff = (text: string) => replaced(text, 'id: case.file\n', 'id: case.file\nnotice: staff\n')

describe('an activity of the notice for staff', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation({ tenants: ['viersen', 'segeberg'], edit: { [file]: forStaff } })
  })
  afterAll(() => installation.close())
  const running = () => runningTenant('viersen', installation.deps.register)
  const title = () => running().activities.get('case.file')?.title

  test('stands there, in every language, as page, text and JSON', async () => {
    const who = person(installation)
    for (const [language, path] of [
      ['de', '/viersen'],
      ['en', '/viersen/en'],
      ['ar', '/viersen/ar'],
    ] as const) {
      for (const form of ['', '.txt', '.json']) {
        const seen = await who.open(`${path}/beschaeftigte/datenschutz${form}`)
        expect([path, form, seen.status]).toEqual([path, form, 200])
        expect(seen.html).toContain(title()?.[language])
        expect(seen.html).not.toContain('/meine-daten#')
      }
    }
    const notice = (await installation.app.inject('/viersen/beschaeftigte/datenschutz.json')).json()
    expect(notice.title).toBe('Datenschutzerklärung für Beschäftigte: Jobcenter Kreis Viersen')
    const sections = notice.sections.map(({ id }: { id: string }) => id)
    expect(sections.slice(0, 5)).toEqual(['summary', 'controller', 'data-protection-officer', 'case-file', 'backups'])
    expect(sections).not.toContain('appointments-booking')
    expect(JSON.stringify(notice)).not.toMatch(/"href":"[^"]*(meine-daten|widerruf|loeschen)"/)
  })

  test('stands nowhere in the one for whoever uses the services', async () => {
    const who = person(installation)
    for (const url of [
      '/viersen/datenschutz',
      '/viersen/datenschutz.txt',
      '/viersen/datenschutz.json',
      '/viersen/cookies',
    ])
      expect([url, (await who.open(url)).html.includes(title()?.de ?? '')]).toEqual([url, false])
    expect((await who.open('/viersen/datenschutz/case-file')).status).toBe(404)
    const { activities } = running()
    const without = new Map([...activities].filter(([id]) => id !== 'case.file'))
    expect(noticeHash(running())).toBe(noticeHash({ ...running(), activities: without }))
  })

  test('stands in the record of processing activities and in the register for machines', () => {
    const papers = [writeRegister(running(), 'de'), registerJsonld(running(), 'https://example.org')]
    for (const paper of papers) expect(JSON.stringify(paper)).toContain(title()?.de)
  })

  test('is as the register says', async () => {
    const config = { ...installation.config, databaseUrl: null, smtpUrl: null }
    const { connection } = installation.database
    expect(await examine({ ...installation.deps, config }, connection, features, clientDir)).toEqual([])
  })

  test('makes the page; a tenant that declares nothing for staff has none', async () => {
    const who = person(installation)
    for (const form of ['', '.txt', '.json'])
      expect((await who.open(`/segeberg/beschaeftigte/datenschutz${form}`)).status).toBe(404)
  })
})

test('what is told to staff alone does not happen along with what others do', () => {
  using tenants = copyTenants(['viersen'])
  tenants.write(file, forStaff(tenants.read(file)))
  const booking = 'viersen/activities/appointments-booking.yaml'
  tenants.write(booking, replaced(tenants.read(booking), 'includes: [', 'includes: [case.file, '))
  expect(
    tenants
      .load()
      .quarantined.get('viersen')
      ?.problems.map(({ message }) => message),
  ).toEqual(['includes: case.file is told of to staff alone'])
})
