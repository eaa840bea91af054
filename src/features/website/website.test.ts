import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { person } from '#test/helpers/person.ts'

let installation: Installation
beforeAll(async () => {
  const path = 'musterstadt/activities/web-delivery.yaml'
  installation = await startInstallation({
    withoutWorker: true,
    edit: { [path]: (text) => text.replace('period: P7D', 'period: P3D') },
  })
})
afterAll(() => installation.close())

describe('the start page', () => {
  test.each([
    [
      '/musterstadt/',
      'Dienstag: 16:00 bis 19:00 Uhr (alle 2 Wochen, das nächste Mal am 24. November 2026)',
      '9. Dezember 2026: 09:00 bis 12:00 Uhr (Betriebsversammlung am Nachmittag)',
      '24. Dezember 2026 bis 1. Januar 2027: geschlossen (Schließung zum Jahreswechsel)',
    ],
    [
      '/musterstadt/en/',
      'Tuesday: 16:00 to 19:00 (every 2 weeks, next on 24 November 2026)',
      '9 December 2026: 09:00 to 12:00 (staff meeting in the afternoon)',
      '24 December 2026 to 1 January 2027: closed (closed at the turn of the year)',
    ],
  ])('at %s has every site with its usual hours, and the days that differ', async (url, ...present) => {
    const page = await person(installation).open(url)
    for (const words of ['Musterstraße 1, 12345 Musterstadt', 'Bahnhofstraße 7, 12345 Musterstadt', ...present])
      expect(page.text).toContain(words)
  })
})

describe('the notice', () => {
  test.each([
    ['/segeberg/datenschutz', 'Booking appointments online', 'Termine online buchen', '7 Tage nach'],
    ['/segeberg/en/datenschutz', 'Termine online buchen', 'Booking appointments online', '7 days after'],
  ])('at %s has a part for every activity, in its language', async (url, absent, present, period) => {
    const page = await person(installation).open(url)
    expect(page.text).toContain(present)
    expect(page.text).toContain(period)
    expect(page.text).not.toContain(absent)
    expect(page.html).toContain('/widerruf"')
  })

  test('says what the tenant declares: another tenant’s other period', async () => {
    const page = await person(installation).open('/musterstadt/datenschutz')
    expect(page.text).toContain('3 Tage nach')
    expect(page.text).not.toContain('7 Tage nach')
  })

  test('as text has the same words as the page, and addresses that work outside the browser', async () => {
    const who = person(installation)
    const [page, plain] = [await who.open('/segeberg/datenschutz'), await who.open('/segeberg/datenschutz.txt')]
    expect(plain.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(plain.html).toContain('http://anlaufstelle.test/segeberg/widerruf')
    const running = installation.deps.register.running.get('segeberg')
    for (const { summary, fields } of running?.activities.values() ?? []) {
      for (const words of [summary.de, ...fields.map((field) => field.label.de)]) {
        expect(page.text, words).toContain(words)
        expect(plain.html.replace(/\s+/g, ' '), words).toContain(words)
      }
    }
  })
})
