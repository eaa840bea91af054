import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LegalHoldReason } from '#vault/legal-hold.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, codeIn, erika, type Person, person, referenceOn } from './helpers/person.ts'

/*
 * A legal hold from end to end: what should have erased a record restricts it, nobody but the person sees it any more,
 * and releasing it erases what was due. The law: Art. 17(3)(b) and (e), Art. 18 and Art. 15 GDPR.
 */

const start = '2026-11-23T08:00:00Z'
const looking = { purpose: 'change', actor: 'person' } as const
const heldStays = '23001'

let installation: Installation
let who: Person
beforeAll(async () => {
  installation = await startInstallation()
})
afterAll(() => installation.close())
let connections = 0
beforeEach(async () => {
  installation.time.set(start)
  installation.mailbox.clear()
  who = person(installation, { 'x-forwarded-for': `203.0.113.${++connections}` })
  await installation.wipe(`update vault.record set hold_reason = null, held_at = null, restricted_at = null;
    delete from cell where appointment_id is not null; delete from appointment; delete from vault.record;
    delete from vault.erasure; delete from vault.hold_change; delete from mail_delivery; delete from access_code; delete from consent_record; delete from app.limit_place`)
  await installation.sweep()
})

const query = async (text: string, values: unknown[] = []) => (await installation.admin.query(text, values)).rows
const segeberg = () => installation.deps.register.running.get('segeberg')?.tenant.id ?? ''
const inTenant: Installation['deps']['db']['inTenant'] = (id, work) => installation.deps.db.inTenant(id, work)
const placeLegalHold = (reference: string, reason: LegalHoldReason = 'court-order') =>
  inTenant(segeberg(), (tx) => installation.deps.keeper.placeLegalHold(tx, 'reference', reference, reason))
const release = (reference: string) =>
  inTenant(segeberg(), (tx) => installation.deps.keeper.releaseLegalHold(tx, 'reference', reference))

const theRecord = async () =>
  (
    await query(`select r.id, hold_reason, restricted_at, erase_rule, k.wrapped is not null as has_key
      from vault.record r left join vault.key k on k.record_id = r.id where activity = 'appointments.booking'`)
  )[0]
const ledger = async (): Promise<string[]> =>
  (await query(`select rule from vault.erasure where activity = 'appointments.booking'`)).map((row) => row.rule)

const bookHeld = async (reason?: LegalHoldReason, booking: Parameters<typeof bookAppointment>[1] = {}) => {
  const booked = await bookAppointment(who, booking)
  const reference = referenceOn(booked.booked.text)
  expect(await placeLegalHold(reference, reason)).toMatchObject({ kind: 'held' })
  return { ...booked, reference }
}

/** Everything stored for Erika's mailbox, shown after a code. */
const myData = async (way = 'meine-daten', base = '/segeberg') => {
  installation.mailbox.clear()
  const asked = await who.send(await who.open(`${base}/${way}`), { email: erika['f.email'] })
  const mail = await eventually(
    () => installation.mailbox.messages().find((each) => /^(Ihr Code|Your code)$/.test(each.subject)),
    'the code',
  )
  // A mail that still waits would be shown, too.
  await eventually(async () => (await query(`select from vault.record where activity = 'mail.delivery'`)).length === 0)
  return who.send(asked, { code: codeIn(mail.text) })
}

