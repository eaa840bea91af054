import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rotateMasterKey, rotateTenantKeys } from '#apps/rotation.ts'
import { ConfigError, RefusedError } from '#platform/config.ts'
import { systemRandom } from '#platform/random.ts'
import { rewrapTenantKeys } from '#vault/keyring/rotation.ts'
import { loadMasterKeys, newMasterKey, openTenantKey, writeMasterKeys } from '#vault/keys.ts'
import { TamperedError } from '#vault/seal.ts'
import { aMachineRoom, type Place, type Room } from './helpers/backup.ts'
import { capacityFaults } from './helpers/capacity.ts'
import type { Installation } from './helpers/installation.ts'
import { bookAppointment, erika, person } from './helpers/person.ts'

/* Keys are replaced while people book, look, move and cancel at two servers. */

const start = '2026-11-23T08:00:00Z'
const activity = 'appointments.booking'
const looking = { purpose: 'rights', actor: 'person' } as const

let room: Room
let place: Place
let one: Installation
let two: Installation
beforeEach(async () => {
  room = aMachineRoom()
  place = await room.preparedPlace()
  one = await room.start(place, start, { withoutWorker: true })
  two = await room.start(place, start, { withoutWorker: true })
})
afterEach(() => room.close())

const move = (duration: string): void => {
  for (const { time } of [one, two]) time.move(duration)
}
/** Lets the time pass that the rotation waits for. */
const wait = async (until: Temporal.Instant): Promise<void> => {
  for (const { time } of [one, two]) time.set(until.add({ seconds: 1 }))
}
const idOf = (slug: string): string => one.deps.register.running.get(slug)?.tenant.id ?? ''
const number = async (question: string, values: unknown[] = []): Promise<number> =>
  Number(Object.values((await one.admin.query(question, values)).rows[0])[0])
const byGeneration = async (table: string): Promise<Record<string, number>> => {
  const { rows } = await one.admin.query(`select generation, count(*)::int n from ${table} group by 1 order by 1`)
  return Object.fromEntries(rows.map((row) => [row.generation, row.n]))
}

const fieldsOf = (n: number) => ({
  name: `Person ${n}`,
  birthDate: '1984-08-12',
  email: `person${n}@example.org`,
  service: 'beratung-vor-ort',
  place: 'kaltenkirchen',
  appointmentAt: '2026-11-30T09:00:00Z',
  bookedAt: start,
  reference: 'ABCD-EFGH',
  manageLink: `${'A'.repeat(18)}${String(n).padStart(4, '0')}`,
  language: 'de',
  consentGivenAt: start,
})
const put = (n: number, at = one, happened: Record<string, Temporal.Instant> = {}): Promise<string> =>
  at.deps.db.inTenant(idOf('segeberg'), (tx) => at.deps.vault.put(tx, activity, fieldsOf(n), happened))

/** Whether a record is opened, found by its address, and known by its link. */
const isWhole = (id: string, n: number, at: Installation): Promise<boolean> =>
  at.deps.db.inTenant(idOf('segeberg'), async (tx) => {
    const { vault } = at.deps
    const record = await vault.open(tx, id, looking)
    const found = await vault.findBySubject(tx, 'email', `PERSON${n}@example.org`, looking)
    const byLink = await vault.findBySubject(tx, 'manageLink', fieldsOf(n).manageLink, looking)
    const matches = await vault.matches(tx, id, 'manageLink', fieldsOf(n).manageLink)
    const isFound = [found, byLink].every((records) => records.length === 1 && records[0]?.id === id)
    return record?.fields.name === `Person ${n}` && isFound && matches
  })

/** A person whose clicks go to one server after the other, as behind a load balancer without sticky sessions. */
const between = (nodes: readonly Installation[]) => {
  let click = 0
  const next = () => (nodes[click++ % nodes.length] as Installation).app
  return person({ app: { inject: (request) => next().inject(request) } })
}

/** Whoever clicks back and forth between these servers books, with no form refused, and sees what was stored before. */
const inTurn = async (nodes: readonly Installation[], manage: string): Promise<void> => {
  const who = between(nodes)
  const steps = await bookAppointment(who)
  for (const { status } of [steps.details, steps.consent, steps.check, steps.booked]) expect(status).toBe(200)
  expect(steps.token).not.toBe('')
  for (const at of nodes) {
    for (const address of [manage, steps.manage])
      expect((await person(at).open(`${address}/daten`)).text).toContain('Erika Markerfrau')
  }
  expect((await who.send(await who.open(`${steps.manage}/absagen`))).status).toBe(200)
}

