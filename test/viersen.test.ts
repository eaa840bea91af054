import dns from 'node:dns'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { holdOne, program } from '#features/appointments/api.fixture.ts'
import { reachDetails } from '#features/appointments/booking.fixture.ts'
import { guardOutbound } from '#platform/outbound.ts'
import { cookiesOf } from '#register/device.ts'
import { getActivity } from '#register/register.ts'
import type { LegalHoldReason } from '#vault/legal-hold.ts'
import { dump, findTraces, readFilesBelow } from './helpers/dump.ts'
import { watchRecord } from './helpers/erased.ts'
import { fact } from './helpers/fact.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { cookiesOn, foreignOn, openEveryPage } from './helpers/pages.ts'
import { bookAppointment, codeIn, type Person, person, referenceOn, type Seen, typedFor } from './helpers/person.ts'
import { everything, letLoose } from './helpers/robot.ts'
import { copyTenants, nextVersion, replaced } from './helpers/tenants.ts'

/* A Jobcenter whose booking rests on the law and on no consent: nothing is asked for, and nothing to withdraw. */

const start = '2026-11-23T08:00:00Z'
const slug = 'viersen'
const erika = typedFor(slug)
const agreed = { kenntnis: 'yes' }
const file = `${slug}/activities/appointments-booking.yaml`

let installation: Installation
let who: Person
let connections = 0
/** Hosts beyond this machine that anything here wanted to reach. */
const reached: string[] = []
const unguard = guardOutbound([], ({ message }) => reached.push(message))
beforeAll(async () => {
  installation = await startInstallation({ tenants: [slug, 'segeberg'], start })
})
afterAll(async () => {
  await installation.close()
  unguard()
})
beforeEach(async () => {
  installation.time.set(start)
  installation.mailbox.clear()
  who = person(installation, {
    'x-forwarded-for': `203.0.113.${++connections}`,
    referer: 'https://suche.example/?q=hilfe',
  })
})

const query = async (text: string, values: unknown[] = []) => (await installation.admin.query(text, values)).rows
const tenantId = () => running().tenant.id
const recordOf = async (token: string) =>
  installation.deps.db.inTenant(tenantId(), async (tx) => {
    const access = { purpose: 'change', actor: 'person' } as const
    return (await installation.deps.vault.findBySubject(tx, 'manageLink', token, access))[0]
  })
const running = () => {
  const found = installation.deps.register.running.get(slug)
  if (!found) throw new Error('viersen does not run')
  return found
}
/** Everything of one booking, to ask later where any of it still is. */
const watch = async (token: string) => watchRecord(installation, (await recordOf(token))?.id ?? '')
const everywhere = async () => new Map([...readFilesBelow(installation.folder), ...(await dump(installation.admin))])
const placeLegalHold = (reference: string, reason: LegalHoldReason) =>
  installation.deps.db.inTenant(tenantId(), (tx) =>
    installation.deps.keeper.placeLegalHold(tx, 'reference', reference, reason),
  )
const linesOf = (): Record<string, unknown>[] => {
  const folder = join(installation.folder, 'log', slug)
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  )
}
const isFree = async (begin: string) =>
  who.starts(await who.open(`/${slug}/termin/zeit?leistung=beratung-vor-ort`)).includes(begin)

/** After a code to this mailbox, what a way shows. */
const prove = async (way: 'meine-daten' | 'loeschen', email: string): Promise<Seen> => {
  installation.mailbox.clear()
  const asked = await who.send(await who.open(`/${slug}/${way}`), { email })
  const mail = await eventually(
    () => installation.mailbox.messages().find(({ subject, to }) => subject === 'Ihr Code' && to === email),
    'the code',
  )
  expect(mail.text).not.toMatch(/widerruf|einwillig/i)
  return who.send(asked, { code: codeIn(mail.text) })
}

