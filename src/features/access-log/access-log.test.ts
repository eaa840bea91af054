import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getActivity } from '#register/register.ts'
import { fact } from '#test/helpers/fact.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, erika, person } from '#test/helpers/person.ts'

let installation: Installation
beforeAll(async () => {
  const path = 'musterstadt/activities/web-delivery.yaml'
  installation = await startInstallation({
    withoutWorker: true,
    edit: { [path]: (text) => text.replace('period: P7D', 'period: P3D') },
  })
})
afterAll(() => installation.close())

type Line = Record<string, string | number>
const folder = (slug: string) => join(installation.folder, 'log', slug)
const text = (slug = 'segeberg'): string =>
  existsSync(folder(slug))
    ? readdirSync(folder(slug))
        .sort()
        .map((name) => readFileSync(join(folder(slug), name), 'utf8'))
        .join('')
    : ''
const lines = (slug = 'segeberg'): Line[] =>
  text(slug)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const newest = (slug = 'segeberg'): Line => lines(slug).at(-1) ?? {}

describe('a line of the access log', () => {
  test('holds the fields that the register declares for it, and no other', async () => {
    await person(installation, { 'x-forwarded-for': '203.0.113.9' }).open('/segeberg/')
    const running = installation.deps.register.running.get('segeberg')
    if (!running) throw new Error('segeberg does not run')
    const declared = getActivity(running, 'web.delivery').fields.filter((field) => field.store === 'log')
    await fact('SEG-009', installation, () => {
      expect(Object.keys(newest()).sort()).toEqual(declared.map((field) => field.id).sort())
      expect(newest()).toEqual({
        time: '2026-11-23T08:00:00Z',
        page: '/segeberg/',
        status: 200,
        address: '203.0.113.0',
        browser: 'Chrome 140',
        operatingSystem: 'Android',
      })
    })
  })

  test.each([
    ['198.51.100.77', '198.51.100.0'],
    ['2001:db8:1234:5678:9abc:def0:1234:5678', '2001:db8:1234::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['::1', '0:0:0::'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
  ])('holds of the address %s no more than %s', async (full, short) => {
    await person(installation, { 'x-forwarded-for': full }).open('/segeberg/impressum')
    expect(newest().address).toBe(short)
    expect(text()).not.toContain(full)
  })

  test('says nothing about a browser but its family and version', async () => {
    const agent = 'Erikas-Browser/1.0 (Gerät 4711; +mailto:erika@example.org)'
    await person(installation, { 'user-agent': encodeURIComponent(agent) }).open('/segeberg/')
    expect(newest()).toMatchObject({ browser: 'other', operatingSystem: 'other' })
    expect(text()).not.toMatch(/4711|Erikas/)
  })

  test('names the page without the secret of a link, without what was searched or typed, and without where from', async () => {
    const who = person(installation, { referer: 'https://suche.example/?q=Markerfrau', cookie: 'id=Markerfrau' })
    const { token } = await bookAppointment(who)
    await who.open(`/segeberg/termin/verwalten/${token}/termin.ics?name=Markerfrau`)
    expect(newest().page).toBe('/segeberg/termin/verwalten/:token/termin.ics')
    await who.open('/segeberg/en/termin/zeit?leistung=Markerfrau&ab=2026-12-01')
    expect(newest().page).toBe('/segeberg/en/termin/zeit')
    await who.open('/segeberg/Markerfrau')
    await who.open('/segeberg/termin/verwalten/Markerfrau')
    for (const secret of [
      token,
      'Markerfrau',
      'leistung',
      'vormerkung',
      'suche.example',
      ...Object.values(erika),
    ].filter((each) => each.length > 4))
      expect(text(), secret).not.toContain(secret)
  })

  test('stands with its own tenant only', async () => {
    const before = lines('musterstadt').length
    await person(installation).open('/segeberg/')
    expect(lines('musterstadt')).toHaveLength(before)
    await person(installation).open('/musterstadt/')
    expect(newest('musterstadt').page).toBe('/musterstadt/')
  })

  test('is not written for pages that belong to no tenant', async () => {
    const before = text()
    const who = person(installation)
    for (const url of ['/', '/en', '/healthz', '/readyz', '/nowhere/termin', '/segebergs/']) await who.open(url)
    expect(text()).toBe(before)
    expect(readdirSync(join(installation.folder, 'log')).sort()).toEqual(['musterstadt', 'segeberg'])
  })

  test('goes after the days that its own tenant declares', async () => {
    const who = person(installation)
    installation.time.set('2026-12-01T10:00:00Z')
    await installation.sweep()
    await who.open('/segeberg/cookies')
    await who.open('/musterstadt/cookies')
    const kept = () => ['segeberg', 'musterstadt'].map((slug) => lines(slug).length)
    expect(kept()).toEqual([1, 1])
    for (const [at, expected] of [
      ['2026-12-04T09:59:59Z', [1, 1]],
      ['2026-12-04T10:00:00Z', [1, 0]],
      ['2026-12-08T09:59:59Z', [1, 0]],
      ['2026-12-08T10:00:00Z', [0, 0]],
    ] as const) {
      installation.time.set(at)
      await installation.sweep()
      expect(kept(), at).toEqual(expected)
    }
    installation.time.set('2026-11-23T08:00:00Z')
    await installation.sweep()
  })
})
