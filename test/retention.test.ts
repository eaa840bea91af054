import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claims, features } from '#apps/features.ts'
import { startWorker } from '#apps/worker.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { loadRegister } from '#register/load/load.ts'
import type { Activity } from '#register/register.ts'
import { endOf } from '#vault/retention.ts'
import { fact } from './helpers/fact.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { eventually, freshDatabase, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'
import { allTenants, lookingInto, nextVersion, replaced } from './helpers/tenants.ts'

/*
 * Every period that a tenant declares, kept to the second. The cases come out of the register: a rule that somebody adds
 * is tested from then on. What is not stored here is tested where it happens: cookies with `terms`, counts with
 * `statistics`.
 */

const start = '2026-11-23T08:00:00Z'

const storesHere = ({ fields }: Activity) => fields.some(({ store }) => ['vault', 'hash', 'log'].includes(store))

const cases = [...loadRegister('tenants', claims).running.values()].flatMap(({ tenant, activities }) =>
  [...activities.values()].filter(storesHere).flatMap((activity) =>
    activity.retention.map((rule) => ({
      slug: tenant.slug,
      tenantId: tenant.id,
      timeZone: tenant.timeZone,
      activity,
      rule,
      isLog: activity.fields.some((field) => field.store === 'log'),
      isAtOnce: Temporal.Duration.from(rule.period).blank,
    })),
  ),
)
type Case = (typeof cases)[number]
const named = (filter: (each: Case) => boolean) =>
  cases.filter(filter).map((each) => ({ ...each, toString: () => '', name: `${each.slug}: ${each.activity.id}` }))

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: allTenants, withoutWorker: true, start })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const inTenant = <T>(tenantId: string, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  installation.deps.db.inTenant(tenantId, work)

/** One number out of the database, past row-level security. */
const number = async (question: string, values: unknown[] = [], on = installation): Promise<number> =>
  Number(Object.values((await on.admin.query(question, values)).rows[0])[0])

/** How much there is of a record: itself, its key, its check values, and who looked at it. */
const remains = async (id: string) => ({
  record: await number('select count(*) from vault.record where id = $1', [id]),
  key: await number('select count(*) from vault.key where record_id = $1', [id]),
  index: await number('select count(*) from vault.blind_index where record_id = $1', [id]),
  access: await number('select count(*) from vault.access where record_id = $1', [id]),
})
const nothing = { record: 0, key: 0, index: 0, access: 0 }

const ledgerOf = async (id: string, on = installation) =>
  (
    await on.admin.query('select activity, rule, erased_at from vault.erasure where $1 = any(record_ids)', [id])
  ).rows.map((row) => `${row.activity} ${row.rule} ${row.erased_at.toISOString()}`)

const aRecordOf = (activity: Activity): Record<string, string> =>
  Object.fromEntries(
    activity.fields
      .filter((field) => field.store === 'vault' || field.store === 'hash')
      .map((field) => [field.id, `marker of ${field.id}`]),
  )

/** A record of this kind that somebody has looked at, with a feature's row that points at it. */
const aLookedAtRecord = async ({ tenantId, activity }: Case): Promise<string> => {
  const { vault } = installation.deps
  const id = await inTenant(tenantId, (tx) => vault.put(tx, activity.id, aRecordOf(activity)))
  await inTenant(tenantId, (tx) => vault.open(tx, id, lookingInto(activity)))
  const row = [tenantId, crypto.randomUUID(), id]
  await installation.admin.query(
    `insert into appointment (tenant_id, id, site_id, desk_id, service_ids, status, starts_at, ends_at, cells, record_id)
     values ($1, $2, 'site', 1, '{service}', 'past', '2099-01-01', '2099-01-02', 1, $3)`,
    row,
  )
  await installation.admin.query(
    `insert into mail_delivery (tenant_id, id, kind, record_id, status, kept_for, queued_at, ended_at)
     values ($1, $2, 'test', $3, 'accepted', 'P7D', '2020-01-01', '2099-01-01')`,
    row,
  )
  return id
}

const pointers = (id: string) =>
  number(
    `select (select count(*) from appointment where record_id = $1) + (select count(*) from mail_delivery where record_id = $1)`,
    [id],
  )
const rows = () => number(`select (select count(*) from appointment) + (select count(*) from mail_delivery)`)

describe('a declared period', () => {
  test('the register gives something to test in each of its kinds', () => {
    expect(new Set(cases.map((each) => each.slug))).toEqual(new Set(allTenants))
    expect(cases.filter((each) => each.isLog).length).toBeGreaterThanOrEqual(2)
    expect(cases.filter((each) => each.isAtOnce).length).toBeGreaterThanOrEqual(10)
    expect(cases.filter((each) => !each.isAtOnce && !each.isLog).length).toBeGreaterThanOrEqual(6)
  })

  test.each(named((each) => !each.isLog && !each.isAtOnce))(
    '$name is there until $rule.period after $rule.trigger, and gone then',
    async (each) => {
      const { tenantId, activity, rule, timeZone } = each
      const { vault, clock } = installation.deps
      const id = await aLookedAtRecord(each)
      const before = await rows()
      expect(await inTenant(tenantId, (tx) => vault.happened(tx, id, rule.trigger, clock()))).toBe('kept')
      const end = endOf(clock(), rule.period, timeZone)
      installation.time.set(end.subtract({ seconds: 1 }))
      await installation.sweep()
      expect(await remains(id)).toMatchObject({ record: 1, key: 1, access: 1 })
      expect(await pointers(id)).toBe(2)
      installation.time.set(end)
      await installation.sweep()
      expect(await remains(id)).toEqual(nothing)
      expect(await ledgerOf(id)).toEqual([`${activity.id} ${rule.id} ${end.toString({ fractionalSecondDigits: 3 })}`])
      // What features keep of their own stays as long as they need it, and leads to nobody any more.
      expect(await pointers(id)).toBe(0)
      expect(await rows()).toBe(before)
    },
  )

  test.each(named((each) => !each.isLog && each.isAtOnce))(
    '$name is gone in the transaction in which $rule.trigger happens',
    async (each) => {
      const { tenantId, activity, rule } = each
      const { vault, clock } = installation.deps
      const id = await aLookedAtRecord(each)
      await inTenant(tenantId, async (tx) => {
        expect(await vault.happened(tx, id, rule.trigger, clock())).toBe('erased')
        expect(await vault.open(tx, id, lookingInto(activity))).toBeNull()
      })
      expect(await remains(id)).toEqual(nothing)
      expect(await ledgerOf(id)).toEqual([`${activity.id} ${rule.id} 2026-11-23T08:00:00.000Z`])
      expect(await pointers(id)).toBe(0)
    },
  )

  test.each(named((each) => each.isLog))(
    '$name: a line is there until $rule.period after $rule.trigger, and gone then',
    async ({ slug, rule, timeZone }) => {
      const { log, clock } = installation.deps
      const folder = join(installation.folder, 'log', slug)
      const lines = () =>
        existsSync(folder)
          ? readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean))
          : []
      const line = { page: '/', status: 200, address: '198.51.100.0', browser: 'other', operatingSystem: 'other' }
      log.access(slug, { time: clock().toString(), ...line })
      const end = endOf(clock(), rule.period, timeZone)
      installation.time.set(end.subtract({ seconds: 1 }))
      await installation.sweep()
      expect(lines()).toHaveLength(1)
      installation.time.set(end)
      await installation.sweep()
      expect(lines()).toEqual([])
    },
  )

  test('one run erases many at once, with one line in the ledger for each rule', async () => {
    const [each] = named(({ slug, rule }) => slug === 'segeberg' && rule.trigger === 'appointment.ended')
    if (!each) throw new Error('no such rule')
    const { vault, clock } = installation.deps
    const put = (tx: TenantTx) =>
      vault.put(tx, each.activity.id, aRecordOf(each.activity), { [each.rule.trigger]: clock() })
    const ids = await inTenant(each.tenantId, async (tx) => {
      const made: string[] = []
      for (let i = 0; i < 1100; i++) made.push(await put(tx)) // more than one portion
      return made
    })
    installation.time.set(endOf(clock(), each.rule.period, each.timeZone))
    await installation.sweep()
    expect(await number('select count(*) from vault.record where id = any($1)', [ids])).toBe(0)
    const lines = 'select count(*) from vault.erasure where record_ids && $1::uuid[]'
    expect(await number(lines, [ids])).toBe(2)
  })
})