describe('booking without consent', () => {
  test('asks for one tick, that the notice was seen, and books with that', async () => {
    const consent = await who.send(await reachDetails(who, { slug }), erika)
    expect(consent.text).not.toMatch(/einwilligen|willige|widerruf/i)
    expect(consent.html).not.toContain('name="einwilligung"')
    const without = await who.send(consent, {})
    await fact('VIE-097', installation, async () => {
      expect([without.status, without.title]).toEqual([422, expect.stringMatching(/^Fehler: /)])
      // It is said above and at the box itself, to which the words above lead.
      const link = without.find('[data-error-summary] a')
      expect(link.text).toContain('zur Kenntnis genommen haben.')
      const box = without.find('input[name=kenntnis]')
      expect(link.attribute('href')).toBe(`#${box.attribute('id')}`)
      expect(box.attribute('aria-describedby')?.split(' ')).toContain(`${box.attribute('id')}-error`)
      expect(without.text.split(link.text).length - 1).toBe(2)
      // Who does not do it has not booked: neither goes on from here nor past here.
      expect(await query('select from appointment where record_id is not null')).toEqual([])
      expect((await who.send(without, agreed)).html).toContain('/termin/buchen')
    })
    const check = await who.send(consent, agreed)
    expect(check.text).toMatch(/Anrede Frau /)
    const booked = await who.send(check)
    const record = await recordOf(/verwalten\/([\w-]{22})/.exec(booked.url)?.[1] ?? '')
    await fact('VIE-038', installation, () => {
      expect(booked.text).toContain('Ihr Termin ist gebucht')
      expect(booked.text).toContain('Am Schluff 18, 41748 Viersen')
      expect(record?.fields).toMatchObject({ name: 'Erika Markerfrau', service: 'beratung-vor-ort' })
    })
    expect(record?.fields).not.toHaveProperty('consentGivenAt')
    expect(await query('select from consent_record')).toEqual([])
    const mail = await eventually(() => installation.mailbox.messages()[0], 'the mail')
    expect(mail.text).not.toMatch(/widerruf|einwillig/i)
    expect(mail.text).toContain('auch alle Daten zu diesem Termin löschen')
  })

  test('stays as it is when a program presses every button behind its link', async () => {
    const { manage, token } = await bookAppointment(who, { slug, fields: { 'f.email': 'robot@example.org' } })
    const before = await everything(installation.admin)
    expect((await letLoose(who, manage, token)).sent).toBeGreaterThan(2)
    expect(await everything(installation.admin)).toBe(before)
  })

  test('works in full, with all that can be done afterwards, for who sends no cookie back, and sets but the draft', async () => {
    const email = 'ohne.kekse@example.org'
    const fields = { 'f.email': email }
    const { details, consent, check, booked, manage, token } = await bookAppointment(who, { slug, fields })
    const times = await who.open(`${manage}/verschieben`)
    const later = who.starts(times).at(-1) ?? ''
    const moved = await who.send(times, { beginn: later })
    const { appointmentAt } = (await recordOf(token))?.fields ?? {}
    const calendar = await who.open(`${manage}/termin.ics`)
    const stored = await who.open(`${manage}/daten`)
    const shown = await prove('meine-daten', email)
    const other = await bookAppointment(who, { slug, fields })
    const cancelled = await who.send(await who.open(`${other.manage}/absagen`))
    const erased = await who.send(await who.open(`${manage}/loeschen`))
    const way = [details, consent, check, booked, times, moved, calendar, stored, shown, cancelled, erased]
    const pages = await openEveryPage(who, slug)
    await fact('VIE-081', installation, async () => {
      // Red where one of them asks for a cookie that `who` was given: it never sends one back.
      expect(way.map(({ status }) => status)).toEqual(way.map(() => 200))
      expect(appointmentAt).toBe(later)
      expect(calendar.html).toContain('BEGIN:VEVENT')
      for (const page of [stored, shown]) expect(page.text).toContain('Erika Markerfrau')
      expect(cancelled.text).toContain('Der Termin ist abgesagt')
      expect(erased.text).toContain('Ihre Daten sind gelöscht')
      expect(await recordOf(token)).toBeUndefined()
      for (const { url, status, text } of pages) {
        expect([url, status < 500]).toEqual([url, true])
        expect(text).not.toMatch(/Cookies? (erlauben|aktivieren|einschalten)/)
      }
    })
    await fact(
      'VIE-063',
      installation,
      async () => {
        // One, for operation alone: it holds what was typed, unreadable, and only on the way to a booking.
        expect([...cookiesOf(running()).values()].map(({ name, content }) => [name, content])).toEqual([
          ['entwurf', 'own'],
        ])
        expect(getActivity(running(), 'appointments.draft').purposes.map(({ id }) => id)).toEqual(['keep', 'once'])
        expect(cookiesOn(pages)).toEqual([])
        expect(new Set(cookiesOn(way).map((line) => line.replace(/^.*: (\w+)=.*$/, '$1')))).toEqual(
          new Set(['entwurf']),
        )
        // Nor anything else that would know a device again.
        const scripts = new Set(
          [...way, ...pages].flatMap(({ all }) => all('[src$=".js"]').map((script) => script.attribute('src') ?? '')),
        )
        expect(scripts.size).toBeGreaterThan(0)
        for (const src of scripts)
          expect((await who.open(src)).html).not.toMatch(
            /\.cookie\b|localStorage|sessionStorage|indexedDB|caches\.|sendBeacon/,
          )
        for (const { headers } of [...way, ...pages]) expect(Object.keys(headers)).not.toContain('etag')
      },
      'cookie',
    )
  })

  test('takes nothing that is not asked, and asks nothing without a reason', async () => {
    const more = { 'f.birthDate': '1984-08-12', 'f.iban': 'DE02120300000000202051' }
    const { token, details } = await bookAppointment(who, { slug, fields: more })
    await fact('VIE-001', installation, async () => {
      const names = details.all('[name^="f."]').map((field) => field.attribute('name')?.split('.')[1])
      expect([...new Set(names)]).toEqual([
        ...['formOfAddress', 'name', 'email', 'postalAddress', 'customerNumber', 'message'],
      ])
      expect(Object.keys((await recordOf(token))?.fields ?? {})).not.toContain('iban')
      expect(findTraces(await dump(installation.admin), { iban: 'DE02120300000000202051' })).toEqual([])
      using tenants = copyTenants([slug])
      tenants.write(
        file,
        replaced(tenants.read(file), '    reason:\n      de: Damit ein Brief', '    why:\n      de: Damit ein Brief'),
      )
      expect(tenants.load().running.has(slug)).toBe(false)
    })
  })

  test('asks for a number to call only where we call, and needs no form of address', async () => {
    const inPerson = await reachDetails(who, { slug })
    const byPhone = await reachDetails(who, { slug, service: 'beratung-telefon' })
    await fact('VIE-041', installation, async () => {
      expect(inPerson.html).not.toContain('name="f.phone"')
      expect((await who.send(byPhone, { 'f.name': 'Erika Markerfrau' })).status).toBe(422)
      const next = await who.send(byPhone, { 'f.name': 'Erika Markerfrau', 'f.phone': '030 23125 777' })
      expect(next.html).toContain('name="kenntnis"')
    })
    expect((await who.send(inPerson, { 'f.name': 'Erika', 'f.formOfAddress': 'doktor' })).status).toBe(422)
    expect((await who.send(inPerson, { 'f.name': 'Erika' })).html).toContain('name="kenntnis"')
  })

  test('has no page that withdraws, by link or by code, and says why and what to do instead', async () => {
    const { manage, token } = await bookAppointment(who, { slug })
    expect((await who.open(`${manage}/widerrufen`)).status).toBe(404)
    const form = await who.open(`${manage}/loeschen`)
    expect((await who.post(`${manage}/widerrufen`, { formToken: 'x' })).status).not.toBe(200)
    expect((await who.send({ ...form, html: form.html.replaceAll('/loeschen', '/widerrufen') })).status).toBe(404)
    expect(await recordOf(token)).toBeDefined()
    for (const url of [manage, `${manage}/daten`, `/${slug}/`])
      expect([url, (await who.open(url)).html]).toEqual([url, expect.not.stringMatching(/widerruf/i)])
    const why = await who.open(`/${slug}/widerruf`)
    expect([why.status, why.text]).toEqual([200, expect.stringContaining('beruht nicht auf Einwilligung')])
    for (const each of ['Termin absagen', 'Alle Termine und alle Daten dazu löschen', 'Widersprechen'])
      expect(why.text).toContain(each)
    expect((await who.open(`/${slug}/en/widerruf`)).text).toContain('does not rest on consent')
    for (const way of ['code', 'termine', 'ausfuehren'])
      expect((await who.open(`/${slug}/widerruf/${way}`)).status).toBe(404)
  })

  test('where consent is asked for, nothing is erased by mere request', async () => {
    const { manage, token } = await bookAppointment(who)
    expect((await who.open(`${manage}/loeschen`)).status).toBe(404)
    expect((await who.open('/segeberg/loeschen')).status).toBe(404)
    const foreign = await bookAppointment(who, { slug })
    const other = foreign.manage.replace(foreign.token, token)
    expect((await who.open(`${other}/loeschen`)).status).toBe(410)
  })
})

