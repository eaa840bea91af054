import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { program } from '#features/appointments/api.fixture.ts'
import { goOn, openTimes, reachDetails, somebody, wordsIn } from '#features/appointments/booking.fixture.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { look } from './helpers/html.ts'
import { eventually, freshDatabase, type Installation, startInstallation } from './helpers/installation.ts'
import { erika } from './helpers/person.ts'
import { nextVersion, replaced } from './helpers/tenants.ts'

/* A Jobcenter that speaks German and English only, and one that learned Arabic later. */

const ar = wordsIn('ar')

/** Without its words in Arabic, and not in its list. */
const withoutArabic = (text: string): string => {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip)
    if (typeof value !== 'object' || value === null) return value
    const rest = Object.entries(value).filter(([key]) => key !== 'ar')
    return Object.fromEntries(rest.map(([key, each]) => [key, strip(each)]))
  }
  const tenant = strip(parse(text)) as { languages?: string[] }
  if (tenant.languages) tenant.languages = ['de', 'en']
  return stringify(tenant)
}
const edit = Object.fromEntries(
  globSync('segeberg/{tenant.yaml,activities/*.yaml}', { cwd: 'tenants' }).map((path) => [path, withoutArabic]),
)

describe('a language that a Jobcenter does not speak', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation({ edit, withoutWorker: true })
  })
  afterAll(() => installation.close())

  test.each(['', 'termin', 'datenschutz', 'meine-daten', 'beleg'])('has no page there: /ar/%s', async (path) => {
    const who = somebody(installation)
    expect((await who.open(`/segeberg/ar/${path}`)).status).toBe(404)
    expect((await who.open(`/segeberg/en/${path}`)).status).toBe(200)
    expect((await who.open(`/musterstadt/ar/${path}`)).status).toBe(200)
  })

  test('is named by no page of it', async () => {
    const page = await somebody(installation).open('/segeberg/')
    expect(page.text).toContain('English')
    expect(page.html).not.toMatch(/العربية|\/segeberg\/ar/)
  })

  test('is answered in German by its API, whose texts come in its languages alone', async () => {
    const who = await program(installation)
    const headers = { 'accept-language': 'ar' }
    const refused = await who.get('/availability?services=nothing', { headers })
    expect([refused.status, refused.headers['content-language']]).toEqual([422, 'de'])
    const unknown = await who.get('/appointment', { headers })
    expect([unknown.status, unknown.headers['content-language']]).toEqual([401, 'de'])
    const nowhere = await installation.app.inject({ url: '/segeberg/api/v1/nothing', headers })
    expect([nowhere.statusCode, nowhere.headers['content-language']]).toEqual([404, 'de'])
    const { services } = (await who.get('/services', { headers })).body
    expect(Object.keys(services[0].title)).toEqual(['de', 'en'])
    const { consent } = (await who.get('/consent')).body
    expect(consent.languages.map(({ language }: { language: string }) => language)).toEqual(['de', 'en'])
  })
})

test('a notice from before a Jobcenter spoke Arabic is read in German under its Arabic address, marked as German', async () => {
  const data = await freshDatabase()
  const folder = temporaryFolder('languages')
  const config = { keyFile: join(folder, 'master.key') }
  await (await startInstallation({ database: data, config, withoutWorker: true, edit })).close()
  const later = (text: string) => replaced(text, 'effectiveFrom: 2026-11-15', 'effectiveFrom: 2026-11-20')
  const raised = Object.fromEntries(
    Object.keys(edit).map((path) => [path, path.endsWith('tenant.yaml') ? later : nextVersion]),
  )
  const installation = await startInstallation({ database: data, config, withoutWorker: true, edit: raised })
  try {
    expect(installation.said).toEqual([])
    const who = somebody(installation)
    const versions = await who.open('/segeberg/ar/datenschutz/fassungen')
    const addresses = versions.all('a').map((link) => link.attribute('href') ?? '')
    const hashes = addresses.flatMap((address) => /fassungen\/([0-9a-f]{64})$/.exec(address)?.[1] ?? [])
    const [now, before] = [...new Set(hashes)]
    const today = await who.open(`/segeberg/ar/datenschutz/fassungen/${now}`)
    expect(today.html).toContain('<div lang="ar" dir="rtl">')
    const old = await who.open(`/segeberg/ar/datenschutz/fassungen/${before}`)
    expect(old.html).toContain('<div lang="de" dir="ltr">')
    expect(old.text).toContain(ar('website.version.germanOnly'))
    expect(old.text).toContain('Termine online buchen')
    const changes = await who.open(`/segeberg/ar/datenschutz/fassungen/${now}/aenderungen`)
    expect(changes.status).toBe(200)
  } finally {
    await installation.close()
    await data.drop()
    rmSync(folder, { recursive: true })
  }
})

describe('what a person gets who books in Arabic', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation()
  })
  afterAll(() => installation.close())

  test('is a mail and a calendar entry in Arabic, whose lines break between letters only', async () => {
    const who = somebody(installation)
    const way = { language: 'ar', start: '2026-12-02T08:00:00Z' } as const
    expect((await openTimes(who, way)).html).toContain('<html lang="ar" dir="rtl"')
    await goOn(who, await reachDetails(who, way), erika)
    const mail = await eventually(
      () => installation.mailbox.messages().find(({ to }) => to === erika['f.email']),
      'the mail',
    )
    expect(mail.subject).toMatch(/2 كانون الأول 2026/)
    expect(look(mail.html ?? '').all('html[lang=ar][dir=rtl]')).toHaveLength(1)
    expect(mail.text).toContain('/segeberg/ar/termin/verwalten/')
    const lines = Buffer.from(mail.calendar ?? '')
      .toString('latin1')
      .split('\r\n')
    for (const line of lines) {
      const octets = Buffer.from(line, 'latin1')
      expect(octets.length).toBeLessThanOrEqual(75)
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(octets)).not.toThrow()
    }
    const whole = (mail.calendar ?? '').replaceAll('\r\n ', '')
    expect(whole).toContain('DTSTART;TZID=Europe/Berlin:20261202T090000')
    expect(/^SUMMARY[^:]*:(.*)$/m.exec(whole)?.[1]).toMatch(/[\u0600-\u06FF].*Jobcenter Kreis Segeberg/)
  })
})
