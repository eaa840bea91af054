import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signNote } from '#platform/http/form-token.ts'
import { getActivity, inLanguage } from '#register/register.ts'
import { fact } from '#test/helpers/fact.ts'
import { look, skeletonOf } from '#test/helpers/html.ts'
import { eventually, type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, codeIn, erika, type Person, person, type Seen } from '#test/helpers/person.ts'
import { runningTenant } from '#test/helpers/tenants.ts'
import { clear, quiet } from './rights.fixture.ts'

let installation: Installation
let who: Person
beforeAll(async () => {
  installation = await startInstallation()
})
afterAll(() => installation.close())
let connections = 0
beforeEach(() => {
  // Each test comes from a connection of its own, for limits count by connection.
  who = person(installation, { 'x-forwarded-for': `203.0.113.${++connections}` })
})
afterEach(() => clear(installation))

const email = erika['f.email']
const query = async (text: string, values: unknown[] = []) => (await installation.admin.query(text, values)).rows
const count = async (what: string, values: unknown[] = []): Promise<number> =>
  (await query(`select count(*)::int n from ${what}`, values))[0].n
const bookings = () => count(`vault.record where activity = 'appointments.booking'`)

const codeMails = () => installation.mailbox.messages().filter((mail) => /^(Ihr Code|Your code)$/.test(mail.subject))
const lastCode = async (mails = 1): Promise<string> => {
  await eventually(() => codeMails().length >= mails, `code mail ${mails}`)
  return codeIn(codeMails()[0]?.text ?? '')
}
const other = (code: string, by = 1): string => String((Number(code.replaceAll(' ', '')) + by) % 1e12).padStart(12, '0')

type Way = 'meine-daten' | 'widerruf'
const ask = async (way: Way, address: string = email, base = '/segeberg') =>
  who.send(await who.open(`${base}/${way}`), { email: address })
const prove = async (way: Way, base = '/segeberg', address: string = email): Promise<Seen> => {
  const before = codeMails().length
  const asked = await ask(way, address, base)
  return who.send(asked, { code: await lastCode(before + 1) })
}

