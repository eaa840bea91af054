import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { sweep } from '#apps/worker.ts'
import type { Site } from '#register/register.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { goOn, meant, openTimes, reachCheck, reachDetails, somebody, tokenOf, visitsAt } from '../booking.fixture.ts'
import { bookableOf } from '../tenant.ts'
import { keepCells } from './plan/keep-cells.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())

/** Runs statements as somebody who may do everything; the code of the refusal, or null when they were committed. */
const atTheConsole = async (statements: string): Promise<string | null> => {
  try {
    await installation.admin.query(`begin; ${statements}; commit`)
    return null
  } catch (error) {
    await installation.admin.query('rollback')
    return error instanceof Error && 'code' in error ? String(error.code) : 'no code'
  }
}

const checkViolation = '23514'
const foreignKeyViolation = '23503'

describe('even at the console of the database', () => {
  const at = '2026-11-25T08:00:00Z'
  let booked: string
  let other: string
  let held: string
  beforeAll(async () => {
    const who = somebody(installation)
    await who.send(await reachCheck(who, { start: at }))
    await who.send(await reachCheck(who, { start: at }), meant)
    const details = await reachDetails(who, { start: at })
    held = new URL(details.url, 'http://x').searchParams.get('vormerkung') ?? ''
    const visits = await visitsAt(installation.admin, at)
    ;[booked = '', other = ''] = visits.map((visit) => visit.appointment)
  })

  const ofBooked = `appointment_id = '$booked'`
  const oneCell = `${ofBooked} and starts_at = '${at}'`
  const aFreeCell = `ctid = (select ctid from cell where appointment_id is null and site_id = 'kaltenkirchen' limit 1)`
  const aCopyOf = (id: string, changes: string) =>
    `insert into appointment select (jsonb_populate_record(a, '${changes}')).* from appointment a where id = '${id}'`

  test.each([
    [
      'a booked cell cannot be freed',
      `update cell set free_from = '-infinity', appointment_id = null where ${oneCell}`,
    ],
    [
      'not all cells of a booking can be freed',
      `update cell set free_from = '-infinity', appointment_id = null where ${ofBooked}`,
    ],
    ['a booked cell cannot be deleted', `delete from cell where ${oneCell}`],
    ['a booked cell cannot become a hold', `update cell set free_from = '2030-01-01' where ${oneCell}`],
    ['a booked cell cannot go to somebody else', `update cell set appointment_id = '$other' where ${oneCell}`],
    ['a booked cell cannot go to a hold', `update cell set appointment_id = '$held' where ${oneCell}`],
    ['a booked cell cannot move to another desk', `update cell set desk_id = 77 where ${oneCell}`],
    [
      'a booked cell cannot move to another time',
      `update cell set starts_at = starts_at - interval '5 years' where ${oneCell}`,
    ],
    [
      'a booking cannot have a cell too many',
      `update cell set free_from = 'infinity', appointment_id = '$booked' where ${aFreeCell}`,
    ],
    [
      'a booking cannot hold a cell besides',
      `update cell set free_from = '2030-01-01', appointment_id = '$booked' where ${aFreeCell}; update appointment set sequence = sequence where id = '$booked'`,
    ],
    [
      'a booking cannot have a cell made for it',
      `insert into cell select tenant_id, site_id, 77, starts_at, audience, free_from, appointment_id from cell where ${oneCell}`,
    ],
    [
      'a booking cannot begin at another time than its cells',
      `update appointment set starts_at = starts_at - interval '1 hour', ends_at = ends_at - interval '1 hour' where id = '$booked'`,
    ],
    ['a booking cannot be at another desk than its cells', `update appointment set desk_id = 77 where id = '$booked'`],
    [
      'a booking cannot be at another site than its cells',
      `update appointment set site_id = 'elsewhere' where id = '$booked'`,
    ],
    ['a booking cannot be longer than its cells', `update appointment set cells = cells + 1 where id = '$booked'`],
    ['a hold cannot be booked while its cells are held', `update appointment set status = 'booked' where id = '$held'`],
    [
      'a booking cannot come about without cells',
      aCopyOf('$booked', '{"id": "00000000-0000-4000-8000-000000000001", "record_id": null}'),
    ],
    [
      'a booking cannot be cancelled and keep its cells',
      `update appointment set status = 'cancelled' where id = '$booked'`,
    ],
    [
      'a booking cannot become a hold and keep its cells',
      `update appointment set status = 'held' where id = '$booked'`,
    ],
    ['a cell cannot be booked for a hold', `update cell set free_from = 'infinity' where appointment_id = '$held'`],
    ['a cell cannot be booked for nobody', `update cell set free_from = 'infinity' where ${aFreeCell}`],
    ['a free cell cannot have an owner', `update cell set appointment_id = '$held' where ${aFreeCell}`],
    ['a booked cell cannot be called free', `update cell set free_from = '-infinity' where ${oneCell}`],
  ])('%s', async (_, statements) => {
    const filled = statements.replaceAll('$booked', booked).replaceAll('$other', other).replaceAll('$held', held)
    expect(await atTheConsole(filled)).toBe(checkViolation)
  })

  test.each([
    ['a booking cannot be deleted while it has cells', `delete from appointment where id = '$booked'`],
    [
      'a cell cannot be booked for an appointment that is not there',
      `update cell set free_from = 'infinity', appointment_id = '00000000-0000-4000-8000-000000000002' where ${aFreeCell}`,
    ],
  ])('%s', async (_, statements) => {
    expect(await atTheConsole(statements.replaceAll('$booked', booked))).toBe(foreignKeyViolation)
  })

  test('what is whole is let through: a visit changes desks with all its cells', async () => {
    const free = `desk_id = 5 and starts_at >= '${at}' and starts_at < timestamptz '${at}' + interval '30 minutes'`
    const moved = await atTheConsole(`
      update cell set free_from = '-infinity', appointment_id = null where appointment_id = '${booked}';
      update cell set free_from = 'infinity', appointment_id = '${booked}' where site_id = 'kaltenkirchen' and ${free};
      update appointment set desk_id = 5 where id = '${booked}'`)
    expect(moved).toBeNull()
    expect((await visitsAt(installation.admin, at)).find((visit) => visit.appointment === booked)?.desk).toBe(5)
  })
})