describe('a booked appointment', () => {
  beforeEach(() => installation.sweep()) // the clock went back: the offer of these days is laid out anew
  const recordOf = async (on = installation): Promise<{ id: string; erase_at: Date | null }> =>
    (
      await on.admin.query(
        `select r.id, r.erase_at from vault.record r join appointment a on a.record_id = r.id
         where a.status = 'booked' order by r.created_at desc limit 1`,
      )
    ).rows[0]
  const dueAfter = (begin: string, minutes: number, period: string) =>
    endOf(Temporal.Instant.from(begin).add({ minutes }), period, 'Europe/Berlin')

  test('can be seen until fourteen days after its end; after its day only a number is left besides', async () => {
    const who = person(installation)
    const { manage, start: begin } = await bookAppointment(who)
    const { id } = await recordOf()
    const due = dueAfter(begin, 30, 'P14D')
    installation.time.set(due.subtract({ seconds: 1 }))
    await installation.sweep()
    expect((await who.open(manage)).status).toBe(200)
    installation.time.set(due)
    await installation.sweep()
    expect((await who.open(manage)).status).toBe(410)
    expect(await remains(id)).toEqual(nothing)
    expect(await number('select count(*) from appointment where starts_at = $1', [begin])).toBe(0)
    const local = Temporal.Instant.from(begin).toZonedDateTimeISO('Europe/Berlin')
    const kept = `select coalesce(sum(visits), 0) from visit_count where outcome = 'past' and day = $1 and hour = $2`
    expect(await number(kept, [local.toPlainDate().with({ day: 1 }).toString(), local.hour])).toBeGreaterThanOrEqual(1)
  })

  test('that is moved to a later day is kept from that day on', async () => {
    const who = person(installation)
    const { manage, start: begin } = await bookAppointment(who)
    const { id } = await recordOf()
    const times = await who.open(`${manage}/verschieben`)
    const later = who.starts(times).at(-1) ?? ''
    expect(later > begin).toBe(true)
    await who.send(times, { beginn: later })
    installation.time.set(dueAfter(begin, 30, 'P14D'))
    await installation.sweep()
    expect(await remains(id)).toMatchObject({ record: 1, key: 1 })
    installation.time.set(dueAfter(later, 30, 'P14D').subtract({ seconds: 1 }))
    await installation.sweep()
    expect(await remains(id)).toMatchObject({ record: 1, key: 1 })
    installation.time.set(dueAfter(later, 30, 'P14D'))
    await installation.sweep()
    expect(await remains(id)).toEqual(nothing)
  })

  test.each(['absagen', 'widerrufen'])('is gone with the answer to %s, before any worker runs', async (what) => {
    const who = person(installation)
    const { manage } = await bookAppointment(who)
    const { id } = await recordOf()
    await who.send(await who.open(`${manage}/${what}`))
    await fact('SEG-044', installation, async () => {
      expect(await remains(id)).toEqual(nothing)
      expect((await who.open(manage)).status).toBe(410)
    })
  })
})