describe('all of mine', () => {
  test.each([
    ['de', '/segeberg', 'Das ist über Sie gespeichert', 'Ihr Code'],
    ['en', '/segeberg/en', 'This is stored about you', 'Your code'],
  ] as const)('is shown to who reads the mailbox (%s)', async (language, base, heading, subject) => {
    const one = await bookAppointment(who, { language })
    const two = await bookAppointment(who, {
      language,
      service: 'beratung-telefon',
      fields: { 'f.phone': '030 23125 777' },
    })
    await bookAppointment(who, { fields: { 'f.email': 'max@example.org', 'f.name': 'Max Mustermann' } })
    const shown = await prove('meine-daten', base)
    expect(codeMails()[0]).toMatchObject({ to: email, subject })
    // Nothing in it can be followed or pressed.
    expect(`${codeMails()[0]?.text} ${codeMails()[0]?.html}`).not.toMatch(/https?:/)
    expect(look(codeMails()[0]?.html ?? '').all('a, form')).toEqual([])
    await fact('SEG-043', installation, () => {
      expect(shown.text).toContain(heading)
      // Each field of each booking by its name: red where one is left out.
      const { fields } = getActivity(runningTenant('segeberg'), 'appointments.booking')
      // The proof of consent has a record of its own; of a move nothing is stored before its day is over.
      const elsewhere = ['consentGivenAt', 'movedAt', 'movedFrom', 'moves']
      const asked = fields.filter(({ when, id }) => when !== 'phone' && !elsewhere.includes(id))
      for (const { id, label } of asked)
        expect([id, shown.text.split(inLanguage(label, language)).length - 1]).toEqual([
          id,
          expect.toSatisfy((n) => n >= 2),
        ])
      expect(shown.text.split(erika['f.name'])).toHaveLength(3)
      for (const value of [erika['f.customerOrBgNumber'], erika['f.freeText'], '030 23125 777', '1984'])
        expect(shown.text).toContain(value)
      for (const { booked } of [one, two])
        expect(shown.text).toContain(/[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(booked.text)?.[0] ?? 'no reference')
    })
    expect(shown.text).not.toContain('Mustermann')
  })

  test('can be taken along as JSON, complete and without secrets', async () => {
    const { token, start } = await bookAppointment(who)
    const file = await who.send(await prove('meine-daten'))
    expect(file.headers['content-type']).toContain('application/json')
    expect(file.headers['content-disposition']).toBe('attachment; filename=meine-daten.json')
    const data = JSON.parse(file.html)
    expect(data.controller).toBe('Jobcenter Kreis Segeberg')
    expect(data.asOf).toBe(installation.deps.clock().toString())
    const record = data.records.find((each: { activity: string }) => each.activity === 'appointments.booking')
    expect(record.fields).toMatchObject({
      name: erika['f.name'],
      birthDate: '1984-08-12',
      email,
      freeText: erika['f.freeText'],
      appointmentAt: start,
    })
    expect(record.erasedAt).toBe(
      Temporal.Instant.from(start)
        .add({ minutes: 30 })
        .add({ hours: 14 * 24 })
        .toString(),
    )
    expect(file.html).not.toContain(token)
  })

  test.each(['meine-daten', 'widerruf'] as const)(
    'says that this look is noted, and how many there were (%s)',
    async (way) => {
      const { manage } = await bookAppointment(who)
      await who.open(manage)
      const shown = await prove(way)
      expect(shown.text).toContain('Wann auf diese Daten zugegriffen wurde: diesen Aufruf, gelöscht mit den Daten.')
      if (way === 'meine-daten')
        expect(shown.text).toMatch(/Wann auf diese Daten zugegriffen wurde \d+-mal, zuletzt am/)
    },
  )

  test('is found however the address is written', async () => {
    await bookAppointment(who)
    const asked = await ask('meine-daten', ' ERIKA.Markerfrau@Example.ORG ')
    const shown = await who.send(asked, { code: await lastCode() })
    expect(shown.text).toContain(erika['f.freeText'])
  })

  test('does not include what another tenant stores', async () => {
    await bookAppointment(who)
    await bookAppointment(who, { slug: 'musterstadt', fields: { 'f.freeText': 'Nur für Musterstadt' } })
    const shown = await prove('meine-daten')
    expect(shown.text).toContain(erika['f.freeText'])
    expect(shown.text).not.toContain('Nur für Musterstadt')
  })
})

describe('a mailbox of which nothing is stored', () => {
  const skeleton = ({ html }: Seen): string =>
    skeletonOf(html).replaceAll(email, 'address').replaceAll('nobody@example.org', 'address')

  test('gets the same answer, with the same work done, and no mail', async () => {
    await bookAppointment(who)
    const work = async (address: string) => {
      // Of the request alone: the job may be writing a mail meanwhile.
      const codes = `(select id from vault.record where activity = 'rights.code')`
      const ofCodes = ['vault.key', 'vault.blind_index'].map((table) => `${table} where record_id in ${codes}`)
      const tables = [`${codes} records`, ...ofCodes, 'access_code']
      const counts = async () => {
        const all: number[] = []
        for (const table of tables) all.push(await count(table))
        return all
      }
      const before = await counts()
      const page = await ask('meine-daten', address)
      const [after, jobs] = [await counts(), await count(`jobs.job where name = 'rights.sendCode'`)]
      return { page, jobs, rows: after.map((n, i) => n - (before[i] ?? 0)) }
    }
    await quiet(installation)
    const unknown = await work('nobody@example.org')
    await quiet(installation)
    const known = await work(email)
    expect(unknown.page.status).toBe(known.page.status)
    expect(skeleton(unknown.page)).toBe(skeleton(known.page))
    expect(unknown.rows).toEqual([1, 1, 1, 1])
    expect(known.rows).toEqual(unknown.rows)
    expect(unknown.jobs).toBe(1)
    expect(known.jobs).toBe(2)
    await lastCode()
    await quiet(installation)
    expect(codeMails().map((mail) => mail.to)).toEqual([email])
  })

  test('cannot be told from a known one by a wrong code either', async () => {
    await bookAppointment(who)
    const [unknown, known] = [await ask('widerruf', 'nobody@example.org'), await ask('widerruf')]
    const code = other(await lastCode())
    const answers = [await who.send(unknown, { code }), await who.send(known, { code })]
    expect(answers.map((page) => page.status)).toEqual([422, 422])
    expect(skeleton(answers[0] as Seen)).toBe(skeleton(answers[1] as Seen))
  })
})

describe('a code', () => {
  test('is locked after five wrong tries, even for who knows it then', async () => {
    await bookAppointment(who)
    const asked = await ask('meine-daten')
    const code = await lastCode()
    for (let i = 0; i < 5; i++) expect((await who.send(asked, { code: other(code) })).status).toBe(422)
    const right = await who.send(asked, { code })
    expect(right.status).toBe(422)
    expect(right.text).not.toContain(erika['f.freeText'])
  })

  test('still opens at the fifth try', async () => {
    await bookAppointment(who)
    const asked = await ask('meine-daten')
    const code = await lastCode()
    for (let i = 0; i < 4; i++) await who.send(asked, { code: other(code) })
    expect((await who.send(asked, { code })).text).toContain(erika['f.freeText'])
  })

  test.each([
    ['in Arabic digits', (code: string) => code.replace(/\d/g, (digit) => '٠١٢٣٤٥٦٧٨٩'.charAt(Number(digit)))],
    [
      'in Persian digits between marks',
      (code: string) => `\u200f${code.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'.charAt(Number(digit)))}\u202c`,
    ],
    ['with no-break spaces and dashes', (code: string) => code.replace(' ', '\u00a0').replace(' ', '\u2011')],
  ])('is right %s, and that costs no try more', async (_, written) => {
    await bookAppointment(who)
    const asked = await ask('meine-daten')
    const code = await lastCode()
    for (let i = 0; i < 4; i++) await who.send(asked, { code: other(code) })
    expect((await who.send(asked, { code: written(code) })).text).toContain(erika['f.freeText'])
  })

  test('counts every guess, also when many come at the same moment', async () => {
    await bookAppointment(who)
    const asked = await ask('meine-daten')
    const code = await lastCode()
    const before = (await installation.admin.query('select from app.limit_place')).rows.length
    const guesses = [other(code), other(code, 2), other(code, 3), other(code, 4), other(code, 5)]
    await Promise.all([...guesses, ...guesses].map((guess) => who.send(asked, { code: guess })))
    const { rows } = await installation.admin.query('select from app.limit_place')
    expect(rows.length - before).toBe(5)
    expect((await who.send(asked, { code })).status).toBe(422)
  })

  test('opens one form, also when that is sent twice at the same moment or from elsewhere, and no other', async () => {
    await bookAppointment(who)
    const [asked, another] = [await ask('meine-daten'), await ask('meine-daten')]
    const code = await lastCode()
    const answers = await Promise.all([who.send(asked, { code }), who.send(asked, { code })])
    expect(answers.map((page) => page.status)).toEqual([200, 200])
    expect((await person(installation).send(asked, { code })).status).toBe(200)
    expect((await who.send(another, { code })).status).toBe(422)
    expect((await who.send(asked, { code: other(code) })).status).toBe(422)
    expect((await who.send(await ask('meine-daten'), { code })).status).toBe(422)
    expect((await who.send(asked, { code, vorgang: '' })).status).toBe(422)
  })

  test.each(['meine-daten', 'widerruf'] as const)(
    'that was right shows the page again when the same form is sent again, for a quarter of an hour: /%s',
    async (way) => {
      await bookAppointment(who)
      const start = installation.deps.clock()
      const asked = await ask(way)
      const code = await lastCode()
      const page = await who.send(asked, { code })
      const opened = ({ text, status }: Seen) => status === 200 && /[A-Z2-9]{4}-[A-Z2-9]{4}/.test(text)
      expect(opened(page)).toBe(true)
      installation.time.move('PT14M59S')
      const again = await who.send(asked, { code })
      expect(opened(again)).toBe(true)
      installation.time.move('PT1S')
      expect((await who.send(asked, { code })).status).toBe(422)
      // Nor does coming back make the proof last longer.
      const late = await who.send(again)
      expect([late.status, late.text]).toEqual([403, expect.stringContaining('mehr als eine Viertelstunde vergangen')])
      // Whoever looks cannot tell a note that is too old from one that did not arrive whole; nor does the page pretend to.
      expect((await who.send(again, { nachweis: 'cut' })).text).toBe(late.text)
      expect(late.text).toContain('Oder es kam unvollständig oder verändert bei uns an')
      expect(await bookings()).toBe(1)
      installation.time.set(start)
    },
  )

  test('that was right shows the page twenty times more at most', async () => {
    await bookAppointment(who)
    const asked = await ask('meine-daten')
    const code = await lastCode()
    const statuses: number[] = []
    for (let i = 0; i < 22; i++) statuses.push((await who.send(asked, { code })).status)
    expect(statuses).toEqual([...Array(21).fill(200), 422])
  })

  test('that does not come: the page says why that may be and when there is one again, the same whatever was before', async () => {
    const start = installation.deps.clock()
    installation.time.set('2026-11-23T09:00:00Z')
    await bookAppointment(who)
    const sentence = 'Mehr als zwei Codes in einer Stunde schicken wir nicht. Spätestens um 11:02 Uhr'
    for (let i = 1; i <= 2; i++) await who.send(await ask('meine-daten'), { code: await lastCode(i) })
    const known = await ask('meine-daten')
    const skeleton = ({ html }: Seen) => skeletonOf(html)
    expect(known.text).toContain(sentence)
    expect(skeleton(await ask('meine-daten', 'nobody@example.org'))).toBe(skeleton(known))
    await quiet(installation)
    expect(codeMails()).toHaveLength(2)
    installation.time.move('PT20M')
    expect((await who.send(known, { code: '1' })).text).toContain(sentence)
    installation.time.set('2026-11-23T10:02:00Z')
    await installation.sweep()
    await ask('meine-daten')
    await quiet(installation)
    expect(codeMails()).toHaveLength(3)
    installation.time.set(start)
  })

  test('opens until an hour has passed, and not then', async () => {
    await bookAppointment(who)
    const first = await ask('meine-daten')
    const code = await lastCode()
    expect(codeMails()[0]?.text).toContain('Er gilt bis 10:00 Uhr')
    installation.time.move('PT29M')
    const second = await ask('meine-daten')
    installation.time.move('PT30M59S')
    expect((await who.send(second, { code: other(code) })).status).toBe(422)
    installation.time.move('PT1S')
    for (const asked of [first, second]) expect((await who.send(asked, { code })).status).toBe(422)
    await installation.sweep()
    expect(await count('access_code')).toBe(0)
    expect(await count(`vault.record where activity = 'rights.code'`)).toBe(0)
  })

  test('opens only the mailbox it was sent to', async () => {
    await bookAppointment(who)
    await bookAppointment(who, { fields: { 'f.email': 'max@example.org' } })
    const hers = await ask('meine-daten')
    await lastCode(1)
    const his = await ask('meine-daten', 'max@example.org')
    const code = await lastCode(2)
    expect((await who.send(hers, { code })).status).toBe(422)
    // Her address in his form changes nothing: the code says whose mailbox it was.
    const shown = await who.send(his, { code, email })
    expect(shown.text).toContain('max@example.org')
    expect(shown.text).not.toContain(email)
  })

  test.each(['', 'abc', '1234', '١٢٣٤٥٦٧٨٩٠١٢', '0'.repeat(500)])('is not %j', async (code) => {
    await bookAppointment(who)
    const asked = await ask('meine-daten')
    await lastCode()
    expect((await who.send(asked, { code })).status).toBe(422)
  })

  test.each(['', 'x', '-'.repeat(36), '11111111-1111-4111-8111-111111111111', "' or 1=1 --"])(
    'with the form %j is refused like any wrong one',
    async (vorgang) => {
      await bookAppointment(who)
      const asked = await ask('meine-daten')
      const code = await lastCode()
      expect((await who.send(asked, { code, vorgang })).status).toBe(422)
    },
  )

  test('is sent to no more than twenty mailboxes from one connection in a quarter of an hour', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 21; i++) statuses.push((await ask('meine-daten', `m${i}@example.org`)).status)
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429])
    installation.time.move('PT15M')
    expect((await ask('meine-daten', 'm21@example.org')).status).toBe(200)
  })

  test.each([
    '<Erika.Markerfrau@example.org>,',
    'mailto:erika.markerfrau@example.org',
    'erika.markerfrau@example.org\u200b',
  ])('is asked for with an address as it was pasted: %j', async (typed) => {
    await bookAppointment(who)
    const asked = await ask('meine-daten', typed)
    expect((await who.send(asked, { code: await lastCode() })).text).toContain(erika['f.freeText'])
  })

  test('of an address with a letter that cannot be sent to, the letter is named; a slip is asked about', async () => {
    const refused = await ask('meine-daten', 'jürgen@example.org')
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Vor dem @ steht „ü“.')])
    const asked = await ask('meine-daten', 'erika@gmx.dee')
    expect(asked.text).toContain('Meinten Sie erika@gmx.de? Dann fordern Sie den Code noch einmal an.')
    expect((await ask('meine-daten')).text).not.toContain('Meinten Sie')
  })

  test.each([
    ['nothing', '', 422],
    ['no address', 'erika', 422],
    ['two addresses', 'a@example.org, b@example.org', 422],
    ['a header of its own', 'a@example.org\r\nBcc: b@example.org', 422],
  ])('is not asked for with %s', async (_what, typed, status) => {
    const page = await ask('meine-daten', typed)
    expect(page.status).toBe(status)
    expect(await count('access_code')).toBe(0)
  })
})

