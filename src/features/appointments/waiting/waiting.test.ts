import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunningTenant } from '#register/register.ts'
import { aMachineRoom, type Room } from '#test/helpers/backup.ts'
import { dump, findTraces } from '#test/helpers/dump.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, codeIn, type Person, person, type Seen } from '#test/helpers/person.ts'
import { everything, letLoose, mailsAreOut } from '#test/helpers/robot.ts'
import { faults, noFaults, openTimes, reachCheck, somebody, start, type Way, wordsIn } from '../booking.fixture.ts'
import { keepCells } from '../capacity/plan/keep-cells.ts'
import { sendReminders } from '../reminder/reminder.ts'
import { sweepOffers } from './offer.ts'

/* One desk, so that a time that somebody gives up is a time that somebody else gets. */

const slug = 'musterstadt'
const de = wordsIn('de')
const nine = '2026-12-01T08:00:00Z'
const half = '2026-12-01T08:30:00Z'
const ten = '2026-12-01T09:00:00Z'
const eleven = '2026-12-01T10:00:00Z'
const nextDay = '2026-12-02T08:00:00Z'
const dayAfter = '2026-12-03T08:00:00Z'

let installation: Installation
let running: RunningTenant
beforeAll(async () => {
  installation = await startInstallation({
    start,
    edit: {
      'musterstadt/tenant.yaml': (text) =>
        text.replace('desks: { public: 4, internal: 1 }', 'desks: { public: 1, internal: 1 }'),
    },
  })
  running = installation.deps.register.running.get(slug) as RunningTenant
})
afterAll(() => installation.close())
beforeEach(async () => {
  installation.time.set(start)
  await forgetAll()
  await keepCells(scene()) // after a test that swept a later day, this day's are gone
})

/** Everything as it was before anybody came. */
const forgetAll = () =>
  installation.wipe(`update cell set free_from = '-infinity', appointment_id = null where appointment_id is not null;
    delete from appointment; delete from vault.record; delete from mail_delivery`)

let mailboxes = 0
const scene = () => ({ deps: installation.deps, running, now: installation.time.clock() })
const sweep = () => sweepOffers(scene())
const count = async (query: string): Promise<number> => (await installation.admin.query(query)).rowCount ?? 0
/** Open offers by their start. */
const open = async (): Promise<string[]> =>
  (await installation.admin.query(`select starts_at from offer where status = 'open' order by 1`)).rows.map(
    ({ starts_at }: { starts_at: Date }) => Temporal.Instant.fromEpochMilliseconds(starts_at.getTime()).toString(),
  )
const freeStarts = async (day = nine) => {
  const who = somebody(installation)
  return who.starts(await openTimes(who, { slug, start: day }))
}

const aBooking = async (at: string, way: Way = {}) => {
  const who = somebody(installation)
  const address = `w${++mailboxes}@example.org`
  const fields = { 'f.email': address, ...way.fields }
  const booked = await who.send(await reachCheck(who, { slug, start: at, ...way, fields }))
  const manage = booked.url.split('?')[0] ?? ''
  expect(manage).toContain('/verwalten/')
  return {
    who,
    manage,
    address,
    cancel: async () => who.send(await who.open(`${manage}/absagen`)),
    wait: async () => {
      installation.time.move('PT1S')
      return who.send(await who.open(manage), {}, 'frueher')
    },
    page: () => who.open(manage),
    offers: () =>
      installation.mailbox.messages().filter((mail) => mail.to === address && /frühere|earlier/.test(mail.subject)),
    /** The link of the newest offer. */
    link: async (number = 1): Promise<string> => {
      const mails = () =>
        installation.mailbox
          .messages()
          .filter((mail) => mail.to === address && /frühere|earlier/.test(mail.subject))
          .toReversed()
      const mail = await eventually(() => mails()[number - 1], `offer ${number} to ${address}`)
      return /http:\/\/anlaufstelle\.test(\/\S+\/angebot\/[\w-]+)/.exec(mail.text)?.[1] ?? ''
    },
  }
}
type Booking = Awaited<ReturnType<typeof aBooking>>
const accept = async (who: Person, link: string): Promise<Seen> =>
  who.send(await who.open(link), { antwort: 'ja' }, 'angebot')