describe('when opening hours change', () => {
  const slug = 'musterstadt'
  const day = Temporal.PlainDate.from('2026-12-02')
  const cellsOf = async () => {
    const { rows } = await installation.admin.query(
      `select desk_id as desk, starts_at as at, audience, free_from = 'infinity' as booked, appointment_id is null as free from cell
       where site_id = 'rathausplatz' and starts_at >= '2026-12-02' and starts_at < '2026-12-03' order by desk_id, starts_at`,
    )
    return rows as { desk: number; at: Date; audience: string; booked: boolean; free: boolean }[]
  }
  /** Plans the coming days as a start of the program with other files does. */
  const plan = async (
    openingHours: { from: string; to: string }[],
    desks = { public: 4, internal: 1 },
    stepMinutes = 10,
  ) => {
    const running = installation.deps.register.running.get(slug)
    if (!running) throw new Error('musterstadt does not run')
    const days = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
    const site = {
      ...(running.tenant.sites[0] as Site),
      desks,
      openingHours: openingHours.map((hours) => ({ days: [...days], ...hours })),
    }
    const tenant = bookableOf(running)
    const changed = { ...tenant, sites: [site], booking: { ...tenant.booking, stepMinutes } }
    await keepCells({
      deps: installation.deps,
      running: { ...running, tenant: changed },
      now: installation.time.clock(),
    })
  }
  const usual = [{ from: '08:00', to: '12:30' }]
  beforeEach(() => plan(usual))

  test('free cells go and come, booked and held ones stay where they are', async () => {
    const who = somebody(installation)
    const start = `${day}T08:00:00Z`
    const booked = await who.send(await reachCheck(who, { slug, start }))
    expect(tokenOf(booked)).not.toBe('')
    await reachDetails(who, { slug, start: `${day}T09:00:00Z` })
    await plan([{ from: '14:00', to: '15:00' }], { public: 1, internal: 1 })
    const cells = await cellsOf()
    expect(cells.filter((cell) => cell.booked)).toHaveLength(3)
    expect(cells.filter((cell) => !cell.free)).toHaveLength(6)
    expect(cells.filter((cell) => cell.free)).toHaveLength(2 * 6)
    expect((await who.open(`/${slug}/termin/verwalten/${tokenOf(booked)}`)).status).toBe(200)
    expect(who.starts(await openTimes(who, { slug, start })).filter((at) => at.startsWith(`${day}`))).toEqual([
      `${day}T13:00:00Z`,
      `${day}T13:30:00Z`,
    ])
  })

  test('a desk given to staff is no longer offered, and offered again when it is given back', async () => {
    await plan(usual, { public: 1, internal: 4 })
    expect(
      (await cellsOf()).filter((cell) => cell.audience === 'public' && cell.free).every((cell) => cell.desk === 1),
    ).toBe(true)
    await plan(usual)
    expect(new Set((await cellsOf()).filter((cell) => cell.audience === 'public').map((cell) => cell.desk)).size).toBe(
      4,
    )
  })

  test.each([5, 15, 20])(
    'in steps of %i minutes, no free cell overlaps what was booked in steps of ten',
    async (minutes) => {
      const who = somebody(installation)
      const start = `${day}T${{ 5: '07:00', 15: '07:30', 20: '10:30' }[minutes]}:00Z`
      const booked = await who.send(await reachCheck(who, { slug, start }))
      const [visit] = await visitsAt(installation.admin, start)
      await plan(usual, undefined, minutes)
      const { rows } = await installation.admin.query(
        `select c.starts_at, c.free_from::text from cell c join appointment a using (tenant_id, site_id, desk_id)
       where a.id = $1 and c.starts_at < a.ends_at and c.starts_at + make_interval(mins => $2) > a.starts_at`,
        [visit?.appointment, minutes],
      )
      expect(rows.map((row) => row.free_from)).toEqual(['infinity', 'infinity', 'infinity'])
      await who.send(await who.open(`/${slug}/termin/verwalten/${tokenOf(booked)}/absagen`))
      await plan(usual, undefined, minutes)
      const cells = (await cellsOf()).filter((cell) => cell.desk === visit?.desk && cell.free)
      const gaps = cells.slice(1).map((cell, i) => cell.at.getTime() - (cells[i]?.at.getTime() ?? 0))
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(minutes * 60_000)
    },
  )
})