describe('the signed note of a proven mailbox', () => {
  const noteOf = ({ field }: Seen): string => field('nachweis')

  test('serves for a quarter of an hour', async () => {
    await bookAppointment(who)
    const shown = await prove('meine-daten')
    installation.time.move('PT14M59S')
    expect((await who.send(shown)).status).toBe(200)
    installation.time.move('PT1S')
    const late = await who.send(shown)
    expect(late.status).toBe(403)
    expect(late.text).not.toContain(email)
  })

  test('that was altered, made up, or meant for another tenant opens nothing and erases nothing', async () => {
    await bookAppointment(who)
    await bookAppointment(who, { slug: 'musterstadt' })
    const shown = await prove('widerruf')
    const note = noteOf(shown)
    const [body = '', signature = ''] = note.split('.')
    const until = installation.deps.clock().add({ hours: 1 }).toString()
    const forged = Buffer.from(JSON.stringify(['max@example.org', until])).toString('base64url')
    const formKeys = installation.deps.formKeys.get('segeberg') ?? []
    const notes = {
      nothing: '',
      'no signature': body,
      'another person': `${forged}.${signature}`,
      'a turned letter': `${note.slice(0, -1)}${note.endsWith('A') ? 'B' : 'A'}`,
      'a cut': note.slice(0, -1),
      'signed for something else': signNote(formKeys, 'another purpose', JSON.stringify([email, until])),
      'of another tenant': noteOf(await prove('widerruf', '/musterstadt')),
    }
    for (const [what, nachweis] of Object.entries(notes)) {
      expect((await who.send(shown, { nachweis })).status, what).toBe(403)
      const page = await who.post('/segeberg/meine-daten/export', { ...hiddenOf(shown), nachweis })
      expect(page.status, what).toBe(403)
      expect(page.html, what).not.toContain(erika['f.freeText'])
    }
    expect(await bookings()).toBe(2)
  })

  const hiddenOf = ({ field }: Seen): Record<string, string> => ({ formToken: field('formToken') })
})

