import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { typedFor } from '#test/helpers/person.ts'
import { renewLink } from '../booking/booking.ts'
import { goOn, reachDetails, somebody, start, wordsIn } from '../booking.fixture.ts'
import { findOwnOfRecord } from '../own/own.ts'
import { looking } from '../purposes.ts'
import { sendReminders } from '../reminder/reminder.ts'
import { settleDisplaced } from './displaced.ts'

/* What people are told, and not told, while the time of their appointment is closed. No worker: mails stay in the queue. */

const de = wordsIn('de')
let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['musterstadt', 'duesseldorf'], start, withoutWorker: true })
})
afterAll(() => installation.close())

const runningOf = (slug: string) => {
  const running = installation.deps.register.running.get(slug)
  if (!running) throw new Error(`${slug} does not run`)
  return running
}
const sceneOf = (slug: string, now = start) => ({
  deps: installation.deps,
  running: runningOf(slug),
  now: Temporal.Instant.from(now),
})
const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await installation.admin.query<T>(text, values)).rows

let mailboxes = 0
/** Books at this time. Returns the address, and the id of the appointment. */
const book = async (slug: string, at: string) => {
  const email = `m${++mailboxes}@example.org`
  const who = somebody(installation)
  const typed = { ...typedFor(slug), 'f.email': email, ...(slug === 'musterstadt' ? { 'f.reminder': 'yes' } : {}) }
  const booked = await goOn(who, await reachDetails(who, { slug, start: at }), typed)
  const [row] = await query<{ id: string; record_id: string }>(
    `select id, record_id from appointment where status = 'booked' and tenant_id = $1 and starts_at = $2`,
    [runningOf(slug).tenant.id, at],
  )
  if (!row) throw new Error(`not booked: ${booked.title}`)
  return { email, manage: booked.url.split('?')[0] ?? '', who, id: row.id, recordId: row.record_id }
}
/** As a change of the opening hours leaves the cells: taken ones closed; the free ones gone, or not. */
const close = async (id: string, isForAllDesks = true) => {
  await query(`update cell set audience = 'closed' where appointment_id = $1`, [id])
  if (isForAllDesks)
    await query(
      `delete from cell c using appointment a where a.id = $1 and c.tenant_id = a.tenant_id and c.appointment_id is null
         and c.starts_at >= a.starts_at and c.starts_at < a.ends_at`,
      [id],
    )
}
const open = (id: string) => query(`update cell set audience = 'public' where appointment_id = $1`, [id])

const mailsTo = async (slug: string, email: string) => {
  const rows = await query<{ record_id: string; kind: string }>(
    `select record_id, kind from mail_delivery where status = 'queued' order by queued_at, kind`,
  )
  return installation.deps.db.inTenant(runningOf(slug).tenant.id, async (tx) => {
    const mails = []
    for (const { record_id, kind } of rows) {
      const record = await installation.deps.vault.open(tx, record_id, { purpose: 'rights', actor: 'person' })
      if (record?.fields.email === email) mails.push({ kind, ...record.fields })
    }
    return mails
  })
}
const mailOf = async (slug: string, email: string, kind: string) =>
  (await mailsTo(slug, email)).find((mail) => mail.kind === kind) as Record<string, string> | undefined

test('a mail about a closure names no time where the Jobcenter promises mails without one', async () => {
  const { email, id } = await book('duesseldorf', '2026-12-03T08:00:00Z')
  await close(id)
  await settleDisplaced(sceneOf('duesseldorf'))
  const closed = await mailOf('duesseldorf', email, 'appointment.displaced')
  expect(closed?.subject).toBe(de('appointments.displaced.mail.displaced.heading'))
  const closedText = closed?.bodyText ?? ''
  expect(closedText).toMatch(/[A-Z2-9]{4}-[A-Z2-9]{4}/)
  await open(id)
  await settleDisplaced(sceneOf('duesseldorf'))
  const standing = await mailOf('duesseldorf', email, 'appointment.standing')
  for (const text of [closedText, standing?.bodyText ?? 'none', standing?.subject ?? 'none']) {
    expect(text).not.toBe('none')
    expect(text).not.toMatch(/Dezember|November|09:00|Luisenstraße/)
  }
  expect(closedText).not.toContain(de('appointments.displaced.mail.displaced.below'))
})

test('a mail about a closure speaks of free times only when it lists some', async () => {
  const { email, id } = await book('musterstadt', '2026-12-02T08:00:00Z')
  await query(`update cell set audience = 'internal' where appointment_id is null`)
  await close(id)
  await settleDisplaced(sceneOf('musterstadt'))
  await query(`update cell set audience = 'public' where audience = 'internal' and appointment_id is null`)
  const mail = await mailOf('musterstadt', email, 'appointment.displaced')
  expect(mail?.bodyText).toContain('2. Dezember 2026')
  expect(mail?.bodyText).not.toContain(de('appointments.displaced.mail.displaced.below'))
})

