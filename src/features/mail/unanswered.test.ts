import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { letters } from '#features/appointments/letters.ts'
import { RetryLater } from '#platform/jobs/jobs.ts'
import { eventually, freshDatabase, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { decideAttempt, decideUnclear } from './attempt.ts'
import { findMissing, mail, queueMail } from './index.ts'

/* A mail server that has a mail and does not say so: it may be only slow, or it may have lost the mail. */

/** Recipients whose mail the server takes and says nothing about, until somebody does. */
const silent = new Map<string, PromiseWithResolvers<void>>()
const silence = (to: string) => {
  const gate = Promise.withResolvers<void>()
  silent.set(to, gate)
  return gate.resolve
}

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({
    mailServer: {
      answerAfter: (to) => silent.get(to)?.promise,
      refuse: (to) => (to.startsWith('refused') ? 550 : null),
    },
    patience: { greeting: 5000, answer: 1500, whole: 20_000 },
    withoutWorker: true,
  })
})
afterAll(async () => {
  for (const gate of silent.values()) gate.resolve()
  await installation.close()
})
beforeEach(() => installation.mailbox.clear())

const segeberg = () => installation.deps.register.running.get('segeberg')?.tenant.id ?? ''
let count = 0
const anAddress = () => `person-${++count}@example.org`
const arrived = (to: string) => installation.mailbox.messages().filter((each) => each.to === to)
const queue = async (to: string, about?: string): Promise<string> => {
  await installation.deps.db.inTenant(segeberg(), (tx) =>
    queueMail(tx, installation.deps, {
      kind: letters.booked,
      to,
      subject: `Betreff für ${to}`,
      text: 'Guten Tag',
      html: '<p>Guten Tag</p>',
      ...(about ? { about } : {}),
    }),
  )
  const { rows } = await installation.admin.query(
    `select d.id from mail_delivery d join jobs.job j on j.data->>'id' = d.id::text order by j.created_on desc limit 1`,
  )
  return rows[0].id
}
const byId = async (id: string) =>
  (await installation.admin.query('select * from mail_delivery where id = $1', [id])).rows[0]
/** Runs a delivery as the queue would; says how that ended. */
const run = (id: string): Promise<'done' | 'later'> =>
  mail.jobs?.[0]?.run(installation.deps, { tenantId: segeberg(), id }).then(
    () => 'done' as const,
    (error) => {
      if (error instanceof RetryLater) return 'later' as const
      throw error
    },
  ) ?? Promise.reject()
const envelope = async (id: string) => (await byId(id)).record_id
const jobs = async (id: string) =>
  (await installation.admin.query(`select count(*)::int n from jobs.job where data->>'id' = $1`, [id])).rows[0].n

test('a mail that is refused when a newer one about the same waits is nobody’s concern any more', async () => {
  const about = crypto.randomUUID()
  const first = await queue(`refused-${anAddress()}`, about)
  const handing = (at: string | null) =>
    installation.admin.query('update mail_delivery set handing_over_at = $1 where id = $2', [at, first])
  await handing(installation.time.clock().toString())
  const second = await queue(anAddress(), about)
  await handing(null)
  for (const id of [first, second]) expect(await run(id)).toBe('done')
  expect([(await byId(first)).status, (await byId(second)).status]).toEqual(['superseded', 'accepted'])
  expect(await installation.deps.db.inTenant(segeberg(), (tx) => findMissing(tx, about))).toBeNull()
})

describe('a mail whose server gave no answer', () => {
  test('is left alone for half an hour, sent once more under the same Message-ID, and never a third time', async () => {
    const to = anAddress()
    silence(to)
    const id = await queue(to)
    expect(await run(id)).toBe('done')
    expect(arrived(to)).toHaveLength(1)
    expect(await byId(id)).toMatchObject({ status: 'queued', attempts: 1, last_code: 'ETIMEDOUT' })
    expect(await jobs(id)).toBe(2)

    for (const passed of ['PT0S', 'PT10M', 'PT19M59S']) {
      installation.time.move(passed)
      expect(await run(id)).toBe('later')
    }
    expect(arrived(to)).toHaveLength(1)

    installation.time.move('PT1S')
    expect(await run(id)).toBe('done')
    const [second, first] = arrived(to).map(({ raw }) => /^Message-ID: .*$/im.exec(raw)?.[0])
    expect(first).toBe(second)
    expect(await byId(id)).toMatchObject({ status: 'unclear', attempts: 2, record_id: null, handing_over_at: null })
    for (const passed of ['PT1H', 'PT22H']) {
      installation.time.move(passed)
      expect(await run(id)).toBe('done')
    }
    expect(arrived(to)).toHaveLength(2)
  })

  test('has arrived when the second answer says so', async () => {
    const to = anAddress()
    silence(to)
    const id = await queue(to)
    await run(id)
    silent.delete(to)
    installation.time.move('PT30M')
    await run(id)
    expect(await byId(id)).toMatchObject({ status: 'accepted', record_id: null })
    expect(arrived(to)).toHaveLength(2)
  })

  test('is not sent again when a newer one about the same thing has come meanwhile', async () => {
    const [to, about] = [anAddress(), crypto.randomUUID()]
    silence(to)
    const older = await queue(to, about)
    await run(older)
    silent.delete(to)
    const newer = await queue(to, about)
    expect(await byId(older)).toMatchObject({ status: 'superseded', record_id: null })
    installation.time.move('PT30M')
    await run(older)
    await run(newer)
    expect(arrived(to)).toHaveLength(2)
    expect(await byId(newer)).toMatchObject({ status: 'accepted' })
  })
})