describe('planning anew', () => {
  /** Which row versions there are: a row that was written has another place, or another writer. */
  const versions = async () => {
    const { rows } = await installation.admin.query<{ key: string; version: string }>(
      `select site_id || desk_id || starts_at as key, ctid::text || xmin || xmax as version from cell`,
    )
    return new Map(rows.map(({ key, version }) => [key, version]))
  }
  const planAs = async (change: (site: Site) => Site) => {
    const running = installation.deps.register.running.get('segeberg')
    if (!running) throw new Error('segeberg does not run')
    const changed = { ...running, tenant: { ...running.tenant, sites: running.tenant.sites.map(change) } }
    await keepCells({ deps: installation.deps, running: changed, now: installation.time.clock() })
  }
  const same = (site: Site) => site

  test('writes nothing where nothing has changed, whatever is booked', async () => {
    const who = somebody(installation)
    await who.send(await reachCheck(who, { start: '2026-12-08T08:00:00Z' }))
    await planAs(same)
    const before = await versions()
    await planAs(same)
    expect(before.size).toBeGreaterThan(1000)
    expect(await versions()).toEqual(before)
  })

  test('of one site goes on when another one cannot be planned, and the fault is told', async () => {
    await installation.admin.query(`
      create function refuse_cell() returns trigger language plpgsql as $$ begin raise exception 'no cell here'; end $$;
      create trigger refuse before insert on cell for each row when (new.site_id = 'first') execute function refuse_cell()`)
    try {
      const running = installation.deps.register.running.get('segeberg')
      if (!running) throw new Error('segeberg does not run')
      const sites = running.tenant.sites.flatMap((site) => [{ ...site, id: 'first' }, { ...site, id: 'second' }, site])
      const changed = { ...running, tenant: { ...running.tenant, sites } }
      const planned = keepCells({ deps: installation.deps, running: changed, now: installation.time.clock() })
      await expect(planned).rejects.toThrow('no cell here')
      const { rows } = await installation.admin.query(
        `select site_id, count(*)::int as n from cell where site_id in ('first', 'second') group by 1`,
      )
      expect(rows).toEqual([{ site_id: 'second', n: expect.toSatisfy((n: number) => n > 1000) }])
    } finally {
      await installation.admin.query('drop function refuse_cell cascade')
      await planAs(same)
    }
  })

  test('writes only the rows of the hours that have changed', async () => {
    await planAs(same)
    const before = await versions()
    const shorter = (site: Site): Site => ({
      ...site,
      openingHours: site.openingHours.map((rule) => (rule.from === '14:00' ? { ...rule, to: '16:00' } : rule)),
    })
    await planAs(shorter)
    const after = await versions()
    const gone = [...before.keys()].filter((key) => !after.has(key))
    // Four or five Thursdays of the window, an hour of five desks.
    expect([4 * 30, 5 * 30]).toContain(gone.length)
    expect([...after].every(([key, version]) => before.get(key) === version)).toBe(true)
    await planAs(same)
    expect((await versions()).size).toBe(before.size)
  })

  test('takes a site that is declared no more out of what is free, and leaves what is booked there', async () => {
    const who = somebody(installation)
    const start = '2026-12-09T08:00:00Z'
    const booked = await who.send(await reachCheck(who, { start }))
    await planAs((site) => ({ ...site, id: 'elsewhere' }))
    const { rows } = await installation.admin.query(
      `select distinct audience, free_from::text as free from cell where site_id = 'kaltenkirchen' and starts_at >= '2026-12-09' and starts_at < '2026-12-10'`,
    )
    expect(rows).toEqual([{ audience: 'closed', free: 'infinity' }])
    expect((await who.open(`/segeberg/termin/verwalten/${tokenOf(booked)}`)).status).toBe(200)
    await planAs(same)
    expect(who.starts(await openTimes(who, { start }))).toContain(start)
  })

  test('does not offer a closed time again once its visit is cancelled', async () => {
    const who = somebody(installation)
    const start = '2026-12-10T08:00:00Z'
    const booked = await who.send(await reachCheck(who, { start }))
    const closures = [{ from: '2026-12-10', to: '2026-12-10', reason: { de: 'Umzug', en: 'moving' } }]
    await planAs((site) => ({ ...site, closures }))
    await who.send(await who.open(`/segeberg/termin/verwalten/${tokenOf(booked)}/absagen`))
    expect(who.starts(await openTimes(who, { start })).filter((at) => at.startsWith('2026-12-10'))).toEqual([])
    await planAs(same)
    expect(who.starts(await openTimes(who, { start }))).toContain(start)
  })
})

