import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clear, quiet } from '#features/rights/rights.fixture.ts'
import { signNote } from '#platform/http/form-token.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, codeIn, erika, type Person, person, referenceOn, type Seen } from '#test/helpers/person.ts'
import { runningTenant } from '#test/helpers/tenants.ts'

/* Who has lost the link to an appointment, or fears that somebody else has it, and reads the mailbox. */

let installation: Installation
let who: Person
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['segeberg', 'musterstadt'] })
})
afterAll(() => installation.close())
beforeEach(() => {
  who = person(installation)
})
afterEach(() => clear(installation))

const email = erika['f.email']
const find = '/segeberg/termin/finden'
const query = async (text: string) => (await installation.admin.query(text)).rows
const mails = (subject: string) => installation.mailbox.messages().filter((mail) => mail.subject.startsWith(subject))

/** Proves a mailbox, and shows its appointments. */
const prove = async (address: string = email, at = find): Promise<Seen> => {
  const before = mails('Ihr Code').length
  const asked = await who.send(await who.open(at), { email: address })
  const mail = await eventually(() => mails('Ihr Code')[mails('Ihr Code').length - 1 - before], 'the code')
  return who.send(asked, { code: codeIn(mail.text) })
}

/** The links to appointments on a page, each once. */
const linksOn = ({ all }: Seen): string[] => {
  const addresses = all('a').map((link) => link.attribute('href') ?? '')
  return [...new Set(addresses.filter((address) => /^\/.*\/verwalten\/[\w-]{22}$/.test(address)))]
}
const renew = (page: Seen, changes: Record<string, string> = {}) => who.send(page, changes, 'neuer-link')
const noteOf = ({ field }: Seen): string => field('nachweis')

describe('a code to the mailbox', () => {
  test('leads to the appointments to come and to none that is over, with date, place and matter, and to each of them with what can be done', async () => {
    const later = await bookAppointment(who, { service: 'beratung-telefon', fields: { 'f.phone': '030 23125 777' } })
    const start = Temporal.Instant.from(later.start).add({ hours: 24 }).toString()
    const one = await bookAppointment(who, { start })
    const page = await prove()
    expect(page.title).toContain('Ihre Termine')
    for (const text of [
      'Beratung vor Ort',
      'Kisdorfer Weg 7a',
      'Beratung am Telefon',
      'Termin verschieben',
      'Termin absagen',
    ])
      expect(page.text).toContain(text)
    expect(page.text.indexOf('Beratung am Telefon')).toBeLessThan(page.text.indexOf('Beratung vor Ort'))
    const [, link = ''] = linksOn(page)
    expect(linksOn(page)).toHaveLength(2)
    // The link that is there already stays good.
    for (const manage of [link, one.manage]) expect((await who.open(manage)).text).toContain('Ihr Termin')
    expect((await who.send(await who.open(`${link}/absagen`))).text).toContain('Der Termin ist abgesagt')
    expect((await who.open(one.manage)).status).toBe(410)
    const [mail] = mails('Ihr Code')
    expect(mail?.text).toContain('Ihre Termine')
    const now = installation.deps.clock()
    installation.time.set(Temporal.Instant.from(later.start).add({ hours: 2 }))
    expect(linksOn(await prove())).toEqual([]) // the other one is over
    installation.time.set(now)
  })

  test('says of an appointment whose time was closed that it was', async () => {
    await bookAppointment(who)
    const closed = 'Zu dieser Zeit haben wir geschlossen'
    expect((await prove()).text).not.toContain(closed)
    installation.time.move('PT1H')
    await query(`update appointment set displaced_at = '2026-11-23T09:00:00Z' where status = 'booked'`)
    expect((await prove()).text).toContain(closed)
  })

  test('shows none of another mailbox, of another Jobcenter, or kept only under a legal hold', async () => {
    await bookAppointment(who, { fields: { 'f.email': 'max@example.org' } })
    await bookAppointment(who, { slug: 'musterstadt' })
    const held = await bookAppointment(who)
    const { tenant } = runningTenant('segeberg')
    const reference = referenceOn(held.booked.text)
    const { db, keeper } = installation.deps
    await db.inTenant(tenant.id, (tx) => keeper.placeLegalHold(tx, 'reference', reference, 'legal-claim'))
    expect(linksOn(await prove())).toHaveLength(1) // held, and still to come
    await who.send(await who.open(`${held.manage}/absagen`))
    const before = await query(`select from vault.access where purpose = 'change' and actor = 'person'`)
    const page = await prove()
    expect(page.text).toContain('Kein Termin gefunden')
    expect(linksOn(page)).toEqual([])
    expect(await query(`select from vault.access where purpose = 'change' and actor = 'person'`)).toEqual(before)
    await db.inTenant(tenant.id, (tx) => keeper.releaseLegalHold(tx, 'reference', reference))
  })

  test('of another mailbox shows nothing of this one, and a form of another person nothing of a spent one', async () => {
    await bookAppointment(who)
    const his = await bookAppointment(who, { fields: { 'f.email': 'max@example.org' } })
    const [hers, asked] = [
      await who.send(await who.open(find), { email }),
      await who.send(await who.open(find), { email: 'max@example.org' }),
    ]
    const mail = await eventually(() => mails('Ihr Code').find(({ to }) => to === 'max@example.org'), 'his code')
    const code = codeIn(mail.text)
    expect([(await who.send(hers, { code })).status, linksOn(await who.send(hers, { code }))]).toEqual([422, []])
    const page = await who.send(asked, { code, email })
    expect(page.text).toContain(referenceOn(his.booked.text))
    expect(linksOn(page)).toHaveLength(1)
    const another = await who.send(await who.open(find), { email: 'max@example.org' })
    const again = await who.send(another, { code })
    expect([again.status, linksOn(again)]).toEqual([422, []])
  })

  test('is enough for two appointments: back on the list, each of them opens, with the new link of one as well', async () => {
    const { start } = await bookAppointment(who)
    await bookAppointment(who, { start: Temporal.Instant.from(start).add({ hours: 24 }).toString() })
    const asked = await who.send(await who.open(find), { email })
    const code = codeIn((await eventually(() => mails('Ihr Code')[0], 'the code')).text)
    const list = await who.send(asked, { code })
    const [first = ''] = linksOn(list)
    expect((await who.send(await who.open(`${first}/absagen`))).status).toBe(200)
    const back = await who.send(asked, { code })
    const [second = ''] = linksOn(back)
    expect(linksOn(back)).toHaveLength(1)
    expect((await renew(back)).text).toContain('Ihr Termin hat einen neuen Link')
    expect((await who.open(second)).status).toBe(410)
    const last = await who.send(asked, { code })
    expect((await who.open(linksOn(last)[0] ?? '')).status).toBe(200)
    expect(mails('Ihr Code')).toHaveLength(1)
  })

  test('leaves a line in the access trail of each appointment that it shows, and the page says so', async () => {
    const { booked } = await bookAppointment(who)
    const looks = () => query(`select purpose, actor from vault.access where purpose = 'change'`)
    expect(booked.status).toBe(200)
    const before = await looks()
    const page = await prove()
    expect(await looks()).toEqual([...before, { purpose: 'change', actor: 'person' }])
    expect(page.text).toContain('Wann auf diese Daten zugegriffen wurde: diesen Aufruf')
    expect(page.text).toContain('Von jedem Link auf dieser Seite einen Prüfwert')
  })
})