describe('a person whose booking is held', () => {
  test.each([
    ['absagen', 'cancelled'],
    ['widerrufen', 'withdrawn'],
  ])('is told the truth on %s: restricted, not erased, and why; the time is free again', async (way, rule) => {
    const { manage } = await bookHeld('court-order')
    const asked = await who.open(`${manage}/${way}`)
    expect(asked.text).toContain('gesperrt, aber noch nicht gelöscht: Ein Gericht hat angeordnet')
    expect(asked.text).not.toContain('sofort gelöscht')
    const done = await who.send(asked)
    expect(done.text).toContain('Ihre Daten zu diesem Termin sind jetzt gesperrt, aber noch nicht gelöscht')
    expect(done.text).not.toMatch(/sind gelöscht/)
    expect(done.html).toContain('href="/segeberg/meine-daten"')
    const mail = await eventually(
      () => installation.mailbox.messages().find((each) => each.subject.startsWith('Abgesagt')),
      'the mail',
    )
    expect(mail.text.replace(/\s+/g, ' ')).toContain('sind gesperrt, aber noch nicht gelöscht')
    expect(mail.text).not.toMatch(/Gericht|sind gelöscht/)
    expect(await theRecord()).toMatchObject({ hold_reason: 'court-order', erase_rule: rule, has_key: true })
    expect((await theRecord())?.restricted_at?.toISOString()).toBe('2026-11-23T08:00:00.000Z')
    expect(await query('select status from appointment')).toEqual([])
    expect(await query('select from cell where appointment_id is not null')).toEqual([])
    expect(await ledger()).toEqual([])
  })

  test('finds nothing behind the link any more, and can neither move, cancel nor withdraw again', async () => {
    const { manage, start: begin } = await bookHeld()
    const move = await who.open(`${manage}/verschieben`)
    const cancel = await who.open(`${manage}/absagen`)
    await who.send(cancel)
    for (const path of ['', '/daten', '/termin.ics', '/verschieben', '/absagen', '/widerrufen']) {
      const page = await who.open(manage + path)
      expect(page.status, path).not.toBe(200)
      expect(page.html, path).not.toMatch(/Markerfrau|Zetermordio/)
    }
    expect((await who.send(cancel)).status).toBe(410)
    expect((await who.send(move, { beginn: begin })).status).toBe(410)
    expect((await who.open(manage)).text).toContain('oder, wenn ein Gesetz oder ein Gericht das verlangt, gesperrt')
  })

  test.each([
    ['/segeberg', 'sind seit 23. November 2026', 'Das Steuerrecht verlangt'],
    ['/segeberg/en', 'have been restricted since', 'tax law requires'],
  ])(
    'sees everything by a code to the mailbox, as restricted and with the reason (%s)',
    async (base, since, reason) => {
      const { manage } = await bookHeld('tax-law')
      await who.send(await who.open(`${manage}/absagen`))
      const shown = await myData('meine-daten', base)
      expect(shown.text).toContain(since)
      expect(shown.text).toContain(reason)
      expect(shown.text).not.toMatch(/Wird am|Will be erased/)
      for (const value of [erika['f.name'], erika['f.freeText']]) expect(shown.text).toContain(value)
      const file = JSON.parse((await who.send(shown)).html)
      expect(file.records).toMatchObject([
        {
          erasedAt: null,
          legalHold: { reason: 'tax-law', since: start, restrictedSince: start },
          fields: { name: erika['f.name'] },
        },
      ])
    },
  )

  test('is told before the date comes what will happen then, on every page that names a date', async () => {
    const { manage } = await bookHeld('legal-claim')
    for (const page of [await who.open(manage), await who.open(`${manage}/daten`), await myData()]) {
      expect(page.text, page.url).toContain('werden diese Daten nicht gelöscht, sondern gesperrt')
      expect(page.text, page.url).toContain('um einen rechtlichen Anspruch zu klären')
      expect(page.text, page.url).not.toMatch(/(Diese Daten werden|Wird) am .{5,40} gelöscht\.|Wir löschen diese Daten/)
    }
  })

  test('who withdraws for all bookings learns how many are restricted instead of erased', async () => {
    await bookHeld()
    await bookAppointment(who)
    const shown = await myData('widerruf')
    expect(shown.text).toContain('Für einen davon besteht noch eine Pflicht, die Daten aufzubewahren')
    const done = await who.send(shown)
    expect(done.text).toContain('Gelöschte Termine: 1.')
    expect(done.text).toContain('Gesperrt statt gelöscht: 1.')
    expect(await ledger()).toEqual(['withdrawn'])
    expect((await myData('widerruf')).text).toContain('Es ist nichts zu widerrufen')
  })

  test('can still move the appointment while nothing has asked for its erasure', async () => {
    const { manage } = await bookHeld()
    const times = await who.open(`${manage}/verschieben`)
    expect((await who.send(times, { beginn: who.starts(times).at(-1) ?? '' })).text).toContain('ist verschoben')
    expect(await theRecord()).toMatchObject({ hold_reason: 'court-order', restricted_at: null })
  })
})

