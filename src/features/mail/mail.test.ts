import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { claimsOf, features } from '#apps/features.ts'
import { startWorker } from '#apps/worker.ts'
import { letters } from '#features/appointments/letters.ts'
import type { LetterKind } from '#features/contribution.ts'
import type { Feature } from '#features/feature.ts'
import { RetryLater } from '#platform/jobs/jobs.ts'
import { loadRegister } from '#register/load/load.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, person } from '#test/helpers/person.ts'
import { listOpenDeliveries, mail, queueMail } from './index.ts'

/** What the mail server answers, by recipient. */
const answers: Record<string, number | null> = {}

/** What has to be over before the mail server says that it has a mail, by recipient. */
const slow: Record<string, Promise<void>> = {}

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({
    mailServer: { refuse: (recipient) => answers[recipient] ?? null, answerAfter: (recipient) => slow[recipient] },
  })
})
afterAll(() => installation.close())
beforeEach(() => installation.mailbox.clear())

const segeberg = (on = installation): string => on.deps.register.running.get('segeberg')?.tenant.id ?? ''
const letter = (to: string) => ({
  kind: letters.booked,
  to,
  subject: `Betreff für ${to}`,
  text: 'Guten Tag, Ihr Termin steht.',
  html: '<p>Guten Tag, Ihr Termin steht.</p>',
})
let count = 0
const anAddress = (answer: number | null = null): string => {
  const address = `person-${++count}@example.org`
  answers[address] = answer
  return address
}

const queue = (to: string | readonly string[], on = installation): Promise<void> =>
  on.deps.db.inTenant(segeberg(on), async (tx) => {
    for (const each of [to].flat()) await queueMail(tx, on.deps, letter(each))
  })
const arrived = (to: string) => installation.mailbox.messages().filter((each) => each.to === to)
const open = (on = installation) => on.deps.db.inTenant(segeberg(on), (tx) => listOpenDeliveries(tx, 100))

type Delivery = { id: string; status: string; attempts: number; last_code: string | null; record_id: string | null }
const newest = async (on = installation): Promise<Delivery> =>
  (
    await on.admin.query(
      `select d.* from mail_delivery d join jobs.job j on j.data->>'id' = d.id::text order by j.created_on desc limit 1`,
    )
  ).rows[0]
const byId = async (id: string, on = installation): Promise<Delivery> =>
  (await on.admin.query('select * from mail_delivery where id = $1', [id])).rows[0]
const jobOf = async (id: string) =>
  (await installation.admin.query(`select * from jobs.job where data->>'id' = $1`, [id])).rows[0]
const envelopes = async (on = installation): Promise<number> =>
  (await on.admin.query(`select count(*)::int n from vault.record where activity = 'mail.delivery'`)).rows[0].n

/** What the queue does when a pause is over; the next mail wakes the worker. */
const endPause = async (id: string) => {
  await installation.admin.query(`update jobs.job set start_after = now() where data->>'id' = $1`, [id])
  await queue(anAddress())
}
/** Runs a delivery as the queue would. */
const run = (id: string, on = installation) => mail.jobs?.[0]?.run(on.deps, { tenantId: segeberg(on), id })

test('a mail that the server accepts leaves its envelope erased and nothing open', async () => {
  const to = anAddress()
  await queue(to)
  const message = await eventually(() => arrived(to)[0], 'the mail')
  expect(message.from).toBe('Jobcenter Kreis Segeberg <termine@segeberg.example>')
  const { id } = await newest()
  const sent = await eventually(async () => ((await byId(id)).status === 'accepted' ? byId(id) : null))
  expect(sent).toMatchObject({ record_id: null, attempts: 0, last_code: null })
  expect(await envelopes()).toBe(0)
  expect(await open()).toEqual([])
})