describe('withdrawing everything', () => {
  test.each([
    ['de', '/segeberg', 'Gelöschte Termine: 2', /abgesagt|widerrufen/i],
    ['en', '/segeberg/en', 'Appointments erased: 2', /cancelled|withdrawn/i],
  ] as const)(
    'erases every appointment of the mailbox at once and says so by mail (%s)',
    async (language, base, done, words) => {
      const one = await bookAppointment(who, { language })
      const two = await bookAppointment(who, { language })
      await bookAppointment(who, { fields: { 'f.email': 'max@example.org' } })
      await quiet(installation)
      installation.mailbox.clear()
      const shown = await prove('widerruf', base)
      for (const { booked } of [one, two])
        expect(shown.text).toContain(/[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(booked.text)?.[0] ?? 'no reference')
      expect(await bookings()).toBe(3)
      const answer = await who.send(shown)
      await fact('SEG-040', installation, async () => {
        expect(answer.text).toContain(done)
        expect(await bookings()).toBe(1)
        for (const { manage } of [one, two]) expect((await who.open(manage)).status).toBe(410)
      })
      await eventually(() => installation.mailbox.messages().length >= 3, 'two mails besides the code')
      const mails = installation.mailbox.messages().filter((mail) => !codeMails().includes(mail))
      expect(mails).toHaveLength(2)
      for (const mail of mails) {
        expect(mail.to).toBe(email)
        expect(mail.subject).toMatch(words)
        expect(mail.calendar).toContain('METHOD:CANCEL')
      }
      expect(await count('appointment')).toBe(1) // of those two nothing is left to count
      expect(await count(`cell where free_from = 'infinity'`)).toBe(3)
      await quiet(installation)
      expect(await count('vault.record')).toBe(1)
      // Sent once more, it finds nothing left to do.
      expect((await who.send(shown)).text).toContain(done.replace('2', '0'))
    },
  )

  test('also erases what is over already, without a cancellation', async () => {
    const { start, manage } = await bookAppointment(who)
    await quiet(installation)
    installation.time.set(Temporal.Instant.from(start).add({ hours: 24 }))
    await installation.sweep()
    installation.mailbox.clear()
    await who.send(await prove('widerruf'))
    expect((await who.open(manage)).status).toBe(410)
    await quiet(installation)
    expect(installation.mailbox.messages()).toHaveLength(1) // the code
    installation.time.set('2026-11-23T12:00:00Z')
    await installation.sweep()
  })

  test('leaves a proof of consent in which nobody stands, and the next booking asks for consent anew', async () => {
    await bookAppointment(who)
    const [given] = await query('select * from consent_record')
    await who.send(await prove('widerruf'))
    const [proof] = await query('select * from consent_record')
    const at = new Date(installation.deps.clock().epochMilliseconds)
    expect(proof).toEqual({ ...given, withdrawn_at: at, live_record_id: null })
    expect(await count('vault.record where id = $1', [proof.record_id])).toBe(0)
    expect(JSON.stringify(proof)).not.toMatch(/Erika|Markerfrau|example|131A/)
    await fact('SEG-041', installation, async () => {
      const { consent, booked } = await bookAppointment(who)
      expect(consent.all('input[name=einwilligung]:not([checked])')).toHaveLength(1)
      expect((await who.send(consent, { kenntnis: 'yes' })).status).not.toBe(200)
      expect(booked.status).toBe(200)
      expect(await query('select withdrawn_at from consent_record where withdrawn_at is null')).toHaveLength(1)
    })
  })

  test('with nothing stored there is nothing to withdraw, and the page says so', async () => {
    const { manage } = await bookAppointment(who)
    const asked = await ask('widerruf')
    const code = await lastCode()
    await who.send(await who.open(`${manage}/absagen`))
    const shown = await who.send(asked, { code })
    expect(shown.text).toContain('Zu dieser E-Mail-Adresse gibt es keine Termine')
  })
})

test('an address in the middle of a way leads to its beginning', async () => {
  for (const way of ['meine-daten', 'widerruf']) {
    for (const step of ['code', 'ansehen', 'export', 'termine', 'ausfuehren']) {
      const page = await who.open(`/segeberg/${way}/${step}`)
      if (page.status !== 404) expect(page.url).toBe(`/segeberg/${way}`)
    }
  }
})
