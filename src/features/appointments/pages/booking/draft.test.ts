import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formKeysOf } from '#apps/form-keys.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { agreed, erika, person } from '#test/helpers/person.ts'
import { openNote } from '#vault/index.ts'
import {
  fieldsOn,
  holdOf,
  isBooked,
  openTimes,
  reachCheck,
  reachDetails,
  somebody,
  start,
  stored,
  tokenOf,
  wordsIn,
} from '../../booking.fixture.ts'

/* Going back, reloading, opening a page again: what the browser keeps of a booking until it is one. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const de = wordsIn('de')
const cookie = 'entwurf'

/** Somebody whose browser keeps cookies. */
const withBrowser = () => {
  const jar = new Map<string, string>()
  return { who: person(installation, {}, jar), jar }
}

/** What a cookie holds, as the server reads it. */
const contentOf = (value: string | undefined, slug = 'segeberg'): string | null =>
  openNote(formKeysOf(installation.deps, slug), `draft for ${slug}`, value)

describe('where the browser keeps the draft', () => {
  test('each page of the way has an address that shows it again as it was, and that holds nothing typed', async () => {
    const { who } = withBrowser()
    const before = await stored(installation.admin)
    const details = await reachDetails(who)
    const consent = await who.send(details, erika)
    const check = await who.send(consent, agreed)
    expect([consent, check].map(({ url }) => url.split('?')[0])).toEqual([
      '/segeberg/termin/einwilligung',
      '/segeberg/termin/pruefen',
    ])
    const again = await who.open(details.url)
    expect(fieldsOn(again)).toMatchObject(erika)
    for (const page of [consent, check]) {
      const reopened = await who.open(page.url)
      expect([reopened.status, reopened.title]).toEqual([200, page.title])
      expect(fieldsOn(reopened)).toMatchObject(erika)
    }
    const english = await who.open(check.url.replace('/segeberg/', '/segeberg/en/'))
    expect(english.text).toContain('Erika Markerfrau')
    for (const { url } of [details, consent, check])
      for (const value of Object.values(erika)) {
        if (value.length > 2) expect(decodeURIComponent(url)).not.toContain(value)
      }
    expect(await stored(installation.admin)).toEqual(before)
    expect(isBooked(await who.send(await who.open(check.url)))).toBe(true)
  })

  test('what is wrong is said on a page that can be opened again, as often as one likes', async () => {
    const { who } = withBrowser()
    const wrong = await who.send(await reachDetails(who), { ...erika, 'f.name': '' })
    expect(wrong.url).toContain('/angaben?vormerkung=')
    const again = await who.open(wrong.url)
    const missing = de('features.fields.missing', { label: 'Vor- und Nachname' })
    for (const page of [wrong, again]) {
      expect([page.status, page.text]).toEqual([422, expect.stringContaining(missing)])
      expect(fieldsOn(page)).toMatchObject({ 'f.email': erika['f.email'] })
    }
    const consent = await who.send(again, { 'f.name': 'Erika' })
    const unticked = await who.send(consent, { kenntnis: 'yes' })
    expect((await who.open(unticked.url)).text).toContain(de('appointments.consent.consentMissing'))
    expect(fieldsOn(await who.open(unticked.url)).kenntnis).toBe('yes')
  })

  test('choosing another time keeps what was typed, and its list can be opened again', async () => {
    const { who } = withBrowser()
    const check = await reachCheck(who)
    const times = await who.send(check, {}, '/termin/zeit')
    expect(times.url).toContain(`vormerkung=${holdOf(check)}`)
    const reopened = await who.open(times.url)
    const moved = await who.send(reopened, { beginn: who.starts(reopened).at(-1) ?? '' }, 'vormerken')
    expect(moved.url).toContain('/pruefen?vormerkung=')
    expect(moved.text).toContain('Erika Markerfrau')
    expect(holdOf(moved)).not.toBe(holdOf(check))
    // Of the time that was given up nothing is left to go on with.
    expect(isBooked(await who.send(moved))).toBe(true)
    expect((await openTimes(who)).text).not.toContain(de('appointments.begun.title'))
  })

  test('more time leads back to the same page, by its address', async () => {
    const { who } = withBrowser()
    const check = await reachCheck(who)
    installation.time.move('PT5M')
    const extended = await who.send(check, { schritt: 'pruefen' }, '/verlaengern')
    expect(extended.url).toMatch(/pruefen\?vormerkung=\S+mehr=extended/)
    expect((await who.open(extended.url)).text).toContain('Erika Markerfrau')
  })

  test('two tabs with two bookings do not disturb each other', async () => {
    const { who } = withBrowser()
    const [mother, daughter] = [await reachDetails(who), await reachDetails(who, { service: 'beratung-telefon' })]
    const first = await who.send(mother, erika)
    const second = await who.send(daughter, { ...erika, 'f.name': 'Ihre Tochter', 'f.phone': '030 23125 777' })
    expect((await who.open(first.url)).html).toContain('Erika Markerfrau')
    expect((await who.open(second.url)).html).toContain('Ihre Tochter')
    expect(isBooked(await who.send(await who.send(await who.open(first.url), agreed)))).toBe(true)
    expect(isBooked(await who.send(await who.send(await who.open(second.url), agreed)))).toBe(true)
  })

  test('whoever comes back to the list is told what they have begun; the same time again is the same hold', async () => {
    const { who } = withBrowser()
    const times = await openTimes(who)
    const beginn = who.starts(times)[1] ?? ''
    const details = await who.send(times, { beginn }, 'vormerken')
    await who.send(details, { 'f.name': 'Erika' })
    const back = await who.open(times.url)
    expect(back.text).toContain(de('appointments.begun.title'))
    const same = await who.send(times, { beginn }, 'vormerken')
    expect([holdOf(same), fieldsOn(same)['f.name']]).toEqual([holdOf(details), 'Erika'])
    const other = await who.open(`${times.url}&vormerkung=${holdOf(details)}`)
    expect(fieldsOn(other)['f.name']).toBe('Erika')
  })

  test('a page opened again after booking says that it is booked, and leads there', async () => {
    const { who } = withBrowser()
    const consent = await who.send(await reachDetails(who), erika)
    const check = await who.send(consent, agreed)
    const again = await who.open(check.url)
    const booked = await who.send(check)
    for (const { url } of [consent, check]) {
      const page = await who.open(url)
      expect([page.status, page.title]).toEqual([410, expect.stringContaining(de('appointments.bookedBefore.title'))])
      expect(page.html).toContain(`/verwalten/${tokenOf(booked)}"`)
    }
    // The same last page in a second tab, with a key of its own.
    const before = await stored(installation.admin)
    const pressed = await who.send(again)
    expect(pressed.html).toContain(`/verwalten/${tokenOf(booked)}"`)
    expect(await stored(installation.admin)).toEqual(before)
    expect((await who.open(booked.url)).status).toBe(200)
  })

  test('giving up leaves neither hold nor draft', async () => {
    const { who, jar } = withBrowser()
    const check = await reachCheck(who)
    const left = await who.send(check, {}, '/abbrechen')
    expect([left.url, jar.has(cookie)]).toEqual(['/segeberg/', false])
    expect((await who.open(check.url)).status).toBe(410)
    const { rows } = await installation.admin.query('select 1 from cell where appointment_id = $1', [holdOf(check)])
    expect(rows).toEqual([])
  })
})