describe('a period changed in the register', () => {
  const path = 'segeberg/activities/appointments-booking.yaml'
  // As somebody does it who changes a promise: with a new version, or the tenant would not run.
  const kept = (period: string) => (text: string) => nextVersion(replaced(text, 'period: P14D', `period: ${period}`))

  /** The same database and key under another register. */
  const withOther = async (
    change: (text: string) => string,
    work: (before: Installation, after: Installation) => Promise<void>,
    prepare: (before: Installation) => Promise<void>,
  ) => {
    const database = await freshDatabase()
    const folder = temporaryFolder('register')
    const keyFile = join(folder, 'master.key')
    const before = await startInstallation({ database, config: { keyFile }, withoutWorker: true })
    let after: Installation | undefined
    try {
      await prepare(before)
      after = await startInstallation({ database, config: { keyFile }, withoutWorker: true, edit: { [path]: change } })
      await work(before, after)
    } finally {
      await after?.close()
      await before.close()
      await database.drop()
      rmSync(folder, { recursive: true })
    }
  }
  const daysKept = async (on: Installation): Promise<number[]> =>
    (
      await on.admin.query(
        `select extract(day from r.erase_at - a.ends_at)::int days from vault.record r
         join appointment a on a.record_id = r.id order by days`,
      )
    ).rows.map((row) => row.days)

  test('P7D instead of P14D stands on the form, in the notice, on the person’s own page, and in what is erased', async () => {
    const other = await startInstallation({ edit: { [path]: kept('P7D') }, withoutWorker: true })
    try {
      for (const [language, seven, fourteen] of [
        ['de', '7 Tage nach dem Termin', '14 Tage nach dem Termin'],
        ['en', '7 days after the appointment', '14 days after the appointment'],
      ] as const) {
        const base = language === 'de' ? '/segeberg' : '/segeberg/en'
        const { details, token } = await bookAppointment(person(other), { language })
        const pages = [
          details.text,
          (await person(other).open(`${base}/datenschutz`)).text,
          (await person(other).open(`${base}/datenschutz.txt`)).html,
        ]
        for (const text of pages) {
          expect(text.replace(/\s+/g, ' ')).toContain(seven)
          expect(text.replace(/\s+/g, ' ')).not.toContain(fourteen)
        }
        const stored = await person(other).open(`${base}/termin/verwalten/${token}/daten`)
        expect(stored.text).toContain(seven)
      }
      expect(await daysKept(other)).toEqual([7, 7])
      const unchanged = await person(other).open('/musterstadt/datenschutz')
      expect(unchanged.text).toContain('14 Tage nach dem Termin')
    } finally {
      await other.close()
    }
  })

  test('a stricter one holds for records that are there already, from the next start on', () =>
    withOther(
      kept('P7D'),
      async (_before, after) => {
        expect(await daysKept(after)).toEqual([7])
        await bookAppointment(person(after))
        expect(await daysKept(after)).toEqual([7, 7])
      },
      async (before) => {
        await bookAppointment(person(before))
        expect(await daysKept(before)).toEqual([14])
      },
    ))

  test('who was promised erasure on cancelling gets it, whatever the register says by then', () => {
    let manage = ''
    return withOther(
      (text) =>
        nextVersion(
          text.replace('trigger: appointment.cancelled, period: PT0S', 'trigger: appointment.cancelled, period: P30D'),
        ),
      async (_before, after) => {
        await person(after).send(await person(after).open(`${manage}/absagen`))
        expect(
          await number('select count(*) from vault.record where activity = $1', ['appointments.booking'], after),
        ).toBe(0)
      },
      async (before) => {
        manage = (await bookAppointment(person(before))).manage
      },
    )
  })

  test('a longer one breaks no promise that was given, not even when the appointment is moved', () => {
    let manage = ''
    return withOther(
      kept('P28D'),
      async (_before, after) => {
        expect(await daysKept(after)).toEqual([14])
        const who = person(after)
        const times = await who.open(`${manage}/verschieben`)
        await who.send(times, { beginn: who.starts(times).at(-1) ?? '' })
        expect(await daysKept(after)).toEqual([14])
        await bookAppointment(who)
        expect(await daysKept(after)).toEqual([14, 28])
      },
      async (before) => {
        manage = (await bookAppointment(person(before))).manage
      },
    )
  })
})

test('a worker goes round by itself: what falls due while it runs is gone without anybody asking, and once it is stopped nothing goes', async () => {
  const { deps } = installation
  const [{ tenantId, activity, rule } = {}] = cases.filter(({ isAtOnce, isLog }) => !isAtOnce && !isLog)
  if (!tenantId || !activity || !rule) throw new Error('no rule with a period')
  const due = async () => {
    const happened = { [rule.trigger]: deps.clock() }
    const id = await inTenant(tenantId, (tx) => deps.vault.put(tx, activity.id, aRecordOf(activity), happened))
    installation.time.move(rule.period)
    return id
  }
  const worker = await startWorker(deps, features, 0.05)
  try {
    for (const id of [await due(), await due()])
      await eventually(async () => (await remains(id)).record === 0, 'a round of the worker')
  } finally {
    await worker.stop()
  }
  const left = await due()
  await new Promise((resolve) => setTimeout(resolve, 300)) // six rounds
  expect((await remains(left)).record).toBe(1)
})