describe('a mail that the server does not take for now', () => {
  test('waits with its code and nothing of the person, and arrives when the server relents', async () => {
    const to = anAddress(451)
    await queue(to)
    const { id } = await newest()
    await eventually(async () => (await byId(id)).attempts === 1)
    expect(await open()).toEqual([
      {
        id,
        kind: 'appointment.booked',
        status: 'queued',
        attempts: 1,
        code: '451',
        queuedAt: installation.deps.clock(),
      },
    ])
    expect(await envelopes()).toBe(1)
    const waiting = await eventually(async () => ((await jobOf(id))?.state === 'retry' ? jobOf(id) : null))
    expect(waiting.start_after.getTime() - waiting.started_on.getTime()).toBeGreaterThan(5_000)
    // What the queue keeps of a failure lies in the open: no words of a server, no place in the program.
    expect(JSON.stringify(waiting.output ?? null)).not.toMatch(/example|451|unreachable/)

    await endPause(id)
    await eventually(async () => (await byId(id)).attempts === 2)
    answers[to] = null
    await eventually(async () => (await jobOf(id))?.state === 'retry')
    await endPause(id)
    await eventually(() => arrived(to).length === 1, 'the mail')
    await eventually(async () => (await byId(id)).status === 'accepted')
    await eventually(async () => (await envelopes()) === 0)
  })

  test('is given up after 24 hours: the envelope is gone, the status says so, and nothing is sent later', async () => {
    const to = anAddress(451)
    await queue(to)
    const { id } = await newest()
    await eventually(async () => (await byId(id)).attempts === 1)
    answers[to] = null
    installation.time.move('PT24H')
    await run(id) // the queue comes first, the sweep a moment later
    expect(arrived(to)).toEqual([])
    await installation.sweep()
    expect(await byId(id)).toMatchObject({ status: 'expired', record_id: null })
    expect(await envelopes()).toBe(0)
    await run(id)
    expect(arrived(to)).toEqual([])
    expect((await open()).map((line) => [line.id, line.status])).toEqual([[id, 'expired']])
    await installation.wipe('delete from mail_delivery')
  })

  test('just before the 24 hours are over it can still be sent', async () => {
    const to = anAddress(451)
    await queue(to)
    const { id } = await newest()
    await eventually(async () => (await byId(id)).attempts === 1)
    answers[to] = null
    installation.time.move('PT23H59M59S')
    await installation.sweep()
    await run(id)
    expect(arrived(to)).toHaveLength(1)
    expect(await byId(id)).toMatchObject({ status: 'accepted', record_id: null })
  })
})

test('a mail that is refused for good is not tried again, and its envelope is erased at once', async () => {
  const to = anAddress(550)
  await queue(to)
  const { id } = await newest()
  await eventually(async () => (await byId(id)).status === 'refused')
  expect(await byId(id)).toMatchObject({ attempts: 1, last_code: '550', record_id: null })
  await eventually(async () => (await jobOf(id))?.state === 'completed')
  expect(await envelopes()).toBe(0)
  expect((await open())[0]).toMatchObject({ id, status: 'refused', code: '550' })
  await installation.wipe('delete from mail_delivery')
})

test('a delivery that runs twice sends once', async () => {
  const to = anAddress()
  await queue(to)
  const { id } = await newest()
  await eventually(async () => (await byId(id)).status === 'accepted')
  await run(id)
  await run(id)
  expect(arrived(to)).toHaveLength(1)
})

test('each attempt at a mail bears the same Message-ID, so that a second copy is recognised', async () => {
  const to = anAddress()
  await queue(to)
  const { id } = await newest()
  const message = await eventually(() => arrived(to)[0], 'the mail')
  expect(message.raw).toContain(`Message-ID: <${id}@anlaufstelle.test>`)
})

test('many mails queued at one moment all leave within seconds', async () => {
  const addresses = Array.from({ length: 23 }, () => anAddress())
  await queue(addresses)
  await eventually(() => installation.mailbox.messages().length === addresses.length, 'every mail')
  for (const address of addresses) expect(arrived(address), address).toHaveLength(1)
})

test('one mail that cannot be delivered holds up none of the others', async () => {
  const [bad, ...good] = [anAddress(451), anAddress(), anAddress(), anAddress()]
  await queue([bad, ...good])
  await eventually(() => good.every((each) => arrived(each).length === 1), 'the other mails')
  expect(arrived(bad)).toEqual([])
  await installation.wipe('delete from mail_delivery; delete from vault.record')
})