describe('the draft', () => {
  test('can be read by this installation alone, and names nobody once it is booked', async () => {
    const { who, jar } = withBrowser()
    const check = await reachCheck(who)
    const value = jar.get(cookie) ?? ''
    const plain = Buffer.from(value, 'base64url').toString('latin1')
    for (const typed of Object.values(erika).filter(({ length }) => length > 2)) {
      expect([value, plain].join()).not.toContain(typed)
      expect(contentOf(value)).toContain(typed)
    }
    const booked = await who.send(check)
    const kept = contentOf(jar.get(cookie)) ?? ''
    expect(kept).toContain(tokenOf(booked))
    for (const typed of Object.values(erika).filter(({ length }) => length > 2)) expect(kept).not.toContain(typed)
  })

  test('of somebody else, of another Jobcenter, altered, or older than half an hour shows nothing', async () => {
    const { who, jar } = withBrowser()
    const consent = await who.send(await reachDetails(who), erika)
    const value = jar.get(cookie) ?? ''
    const elsewhere = await (async () => {
      const other = withBrowser()
      await who.send(await reachDetails(other.who, { slug: 'musterstadt' }), erika)
      return other.jar.get(cookie) ?? ''
    })()
    const altered = `${value.slice(0, 40)}${value[40] === 'A' ? 'B' : 'A'}${value.slice(41)}`
    const details = consent.url.replace('einwilligung', 'angaben')
    const typedFor = async (kept: string) =>
      fieldsOn(await somebody(installation, { cookie: `${cookie}=${kept}` }).open(details))['f.name']
    expect(await typedFor(value)).toBe('Erika Markerfrau')
    for (const other of ['', 'x', '%00', altered, value.slice(0, -4), elsewhere]) expect(await typedFor(other)).toBe('')
    installation.time.move('PT29M')
    expect(await typedFor(value)).toBe('Erika Markerfrau')
    installation.time.move('PT2M')
    expect(await typedFor(value)).toBe('')
  })

  test('that is too long keeps all but the longest; the page itself is the answer, and nothing is lost', async () => {
    const { who } = withBrowser()
    const other = await who.send(await reachDetails(who, { service: 'beratung-telefon' }), {
      'f.name': 'Ihre Tochter',
    })
    const details = await reachDetails(who)
    await who.send(details, { ...erika, 'f.name': '' })
    const long = { ...erika, 'f.freeText': '🌻'.repeat(1500) }
    const wrong = await who.send(details, long)
    expect([wrong.status, wrong.url.includes('?')]).toEqual([422, false])
    expect(fieldsOn(wrong)).toMatchObject(long)
    const again = fieldsOn(await who.open(details.url))
    expect([again['f.name'], again['f.email'], again['f.freeText']]).toEqual([erika['f.name'], erika['f.email'], ''])
    expect(fieldsOn(await who.open(other.url))['f.name']).toBe('Ihre Tochter')
    const consent = await who.send(wrong, { 'f.freeText': '🌻'.repeat(400) })
    expect(isBooked(await who.send(await who.send(consent, agreed)))).toBe(true)
  })

  test('of one journey ends with its half hour, whatever others begin in the same browser', async () => {
    const { who } = withBrowser()
    const consent = await who.send(await reachDetails(who), erika)
    const details = consent.url.replace('einwilligung', 'angaben')
    for (let i = 0; i < 2; i++) {
      installation.time.move('PT14M')
      await reachDetails(who, { service: 'beratung-telefon' })
      expect(fieldsOn(await who.open(details))['f.name']).toBe('Erika Markerfrau')
    }
    installation.time.move('PT3M')
    expect((await who.open(details)).html).not.toContain('Erika Markerfrau')
  })

  test('of the oldest of six journeys gives way', async () => {
    const { who } = withBrowser()
    const starts = who.starts(await openTimes(who)).slice(0, 6)
    const pages = []
    for (const [i, start] of starts.entries()) {
      const details = await reachDetails(who, { start })
      pages.push(await who.send(details, { ...erika, 'f.name': `Mensch ${i}` }))
    }
    const kept = await Promise.all(pages.map(({ url }) => who.open(url)))
    const names = kept.map((page) => fieldsOn(page)['f.name'] ?? '')
    expect(names).toEqual(['', 'Mensch 1', 'Mensch 2', 'Mensch 3', 'Mensch 4', 'Mensch 5'])
  })

  test('goes whole when somebody discards: other journeys, and the link of what was booked', async () => {
    const { who, jar } = withBrowser()
    const check = await reachCheck(who, { fields: { 'f.name': 'Vor Ihnen' } })
    await who.send(check)
    const next = await reachDetails(who)
    await who.send(next, {}, '/abbrechen')
    expect([...jar.keys()].filter((name) => name === cookie)).toEqual([])
    expect((await who.open(check.url)).html).not.toContain('/verwalten/')
  })
})

