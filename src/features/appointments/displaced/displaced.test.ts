import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { person, type Seen } from '#test/helpers/person.ts'
import { letLoose, rowsOf } from '#test/helpers/robot.ts'
import { faults, noFaults, reachCheck, somebody, start, tokenOf, visitsAt, wordsIn } from '../booking.fixture.ts'
import { measureDisplaced, settleDisplaced } from './displaced.ts'

/*
 * One database, started again and again with other files, as an office does that closes for two days, starts once more,
 * and takes the closure back. No worker: what is queued stays where it can be looked at.
 */

const closed = (text: string) =>
  `${text}\nclosures: [{ from: 2026-12-03, to: 2026-12-04, reason: { de: Umzug, en: moving house, ar: انتقال } }]\n`
const fewerDesks = (text: string) =>
  text.replace('desks: { public: 4, internal: 1 }', 'desks: { public: 2, internal: 0 }')

let first: Installation
const others: Installation[] = []
beforeAll(async () => {
  first = await startInstallation({ withoutWorker: true, start })
})
afterAll(async () => {
  for (const each of others) await each.close()
  await first.close()
})

/** A restart with other files. */
const startAgain = async (edit: (text: string) => string = (text) => text): Promise<Installation> => {
  const next = await startInstallation({
    withoutWorker: true,
    start,
    edit: { 'segeberg/tenant.yaml': edit },
    database: first.database,
    config: { keyFile: first.config.keyFile },
  })
  others.push(next)
  return next
}

let mailboxes = 0
const book = async (at: string, language: 'de' | 'en' = 'de', email = `d${++mailboxes}@example.org`) => {
  const who = somebody(first)
  const booked = await who.send(await reachCheck(who, { start: at, language, fields: { 'f.email': email } }))
  const [path = ''] = booked.url.split('?')
  expect(tokenOf(booked)).not.toBe('')
  return { path, email }
}

const runningOf = (installation: Installation) => {
  const running = installation.deps.register.running.get('segeberg')
  if (!running) throw new Error('segeberg does not run')
  return running
}
const sceneOf = (installation: Installation) => ({
  deps: installation.deps,
  running: runningOf(installation),
  now: installation.time.clock(),
})

/** Mails about closures to this address, oldest first. */
const mailsTo = async (email: string) => {
  const { rows } = await first.admin.query<{ record_id: string; kind: string }>(
    `select record_id, kind from mail_delivery where kind in ('appointment.displaced', 'appointment.standing')
       and status = 'queued' order by queued_at`,
  )
  const opened = await first.deps.db.inTenant(runningOf(first).tenant.id, async (tx) => {
    const records = []
    for (const row of rows) {
      const record = await first.deps.vault.open(tx, row.record_id, { purpose: 'rights', actor: 'person' })
      records.push({ kind: row.kind, to: record?.fields.email, text: record?.fields.bodyText ?? '' })
    }
    return records
  })
  return opened.filter(({ to }) => to === email)
}
const marked = async () =>
  (await first.admin.query('select from appointment where displaced_at is not null')).rowCount as number
const look = (installation: Installation, path: string): Promise<Seen> => person(installation).open(path)

test('a closure marks the appointments within it, and tells each person once: why, which other times, how to move', async () => {
  const [german, english] = [await book('2026-12-03T08:00:00Z'), await book('2026-12-04T09:00:00Z', 'en')]
  const silent = await book('2026-12-03T09:00:00Z', 'de', '')
  const outside = await book('2026-12-02T08:00:00Z')
  const after = await startAgain(closed)
  expect(await marked()).toBe(3)
  const [mail, ...more] = await mailsTo(german.email)
  expect(more).toEqual([])
  expect(mail?.text).toContain('Umzug')
  expect(mail?.text.replaceAll('\u00A0', ' ')).toContain(
    first.deps.register.running.get('segeberg')?.tenant.helpline.phone,
  )
  // Tuesday morning, after the lead of a day: the first three times that are free.
  for (const time of ['09:00', '09:30', '10:00']) expect(mail?.text).toContain(`24. November 2026, ${time} Uhr`)
  expect((await mailsTo(english.email))[0]?.text).toContain('moving house')
  expect(await mailsTo(outside.email)).toEqual([])
  expect((await look(after, silent.path)).text).toContain(wordsIn('de')('appointments.displaced.title'))
  expect((await look(after, outside.path)).text).not.toContain(wordsIn('de')('appointments.displaced.title'))
  const [measure] = await measureDisplaced(after.deps, runningOf(after))
  expect(measure?.value).toBe(3)
  expect(await visitsAt(first.admin, '2026-12-03T08:00:00Z')).toHaveLength(1)
  expect(await faults(first.admin)).toEqual(noFaults)
})