test('whose mail the server refuses finds the link on the page of the appointment, reads why, and is offered no mails', async () => {
  const who = person(installation)
  const wrong = anAddress(550)
  const slug = 'musterstadt'
  const { booked, manage, token } = await bookAppointment(who, { slug, fields: { 'f.email': wrong } })
  // Nobody knows yet whether it arrives.
  expect(booked.text).toContain(`/termin/verwalten/${token}`)
  await eventually(async () => (await newest()).status === 'refused')
  const page = await who.open(manage)
  expect(page.text).toContain('Die E-Mail an Sie ist nicht angekommen')
  expect(page.text).toContain(wrong)
  expect(page.text).toContain(`/termin/verwalten/${token}`)
  expect(page.text).not.toContain('Möchten Sie einen früheren Termin?')

  const right = anAddress()
  const other = await bookAppointment(who, { slug, fields: { 'f.email': right } })
  await eventually(async () => (await newest()).status === 'accepted')
  const fine = await who.open(other.manage)
  expect(fine.text).not.toContain('nicht angekommen')
  expect(fine.text).not.toContain(other.token)
  expect(fine.text).toContain('Möchten Sie einen früheren Termin?')
  await installation.wipe('delete from mail_delivery')
})

test.each([
  ['expired', '', 'Wir konnten die E-Mail an Sie nicht zustellen'],
  ['unclear', '', 'Die E-Mail an Sie ist vielleicht nicht angekommen'],
  ['unclear', 'en/', 'The e-mail to you may not have arrived'],
  ['expired', 'ar/', 'لم نتمكن من إيصال الرسالة الإلكترونية إليكم'],
] as const)(
  'whose mail ended as %s reads on /%s what is known of it, and nothing else',
  async (status, language, words) => {
    const who = person(installation)
    const { manage, token } = await bookAppointment(who, { fields: { 'f.email': anAddress(550) } })
    await eventually(async () => (await newest()).status === 'refused')
    await installation.admin.query('update mail_delivery set status = $1', [status])
    const page = await who.open(manage.replace('/segeberg/', `/segeberg/${language}`))
    expect(page.text).toContain(words)
    expect(page.text).not.toContain('Das Postfach nimmt sie nicht an')
    expect(page.text).toContain(`/termin/verwalten/${token}`)
    await installation.wipe('delete from mail_delivery')
  },
)

test('mails for which the server takes its time hold up none of the others', async () => {
  const over = Promise.withResolvers<void>()
  const late = Array.from({ length: 15 }, () => anAddress())
  for (const each of late) slow[each] = over.promise
  await queue(late)
  await eventually(() => late.every((each) => arrived(each).length === 1), 'the slow mails')
  const quick = Array.from({ length: 5 }, () => anAddress())
  await queue(quick)
  await eventually(() => quick.every((each) => arrived(each).length === 1), 'the quick mails')
  expect(await envelopes()).toBeGreaterThanOrEqual(late.length)
  over.resolve()
  await eventually(async () => (await envelopes()) === 0, 'the end of the slow mails')
  for (const each of late) expect(arrived(each), each).toHaveLength(1)
})

test('nor do mails for which it takes its time and that came one by one, however many', async () => {
  const over = Promise.withResolvers<void>()
  const late = Array.from({ length: 30 }, () => anAddress())
  for (const each of late) {
    slow[each] = over.promise
    await queue(each)
  }
  await eventually(() => late.slice(0, 5).every((each) => arrived(each).length === 1), 'the first slow mails')
  const quick = anAddress()
  await queue(quick)
  await eventually(() => arrived(quick).length === 1, 'the quick mail')
  over.resolve()
  await eventually(async () => (await envelopes()) === 0, 'the end of the slow mails')
  for (const each of late) expect(arrived(each), each).toHaveLength(1)
})