describe('a program', () => {
  const fields = { formOfAddress: 'frau', name: 'Erika Markerfrau', email: 'p@example.org' }
  const bookWith = async (agreement: Record<string, string>) => {
    const asking = await program(installation, slug)
    const { notice, consent, terms } = (await asking.get('/consent')).body
    expect([consent, terms]).toEqual([null, null])
    const hold = await holdOne(asking)
    const body = { hold: hold.id, fields, language: 'ar', agreed: { notice: notice.hash, ...agreement } }
    const headers = { 'accept-language': 'ar' }
    return { asking, answer: await asking.post('/appointments', { bearer: hold.key, body, headers }) }
  }

  test('is asked for no consent, and told so when it brings one', async () => {
    const { answer } = await bookWith({ consent: 'a'.repeat(64) })
    expect([answer.status, answer.headers['content-language']]).toEqual([422, 'ar'])
    expect(answer.body.errors).toMatchObject([{ pointer: '#/agreed/consent', code: 'outdated' }])
  })

  test('books in the language of its person, who gets the mail in it, and has everything erased', async () => {
    const { asking, answer } = await bookWith({})
    expect(answer.status).toBe(201)
    const mail = await eventually(() => installation.mailbox.messages().find(({ to }) => to === fields.email), 'mail')
    expect(mail.text).toContain(`/${slug}/ar/termin/verwalten/`)
    expect(mail.subject).toMatch(/[\u0600-\u06FF]/)
    const bearer = answer.body.token as string
    expect((await asking.post('/appointment/withdraw', { bearer })).status).toBe(200)
    expect(await recordOf(bearer)).toBeUndefined()
    expect(await query('select from consent_record where tenant_id = $1', [tenantId()])).toEqual([])
  })
})