describe('the keys of tenants', () => {
  test('are replaced, and whoever booked before goes on at another server, before, during and after', async () => {
    const who = person(two)
    const [stays, moves, cancels] = [
      await bookAppointment(person(one)),
      await bookAppointment(person(one)),
      await bookAppointment(person(one)),
    ]
    let meanwhile: Awaited<ReturnType<typeof bookAppointment>> | undefined
    const rotated = await rotateTenantKeys(one.deps, async (until) => {
      meanwhile = await bookAppointment(person(two))
      expect((await person(one).open(`${meanwhile.manage}/daten`)).text).toContain('Erika Markerfrau')
      expect(await byGeneration('vault.key')).toEqual({ 1: 8 })
      await wait(until)
      // In use from now on, and nothing is wrapped anew yet: both servers find what is of either generation.
      const fresh = await bookAppointment(person(two))
      for (const { manage } of [stays, meanwhile, fresh]) {
        for (const at of [one, two])
          expect((await person(at).open(`${manage}/daten`)).text).toContain('Erika Markerfrau')
      }
      expect(await byGeneration('vault.key')).toEqual({ 1: 8, 2: 2 })
    })
    expect(rotated.find(({ tenantId }) => tenantId === idOf('segeberg'))).toMatchObject({
      records: 8,
      failed: 0,
      left: 1,
    })
    expect(await byGeneration('vault.key')).toEqual({ 2: 10 })
    // Only the check values of links, of which nothing else is stored, are still of the old key.
    expect((await byGeneration('vault.blind_index'))[1]).toBe(4)
    expect((await who.open(`${stays.manage}/daten`)).text).toContain('Erika Markerfrau')
    const times = await who.open(`${moves.manage}/verschieben`)
    expect((await who.send(times, { beginn: who.starts(times).at(-1) ?? '' })).status).toBe(200)
    expect((await who.send(await who.open(`${cancels.manage}/absagen`))).status).toBe(200)
    expect((await person(one).open(cancels.manage)).status).toBe(410)
    const found = await two.deps.db.inTenant(idOf('segeberg'), (tx) =>
      two.deps.vault.findBySubject(tx, 'email', erika['f.email'], looking),
    )
    expect(found.filter((record) => record.activity === activity)).toHaveLength(4)
    expect(await capacityFaults(one.admin)).toMatchObject({ 'double bookings': 0, 'without all cells': 0 })
  })

  test('let a form through that was open meanwhile, at either server, and refuse it once the old key is gone', async () => {
    const form = await person(two).open('/musterstadt/meine-daten')
    const send = async (at: Installation) => (await person(at).send(form, { email: 'a@example.org' })).status
    await rotateTenantKeys(one.deps, wait)
    // One server has signed with the new key before the other has looked at it.
    const fresh = await person(one).open('/musterstadt/meine-daten')
    expect([await send(one), await send(two)]).toEqual([200, 200])
    expect((await person(two).send(fresh, { email: 'a@example.org' })).status).toBe(200)
    move('PT1H1S')
    await one.sweep()
    expect(await send(one)).toBe(403)
    const offered = await person(one).send(form, { email: 'a@example.org' })
    expect((await person(two).send(offered)).text).toContain('Bitte geben Sie den Code ein')
  })

  test('are dropped after an hour where nothing needs them, otherwise with the last record', async () => {
    const id = await put(1, one, { 'appointment.ended': Temporal.Instant.from(start) })
    await rotateTenantKeys(one.deps, wait)
    const left = async () =>
      (await one.admin.query('select tenant_id from vault.retired_key')).rows.map((row) => row.tenant_id)
    expect((await left()).sort()).toEqual([idOf('musterstadt'), idOf('segeberg')].sort())
    move('PT1H')
    await one.sweep()
    expect(await left()).toEqual([idOf('segeberg')])
    expect(await isWhole(id, 1, two)).toBe(true)
    move('P14D')
    await one.sweep()
    expect([await number('select count(*) from vault.record'), await left()]).toEqual([0, []])
  })

  test('are replaced again and again', async () => {
    const ids = [await put(0)]
    for (let n = 1; n <= 3; n++) {
      await rotateTenantKeys((n % 2 ? one : two).deps, wait)
      ids.push(await put(n))
    }
    expect(await byGeneration('vault.key')).toEqual({ 4: 4 })
    for (const [n, id] of ids.entries()) for (const at of [one, two]) expect(await isWhole(id, n, at)).toBe(true)
  })

  test('are replaced while people book and cancel at both servers, and nobody loses anything', async () => {
    const ids = await Promise.all(Array.from({ length: 450 }, (_, n) => put(n)))
    const links: { manage: string; cancelled: boolean }[] = []
    let rotating = true
    // From either end of the list, so that the two never want the last desk of one time; not the very first, which is
    // too soon once the clock has moved.
    const visitor = async (at: Installation, other: Installation, which: 1 | -1): Promise<void> => {
      for (let i = 0; rotating || i < 4; i++) {
        const who = person(at)
        const offered = who.starts(await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort'))
        const { manage } = await bookAppointment(who, { start: offered.at(which) ?? '' })
        const cancelled = i % 3 === 2
        expect((await person(other).open(manage)).status).toBe(200)
        if (cancelled) await person(other).send(await person(other).open(`${manage}/absagen`))
        links.push({ manage, cancelled })
      }
    }
    const rotation = rotateTenantKeys(one.deps, async (until) => {
      for (let links_ = links.length; links.length < links_ + 4; )
        await new Promise((resolve) => setTimeout(resolve, 10))
      await wait(until)
    }).finally(() => {
      rotating = false
    })
    await Promise.all([visitor(one, two, 1), visitor(two, one, -1), rotation])
    const [done] = (await rotation).filter(({ tenantId }) => tenantId === idOf('segeberg'))
    expect(done?.failed).toBe(0)
    expect(done?.records).toBeGreaterThanOrEqual(450)
    expect(links.length).toBeGreaterThanOrEqual(8)
    for (const { manage, cancelled } of links)
      for (const at of [one, two]) expect((await person(at).open(manage)).status).toBe(cancelled ? 410 : 200)
    for (const [n, id] of ids.entries()) if (n % 50 === 0) expect(await isWhole(id, n, two)).toBe(true)
    move('PT1H1S')
    await two.sweep() // what was locked at that moment
    expect(Object.keys(await byGeneration('vault.key'))).toEqual(['2'])
  })

  test('that were announced and then forgotten are put to use by a worker', async () => {
    const ids = [await put(1), await put(2)]
    const announce = (tenantId: string) => one.deps.db.inTenant(tenantId, (tx) => one.deps.keeper.announceKey(tx))
    await announce(idOf('segeberg'))
    expect(await announce(idOf('segeberg'))).toBeNull()
    move('PT1H')
    await two.sweep()
    expect(await byGeneration('vault.key')).toEqual({ 2: 2 })
    for (const [i, id] of ids.entries()) expect(await isWhole(id, i + 1, two)).toBe(true)
  })

  test('are replaced by one rotation at a time', async () => {
    const rotation = rotateTenantKeys(one.deps, async (until) => {
      await expect(rotateTenantKeys(two.deps, wait)).rejects.toThrow('being rotated already')
      await expect(rotateMasterKey(two.deps)).rejects.toThrow(RefusedError)
      await wait(until)
    })
    await rotation
    const again = rotateTenantKeys(one.deps, async () => {
      throw new Error('killed')
    })
    await expect(again).rejects.toThrow('killed')
    await expect(rotateTenantKeys(two.deps, wait)).rejects.toThrow('announced already')
  })

  test('are announced for all tenants or for none: one that waits already stops it before it begins', async () => {
    // Whichever tenant comes first when they are gone through.
    for (const slug of ['segeberg', 'musterstadt']) {
      await one.deps.db.inTenant(idOf(slug), (tx) => one.deps.keeper.announceKey(tx))
      const before = await byGeneration('vault.tenant_key')
      await expect(rotateTenantKeys(two.deps, wait)).rejects.toThrow('announced already')
      expect(await byGeneration('vault.tenant_key')).toEqual(before)
      move('PT3M')
    }
  })

  test('leave alone a record that somebody altered, and keep what could still open it', async () => {
    const [whole, altered] = [await put(1), await put(2)]
    await one.admin.query(`update vault.record set activity = 'mail.delivery' where id = $1`, [altered])
    const rotated = await rotateTenantKeys(one.deps, wait)
    expect(rotated.find(({ tenantId }) => tenantId === idOf('segeberg'))).toMatchObject({
      records: 1,
      failed: 1,
      left: 1,
    })
    await one.admin.query(`update vault.record set activity = $2 where id = $1`, [altered, activity])
    expect([await isWhole(whole, 1, one), await isWhole(altered, 2, one)]).toEqual([true, true])
  })

  test('open nothing they did not before: a dropped key’s wrapping is gone from every table', async () => {
    const before = (await one.admin.query('select wrapped from vault.tenant_key')).rows.map(({ wrapped }) => wrapped)
    await rotateTenantKeys(one.deps, wait)
    move('PT1H1S')
    await one.sweep()
    const { rows } = await one.admin.query(
      'select wrapped from vault.tenant_key union all select wrapped from vault.retired_key',
    )
    expect(rows.filter(({ wrapped }) => before.some((old) => old.equals(wrapped)))).toEqual([])
  })
})

describe('the master key', () => {
  const file = () => room.config.keyFile
  const opens = async (keys: ReturnType<typeof loadMasterKeys>): Promise<number> => {
    const { rows } = await one.admin.query(
      'select tenant_id, wrapped from vault.tenant_key union all select tenant_id, wrapped from vault.retired_key',
    )
    return rows.filter((row) =>
      keys.some((key) => {
        try {
          return openTenantKey(key, row.tenant_id, row.wrapped) !== null
        } catch (error) {
          if (error instanceof TamperedError) return false
          throw error
        }
      }),
    ).length
  }

  test('is replaced while servers run; afterwards the old one opens nothing', async () => {
    await rotateTenantKeys(one.deps, wait) // so that there are retired keys, too
    const booked = await bookAppointment(person(two))
    const old = loadMasterKeys(file(), systemRandom)
    const oldFile = join(room.folder, 'old.key')
    copyFileSync(file(), oldFile)
    expect(await opens(old)).toBe(4)
    expect(await rotateMasterKey(one.deps)).toEqual({ goesOn: false, wrapped: 4 })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(1)
    expect(await opens(old)).toBe(0)
    expect(await opens(loadMasterKeys(file(), systemRandom))).toBe(4)
    move('PT5M') // the running servers look at the keys again
    for (const at of [one, two]) {
      expect((await person(at).open(`${booked.manage}/daten`)).text).toContain('Erika Markerfrau')
      expect((await bookAppointment(person(at))).booked.status).toBe(200)
    }
    const three = await room.start(place, one.deps.clock())
    expect((await person(three).open(`${booked.manage}/daten`)).text).toContain('Erika Markerfrau')
    await three.close()
    copyFileSync(oldFile, file())
    await expect(room.start(place, start)).rejects.toThrow(ConfigError)
  })

  test('is replaced beside a server on another machine, which has the old file until its next start', async () => {
    const booked = await bookAppointment(person(one))
    const there = join(room.folder, 'there.key')
    copyFileSync(file(), there)
    const other = await room.start(place, start, { withoutWorker: true, keyFile: there })
    await rotateMasterKey(one.deps)
    other.time.move('PT10M')
    expect((await person(other).open(`${booked.manage}/daten`)).text).toContain('Erika Markerfrau')
    await other.close()
    await expect(room.start(place, start, { keyFile: there })).rejects.toThrow('there.key is not the key')
  })

  test.each([0, 1, 2])('goes on where it was interrupted, after %i tenants', async (done) => {
    const booked = await bookAppointment(person(one))
    const form = await person(one).open('/segeberg/meine-daten')
    const old = loadMasterKeys(file(), systemRandom)
    const keys = [newMasterKey(systemRandom), ...old]
    writeMasterKeys(file(), keys)
    for (const tenantId of (await one.deps.db.knownTenants()).slice(0, done))
      await one.deps.db.inTenant(tenantId, (tx) => rewrapTenantKeys(tx, keys, systemRandom))
    const restarted = await room.start(place, start, { withoutWorker: true })
    expect((await person(restarted).open(`${booked.manage}/daten`)).text).toContain('Erika Markerfrau')
    expect((await person(restarted).send(form, { email: 'a@example.org' })).status).toBe(200)
    expect(await rotateMasterKey(restarted.deps)).toEqual({ goesOn: true, wrapped: 2 - done })
    expect(loadMasterKeys(file(), systemRandom)[0]?.equals(keys[0] as (typeof keys)[0])).toBe(true)
    expect([await opens(old), await opens(keys.slice(0, 1))]).toEqual([0, 2])
  })

  test('stays in the file as long as a tenant’s key opens with none of the new ones', async () => {
    await one.admin.query(
      'update vault.tenant_key set wrapped = set_byte(wrapped, 20, (get_byte(wrapped, 20) + 1) % 256) where tenant_id = $1',
      [idOf('musterstadt')],
    )
    await expect(rotateMasterKey(one.deps)).rejects.toThrow(TamperedError)
    expect(loadMasterKeys(file(), systemRandom)).toHaveLength(2)
  })

  test('concerns no form: each server takes the other’s, before, during and after, restarted or not', async () => {
    const { manage } = await bookAppointment(person(one))
    const early = {
      one: await person(one).open('/segeberg/meine-daten'),
      two: await person(two).open('/segeberg/en/termin/zeit?leistung=beratung-vor-ort'),
    }
    const old = loadMasterKeys(file(), systemRandom)
    const half = [newMasterKey(systemRandom), ...old]
    writeMasterKeys(file(), half) // as it stands in the middle of a rotation
    await inTurn([one, two, await room.start(place, start, { withoutWorker: true })], manage)
    await rotateMasterKey(one.deps)
    expect(loadMasterKeys(file(), systemRandom)).toHaveLength(1)
    await inTurn([one, two], manage)
    const restarted = await room.start(place, start, { withoutWorker: true })
    for (const nodes of [
      [one, restarted],
      [restarted, one],
    ])
      await inTurn(nodes, manage)
    const again = await room.start(place, start, { withoutWorker: true })
    await inTurn([again, restarted], manage)
    // Forms that were open all the while.
    expect((await person(again).send(early.one, { email: 'a@example.org' })).status).toBe(200)
    expect((await person(again).send(early.two, { beginn: person(again).starts(early.two).at(-2) ?? '' })).status).toBe(
      200,
    )
  })

  test.each([
    ['three keys', () => [1, 2, 3].map((n) => Buffer.alloc(32, n).toString('base64')).join('\n')],
    ['a key and words', () => `${Buffer.alloc(32, 1).toString('base64')}\nwords`],
  ])('is not taken from a file with %s', (_what, content) => {
    writeFileSync(file(), content())
    expect(() => loadMasterKeys(file(), systemRandom)).toThrow('does not hold a key')
  })

  test('of a backup is the one of its time: a later one opens it only together with that', async () => {
    const booked = await bookAppointment(person(one))
    const { folder } = await room.backup(place, one.deps.clock)
    await rotateTenantKeys(one.deps, wait)
    const target = await room.newPlace()
    const old = loadMasterKeys(file(), systemRandom)
    await rotateMasterKey(one.deps)
    const { clock } = one.deps
    await expect(room.restore(target, folder, clock)).rejects.toThrow('is not the key')
    writeMasterKeys(file(), [...loadMasterKeys(file(), systemRandom), ...old])
    await room.restore(target, folder, clock)
    const after = await room.start(target, clock(), { withoutWorker: true })
    expect((await person(after).open(`${booked.manage}/daten`)).text).toContain('Erika Markerfrau')
    await rotateMasterKey(after.deps)
    expect(loadMasterKeys(file(), systemRandom)).toHaveLength(1)
  })
})

test('whatever happens in whatever order, every record opens and is found at both servers', async () => {
  const step = fc.constantFrom('put here', 'put there', 'tenants', 'forgotten', 'master', 'hour', 'minute')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
      await one.admin.query('delete from vault.record')
      const ids = new Map<number, string>()
      for (const [n, what] of steps.entries()) {
        if (what === 'put here') ids.set(n, await put(n, one))
        if (what === 'put there') ids.set(n, await put(n, two))
        if (what === 'tenants') {
          move('PT3M')
          await rotateTenantKeys(one.deps, wait)
        }
        if (what === 'forgotten') await two.deps.db.inTenant(idOf('segeberg'), (tx) => two.deps.keeper.announceKey(tx))
        if (what === 'master') await rotateMasterKey(two.deps)
        if (what === 'minute') move('PT1M')
        if (what === 'hour') {
          move('PT61M')
          await one.sweep()
        }
        for (const [k, id] of ids)
          for (const at of [one, two]) expect(await isWhole(id, k, at), `${what} ${k}`).toBe(true)
      }
    }),
    { numRuns: process.env.SLOW ? 100 : 8 },
  )
})