test('the job that a killed worker had in hand is taken up again within a minute', async () => {
  const over = Promise.withResolvers<void>()
  const to = anAddress()
  slow[to] = over.promise
  await queue(to)
  const { id } = await newest()
  const inHand = await eventually(async () => ((await jobOf(id))?.state === 'active' ? jobOf(id) : null))
  // Three marks of life fit into the time after which a worker counts as dead.
  expect(inHand.heartbeat_seconds).toBe(15)
  // As it is when the last one is that old. The marks of other jobs go on; this one has nobody left.
  const dead = `update jobs.job set heartbeat_on = now() - interval '16 s' where data->>'id' = $1 and state = 'active'`
  const given = await eventually(async () => {
    await installation.admin.query(dead, [id])
    const job = await jobOf(id)
    return job.state === 'active' ? null : job
  }, 'the job to be given back')
  expect(given.state).toBe('retry')
  // Fifteen seconds until it counts as dead, ten until somebody looks, and this.
  expect(given.start_after.getTime() - Date.now()).toBeLessThan(25_000)
  over.resolve()
  await eventually(async () => (await byId(id)).status === 'accepted')
})

test('a mail whose transaction is rolled back was never queued', async () => {
  const [lost, sent] = [anAddress(), anAddress()]
  const { db } = installation.deps
  const jobs = async () => (await installation.admin.query('select count(*)::int n from jobs.job')).rows[0].n
  const before = await jobs()
  const failing = db.inTenant(segeberg(), async (tx) => {
    await queueMail(tx, installation.deps, letter(lost))
    throw new Error('the booking failed')
  })
  await expect(failing).rejects.toThrow('the booking failed')
  expect(await jobs()).toBe(before)
  expect(await open()).toEqual([])
  await queue(sent)
  await eventually(() => arrived(sent).length === 1)
  expect(arrived(lost)).toEqual([])
})

test('a job for a delivery that is not there does nothing; one for a tenant that does not run comes back later', async () => {
  await run('11111111-1111-4111-8111-111111111111')
  await mail.jobs?.[0]?.run(installation.deps, { tenantId: segeberg(), id: crypto.randomUUID() })
  const stopped = mail.jobs?.[0]?.run(installation.deps, { tenantId: crypto.randomUUID(), id: crypto.randomUUID() })
  await expect(stopped).rejects.toThrow(RetryLater)
  expect(installation.mailbox.messages()).toEqual([])
})

test('the cancellation arrives although everything about the appointment is erased by then', async () => {
  const later = await startInstallation({ withoutWorker: true })
  let worker: Awaited<ReturnType<typeof startWorker>> | undefined
  try {
    const who = person(later)
    const { manage, start } = await bookAppointment(who)
    await who.send(await who.open(`${manage}/absagen`))
    const left = await later.admin.query(`select activity, count(*)::int n from vault.record group by 1`)
    // The confirmation still waited: nobody wants it any more, and its envelope has gone, too.
    expect(left.rows).toEqual([{ activity: 'mail.delivery', n: 1 }])
    worker = await startWorker(later.deps, features)
    const cancelled = await eventually(() => later.mailbox.messages()[0], 'the mail')
    expect(cancelled?.calendar).toContain('METHOD:CANCEL')
    expect(cancelled?.subject).toMatch(/abgesagt/i)
    expect(cancelled?.text).not.toContain('/termin/verwalten/')
    expect(start).not.toBe('')
    await eventually(async () => (await envelopes(later)) === 0)
    expect((await later.admin.query('select count(*)::int n from vault.record')).rows[0].n).toBe(0)
  } finally {
    await worker?.stop()
    await later.close()
  }
})

describe('of two mails about the same appointment', () => {
  const about = '00000000-0000-4000-8000-000000000001'
  const queueAbout = (to: string, subject: string) =>
    installation.deps.db.inTenant(segeberg(), (tx) =>
      queueMail(tx, installation.deps, { ...letter(to), subject, about }),
    )

  test('the older one is not sent any more if it still waits when the newer one comes', async () => {
    const to = anAddress(451)
    await queueAbout(to, 'gebucht')
    const { id } = await newest()
    await eventually(async () => (await byId(id)).attempts === 1)
    answers[to] = null
    await queueAbout(to, 'abgesagt')
    await eventually(() => arrived(to)[0], 'the newer mail')
    expect(await byId(id)).toMatchObject({ status: 'superseded', record_id: null })
    await run(id)
    expect(arrived(to).map((each) => each.subject)).toEqual(['abgesagt'])
    await eventually(async () => (await envelopes()) === 0)
    expect((await open()).some((line) => line.id === id)).toBe(false)
  })

  test('both are sent if the older one has left already', async () => {
    const to = anAddress()
    await queueAbout(to, 'gebucht')
    await eventually(() => arrived(to)[0], 'the older mail')
    await eventually(async () => (await envelopes()) === 0)
    await queueAbout(to, 'verschoben')
    await eventually(() => arrived(to).length === 2, 'both mails')
  })
})