const timeOf = async ({ page }: Booking) => /\d?\d\. Dezember 2026, \d\d:\d\d/.exec((await page()).text)?.[0]

describe('whoever waits', () => {
  test('says so with a tick and one press, sees it on the page and among what is stored, and can stop', async () => {
    const one = await aBooking(ten)
    const page = await one.wait()
    expect(page.url).toBe(`${one.manage}?neu=3`)
    expect(page.text).toContain(de('appointments.waiting.joined'))
    await one.who.post(`${one.manage}/frueher`, { formToken: '' })
    expect((await one.who.open(`${one.manage}/daten`)).text).toContain('Seit wann Sie auf eine frühere Zeit warten')
    expect(await count('select from wish')).toBe(1)
    const left = await one.who.send(await one.page(), {}, 'beenden')
    expect(left.text).toContain(de('appointments.waiting.left'))
    expect(await count('select from wish')).toBe(0)
    expect((await one.who.open(`${one.manage}/daten`)).text).not.toContain('Seit wann Sie auf eine frühere Zeit warten')
  })

  test('keeps their place in the line, however often they press', async () => {
    const one = await aBooking(ten)
    const before = await one.page()
    await one.wait()
    const { rows } = await installation.admin.query('select wished_at from wish')
    installation.time.move('PT1H')
    const again = await one.who.send(before, {}, 'frueher')
    expect(again.status).toBe(200)
    expect((await installation.admin.query('select wished_at from wish')).rows).toEqual(rows)
  })

  test('is offered a time that becomes free, which nobody else sees, and takes it', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(nextDay)]
    await one.wait()
    await first.cancel()
    expect(await open()).toEqual([nine])
    expect(await freeStarts()).not.toContain(nine)
    const page = await one.who.open(await one.link())
    expect([page.status, page.title]).toEqual([200, expect.stringContaining(de('appointments.waiting.offer.title'))])
    expect(page.text).toContain('Montag, 23. November 2026 um 11:00 Uhr')
    expect((await one.page()).text).toContain(de('appointments.waiting.offered'))
    const moved = await accept(one.who, await one.link())
    expect(moved.title).toContain(de('appointments.manage.moved'))
    expect(await timeOf(one)).toBe('1. Dezember 2026, 09:00')
    expect(await freeStarts(nextDay)).toContain(nextDay)
    expect(await count('select from wish')).toBe(0)
    expect(await count(`select from appointment where status = 'held'`)).toBe(0)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('loses nothing to a program that follows every mailed link and presses every button behind it', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(dayAfter, { fields: { 'f.reminder': 'yes' } })]
    await mailsAreOut(installation.admin)
    await one.who.send(await one.who.open(`${one.manage}/verschieben`), { beginn: nextDay }, 'verschieben')
    await mailsAreOut(installation.admin)
    installation.time.set('2026-11-30T08:00:00Z')
    await sendReminders(scene())
    await mailsAreOut(installation.admin)
    await one.wait()
    await first.cancel()
    await one.link()
    // What the worker would do by itself meanwhile, as a week has passed.
    await installation.sweep()
    const before = await everything(installation.admin)
    const links = installation.mailbox
      .messages()
      .filter(({ to }) => to === one.address)
      .map(({ text }) => /http:\/\/anlaufstelle\.test(\/\S+\/verwalten\/\S+)/.exec(text)?.[1] ?? '')
    expect(links).toHaveLength(4) // booked, moved, soon, something earlier
    for (const link of new Set(links)) {
      const robot = await letLoose(somebody(installation), link, /verwalten\/([\w-]{22})/.exec(link)?.[1] ?? '')
      expect(robot.seen).toBeGreaterThan(10)
      expect(robot.sent).toBeGreaterThan(6)
    }
    expect(await everything(installation.admin)).toBe(before)
  })

  test.each([
    ['frueher', 'frueher', 'appointments.waiting.heading'],
    ['erinnerung/beenden', 'erinnerung', 'appointments.reminder.heading'],
  ] as const)('who presses without a tick is asked at the box, and nothing changes: %s', async (path, to, title) => {
    const one = await aBooking(dayAfter, { fields: { 'f.reminder': 'yes' } })
    const form = await one.page()
    const before = await everything(installation.admin)
    const unsure = { sicherFrueher: '', sicherErinnerung: '' }
    const asked = await one.who.send(form, unsure, to)
    expect([asked.status, asked.url]).toEqual([422, `${one.manage}/${path}`])
    expect(asked.title).toContain(de(title))
    expect(asked.text).toContain(de('appointments.sure.missing'))
    expect(asked.all('[href^="#field-sicher"]')).not.toEqual([])
    await one.who.send(asked, unsure)
    expect(await everything(installation.admin)).toBe(before)
    expect((await one.who.send(asked)).status).toBe(200)
    expect(await everything(installation.admin)).not.toBe(before)
  })

  test('leaves no link, address or name to be read in any table, while the offer stands', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(nextDay)]
    await one.wait()
    await first.cancel()
    const [, token = ''] = /verwalten\/([\w-]{22})/.exec(await one.link()) ?? []
    expect(token).toHaveLength(22)
    const values = { token, bits: Buffer.from(token, 'base64url'), address: one.address, name: 'Markerfrau' }
    expect(findTraces(await dump(installation.admin), values)).toEqual([])
  })

  test('is not offered the time of another appointment that they withdraw in the same moment', async () => {
    const earlier = await aBooking(nine)
    installation.time.move('PT1M')
    const one = await aBooking(nextDay, { fields: { 'f.email': earlier.address } })
    await one.wait()
    const asked = await one.who.send(await one.who.open(`/${slug}/widerruf`), { email: earlier.address })
    const isCode = ({ to, subject }: { to: string; subject: string }) =>
      to === earlier.address && subject === 'Ihr Code'
    const mail = await eventually(() => installation.mailbox.messages().find(isCode), 'a code')
    const shown = await one.who.send(asked, { code: codeIn(mail.text) })
    const done = await one.who.send(shown)
    expect(done.title).toContain(de('rights.withdrawal.done'))
    expect(await count(`select from appointment where status = 'booked'`)).toBe(0)
    expect(await count(`select from mail_delivery where kind = 'appointment.offer'`)).toBe(0)
    expect(await count(`select from mail_delivery where kind = 'appointment.withdrawn'`)).toBe(2)
    expect(await freeStarts()).toContain(nine)
  })

  test('goes on waiting after a refusal that names no choice', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(nextDay)]
    await one.wait()
    await first.cancel()
    await one.who.send(await one.who.open(await one.link()), { antwort: 'weiter' }, 'angebot')
    expect([await count('select from wish'), await open()]).toEqual([1, []])
  })

  test('who declined a time and waits again is not asked about it again, and whoever gives it up does not notice', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(nextDay)]
    await one.wait()
    await first.cancel()
    await one.who.send(await one.who.open(await one.link()), { antwort: 'nein' }, 'angebot')
    const second = await aBooking(nine)
    await one.wait()
    const cancelled = await second.cancel()
    expect([cancelled.status, cancelled.title]).toEqual([200, expect.stringContaining(de('appointments.cancel.done'))])
    expect([await open(), one.offers().length]).toEqual([[], 1])
    expect(await freeStarts()).toContain(nine)
  })

  test('gets three offers, however often they begin to wait: then the next are asked, and the page says so', async () => {
    const [one, two] = [await aBooking(nextDay), await aBooking(dayAfter)]
    const form = await one.page()
    await one.wait()
    await two.wait()
    for (const [nth, start] of [nine, half, ten, eleven].entries()) {
      const earlier = await aBooking(start)
      await earlier.cancel()
      const mine = await one.who.open(one.manage)
      if (start === eleven) {
        expect(mine.text).toContain(de('appointments.waiting.enough'))
        expect(mine.text).not.toContain(de('appointments.waiting.join'))
        continue
      }
      await one.who.send(await one.who.open(await one.link(nth + 1)), { antwort: 'nein' }, 'angebot')
      await one.who.send(form, {}, 'frueher')
    }
    expect([one.offers().length, two.offers().length > 0]).toEqual([3, true])
    const mine = await count(
      `select from wish w join appointment a on a.id = w.appointment_id where a.starts_at = '${nextDay}'`,
    )
    expect(mine).toBe(0)
  })

  test.each(['declines', 'lets pass'])('waits for nothing any more once they %s the third offer', async (what) => {
    const one = await aBooking(nextDay)
    await one.wait()
    for (const [nth, start] of [nine, half, ten].entries()) {
      await (await aBooking(start)).cancel()
      const offer = await one.who.open(await one.link(nth + 1))
      expect(offer.html.includes('value="weiter"')).toBe(nth < 2)
      if (nth === 2 && what === 'lets pass') {
        installation.time.move('PT3H')
        await sweep()
      } else await one.who.send(offer, { antwort: 'weiter' }, 'angebot')
    }
    expect(await count('select from wish')).toBe(0)
    expect((await one.page()).text).toContain(de('appointments.waiting.enough'))
  })

  test('is not offered the list when their mails do not arrive, nor taken into it', async () => {
    const one = await aBooking(nextDay)
    const form = await one.page()
    await installation.admin.query(`update mail_delivery set status = 'refused', ended_at = queued_at, erase_at = queued_at + interval '7 days',
      about = (select id from appointment where status = 'booked')`)
    expect((await one.page()).text).not.toContain(de('appointments.waiting.join'))
    await one.who.send(form, {}, 'frueher')
    expect(await count('select from wish')).toBe(0)
  })

  test('accepts twice, also at once, and has moved once', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(nextDay)]
    await one.wait()
    await first.cancel()
    const page = await one.who.open(await one.link())
    const pages = await Promise.all([1, 2, 3].map(() => one.who.send(page, { antwort: 'ja' }, 'angebot')))
    pages.push(await one.who.send(page, { antwort: 'ja' }, 'angebot'))
    for (const seen of pages) expect(seen.title).toContain(de('appointments.manage.moved'))
    const again = await one.who.open(await one.link())
    expect([again.status, again.title]).toEqual([
      200,
      pages[0]?.title.replace(/^[^–]+/, `${de('appointments.manage.title')} `),
    ])
    expect(again.text).not.toContain(de('appointments.waiting.late.title'))
    const { rows } = await installation.admin.query(`select sequence from appointment where status = 'booked'`)
    expect(rows).toEqual([{ sequence: 1 }])
    expect(await count(`select from mail_delivery where kind = 'appointment.moved'`)).toBe(1)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('longest is asked first; what they give up is offered to the next', async () => {
    const first = await aBooking(nine)
    const [one, two] = [await aBooking(eleven), await aBooking(nextDay)]
    await two.wait()
    await one.wait()
    await first.cancel()
    expect(two.offers().length + Number((await two.link()).length > 0)).toBeGreaterThan(0)
    expect(one.offers()).toEqual([])
    await accept(two.who, await two.link())
    expect(await open()).toEqual([]) // what became free at last comes after the time that one has
    const three = await aBooking(dayAfter)
    await three.wait()
    await one.cancel()
    expect(await open()).toEqual([eleven])
    expect(await three.link()).not.toBe('')
  })

  test('in a chain each moves up by one, and the last time is free for everybody', async () => {
    const first = await aBooking(nine)
    const rest = [await aBooking(eleven), await aBooking(nextDay), await aBooking(dayAfter)]
    for (const one of rest) await one.wait()
    await first.cancel()
    for (const one of rest) await accept(one.who, await one.link())
    expect(await Promise.all(rest.map(timeOf))).toEqual([
      '1. Dezember 2026, 09:00',
      '1. Dezember 2026, 11:00',
      '2. Dezember 2026, 09:00',
    ])
    expect(await freeStarts(dayAfter)).toContain(dayAfter)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('is not offered a later time, one that is too near, or one that is too short for the visit', async () => {
    const call = { service: 'beratung-telefon', fields: { 'f.phone': '030 23125 777' } }
    const one = await aBooking(ten)
    await one.wait()
    const later = await aBooking(nextDay)
    await later.cancel()
    const short = await aBooking('2026-12-01T07:20:00Z', call)
    const beside = await aBooking('2026-12-01T07:40:00Z', call)
    const before = await aBooking('2026-12-01T07:00:00Z', call)
    await short.cancel()
    expect(await open()).toEqual([])
    expect(before.manage && beside.manage).not.toBe('')
    const near = await aBooking(nine)
    installation.time.set('2026-12-01T05:50:00Z')
    await near.cancel()
    expect(await open()).toEqual([])
  })

  test('and who has given no address cannot wait, nor at a Jobcenter that keeps no list', async () => {
    const one = await aBooking(ten, { fields: { 'f.email': '' } })
    expect((await one.page()).html).not.toContain('/frueher')
    const other = await aBooking(ten, { slug: 'segeberg' })
    expect((await other.page()).html).not.toContain('/frueher')
    const form = await one.who.open(`${one.manage}/absagen`)
    for (const { manage, who } of [one, other]) {
      const token = (await who.open(`${manage}/absagen`)).field('formToken')
      expect((await who.post(`${manage}/frueher`, { formToken: token, sicherFrueher: 'yes' })).url).toBe(manage)
    }
    expect(form.status).toBe(200)
    expect(await count('select from wish')).toBe(0)
  })
})