describe('whoever wants their data gone', () => {
  test.each([
    ['before the appointment, which is cancelled with it', null, 2],
    ['after it', 'P10D', 1],
  ])('erases one booking by its link at any time: %s', async (_when, later, mails) => {
    const email = `weg${mails}@example.org`
    const { manage, token, start: begin } = await bookAppointment(who, { slug, fields: { 'f.email': email } })
    const got = () => installation.mailbox.messages().filter(({ to }) => to === email).length
    await eventually(() => got() === 1, 'the confirmation')
    if (later) installation.time.move(later)
    const left = await watch(token)
    expect(await left()).not.toEqual([])
    const done = await who.send(await who.open(`${manage}/loeschen`))
    await fact('VIE-082', installation, async () => {
      expect(done.text).toContain('Ihre Daten sind gelöscht')
      expect(await recordOf(token)).toBeUndefined()
      expect(await left()).toEqual([]) // red where it is only hidden, or copied
      expect((await query(`select rule from vault.erasure where activity = 'appointments.booking'`)).at(-1)).toEqual({
        rule: 'asked',
      })
    })
    expect((await who.open(manage)).status).toBe(410)
    if (later === null) expect(await isFree(begin)).toBe(true)
    await eventually(() => got() === mails, 'the mails')
  })

  test('erases all of it by a code to the mailbox, and nothing of anybody else', async () => {
    const mine = { 'f.email': 'alles.weg@example.org' }
    const one = await bookAppointment(who, { slug, fields: mine })
    const two = await bookAppointment(who, { slug, fields: mine })
    const theirs = await bookAppointment(who, { slug, fields: { 'f.email': 'bleibt@example.org' } })
    const page = await prove('loeschen', 'alles.weg@example.org')
    expect(page.text.match(/Buchungsnummer/g)).toHaveLength(2)
    const [mineLeft, alsoLeft, theirsLeft] = [await watch(one.token), await watch(two.token), await watch(theirs.token)]
    const before = [await theirsLeft(), (await recordOf(theirs.token))?.fields]
    const done = await who.send(page)
    await fact('VIE-091', installation, async () => {
      expect(done.text).toContain('Gelöschte Termine: 2.')
      for (const { token } of [one, two]) expect(await recordOf(token)).toBeUndefined()
      expect([await mineLeft(), await alsoLeft()]).toEqual([[], []]) // red where they are only hidden, or copied
      expect([await theirsLeft(), (await recordOf(theirs.token))?.fields]).toEqual(before)
    })
    expect((await who.send(page)).text).toContain('Gelöschte Termine: 0.')
  })

  test('can object, and is told where and that reasons are asked for', async () => {
    const { text } = await who.open(`/${slug}/datenschutz`)
    await fact('VIE-085', installation, () => {
      expect(text).toContain(
        'Soweit wir Daten hier für unsere öffentliche Aufgabe verarbeiten, können Sie widersprechen',
      )
      expect(text).toContain('Das Recht auf Widerspruch (Art. 21 DSGVO, § 84 Abs. 5 SGB X, § 36 BDSG) steht für sich')
      expect(text).toMatch(/besonderen Situation ergeben.*Das betrifft: Termine online buchen/)
    })
  })

  test.each([
    ['VIE-083', 'legal-claim'],
    ['VIE-084', 'tax-law'],
  ] as const)('finds them restricted while a duty to keep them lasts (%s)', async (id, reason) => {
    const { booked, manage, token } = await bookAppointment(who, { slug })
    const recordId = (await recordOf(token))?.id
    expect(await placeLegalHold(referenceOn(booked.text), reason)).toMatchObject({ kind: 'held' })
    const done = await who.send(await who.open(`${manage}/loeschen`))
    await fact(id, installation, async () => {
      expect(done.text).toContain('gesperrt, aber noch nicht gelöscht')
      expect(await recordOf(token)).toBeUndefined() // nobody finds it any more
      const kept = 'select hold_reason from vault.record where restricted_at is not null and id = $1'
      expect(await query(kept, [recordId])).toEqual([{ hold_reason: reason }])
    })
  })
})