describe('a held record', () => {
  test('is never erased by a sweep, only restricted when its date has come, and nobody else opens it', async () => {
    const { manage } = await bookHeld()
    const { vault } = installation.deps
    installation.time.move('P60D')
    const { id } = (await theRecord()) as { id: string }
    // As good as restricted before any sweep has come by.
    expect((await who.open(manage)).status).toBe(410)
    expect(await inTenant(segeberg(), (tx) => vault.open(tx, id, looking))).toBeNull()
    await installation.sweep()
    await installation.sweep()
    expect(await theRecord()).toMatchObject({ hold_reason: 'court-order', erase_rule: 'after', has_key: true })
    expect((await theRecord())?.restricted_at).not.toBeNull()
    expect(await inTenant(segeberg(), (tx) => vault.open(tx, id, looking))).toBeNull()
    expect(await inTenant(segeberg(), (tx) => vault.findBySubject(tx, 'email', erika['f.email'], looking))).toEqual([])
    expect(
      await inTenant(segeberg(), (tx) => vault.happened(tx, id, 'consent.withdrawn', installation.deps.clock())),
    ).toBe('restricted')
    expect(await theRecord()).toMatchObject({ erase_rule: 'after' })
    expect(await ledger()).toEqual([])
  })

  test('and its key are kept by the database itself, whoever asks and however', async () => {
    await bookHeld()
    for (const statement of [
      'delete from vault.record',
      'delete from vault.key',
      `delete from vault.key k using vault.record r where r.id = k.record_id and r.hold_reason is not null`,
    ]) {
      await expect(installation.admin.query(statement), statement).rejects.toMatchObject({ code: heldStays })
    }
    await expect(
      installation.admin.query(`update vault.record set hold_reason = 'because', held_at = now()`),
    ).rejects.toMatchObject({ code: '23514' })
    expect(await theRecord()).toMatchObject({ has_key: true })
  })

  test('does not keep others from being erased in the same run', async () => {
    await bookHeld()
    await bookAppointment(who)
    installation.time.move('P60D')
    await installation.sweep()
    expect(await ledger()).toEqual(['after'])
    expect(await theRecord()).toMatchObject({ hold_reason: 'court-order' })
  })

  test('that is held while a worker erases is erased or held, never both', async () => {
    for (let round = 0; round < 5; round++) {
      await installation.admin.query('delete from vault.erasure')
      const { booked } = await bookAppointment(who)
      const reference = referenceOn(booked.text)
      const due = (await query(`select erase_at from vault.record where activity = 'appointments.booking'`))[0].erase_at
      installation.time.set(Temporal.Instant.from(due.toISOString()).subtract({ seconds: 1 }))
      const early = placeLegalHold(reference)
      installation.time.set(due.toISOString())
      const [outcome] = await Promise.all([early, installation.sweep()])
      const isHeld = outcome.kind === 'held'
      expect((await theRecord()) !== undefined).toBe(isHeld)
      expect(await ledger()).toEqual(isHeld ? [] : ['after'])
      if (isHeld) expect((await release(reference)).kind).toBe('erased')
      installation.time.set(start)
      await installation.sweep()
    }
  }) // ten rounds of the worker, weeks apart, each of which plans all the times anew
})

describe('releasing', () => {
  test('erases at once what was due, with the rule that had asked for it', async () => {
    const { manage, reference } = await bookHeld()
    await who.send(await who.open(`${manage}/absagen`))
    installation.time.move('P90D')
    const { id } = (await theRecord()) as { id: string }
    expect(await release(reference)).toEqual({ kind: 'erased', activity: 'appointments.booking', rule: 'cancelled' })
    expect(await theRecord()).toBeUndefined()
    expect(await query('select from vault.key where record_id = $1', [id])).toEqual([])
    expect(await ledger()).toEqual(['cancelled'])
    expect(await query('select record_id from appointment')).toEqual([])
    expect(await release(reference)).toEqual({ kind: 'unknown' })
  })

  test('erases also what no sweep has restricted yet', async () => {
    const { reference } = await bookHeld()
    installation.time.move('P60D')
    expect(await release(reference)).toMatchObject({ kind: 'erased', rule: 'after' })
  })

  test('before the date leaves everything as if there had been no legal hold', async () => {
    const { manage, reference } = await bookHeld()
    expect(await release(reference)).toMatchObject({ kind: 'released' })
    expect((await who.open(manage)).text).not.toContain('gesperrt')
    await who.send(await who.open(`${manage}/absagen`))
    expect(await theRecord()).toBeUndefined()
    expect(await ledger()).toEqual(['cancelled'])
  })
})

describe('a legal hold', () => {
  test('is placed once, however often and by however many at once it is asked for', async () => {
    const { booked } = await bookAppointment(who)
    const reference = referenceOn(booked.text)
    const outcomes = await Promise.all([
      placeLegalHold(reference, 'tax-law'),
      placeLegalHold(reference, 'tax-law'),
      placeLegalHold(reference),
    ])
    expect(outcomes.filter(({ kind }) => kind === 'held')).toHaveLength(1)
    expect(outcomes.filter(({ kind }) => kind === 'held-already')).toHaveLength(2)
  })

  test('needs a booking that there is, at this tenant, and one that is not past its date', async () => {
    const { booked } = await bookAppointment(who)
    const reference = referenceOn(booked.text)
    expect(await placeLegalHold('AAAA-2222')).toEqual({ kind: 'unknown' })
    const other = installation.deps.register.running.get('musterstadt')?.tenant.id ?? ''
    expect(
      await inTenant(other, (tx) => installation.deps.keeper.placeLegalHold(tx, 'reference', reference, 'tax-law')),
    ).toEqual({
      kind: 'unknown',
    })
    expect(await release(reference)).toEqual({ kind: 'not-held' })
    installation.time.move('P60D')
    expect(await placeLegalHold(reference)).toEqual({ kind: 'unknown' })
  })
})