test('who is not reminded to come to a closed office is reminded once it is open again', async () => {
  const { email, id, manage, who } = await book('musterstadt', '2026-12-03T08:00:00Z')
  await close(id)
  await settleDisplaced(sceneOf('musterstadt'))
  expect((await who.open(manage)).text).not.toContain(de('appointments.reminder.heading'))
  const remind = () => sendReminders(sceneOf('musterstadt', '2026-12-01T08:00:00Z'))
  await remind()
  expect(await mailOf('musterstadt', email, 'appointment.reminder')).toBeUndefined()
  await open(id)
  await settleDisplaced(sceneOf('musterstadt'))
  expect((await who.open(manage)).text).toContain(de('appointments.reminder.heading'))
  await remind()
  expect(await mailOf('musterstadt', email, 'appointment.reminder')).toBeDefined()
})

test('the mail leads to the appointment where its Jobcenter promises links in later mails, whose calendar entry is in doubt', async () => {
  const { email, id, manage, who } = await book('musterstadt', '2026-12-10T08:00:00Z')
  expect((await who.open(`${manage}/termin.ics`)).html).toContain('STATUS:CONFIRMED')
  await close(id)
  await settleDisplaced(sceneOf('musterstadt'))
  const mail = await mailOf('musterstadt', email, 'appointment.displaced')
  const link = /http:\/\/anlaufstelle\.test(\/\S+\/verwalten\/[\w-]{22})/.exec(mail?.bodyText ?? '')?.[1] ?? ''
  expect(link).not.toBe(manage)
  const page = await who.open(link)
  expect(page.text).toContain(de('appointments.displaced.title'))
  expect(page.text).not.toContain(de('appointments.manage.calendar'))
  expect((await who.open(`${link}/termin.ics`)).html).toContain('STATUS:TENTATIVE')
  expect(mail?.bodyText).not.toContain(de('appointments.displaced.how', { phone: '' }).slice(0, 60))
})

test('a new link to it comes with the word that it is closed, and sends nobody there with papers', async () => {
  const { email, id, recordId } = await book('musterstadt', '2026-12-11T08:00:00Z')
  const renew = async () => {
    await installation.deps.db.inTenant(runningOf('musterstadt').tenant.id, async (tx) => {
      const record = await installation.deps.vault.open(tx, recordId, looking.change)
      const own = record && (await findOwnOfRecord(tx, sceneOf('musterstadt'), record))
      if (own) await renewLink(tx, sceneOf('musterstadt'), own)
    })
    return (await mailOf('musterstadt', email, 'appointment.link'))?.bodyText
  }
  const [closed, bring] = [de('appointments.displaced.mail.displaced.heading'), de('appointments.onTheDay.bringShort')]
  const usual = await renew()
  expect([usual?.includes(closed), usual?.includes(bring)]).toEqual([false, true])
  await query('delete from mail_delivery')
  await close(id)
  await settleDisplaced(sceneOf('musterstadt'))
  const displaced = await renew()
  expect([displaced?.includes(closed), displaced?.includes(bring)]).toEqual([true, false])
})

test('the mail about a move to an open time says so without doubt, in its calendar entry as well', async () => {
  const { email, id, manage, who } = await book('musterstadt', '2026-12-14T08:00:00Z')
  await close(id)
  await settleDisplaced(sceneOf('musterstadt'))
  await who.send(await who.open(`${manage}/verschieben`), { beginn: '2026-12-15T08:00:00Z' })
  const moved = await mailOf('musterstadt', email, 'appointment.moved')
  expect(moved?.bodyText).toContain('15. Dezember 2026')
  expect(moved?.calendar).toContain('STATUS:CONFIRMED')
  const [closed, bring] = [de('appointments.displaced.mail.displaced.heading'), de('appointments.onTheDay.bringShort')]
  expect([moved?.bodyText?.includes(closed), moved?.bodyText?.includes(bring)]).toEqual([false, true])
})

test('who goes to another desk at the same time is reminded all the same', async () => {
  const { email, id } = await book('musterstadt', '2026-12-04T08:00:00Z')
  const [before] = await query<{ desk_id: number }>('select desk_id from appointment where id = $1', [id])
  await close(id, false)
  await settleDisplaced(sceneOf('musterstadt'))
  const [after] = await query<{ desk_id: number }>('select desk_id from appointment where id = $1', [id])
  expect(after?.desk_id).not.toBe(before?.desk_id)
  await sendReminders(sceneOf('musterstadt', '2026-12-02T08:00:00Z'))
  expect(await mailOf('musterstadt', email, 'appointment.reminder')).toBeDefined()
})

test('a record that does not open keeps nobody else from hearing of a closure', async () => {
  const people = [await book('musterstadt', '2026-12-07T08:00:00Z'), await book('musterstadt', '2026-12-08T08:00:00Z')]
  for (const { id } of people) await close(id)
  const spoiled = people.map(({ recordId }) => recordId).sort()
  for (const id of spoiled) {
    const [{ sealed } = { sealed: Buffer.of() }] = await query<{ sealed: Buffer }>(
      'select sealed from vault.record where id = $1',
      [id],
    )
    const altered = Buffer.from(sealed)
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
    await query('update vault.record set sealed = $2 where id = $1', [id, altered])
    await settleDisplaced(sceneOf('musterstadt'))
    await query('update vault.record set sealed = $2 where id = $1', [id, sealed])
    const told = await query('select from appointment where id = any($1) and displaced_at is not null', [
      people.map((each) => each.id),
    ])
    expect(told).toHaveLength(1)
    await query('update appointment set displaced_at = null where id = any($1)', [people.map((each) => each.id)])
  }
})