test('access gives a copy on the page and one that machines read, with what was chosen in words', async () => {
  const email = 'kopie@example.org'
  const { token } = await bookAppointment(who, { slug, fields: { 'f.email': email } })
  const stored = (await recordOf(token))?.fields ?? {}
  const page = await prove('meine-daten', email)
  await fact('VIE-089', installation, () => {
    for (const value of [
      'Erika Markerfrau',
      '131A0990815',
      'Frau',
      'Markerweg 7',
      erika['f.message'] ?? '-',
      stored.reference,
    ])
      expect(page.text).toContain(value)
    for (const { id, label } of getActivity(running(), 'appointments.booking').fields)
      if (stored[id] !== undefined) expect(page.text).toContain(label.de)
  })
  expect(page.text).not.toMatch(/widerruf/i)
  const { headers, html } = await who.send(page, {}, 'export')
  await fact('VIE-093', installation, () => {
    expect(headers['content-type']).toContain('application/json')
    const [record] = JSON.parse(html).records.filter((each: { activity: string }) => each.activity.startsWith('app'))
    expect(record.fields).toEqual({ ...stored, name: 'Erika Markerfrau', formOfAddress: 'Frau', email })
  })
})

describe('what visiting the pages leaves', () => {
  test('is a line without host name, referrer or any way to a booking', async () => {
    const named = person(installation, {
      'x-forwarded-for': '203.0.113.250',
      'x-forwarded-host': 'rechner-7.haushalt.example',
      via: '1.1 rechner-7.haushalt.example',
      referer: 'https://suche.example/?q=hilfe',
    })
    const asked: unknown[] = []
    const names = ['reverse', 'lookupService'] as const
    const spies = [dns, dns.promises].flatMap((from) =>
      names.map((name) =>
        vi.spyOn(from as typeof dns, name).mockImplementation((...given: unknown[]) => void asked.push(given) as never),
      ),
    )
    const { token, booked } = await bookAppointment(named, { slug })
    for (const spy of spies) spy.mockRestore()
    const lines = linesOf()
    const keys = new Set(lines.flatMap(Object.keys))
    await fact('VIE-010', installation, async () => {
      expect(lines).toContainEqual({
        time: start,
        page: `/${slug}/termin/verwalten/:token`,
        status: 200,
        address: '203.0.113.0',
        browser: 'Chrome 140',
        operatingSystem: 'Android',
      })
      // Red where the computer's name is looked up and written instead, as under any other declared name.
      for (const { address } of lines) expect(address).toMatch(/^(\d+\.){3}0$/)
      expect(asked).toEqual([])
      expect(findTraces(await everywhere(), { host: 'rechner-7.haushalt' })).toEqual([])
    })
    await fact('VIE-009', installation, async () => {
      expect(JSON.stringify(lines)).not.toMatch(/suche\.example|referr?er/i)
      expect(findTraces(await everywhere(), { referrer: 'suche.example' })).toEqual([])
    })
    await fact('VIE-014', installation, () => {
      expect(keys).toEqual(new Set(['time', 'page', 'status', 'address', 'browser', 'operatingSystem']))
      for (const link of [token, referenceOn(booked.text), ...Object.values(erika)].filter((each) => each.length > 5))
        expect(JSON.stringify(lines)).not.toContain(link)
    })
  })

  test('is a number besides, with no address and no cookie, and gone within two years', async () => {
    const answers = await Promise.all(
      ['', 'termin', 'datenschutz', 'cookies'].map((each) => who.open(`/${slug}/${each}`)),
    )
    const pages = [...answers, ...(await openEveryPage(who, slug))]
    await installation.sweep()
    const counts = () => query('select * from page_count where tenant_id = $1', [tenantId()])
    const rows = await counts()
    const none = () =>
      expect([cookiesOn(pages), [...cookiesOf(running()).values()].map(({ activity }) => activity)]).toEqual([
        [],
        ['appointments.draft'],
      ])
    await fact('VIE-073', installation, none, 'cookie')
    await fact('VIE-061', installation, none, 'cookie')
    await fact('VIE-074', installation, () => {
      expect(rows.map(({ page }) => page)).toContain(`/${slug}/cookies`)
      for (const row of rows) expect(Object.keys(row)).toEqual(['tenant_id', 'day', 'page', 'views', 'erase_at'])
      expect(JSON.stringify(rows)).not.toContain('203.0.113')
    })
    await fact('VIE-076', installation, async () => {
      expect(findTraces(await everywhere(), { address: `203.0.113.${connections}` })).toEqual([])
      expect(linesOf().map(({ address }) => address)).toContain('203.0.113.0')
    })
    await fact('VIE-075', installation, () => {
      for (const { headers } of pages) expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(foreignOn(pages)).toEqual([])
      expect(reached).toEqual([])
    })
    installation.time.move('P2Y')
    await installation.sweep()
    await fact('VIE-079', installation, async () => expect(await counts()).toEqual([]))
  })
})

