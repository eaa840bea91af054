import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { skeletonOf } from '#test/helpers/html.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, codeIn, erika, type Person, person, type Seen } from '#test/helpers/person.ts'
import { clear, quiet } from './rights.fixture.ts'

/* What strangers ask for uses up nothing of what the owner of a mailbox has, floods no mailbox, and tells them nothing. */

const start = '2026-11-23T08:00:00Z'
const email = erika['f.email']

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start })
})
afterAll(() => installation.close())
beforeEach(async () => {
  await quiet(installation)
  installation.time.set(start)
  await clear(installation)
})

const count = async (what: string): Promise<number> =>
  (await installation.admin.query(`select count(*)::int n from ${what}`)).rows[0].n
const codeMails = () => installation.mailbox.messages().filter(({ subject }) => subject === 'Ihr Code')
const lastCode = async (): Promise<string> => {
  await quiet(installation)
  return codeIn(codeMails()[0]?.text ?? '')
}
const somebody = () => person(installation)
const ask = async (who: Person, address = email): Promise<Seen> =>
  who.send(await who.open('/segeberg/meine-daten'), { email: address })
const opened = (page: Seen) => page.text.includes(erika['f.freeText'])
const wrong = (n: number) => String(n).padStart(12, '0')

describe('the owner of a mailbox', () => {
  test('gets at their data though two strangers ask as often as they can', async () => {
    await bookAppointment(somebody())
    const owner = somebody()
    for (const stranger of [somebody(), somebody()]) for (let i = 0; i < 25; i++) await ask(stranger)
    const page = await ask(owner)
    expect(page.status).toBe(200)
    expect(opened(await owner.send(page, { code: await lastCode() }))).toBe(true)
    expect(codeMails()).toHaveLength(1)
  })

  test('finds a code in the mailbox that opens at any moment, and two mails an hour, though new strangers ask all day', async () => {
    await bookAppointment(somebody())
    const owner = somebody()
    for (let minute = 0; minute < 180; minute += 9) {
      await ask(somebody())
      const page = await ask(owner)
      expect(page.status).toBe(200)
      // Not used up, so that the mailbox gets no more than strangers bring about: tried by its digits alone.
      const code = await lastCode()
      const { rows } = await installation.admin.query(
        `select r.erase_at > $1 good from access_code c join vault.record r on r.id = c.record_id
         where c.sent_at is not null order by c.created_at desc limit 1`,
        [installation.time.clock().toString()],
      )
      expect([code.length, rows[0]?.good], `minute ${minute}`).toEqual([14, true])
      installation.time.move('PT9M')
      await installation.sweep()
    }
    expect(codeMails().length).toBeLessThanOrEqual(6)
    expect(opened(await owner.send(await ask(owner), { code: await lastCode() }))).toBe(true)
  })

  test('is not locked out by wrong codes, however many strangers send them', async () => {
    await bookAppointment(somebody())
    const owner = somebody()
    const page = await ask(owner)
    const code = await lastCode()
    for (let n = 0; n < 12; n++) {
      const stranger = somebody()
      const form = await ask(stranger)
      for (let i = 0; i < 7; i++) expect((await stranger.send(form, { code: wrong(n * 10 + i) })).status).toBe(422)
    }
    expect(opened(await owner.send(page, { code }))).toBe(true)
  })

  test('can use the code in a form that was opened anywhere else', async () => {
    await bookAppointment(somebody())
    await ask(somebody())
    const onThePhone = somebody()
    const page = await ask(onThePhone)
    expect(opened(await onThePhone.send(page, { code: await lastCode() }))).toBe(true)
  })

  test('who has used a code gets another at once; used ones count, so that there are two in an hour', async () => {
    await bookAppointment(somebody())
    const owner = somebody()
    const use = async () => opened(await owner.send(await ask(owner), { code: await lastCode() }))
    expect([await use(), await use(), await use()]).toEqual([true, true, false])
    expect(codeMails()).toHaveLength(2)
    installation.time.move('PT59M59S')
    await installation.sweep()
    expect([await use(), codeMails().length]).toEqual([false, 2])
    installation.time.move('PT1S')
    expect([await use(), codeMails().length]).toEqual([true, 3])
  })

  test.each([
    ['that are asked for again and again around midnight', '2026-11-23T22:29:00Z', false],
    ['that are used as soon as they come, around midnight', '2026-11-23T22:55:00Z', true],
  ])('gets two codes in an hour, as limits begin anew: of those %s', async (_, begin, areUsed) => {
    await bookAppointment(somebody())
    installation.time.set(begin)
    await installation.sweep()
    const sent: Temporal.Instant[] = []
    for (let minute = 0; minute < 150; minute += 5) {
      const page = await ask(somebody())
      await quiet(installation)
      if (codeMails().length > sent.length) {
        sent.push(installation.time.clock())
        if (areUsed) expect(opened(await somebody().send(page, { code: await lastCode() }))).toBe(true)
      }
      installation.time.move('PT5M')
      await installation.sweep()
    }
    expect(sent.length).toBeGreaterThanOrEqual(4)
    const minutes = sent.slice(2).map((at, i) => (sent[i] as Temporal.Instant).until(at).total('minutes'))
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(60)
  })

  test('gets two codes in an hour also where the first waited until something was stored for the mailbox', async () => {
    installation.time.set('2026-11-23T22:40:00Z')
    await ask(somebody())
    installation.time.move('PT28M')
    await bookAppointment(somebody())
    const sent: Temporal.Instant[] = []
    for (let minute = 0; minute < 100; minute += 1) {
      await ask(somebody())
      await quiet(installation)
      if (codeMails().length > sent.length) sent.push(installation.time.clock())
      installation.time.move('PT1M')
    }
    expect(sent.length).toBeGreaterThanOrEqual(3)
    expect((sent[0] as Temporal.Instant).until(sent[2] as Temporal.Instant).total('minutes')).toBeGreaterThanOrEqual(60)
  })

  test('who books after a stranger asked for a code in vain gets one all the same', async () => {
    await ask(somebody())
    await quiet(installation)
    expect(codeMails()).toHaveLength(0)
    await bookAppointment(somebody())
    const owner = somebody()
    const page = await ask(owner)
    expect(opened(await owner.send(page, { code: await lastCode() }))).toBe(true)
  })
})