describe('a new link', () => {
  test('ends every older one, wherever it came from, opens the appointment, and comes by mail', async () => {
    const { manage, booked } = await bookAppointment(who)
    const found = await prove()
    const [shown = ''] = linksOn(found)
    const reference = referenceOn(booked.text)
    const page = await renew(found)
    expect(page.text).toContain('Ihr Termin hat einen neuen Link')
    expect(page.text).toContain(reference)
    const fresh = page.url.split('?')[0] ?? ''
    for (const old of [manage, shown]) {
      const gone = await who.open(old)
      expect([gone.status, gone.text]).toEqual([410, expect.stringContaining('Es gibt einen neueren Link')])
      expect((await who.open(`${old}/absagen`)).status).toBe(410)
    }
    const mail = await eventually(() => mails('Neuer Link')[0], 'the mail with the new link')
    expect(mail.text).toContain(fresh)
    expect(mail.calendar?.replace(/\r\n[ \t]/g, '')).toContain(fresh)
    // Found by mailbox and reference as before.
    expect(linksOn(await prove())).toHaveLength(1)
    expect((await who.send(await who.open(`${fresh}/absagen`))).status).toBe(200)
  })

  test('is made of one’s own appointments only, by an own proof that is in time', async () => {
    const mine = await bookAppointment(who)
    const theirs = await bookAppointment(who, { fields: { 'f.email': 'max@example.org' } })
    const there = await bookAppointment(who, { slug: 'musterstadt' })
    const found = await prove()
    const referenceOf = ({ booked }: typeof mine) => referenceOn(booked.text)
    for (const other of [theirs, there]) {
      const page = await renew(found, { termin: referenceOf(other) })
      expect(page.url).toBe(find)
    }
    const keys = installation.deps.formKeys.get('segeberg') ?? []
    const until = installation.deps.clock().add({ hours: 1 }).toString()
    const [body = '', signature = ''] = noteOf(found).split('.')
    const forged = Buffer.from(JSON.stringify(['max@example.org', until])).toString('base64url')
    const notes = [
      '',
      body,
      `${forged}.${signature}`,
      signNote(keys, 'another purpose', JSON.stringify([email, until])),
    ]
    notes.push(noteOf(await prove(email, '/musterstadt/termin/finden')))
    for (const nachweis of notes) expect((await renew(found, { nachweis, termin: referenceOf(mine) })).status).toBe(403)
    installation.time.move('PT15M')
    expect((await renew(found)).status).toBe(403)
    for (const { manage } of [mine, theirs, there]) expect((await who.open(manage)).status).toBe(200)
    await quiet(installation)
    expect(mails('Neuer Link')).toEqual([])
  })

  test('is made five times in a quarter of an hour for one mailbox, as each sends a mail', async () => {
    await bookAppointment(who)
    const found = await prove()
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) {
      statuses.push((await renew(found)).status)
      await quiet(installation) // or the next mail waits behind this one
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  })
})

test('an address in the middle of the way leads to its beginning, and the start page to that', async () => {
  for (const step of ['code', 'termine', 'neuer-link']) expect((await who.open(`${find}/${step}`)).url).toBe(find)
  const cards = (await who.open('/segeberg/')).all('.a-card-title')
  expect(cards.map(({ name, find }) => [name, find('a').attribute('href')])).toEqual([
    ['h2', '/segeberg/termin'],
    ['h2', find],
    ['h3', '/segeberg/meine-daten'],
    ['h3', '/segeberg/widerruf'],
  ])
})
