import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunningTenant } from '#register/register.ts'
import { aMachineRoom, type Room } from '#test/helpers/backup.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, person } from '#test/helpers/person.ts'
import { goOn, reachCheck, reachDetails, somebody, start, tokenOf, type Way, wordsIn } from '../booking.fixture.ts'
import { bookableOf } from '../tenant.ts'
import { remindAt } from './plan.ts'
import { sendReminders } from './reminder.ts'

/* Whoever asked for it is reminded once, two days before, in their language; nobody else is. */

const slug = 'musterstadt'
const de = wordsIn('de')
const en = wordsIn('en')
const begins = '2026-12-02T08:00:00Z'
const due = '2026-11-30T08:00:00Z'

let installation: Installation
let running: RunningTenant
beforeAll(async () => {
  installation = await startInstallation({ start })
  running = installation.deps.register.running.get(slug) as RunningTenant
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

let mailboxes = 0
const send = () => sendReminders({ deps: installation.deps, running, now: installation.time.clock() })
/** How many mails of this kind have ever been queued: what was sent in the same moment cannot be waited for. */
const reminders = async (): Promise<number> =>
  (await installation.admin.query(`select from mail_delivery where kind = 'appointment.reminder'`)).rowCount ?? 0

const aBooking = async ({ fields, ...way }: Way = {}) => {
  const who = somebody(installation)
  const address = `r${++mailboxes}@example.org`
  const typed = { 'f.email': address, 'f.reminder': 'yes', ...fields }
  const booked = await who.send(await reachCheck(who, { slug, start: begins, ...way, fields: typed }))
  const token = tokenOf(booked)
  const find = () =>
    installation.mailbox.messages().find((mail) => mail.to === address && /Erinner|Remind/.test(mail.subject))
  const mail = () => eventually(find, `a reminder to ${address}`)
  const link = async () => /(\/musterstadt\S+verwalten\/[\w-]{22})/.exec((await mail()).text)?.[1] ?? ''
  return { who, booked, token, manage: booked.url.split('?')[0] ?? '', mail, link }
}

/** What the sweeps at these moments sent. */
const sentAt = async (...moments: string[]): Promise<number> => {
  const before = await reminders()
  for (const moment of moments) {
    installation.time.set(moment)
    await send()
  }
  return (await reminders()) - before
}

describe('a reminder', () => {
  test.each([
    ['de', de],
    ['en', en],
  ] as const)('goes out two days before, in the language of the booking, once: %s', async (language, t) => {
    const { mail, link, who, token } = await aBooking({ language })
    expect(await sentAt('2026-11-30T07:59:59Z')).toBe(0)
    expect(await sentAt(due, due)).toBe(1)
    const { subject, text, calendar } = await mail()
    expect(await sentAt('2026-12-01T08:00:00Z')).toBe(0)
    expect(subject).toContain('09:00')
    const words = text.replace(/\s+/g, ' ')
    for (const part of [
      t('appointments.mail.reminder.heading'),
      t('appointments.onTheDay.bringShort'),
      'Musterstraße 1, 12345 Musterstadt',
      t('appointments.atTime', { time: '09:00' }),
    ])
      expect(words).toContain(part)
    expect(words).toMatch(/[A-Z2-9]{4}-[A-Z2-9]{4}/)
    expect(words).not.toMatch(/Erika|Markerfrau|Beratung|Advice/)
    expect(calendar).toContain('SEQUENCE:0')
    expect(await link()).not.toContain(token)
    const page = await who.open(await link())
    expect([page.status, page.title]).toEqual([200, expect.stringContaining(t('appointments.manage.title'))])
    await who.send(await who.open(`${await link()}/absagen`))
  })

  test('carries a link that moves and cancels as the first one does; both end with the record', async () => {
    const { who, manage, link } = await aBooking()
    expect(await sentAt(due)).toBe(1)
    const later = await link()
    installation.time.set(start)
    const moved = await who.send(
      await who.open(`${later}/verschieben`),
      { beginn: '2026-12-03T08:00:00Z' },
      'verschieben',
    )
    expect(moved.url).toBe(`${later}?neu=2`)
    expect((await who.open(manage)).text).toMatch(/3\. Dezember/)
    const done = await who.send(await who.open(`${manage}/absagen`))
    expect(done.title).toContain(de('appointments.cancel.done'))
    expect([(await who.open(manage)).status, (await who.open(later)).status]).toEqual([410, 410])
    const { rows } = await installation.admin.query(
      'select from vault.blind_index b where not exists (select from vault.record r where r.id = b.record_id)',
    )
    expect(rows).toEqual([])
  })

  test('carries a link that is worth nothing at another Jobcenter, and that no list or job repeats', async () => {
    const { link, who } = await aBooking()
    await sentAt(due)
    const later = await link()
    expect((await who.open(later.replace('/musterstadt/', '/segeberg/'))).status).toBe(410)
    const token = later.slice(-22)
    const { rows } = await installation.admin.query(`select data::text from jobs.job`)
    expect(JSON.stringify(rows)).not.toContain(token)
    await who.send(await who.open(`${later}/absagen`))
  })

  test('follows a move, and is not sent for the time that was given up', async () => {
    const { who, manage } = await aBooking()
    await who.send(await who.open(`${manage}/verschieben`), { beginn: '2026-12-04T08:00:00Z' }, 'verschieben')
    expect(await sentAt(due, '2026-12-02T07:59:00Z')).toBe(0)
    expect(await sentAt('2026-12-02T08:00:00Z')).toBe(1)
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('comes again for a new time, when the first one had its reminder already', async () => {
    const { who, manage } = await aBooking()
    expect(await sentAt(due)).toBe(1)
    await who.send(await who.open(`${manage}/verschieben`), { beginn: '2026-12-07T08:00:00Z' }, 'verschieben')
    expect(await sentAt('2026-12-05T08:00:00Z', '2026-12-06T08:00:00Z')).toBe(1)
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('is sent late after a time without a worker, but not once the appointment has begun', async () => {
    const first = await aBooking()
    expect(await sentAt('2026-12-02T07:59:00Z')).toBe(1)
    installation.time.set(start)
    const second = await aBooking()
    expect(await sentAt(begins, '2026-12-02T08:10:00Z')).toBe(0)
    installation.time.set(start)
    for (const { who, manage } of [first, second]) await who.send(await who.open(`${manage}/absagen`))
  })

  test.each([
    ['nobody asked for', { fields: { 'f.reminder': '' } }],
    ['comes too late, because the appointment is nearer than two days', { start: '2026-11-25T07:30:00Z' }],
  ])('that %s is not sent', async (_, way) => {
    const { who, manage } = await aBooking(way)
    expect(await sentAt('2026-11-24T08:00:00Z', due, '2026-12-01T08:00:00Z')).toBe(0)
    installation.time.set(start)
    await who.send(await who.open(`${manage}/absagen`))
  })

  test('is not sent for what was cancelled or withdrawn, and not for a record that is gone or held back', async () => {
    const [one, two, three, four] = [await aBooking(), await aBooking(), await aBooking(), await aBooking()]
    await one.who.send(await one.who.open(`${one.manage}/absagen`))
    await two.who.send(await two.who.open(`${two.manage}/widerrufen`))
    const { deps, admin } = installation
    const ids = await deps.db.inTenant(running.tenant.id, async (tx) => {
      const records = []
      for (const { token } of [three, four]) {
        records.push(
          ...(await deps.vault.findBySubject(tx, 'manageLink', token, { purpose: 'change', actor: 'person' })),
        )
      }
      return records.map(({ id }) => id)
    })
    await admin.query('delete from vault.record where id = $1', [ids[0]])
    await admin.query(
      `update vault.record set hold_reason = 'tax-law', held_at = $2, restricted_at = $2 where id = $1`,
      [ids[1], start],
    )
    expect(await sentAt(due)).toBe(0)
    const { rows } = await admin.query('select from appointment where remind_at is not null')
    expect(rows).toEqual([])
    await admin.query('update vault.record set hold_reason = null, held_at = null, restricted_at = null')
    await admin.query(`begin; update cell set free_from = '-infinity', appointment_id = null
      where appointment_id in (select id from appointment where record_id is null);
      update appointment set status = 'cancelled' where record_id is null; commit`)
    installation.time.set(start)
    await four.who.send(await four.who.open(`${four.manage}/absagen`))
  })

  test('can be done without by one press, for good; only who asked for one is shown when it comes', async () => {
    const { who, manage } = await aBooking()
    const page = await who.open(manage)
    expect(page.text).toMatch(/Wir erinnern Sie am 30\. November 2026(,| um) 09:00 Uhr per E-Mail\./)
    await who.open(`${manage}/erinnerung/beenden`) // opening the address changes nothing
    expect((await who.open(manage)).html).toContain('erinnerung/beenden')
    const after = await who.send(page, {}, 'erinnerung')
    expect([after.status, after.url]).toEqual([200, manage])
    expect(after.text).not.toContain(de('appointments.reminder.stop'))
    expect((await who.send(page, {}, 'erinnerung')).status).toBe(200)
    expect((await who.open(`${manage}/daten`)).text).not.toContain('Erinnern Sie mich')
    await who.send(await who.open(`${manage}/verschieben`), { beginn: '2026-12-03T08:00:00Z' }, 'verschieben')
    expect(await sentAt(due, '2026-12-01T08:00:00Z')).toBe(0)
    installation.time.set(start)
    await who.send(await who.open(`${manage}/absagen`))
    const other = await aBooking({ fields: { 'f.reminder': '' } })
    expect(other.booked.text).not.toContain(de('appointments.reminder.stop'))
    await other.who.send(await other.who.open(`${other.manage}/absagen`))
  })

  test('that would come too late is not promised: the confirmation says that none comes', async () => {
    const near = await aBooking({ start: '2026-11-24T08:00:00Z' })
    expect(near.booked.text).toContain(de('appointments.reminder.tooNear'))
    expect((await near.who.open(near.manage)).text).not.toContain(de('appointments.reminder.tooNear'))
    const nobody = await aBooking({ start: '2026-11-24T09:00:00Z', fields: { 'f.reminder': '' } })
    expect(nobody.booked.text).not.toContain(de('appointments.reminder.tooNear'))
    for (const { who, manage } of [near, nobody]) await who.send(await who.open(`${manage}/absagen`))
  })

  test('is queued once by five workers at once, and by those that come after them', async () => {
    const people = [await aBooking(), await aBooking(), await aBooking()]
    const before = await reminders()
    installation.time.set(due)
    await Promise.all(Array.from({ length: 5 }, send))
    await send()
    expect((await reminders()) - before).toBe(3)
    for (const { who, manage } of people) await who.send(await who.open(`${manage}/absagen`))
  })
})

describe('the box for a reminder', () => {
  test('without an address comes back with a sentence that says what is missing, and the tick stays', async () => {
    const who = somebody(installation)
    const page = await who.send(await reachDetails(who, { slug, start: begins }), {
      'f.name': 'Erika Markerfrau',
      'f.birthDate.day': '12',
      'f.birthDate.month': '8',
      'f.birthDate.year': '1984',
      'f.reminder': 'yes',
    })
    expect(page.status).toBe(422)
    expect(page.text).toContain('Sie haben angekreuzt: „Erinnern Sie mich vor dem Termin per E-Mail.“')
    expect(page.find('[name="f.reminder"]').is('[checked]')).toBe(true)
    const booked = await goOn(who, page, { 'f.email': 'spaet@example.org' })
    expect(booked.title).toContain(de('appointments.manage.booked'))
    const stored = await who.open(`${booked.url.split('?')[0]}/daten`)
    expect(stored.text).toContain('Erinnern Sie mich vor dem Termin per E-Mail. Ja')
    await who.send(await who.open(`${booked.url.split('?')[0]}/absagen`))
  })

  test('is not there where the Jobcenter does not declare it', async () => {
    const who = somebody(installation)
    expect((await reachDetails(who, { slug: 'segeberg' })).html).not.toContain('f.reminder')
  })
})

test('a reminder lies in the future and as long before the appointment as declared, or there is none', () => {
  const instants = fc
    .integer({ min: 0, max: 400 * 24 * 60 })
    .map((minutes) => Temporal.Instant.from(start).add({ minutes }))
  fc.assert(
    fc.property(instants, instants, (now, startsAt) => {
      const at = remindAt({ reminder: 'yes', email: 'a@example.org' }, startsAt, bookableOf(running), now)
      const hours = startsAt.since(now).total('hours')
      expect(at?.toString() ?? null).toBe(hours > 48 ? startsAt.subtract({ hours: 48 }).toString() : null)
    }),
  )
})

describe('after a restore', () => {
  let room: Room
  beforeAll(() => {
    room = aMachineRoom()
  })
  afterAll(() => room.close())

  test('a reminder that went out since the backup does not go again, and one that did not go, goes', async () => {
    const place = await room.preparedPlace()
    const before = await room.start(place, start)
    const dates = { sent: '2026-11-30T08:00:00Z', unsent: '2026-12-02T08:00:00Z' }
    for (const [who, at] of Object.entries(dates)) {
      const fields = { 'f.reminder': 'yes', 'f.email': `${who}@example.org` }
      await bookAppointment(person(before), { slug, start: at, fields })
    }
    await eventually(
      async () => (await before.admin.query(`select from mail_delivery where status = 'queued'`)).rowCount === 0,
      'the confirmations',
    )
    const made = await room.backup(place, before.deps.clock)
    before.time.set('2026-11-28T08:00:00Z')
    await before.sweep()
    await eventually(() => before.mailbox.messages().find(({ subject }) => subject.startsWith('Erinnerung')))
    await eventually(
      async () =>
        (await before.admin.query(`select from vault.erasure where activity = 'mail.delivery' and written_at is null`))
          .rowCount === 0 &&
        (
          await before.admin.query(
            `select from mail_delivery where kind = 'appointment.reminder' and status = 'accepted'`,
          )
        ).rowCount === 1,
      'the ledger',
    )
    await before.close()
    const again = await room.newPlace()
    const clock = () => Temporal.Instant.from('2026-11-30T07:00:00Z')
    await room.restore(again, made.folder, clock)
    const after = await room.start(again, '2026-11-30T08:30:00Z')
    const mail = await eventually(() =>
      after.mailbox.messages().find(({ subject }) => subject.startsWith('Erinnerung')),
    )
    expect(mail.to).toBe('unsent@example.org')
    const { rows } = await after.admin.query(`select from mail_delivery where kind = 'appointment.reminder'`)
    expect(rows).toHaveLength(1)
    await after.close()
  })
})