describe('a stranger', () => {
  test('has five tries for a form, and none for a form that was made up or is an hour old', async () => {
    await bookAppointment(somebody())
    const stranger = somebody()
    const form = await ask(stranger)
    const code = await lastCode()
    for (let i = 0; i < 5; i++) await stranger.send(form, { code: wrong(i) })
    expect((await stranger.send(form, { code })).status).toBe(422)
    const old = await ask(stranger)
    const [body = '', signature = ''] = old.field('vorgang').split('.')
    const changed = JSON.stringify({
      ...JSON.parse(Buffer.from(body, 'base64url').toString()),
      id: crypto.randomUUID(),
    })
    const madeUp = `${Buffer.from(changed).toString('base64url')}.${signature}`
    expect((await stranger.send(old, { code, vorgang: madeUp })).status).toBe(422)
    installation.time.move('PT59M59S')
    await ask(stranger) // a code that is good when the form is not any more
    installation.time.move('PT1S')
    expect((await stranger.send(old, { code: await lastCode() })).status).toBe(422)
  })

  test('has them on both sides of midnight together', async () => {
    installation.time.set('2026-11-23T22:58:00Z')
    await bookAppointment(somebody())
    const stranger = somebody()
    const form = await ask(stranger)
    const code = await lastCode()
    for (let i = 0; i < 5; i++) {
      if (i === 3) installation.time.move('PT4M')
      await stranger.send(form, { code: wrong(i) })
    }
    expect((await stranger.send(form, { code })).status).toBe(422)
  })

  test('cannot tell a known mailbox from an unknown one: by pages, by what is stored, by asking again or by guessing', async () => {
    await bookAppointment(somebody())
    await quiet(installation)
    // Of the requests alone: a job may be writing a mail meanwhile.
    const codes = `(select id from vault.record where activity = 'rights.code')`
    const ofCodes = ['vault.key', 'vault.blind_index'].map((table) => `${table} where record_id in ${codes}`)
    const tables = [`${codes} records`, ...ofCodes, 'access_code', 'app.limit_place']
    const rows = async () => {
      const counts: number[] = []
      for (const table of tables) counts.push(await count(table))
      return counts
    }
    const skeleton = ({ html }: Seen) => skeletonOf(html)
    const traces = async (address: string) => {
      const stranger = somebody()
      const seen: unknown[] = []
      const during = async (work: () => Promise<Seen>) => {
        const before = await rows()
        const page = await work()
        seen.push([page.status, skeleton(page), (await rows()).map((n, i) => n - (before[i] ?? 0))])
        await quiet(installation)
        return page
      }
      await during(() => ask(stranger, address))
      const form = await during(() => ask(stranger, address))
      const trail = await count('vault.access')
      await during(() => stranger.send(form, { code: wrong(1) }))
      seen.push((await count('vault.access')) - trail)
      return seen
    }
    const unknown = await traces('nobody@example.org')
    expect(await traces(email)).toEqual(unknown)
    expect(unknown.at(-1)).toBe(1)
  })
})