describe('a mail that a server is getting', () => {
  test('is sent by nobody else, and a newer one about the same thing waits for it', async () => {
    const [to, about] = [anAddress(), crypto.randomUUID()]
    const answer = silence(to)
    const older = await queue(to, about)
    const first = run(older)
    await eventually(() => arrived(to).length === 1, 'the older mail')
    const newer = await queue(to, about)
    expect(await run(older)).toBe('later')
    expect(await run(newer)).toBe('later')
    expect(await byId(older)).toMatchObject({ status: 'queued' })
    answer()
    expect(await first).toBe('done')
    expect(await byId(older)).toMatchObject({ status: 'accepted' })
    expect(await run(newer)).toBe('done')
    expect(arrived(to)).toHaveLength(2)
  })

  test('that ends without an answer is over when a newer one waits', async () => {
    const [to, about] = [anAddress(), crypto.randomUUID()]
    silence(to)
    const older = await queue(to, about)
    const first = run(older)
    await eventually(() => arrived(to).length === 1, 'the older mail')
    await queue(to, about)
    await first
    expect(await byId(older)).toMatchObject({ status: 'superseded', record_id: null })
  })

  test('leaves once, however many workers have it in hand at the same moment', async () => {
    const to = anAddress()
    const id = await queue(to)
    const ends = await Promise.all([run(id), run(id), run(id), run(id)])
    expect(arrived(to)).toHaveLength(1)
    expect(ends).toContain('done')
    expect(await byId(id)).toMatchObject({ status: 'accepted' })
  })

  test('and whose worker was killed is taken for unanswered after a quarter of an hour, not sent at once', async () => {
    const to = anAddress()
    const id = await queue(to)
    await installation.admin.query('update mail_delivery set handing_over_at = $2 where id = $1', [
      id,
      installation.deps.clock().toString(),
    ])
    installation.time.move('PT14M59S')
    expect(await run(id)).toBe('later')
    installation.time.move('PT1S')
    expect(await run(id)).toBe('done')
    expect(arrived(to)).toEqual([])
    installation.time.move('PT30M')
    expect(await run(id)).toBe('done')
    expect(arrived(to)).toHaveLength(1)
  })

  test('is not sent any more once its 24 hours are over, however its last attempt ended', async () => {
    const to = anAddress()
    silence(to)
    const id = await queue(to)
    await run(id)
    installation.time.move('PT24H')
    await installation.sweep()
    await run(id)
    expect(await envelope(id)).toBeNull()
    expect(await byId(id)).toMatchObject({ status: 'expired' })
    expect(arrived(to)).toHaveLength(1)
  })
})

test('a worker that ends with a mail in hand writes down that nobody knows whether it arrived', async () => {
  const database = await freshDatabase()
  const working = await startInstallation({ database, mailServer: { answerAfter: () => new Promise(() => {}) } })
  const faults: unknown[] = []
  working.deps.log.fault = (...fault) => void faults.push(fault)
  const id = working.deps.register.running.get('segeberg')?.tenant.id ?? ''
  await working.deps.db.inTenant(id, (tx) =>
    queueMail(tx, working.deps, {
      kind: letters.booked,
      to: 'in-hand@example.org',
      subject: 'Termin',
      text: 'Guten Tag',
      html: '<p>Guten Tag</p>',
    }),
  )
  await eventually(() => working.mailbox.messages().length === 1, 'the mail')
  await working.close()
  const client = new pg.Client(database.connection)
  await client.connect()
  const { rows } = await client.query(
    'select status, handing_over_at, unclear_at is not null as unclear from mail_delivery',
  )
  await client.end()
  await database.drop()
  expect(rows).toEqual([{ status: 'queued', handing_over_at: null, unclear: true }])
  expect(faults).toEqual([])
})

test('what becomes of a waiting mail is decided by what is known of it', () => {
  const now = Temporal.Instant.from('2026-12-01T10:00:00Z')
  const ago = (time: string) => now.subtract(Temporal.Duration.from(time))
  const known = { recordId: 'r', handingOverAt: null, unclearAt: null, isBehind: false }
  expect(decideAttempt(known, now)).toEqual({ kind: 'send', recordId: 'r' })
  expect(decideAttempt({ ...known, recordId: null, handingOverAt: now }, now)).toEqual({ kind: 'expired' })
  expect(decideAttempt({ ...known, isBehind: true }, now)).toEqual({ kind: 'later' })
  expect(decideAttempt({ ...known, unclearAt: ago('PT29M59S') }, now)).toEqual({ kind: 'later' })
  expect(decideAttempt({ ...known, unclearAt: ago('PT30M') }, now)).toEqual({ kind: 'send', recordId: 'r' })
  expect(decideUnclear(null, false)).toBe('again')
  expect(decideUnclear(ago('PT30M'), false)).toBe('unclear')
  expect(decideUnclear(null, true)).toBe('superseded')
})