test('a notice follows the processing: a period that changes is another version, and nothing changes unsaid', async () => {
  const edit = (text: string) => nextVersion(replaced(text, 'period: P14D', 'period: P7D'))
  const other = await startInstallation({ tenants: [slug], edit: { [file]: edit }, withoutWorker: true })
  const seen = await person(other).open(`/${slug}/datenschutz`)
  const here = await who.open(`/${slug}/datenschutz`)
  // What agreed to the earlier one is told that there is another, and books nothing.
  const asking = await program(other, slug)
  const held = await holdOne(asking)
  const before = installation.deps.inForce.get(slug)?.hash ?? ''
  const late = await asking.post('/appointments', {
    bearer: held.key,
    body: { hold: held.id, fields: { name: 'Erika Markerfrau' }, language: 'de', agreed: { notice: before } },
  })
  expect([late.status, late.body.errors]).toEqual([
    422,
    [expect.objectContaining({ pointer: '#/agreed/notice', code: 'outdated' })],
  ])
  await fact('VIE-096', other, () => {
    expect(here.text).toContain('14 Tage nach dem Termin')
    expect(seen.text).toContain('7 Tage nach dem Termin')
    expect(other.deps.inForce.get(slug)?.hash).not.toBe(installation.deps.inForce.get(slug)?.hash)
  })
  await other.close()
})