describe('booking twice', () => {
  const fields = (n: number) => ({ 'f.email': `twice${n}@example.org` })
  const asked = de('appointments.twice.title')

  test('for the same person within minutes asks whether it is meant; yes books, no leaves the first alone', async () => {
    const who = somebody(installation)
    const booked = await who.send(await reachCheck(who, { fields: fields(1) }))
    const before = await stored(installation.admin)
    const question = await who.send(await reachCheck(who, { fields: fields(1) }))
    expect([question.status, question.text]).toEqual([409, expect.stringContaining(asked)])
    expect(await stored(installation.admin)).toEqual(before)
    await who.send(question, {}, '/abbrechen')
    expect((await who.open(booked.url)).status).toBe(200)
    const second = await who.send(await who.send(await reachCheck(who, { fields: fields(1) })))
    expect([isBooked(second), tokenOf(second) === tokenOf(booked)]).toEqual([true, false])
  })

  test('sent once more because no answer came is none, and is not forgotten for a real second one', async () => {
    const who = somebody(installation)
    const neighbour = somebody(installation, { 'x-forwarded-for': '203.0.113.200' })
    const other = somebody(installation, { 'x-forwarded-for': '203.0.113.200' })
    for (const [n, each] of [who, neighbour, other].entries()) {
      const check = await reachCheck(each, { fields: { ...fields(4), 'f.name': `Mensch ${n}` } })
      const [first, again] = [await each.send(check), await each.send(check)]
      expect([isBooked(first), tokenOf(again)]).toEqual([true, tokenOf(first)])
    }
    const second = await who.send(await reachCheck(who, { fields: { ...fields(4), 'f.name': 'Mensch 0' } }))
    expect(second.text).toContain(asked)
  })

  test('at the same moment in two tabs books once and asks once', async () => {
    const who = somebody(installation)
    const checks = [await reachCheck(who, { fields: fields(2) }), await reachCheck(who, { fields: fields(2) })]
    const pages = await Promise.all(checks.map((check) => who.send(check)))
    expect(pages.map(isBooked).toSorted()).toEqual([false, true])
    expect(pages.find((page) => !isBooked(page))?.text).toContain(asked)
  })

  test('is asked about on either side of midnight, too', async () => {
    installation.time.set('2026-11-23T22:58:00Z')
    const who = somebody(installation)
    const check = await reachCheck(who, { fields: fields(5) })
    const other = await reachCheck(who, { fields: fields(5) })
    expect(isBooked(await who.send(check))).toBe(true)
    installation.time.move('PT4M')
    expect((await who.send(other)).text).toContain(asked)
  })

  test('asks nobody else: another person, another connection, later, or after cancelling', async () => {
    const who = somebody(installation)
    const first = await who.send(await reachCheck(who, { fields: fields(3) }))
    const sister = { ...fields(3), 'f.name': 'Ihre Schwester' }
    expect(isBooked(await who.send(await reachCheck(who, { fields: sister })))).toBe(true)
    const stranger = somebody(installation)
    expect(isBooked(await stranger.send(await reachCheck(stranger, { fields: fields(3) })))).toBe(true)
    installation.time.move('PT11M')
    const later = await who.send(await reachCheck(who, { fields: fields(3) }))
    expect(isBooked(later)).toBe(true)
    for (const { url } of [first, later]) await who.send(await who.open(`${url.split('?')[0]}/absagen`))
    expect(isBooked(await who.send(await reachCheck(who, { fields: fields(3) })))).toBe(true)
  })
})