describe('an offer', () => {
  /** A time that one and two wait for, in this order; one has the offer. */
  const anOffer = async () => {
    const first = await aBooking(nine)
    const [one, two] = [await aBooking(nextDay), await aBooking(dayAfter)]
    await one.wait()
    await two.wait()
    await first.cancel()
    return { one, two, link: await one.link() }
  }

  test('that nobody answers goes to the next at the deadline, then to everybody; the first goes on waiting, but not for it', async () => {
    const { one, two, link } = await anOffer()
    installation.time.move('PT1H59M58S')
    await sweep()
    expect(two.offers()).toEqual([])
    installation.time.move('PT2S')
    expect((await one.who.open(link)).status).toBe(410)
    installation.time.move('PT1M')
    expect(await freeStarts()).not.toContain(nine) // it is on its way to the next, also if the sweep is late
    await sweep()
    await two.link()
    expect(await freeStarts()).not.toContain(nine)
    installation.time.move('PT2H')
    await sweep()
    expect(await open()).toEqual([])
    expect(await freeStarts()).toContain(nine)
    expect(await count('select from wish')).toBe(2)
    const third = await aBooking(half)
    await third.cancel()
    expect(await open()).toEqual([half])
    expect(await one.link(2)).not.toBe(link)
  })

  test('accepted too late leads to a page that says so, with the free times; the appointment stays', async () => {
    const { one, two, link } = await anOffer()
    const page = await one.who.open(link)
    installation.time.move('PT2H')
    await sweep()
    const late = await one.who.send(page, { antwort: 'ja' }, 'angebot')
    expect(late.status).toBe(410)
    expect(late.text).toContain(de('appointments.waiting.late.title'))
    expect(late.text).toContain('Dienstag, 24. November 2026, 09:00')
    expect(await timeOf(one)).toBe('2. Dezember 2026, 09:00')
    await accept(two.who, await two.link())
    expect(await timeOf(two)).toBe('1. Dezember 2026, 09:00')
    expect((await one.who.open(link)).status).toBe(410)
  })

  test('is asked for once more where the form was sent without an answer', async () => {
    const { one, link } = await anOffer()
    const page = await one.who.open(link)
    expect(page.all('input[type=radio][checked]')).toEqual([])
    const before = await everything(installation.admin)
    for (const changes of [{}, { antwort: 'x' }] as Record<string, string>[]) {
      const again = await one.who.send(page, changes, 'angebot')
      expect([again.status, again.text]).toEqual([
        422,
        expect.stringContaining(de('appointments.waiting.offer.missing')),
      ])
    }
    expect(await everything(installation.admin)).toBe(before)
  })

  test('is over at its deadline, whether or not a sweep has come by, and once it was declined', async () => {
    const { one, link } = await anOffer()
    const page = await one.who.open(link)
    installation.time.move('PT2H')
    expect((await one.who.send(page, { antwort: 'ja' }, 'angebot')).status).toBe(410)
    expect(await timeOf(one)).toBe('2. Dezember 2026, 09:00')
    await sweep()
    const first = await aBooking(half)
    await first.cancel()
    const second = await one.who.open(await one.link(2))
    await one.who.send(second, { antwort: 'nein' }, 'angebot')
    expect((await one.who.send(second, { antwort: 'ja' }, 'angebot')).status).toBe(410)
    expect(await timeOf(one)).toBe('2. Dezember 2026, 09:00')
  })

  test.each([
    ['weiter warten', 'weiter', 2],
    ['nicht mehr warten', 'nein', 1],
  ])('that is declined goes to the next at once: %s', async (_, antwort, wishes) => {
    const { one, two, link } = await anOffer()
    const page = await one.who.send(await one.who.open(link), { antwort }, 'angebot')
    expect(page.status).toBe(200)
    await two.link()
    expect(await count('select from wish')).toBe(wishes)
    expect(await timeOf(one)).toBe('2. Dezember 2026, 09:00')
    expect((await one.who.open(link)).status).toBe(410)
  })

  test.each(['absagen', 'widerrufen'])('goes to the next when its person decides to %s', async (what) => {
    const { one, two } = await anOffer()
    await one.who.send(await one.who.open(`${one.manage}/${what}`))
    await two.link()
    expect(await open()).toEqual([nine])
    expect(await count('select from wish')).toBe(1)
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('ends, and the wish with it, when its person moves by themselves', async () => {
    const { one, two } = await anOffer()
    await one.who.send(await one.who.open(`${one.manage}/verschieben`), { beginn: eleven }, 'verschieben')
    await two.link()
    expect(await count('select from wish')).toBe(1)
    expect(await open()).toEqual([nine])
  })

  test('is worth nothing to anybody else, nor at another Jobcenter, nor with another number', async () => {
    const { one, two, link } = await anOffer()
    const id = link.split('/').at(-1) ?? ''
    for (const stranger of [`${two.manage}/angebot/${id}`, `${one.manage}/angebot/${crypto.randomUUID()}`]) {
      const page = await two.who.open(stranger)
      expect([stranger, page.status]).toEqual([stranger, 410])
      expect(page.text).not.toContain('Dezember 2026 um')
    }
    const token = (await two.page()).field('formToken')
    for (const antwort of ['ja', 'weiter', 'nein']) {
      await two.who.post(`${two.manage}/angebot/${id}`, { formToken: token, antwort })
    }
    expect(await open()).toEqual([nine])
    expect([await timeOf(one), await timeOf(two)]).toEqual(['2. Dezember 2026, 09:00', '3. Dezember 2026, 09:00'])
    expect((await two.who.open(link.replace('/musterstadt/', '/segeberg/'))).status).toBe(410)
  })

  test('is found by a link with something behind it; one that is cut leads to the appointment and never says that the offer is over', async () => {
    const { one, link } = await anOffer()
    for (const rubbish of ['.', ')', '%E2%80%8B', '&gt;'])
      expect((await one.who.open(link + rubbish)).url).toBe(new URL(link, 'http://x').pathname)
    for (const length of [link.length - 1, link.length - 30, link.indexOf('angebot') + 3])
      expect((await one.who.open(link.slice(0, length))).url).toBe(link.split('/angebot')[0])
    expect(await open()).toEqual([nine])
  })

  test('is not answered by opening its page, and leaves no trace of the person once their record is gone', async () => {
    const { one, two, link } = await anOffer()
    for (const path of [link, `${link}?antwort=ja`, `${one.manage}/frueher`, `${one.manage}/frueher/beenden`])
      await one.who.open(path)
    expect(await open()).toEqual([nine])
    expect(await count('select from wish')).toBe(2)
    await one.cancel()
    expect((await one.who.open(link)).status).toBe(410)
    await two.cancel()
    await sweep()
    expect([await count('select from wish'), await count('select from offer')]).toEqual([0, 0])
    expect(await freeStarts()).toContain(nine)
  })

  test('is not made to a record that does not open, and whoever frees the time does not notice', async () => {
    const [first, one, two] = [await aBooking(nine), await aBooking(nextDay), await aBooking(dayAfter)]
    await one.wait()
    await installation.admin.query(
      `update vault.record set sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1)
       where id = (select record_id from wish)`,
    )
    await two.wait()
    expect((await first.cancel()).title).toContain(de('appointments.cancel.done'))
    expect(await open()).toEqual([nine])
    expect(await two.link()).not.toBe('')
    expect(await faults(installation.admin)).toEqual(noFaults)
  })

  test('is not made to a record that is held back', async () => {
    const [first, one] = [await aBooking(nine), await aBooking(nextDay)]
    await one.wait()
    await installation.admin.query(
      `update vault.record set hold_reason = 'tax-law', held_at = now(), restricted_at = now()
       where id = (select record_id from wish)`,
    )
    await first.cancel()
    expect(await open()).toEqual([])
    expect(await freeStarts()).toContain(nine)
    await installation.admin.query('update vault.record set hold_reason = null, held_at = null, restricted_at = null')
  })
})

describe('at once', () => {
  test('two cancellations give two who wait one time each, and nobody two', async () => {
    for (let round = 0; round < 5; round++) {
      const pair = [await aBooking(nine), await aBooking(half)]
      const waiting = [await aBooking(nextDay), await aBooking(dayAfter)]
      for (const one of waiting) await one.wait()
      const pages = await Promise.all(pair.map((one) => one.cancel()))
      for (const page of pages) expect(page.title).toContain(de('appointments.cancel.done'))
      const offers = await open()
      expect(offers.length).toBeGreaterThanOrEqual(1) // the second may find everybody who waits in the first one's hands
      expect(offers.length).toBeLessThanOrEqual(2)
      expect(await count('select appointment_id from offer group by 1 having count(*) > 1')).toBe(0)
      expect(await faults(installation.admin)).toEqual(noFaults)
      for (const one of waiting) await one.cancel()
    }
  })

  test('six times that become free are offered to the one who waits one at a time', async () => {
    const starts = Array.from({ length: 6 }, (_, i) =>
      Temporal.Instant.from(nine)
        .add({ minutes: 30 * i })
        .toString(),
    )
    for (let round = 0; round < 4; round++) {
      const people = []
      for (const start of starts) people.push(await aBooking(start))
      const one = await aBooking(nextDay)
      await one.wait()
      const pages = await Promise.all(people.map((each) => each.cancel()))
      for (const page of pages) expect(page.title).toContain(de('appointments.cancel.done'))
      expect(await open()).toHaveLength(1)
      await one.cancel()
      expect(await open()).toEqual([])
    }
  })

  test('two who wait and cancel free their times for each other, and neither waits for ever', async () => {
    for (let round = 0; round < 5; round++) {
      const pair = [await aBooking(nine), await aBooking(half)]
      for (const one of pair) await one.wait()
      const pages = await Promise.all(pair.map((one) => one.cancel()))
      for (const page of pages) expect(page.title).toContain(de('appointments.cancel.done'))
      expect(await open()).toEqual([])
      expect(await count('select from wish')).toBe(0)
    }
  })

  test('whoever frees a time waits for nobody who is just taking the one beside it', async () => {
    const first = await aBooking('2026-12-01T08:20:00Z', { service: 'unterlagen&ort=rathausplatz' })
    const one = await aBooking(nextDay)
    await one.wait()
    const another = new pg.Client(installation.database.connection)
    await another.connect()
    await another.query('begin')
    const taking = await another.query(`select from cell where starts_at = $1 for update`, [nine])
    expect(taking.rowCount).toBeGreaterThan(0)
    const answer = await Promise.race([first.cancel(), new Promise((resolve) => setTimeout(resolve, 60_000, null))])
    await another.query('rollback')
    await another.end()
    expect(answer).toMatchObject({ title: expect.stringContaining(de('appointments.cancel.done')) })
    expect(await open()).toEqual([])
    expect(await freeStarts()).toContain(nine)
  })

  test('an acceptance in the last moment and the sweep do not give the time to two', async () => {
    for (let round = 0; round < 8; round++) {
      const first = await aBooking(nine)
      const [one, two] = [await aBooking(nextDay), await aBooking(dayAfter)]
      await one.wait()
      await two.wait()
      await first.cancel()
      const link = await one.link()
      const page = await one.who.open(link)
      installation.time.move('PT2H')
      const late = scene()
      installation.time.move('-PT1S')
      const [answer] = await Promise.all([
        one.who.send(page, { antwort: 'ja' }, 'angebot'),
        sweepOffers(late),
        sweepOffers(late),
      ])
      const accepted = answer.title.includes(de('appointments.manage.moved'))
      expect(answer.status).toBe(accepted ? 200 : 410)
      expect(await timeOf(one)).toBe(accepted ? '1. Dezember 2026, 09:00' : '2. Dezember 2026, 09:00')
      expect(await open()).toEqual(accepted ? [nextDay] : [nine])
      expect(await faults(installation.admin)).toEqual(noFaults)
      await one.cancel()
      await two.cancel()
      installation.time.set(start)
    }
  })

  test('five sweeps pass a time on once', async () => {
    const first = await aBooking(nine)
    const people = [await aBooking(eleven), await aBooking(nextDay), await aBooking(dayAfter)]
    for (const one of people) await one.wait()
    await first.cancel()
    installation.time.move('PT2H')
    await Promise.all(Array.from({ length: 5 }, sweep))
    expect(await count('select from offer')).toBe(2)
    expect(await open()).toEqual([nine])
    await keepCells(scene())
    expect(await faults(installation.admin)).toEqual(noFaults)
  })
})

describe('after a restore', () => {
  let room: Room
  beforeAll(() => {
    room = aMachineRoom()
  })
  afterAll(() => room.close())

  test('who had cancelled since waits for nothing, the others in their old order; an offer goes on or lapses', async () => {
    const place = await room.preparedPlace()
    const before = await room.start(place, start)
    const book = async (at: string) => {
      const who = person(before)
      const { manage } = await bookAppointment(who, { slug, start: at })
      before.time.move('PT1S')
      return { who, manage, wait: async () => who.send(await who.open(manage), {}, 'frueher') }
    }
    const people = [await book(nextDay), await book(dayAfter), await book('2026-12-04T08:00:00Z')]
    for (const one of people) {
      await one.wait()
      before.time.move('PT1S')
    }
    const gives = await book(nine)
    await gives.who.send(await gives.who.open(`${gives.manage}/absagen`))
    const made = await room.backup(place, before.deps.clock)
    const [first, second] = people
    await first?.who.send(await first.who.open(`${first.manage}/absagen`))
    const written = async () =>
      (
        await before.admin.query(
          `select from vault.erasure where activity = 'appointments.booking' and written_at is null`,
        )
      ).rowCount === 0
    await eventually(written, 'the ledger')
    await before.close()
    const again = await room.newPlace()
    const later = Temporal.Instant.from(start).add({ hours: 1 })
    await room.restore(again, made.folder, () => later)
    const after = await room.start(again, later)
    const rows = async (query: string) => (await after.admin.query(query)).rows
    expect(await rows('select from wish')).toHaveLength(2)
    expect(await rows('select from offer')).toEqual([])
    expect(await rows(`select from appointment where status = 'held'`)).toEqual([])
    expect(await rows(`select from cell where free_from > '-infinity' and free_from < 'infinity'`)).toEqual([])
    expect(await faults(after.admin)).toEqual(noFaults)
    const who = person(after)
    const anew = await bookAppointment(who, { slug, start: nine })
    await who.send(await who.open(`${anew.manage}/absagen`))
    expect((await person(after).open(second?.manage ?? '')).text).toContain(de('appointments.waiting.offered'))
    await after.close()
  })
})

test('a connection that sends wish after wish is asked to wait, and every appointment stays', async () => {
  const one = await aBooking(ten)
  const page = await one.page()
  const answers = []
  for (let n = 0; n < 31; n++) answers.push((await one.who.send(page, {}, 'frueher')).status)
  expect(answers.filter((status) => status === 429)).toHaveLength(1)
  expect(answers.at(-1)).toBe(429)
  expect(await timeOf(one)).toBe('1. Dezember 2026, 10:00')
})