test('two workers at once and a restart mail nobody twice', async () => {
  const { email } = await book('2026-12-02T09:00:00Z')
  const where = "where starts_at = '2026-12-02T09:00:00Z' and free_from = 'infinity'"
  await first.admin.query(`update cell set audience = 'closed' ${where}; delete from cell
    where starts_at >= '2026-12-02T09:00:00Z' and starts_at < '2026-12-02T09:30:00Z' and appointment_id is null`)
  const before = await marked()
  await Promise.all([1, 2, 3, 4].map(() => settleDisplaced(sceneOf(first))))
  expect(await marked()).toBe(before + 1)
  expect(await mailsTo(email)).toHaveLength(1)
  for (const each of others) await settleDisplaced(sceneOf(each))
  expect(await mailsTo(email)).toHaveLength(1)
})

test('choosing a time on the page moves the appointment, and the mark goes; pressing every button does not', async () => {
  const { path } = await book('2026-12-01T08:00:00Z')
  const after = await startAgain((text) => closed(text).replace('2026-12-03', '2026-12-01'))
  const who = somebody(after)
  const page = await who.open(path)
  expect(page.text).toContain('Umzug')
  const beginn = page.field('beginn')
  const before = await marked()
  const rows = await rowsOf(first.admin)
  expect((await letLoose(who, path, path.split('/').at(-1) ?? '')).sent).toBeGreaterThan(3)
  expect(await rowsOf(first.admin)).toBe(rows)
  const moved = await who.send(page, { beginn }, 'verschieben')
  expect(moved.url).toMatch(/\?neu=2$/)
  expect(moved.text).not.toContain(wordsIn('de')('appointments.displaced.title'))
  expect(await marked()).toBe(before - 1)
  expect(await visitsAt(first.admin, beginn)).toHaveLength(1)
  expect(await faults(first.admin)).toEqual(noFaults)
})

test('a page that marks an appointment has no power over another one', async () => {
  const [one, two] = [await book('2026-12-07T08:00:00Z'), await book('2026-12-07T09:00:00Z')]
  const after = await startAgain((text) => closed(text).replace('to: 2026-12-04', 'to: 2026-12-07'))
  const who = somebody(after)
  const page = await who.open(one.path)
  const beginn = page.field('beginn')
  await who.send(page, { beginn }, 'verschieben')
  expect((await who.open(two.path)).text).toContain('10:00')
  expect((await who.open(one.path.replace('/segeberg/', '/musterstadt/'))).status).toBe(410)
})

test('a cancelled appointment is marked no more', async () => {
  const { path } = await book('2026-12-08T08:00:00Z')
  const after = await startAgain((text) => closed(text).replace('to: 2026-12-04', 'to: 2026-12-08'))
  const before = await marked()
  const who = somebody(after)
  await who.send(await who.open(`${path}/absagen`))
  expect(await marked()).toBe(before - 1)
})

test('where only a desk is closed, the appointment goes to another one at its time, and its person hears nothing', async () => {
  const at = '2026-12-09T08:00:00Z'
  const people = [await book(at), await book(at)]
  await startAgain(fewerDesks)
  expect((await visitsAt(first.admin, at)).map(({ desk }) => desk)).toEqual([1, 2])
  for (const { email } of people) expect(await mailsTo(email)).toEqual([])
  expect(await faults(first.admin)).toEqual(noFaults)
})

test('a closure taken back unmarks who has not acted yet, and one mail says that all is as before', async () => {
  const { email, path } = await book('2026-12-10T08:00:00Z')
  await startAgain((text) => closed(text).replace('to: 2026-12-04', 'to: 2026-12-10'))
  expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual(['appointment.displaced'])
  const again = await startAgain()
  expect(await marked()).toBe(0)
  // The first mail was still waiting: only the newer of the two goes out.
  expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual(['appointment.standing'])
  await again.sweep()
  expect(await mailsTo(email)).toHaveLength(1)
  expect((await look(again, path)).text).not.toContain(wordsIn('de')('appointments.displaced.title'))
})