describe('the sweep', () => {
  const count = async (what: string) =>
    (await installation.admin.query(`select count(*)::int n from ${what}`)).rows[0].n as number

  test('clears a hold two hours after its end, not before, and nothing of it is left', async () => {
    const who = somebody(installation)
    const details = await reachDetails(who, { start: '2026-12-03T08:00:00Z' })
    const id = new URL(details.url, 'http://x').searchParams.get('vormerkung') ?? ''
    const left = async () => [
      await count(`appointment where id = '${id}'`),
      await count(`cell where appointment_id = '${id}'`),
    ]
    installation.time.move('PT2H15M')
    await sweep(installation.deps, features)
    expect(await left()).toEqual([1, 3])
    installation.time.move('PT1S')
    await sweep(installation.deps, features)
    expect(await left()).toEqual([0, 0])
  })

  test('takes an appointment that is over out of the calendar and leaves it to its period', async () => {
    const who = somebody(installation)
    const booked = await goOn(who, await reachDetails(who, { start: '2026-12-03T09:00:00Z' }), {
      'f.name': 'Erika Markerfrau',
      'f.birthDate.day': '1',
      'f.birthDate.month': '2',
      'f.birthDate.year': '1984',
    })
    installation.time.set('2026-12-03T09:30:00Z')
    await sweep(installation.deps, features)
    expect(await count(`cell where starts_at < '2026-12-03T09:30:00Z'`)).toBe(0)
    expect(await count(`appointment where status = 'past' and starts_at = '2026-12-03T09:00:00Z'`)).toBe(1)
    expect((await who.open(`/segeberg/termin/verwalten/${tokenOf(booked)}`)).status).toBe(200)
  })
})