describe('a letter', () => {
  const undeclared = { kind: 'greeting.sent', activity: 'appointments.booking', purpose: 'inform' }
  const thanks = { ...undeclared, purpose: 'thank' }
  const greeting = (letters: readonly LetterKind[]): Feature => ({ name: 'greeting', needs: [], pages: [], letters })
  const problemsWith = (letters: readonly LetterKind[]) =>
    loadRegister('tenants', claimsOf([...features, greeting(letters)])).quarantined.get('segeberg')?.problems ?? []

  test('that no feature declares is not queued and leaves nothing', async () => {
    const put = vi.spyOn(installation.deps.vault, 'put')
    try {
      // Whoever catches the error commits what was done before it: nothing may have been.
      await installation.deps.db.inTenant(segeberg(), async (tx) => {
        const queued = queueMail(tx, installation.deps, { ...letter(anAddress()), kind: undeclared })
        await expect(queued).rejects.toThrow('no feature declares the letter greeting.sent')
      })
      expect(put).not.toHaveBeenCalled()
    } finally {
      put.mockRestore()
    }
    const ofThatKind = `select from mail_delivery where kind = 'greeting.sent'`
    expect((await installation.admin.query(ofThatKind)).rowCount).toBe(0)
  })

  test('that is declared for a purpose which this tenant’s mails do not serve is not queued', async () => {
    const deps = { ...installation.deps, contributed: [...features, greeting([thanks])] }
    const queued = deps.db.inTenant(segeberg(), (tx) => queueMail(tx, deps, { ...letter(anAddress()), kind: thanks }))
    await expect(queued).rejects.toThrow('segeberg declares no purpose thank for the letter greeting.sent')
  })

  test('whose purpose is missing is a fault of the tenant’s file, wherever its activity is declared', () => {
    expect(problemsWith([undeclared])).toEqual([])
    expect(problemsWith([{ ...thanks, activity: 'greetings' }])).toEqual([])
    expect(problemsWith([{ ...thanks, field: 'earlier' }])).toEqual([])
    expect(problemsWith([thanks])).toEqual([
      {
        file: 'tenants/segeberg/activities/mail-delivery.yaml',
        line: 1,
        message: expect.stringMatching(
          /^purposes: 'thank' is missing; the software opens records for it \(from mail\.delivery@1, .*\.yaml:\d+\)$/,
        ),
        remedy: "declare this purpose, with 'opens: [mail]'",
      },
    ])
  })
})

test('that a mail went out is forgotten after seven days, and what it was about at once', async () => {
  const to = anAddress()
  const about = crypto.randomUUID()
  const written = await installation.deps.db.inTenant(segeberg(), async (tx) => {
    await queueMail(tx, installation.deps, { ...letter(to), about })
    return tx.selectFrom('mail_delivery').select('id').where('about', '=', about).execute()
  })
  expect(written).toHaveLength(1)
  const { id } = written[0] as { id: string }
  const end = installation.deps.clock()
  await eventually(async () => (await byId(id)).status === 'accepted')
  expect(await byId(id)).toMatchObject({ about: null, record_id: null })
  installation.time.set(end.add({ hours: 7 * 24 }).subtract({ seconds: 1 }))
  await installation.sweep()
  expect(await byId(id)).toBeDefined()
  installation.time.set(end.add({ hours: 7 * 24 }).add({ seconds: 1 }))
  await installation.sweep()
  expect(await byId(id)).toBeUndefined()
})

test('while the mail server is down, mails wait with the name of the failure', async () => {
  await installation.mailbox.close()
  await queue(anAddress())
  const { id } = await newest()
  await eventually(async () => (await byId(id)).attempts === 1)
  expect((await open())[0]).toMatchObject({ id, status: 'queued', attempts: 1, code: 'ECONNREFUSED' })
  expect(await envelopes()).toBe(1)
})
