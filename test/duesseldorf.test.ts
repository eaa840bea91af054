import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { reachDetails } from '#features/appointments/booking.fixture.ts'
import { bookedIn } from '#features/appointments/index.ts'
import { guardOutbound } from '#platform/outbound.ts'
import { getActivity, type LookReason } from '#register/register.ts'
import { UndeclaredPurposeError } from '#vault/index.ts'
import { dump, findTraces, readFilesBelow } from './helpers/dump.ts'
import { watchRecord } from './helpers/erased.ts'
import { fact } from './helpers/fact.ts'
import { archive } from './helpers/faults.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { cookiesOn, foreignOn, openEveryPage } from './helpers/pages.ts'
import { bookAppointment, codeIn, type Person, person, referenceOn, typedFor } from './helpers/person.ts'
import { copyTenants, replaced } from './helpers/tenants.ts'

/* A Jobcenter whose mails say nothing but that there is something to see, and where reading is not consenting. */

const start = '2026-11-23T08:00:00Z'
const slug = 'duesseldorf'
const erika = typedFor(slug)
const mailFile = `${slug}/activities/mail-delivery.yaml`

let installation: Installation
let who: Person
let connections = 0
/** Hosts beyond this machine that anything here wanted to reach. */
const reached: string[] = []
const unguard = guardOutbound([], ({ message }) => reached.push(message))
beforeAll(async () => {
  installation = await startInstallation({ tenants: [slug], start })
})
afterAll(async () => {
  await installation.close()
  unguard()
})
beforeEach(async () => {
  installation.time.set(start)
  installation.mailbox.clear()
  who = person(installation, { 'x-forwarded-for': `198.51.100.${++connections}` })
})

const query = async (text: string, values: unknown[] = []) => (await installation.admin.query(text, values)).rows
const running = () => {
  const found = installation.deps.register.running.get(slug)
  if (!found) throw new Error('duesseldorf does not run')
  return found
}
const recordOf = async (token: string) =>
  installation.deps.db.inTenant(running().tenant.id, async (tx) => {
    const access = { purpose: 'change', actor: 'person' } as const
    return (await installation.deps.vault.findBySubject(tx, 'manageLink', token, access))[0]
  })
/** Everything of one booking, to ask later where any of it still is. */
const watch = async (token: string) => watchRecord(installation, (await recordOf(token))?.id ?? '')
/** So many mails to a mailbox, newest first. */
const mails = (count: number, email = erika['f.email']) =>
  eventually(() => {
    const all = installation.mailbox.messages().filter(({ to }) => to === email)
    return all.length >= count ? all : null
  }, `${count} mails`)
/** What a way shows after a code to this mailbox, which has had the mails of its bookings. */
const prove = async (way: 'meine-daten' | 'widerruf', email: string, bookings = 1) => {
  await mails(bookings, email)
  installation.mailbox.clear()
  const asked = await who.send(await who.open(`/${slug}/${way}`), { email })
  return who.send(asked, { code: codeIn((await mails(1, email))[0]?.text ?? '') })
}
const everywhere = async () => new Map([...readFilesBelow(installation.folder), ...(await dump(installation.admin))])

describe('booking', () => {
  test('asks for consent apart from having read the notice, and neither stands for the other', async () => {
    const consent = await who.send(await reachDetails(who, { slug }), erika)
    for (const only of [{ kenntnis: 'yes' }, { einwilligung: 'yes' }])
      expect((await who.send(consent, only)).status).toBe(422)
    const booked = await who.send(await who.send(consent, { kenntnis: 'yes', einwilligung: 'yes' }))
    await fact('DUS-005', installation, async () => {
      expect(booked.text).toContain('Ihr Termin ist gebucht')
      expect(booked.text).toContain('Luisenstraße 105, 40215 Düsseldorf')
      const record = await recordOf(/verwalten\/([\w-]{22})/.exec(booked.url)?.[1] ?? '')
      expect(record?.fields).toMatchObject({ givenName: 'Erika', familyName: 'Markerfrau' })
    })
  })

  test('stays a choice: without it every page is open, and another way to an appointment is named', async () => {
    const consent = await who.send(await reachDetails(who, { slug }), erika)
    await fact('DUS-008', installation, async () => {
      expect(consent.text).toContain(
        'Sie bekommen Ihren Termin dann telefonisch oder vor Ort. Andere Nachteile haben Sie nicht.',
      )
      for (const each of ['', 'termin', 'datenschutz', 'cookies', 'meine-daten', 'widerruf', 'impressum'])
        expect([each, (await who.open(`/${slug}/${each}`)).status]).toEqual([each, 200])
    })
  })

  test('asks for what the service needs: a number only where we call, and nothing that need not be', async () => {
    const inPerson = await reachDetails(who, { slug })
    const byPhone = await reachDetails(who, { slug, service: 'beratung-telefon' })
    await fact('DUS-017', installation, () => {
      expect(inPerson.html).not.toContain('name="f.phone"')
      expect(byPhone.html).toContain('name="f.phone"')
    })
    await fact('DUS-018', installation, async () => {
      expect(inPerson.text).toContain('Kundennummer (freiwillig)')
      expect((await who.send(inPerson, { 'f.givenName': 'Erika' })).status).toBe(422)
      const enough = await who.send(inPerson, { 'f.givenName': 'Erika', 'f.familyName': 'Markerfrau' })
      expect(enough.html).toContain('name="einwilligung"')
    })
    expect(inPerson.text).toContain('Haben Sie nur einen Namen? Dann schreiben Sie ihn hier.')
    const oneName = await who.send(inPerson, { 'f.givenName': '', 'f.familyName': 'Suharto' })
    expect(oneName.html).toContain('name="einwilligung"')
  })

  test('leaves what is typed on the person’s side until the last button', async () => {
    const typed = { ...erika, 'f.givenName': 'Zetermordia', 'f.familyName': 'Nochnichtda' }
    const records = async () =>
      (await query("select count(*)::int n from vault.record where activity <> 'mail.delivery'"))[0].n
    const before = await records()
    const markers = { first: 'Zetermordia', last: 'Nochnichtda' }
    const check = await who.send(await who.send(await reachDetails(who, { slug }), typed), {
      kenntnis: 'yes',
      einwilligung: 'yes',
    })
    await fact('DUS-029', installation, async () => {
      expect(check.text).toContain('Nochnichtda')
      expect(findTraces(await everywhere(), markers)).toEqual([])
      expect(await records()).toBe(before)
    })
  })

  test('sets no cookie and asks for no permission to send messages', async () => {
    const journey = await bookAppointment(who, { slug })
    const pages = [journey.times, journey.details, journey.consent, journey.check, journey.booked]
    const cookies = cookiesOn([...pages, ...(await openEveryPage(who, slug)), await who.open(journey.manage)])
    const declared = [...running().activities.values()].flatMap((activity) => activity.cookies)
    await fact('DUS-052', installation, () => expect([cookies, declared]).toEqual([[], []]), 'cookie')
    await fact('DUS-051', installation, async () => {
      const scripts = new Set(
        pages.flatMap(({ all }) => all('script[src]').map((script) => script.attribute('src') ?? '')),
      )
      expect(scripts.size).toBeGreaterThan(0)
      for (const src of scripts)
        expect((await who.open(src)).html).not.toMatch(/serviceWorker|PushManager|Notification/)
      for (const { all } of pages) expect(all('[rel=manifest]')).toEqual([])
    })
  })
})

describe('a mail', () => {
  test('holds a link and the reference, never when or where the appointment is', async () => {
    const email = 'nur.link@example.org'
    const { token, booked, manage, start: begin } = await bookAppointment(who, { slug, fields: { 'f.email': email } })
    const local = Temporal.Instant.from(begin).toZonedDateTimeISO('Europe/Berlin')
    const times = await who.open(`${manage}/verschieben`)
    await mails(1, email)
    await who.send(times, { beginn: who.starts(times)[0] ?? '' })
    await mails(2, email)
    await who.send(await who.open(`${manage}/absagen`))
    const all = await mails(3, email)
    await fact('DUS-045', installation, () => {
      expect(all.map(({ subject }) => subject)).toEqual([
        'Ihr Termin ist abgesagt',
        'Ihr Termin ist verschoben',
        'Ihr Termin ist gebucht',
      ])
      for (const { text, html, calendar, raw } of all) {
        expect(calendar).toBeNull()
        expect(raw).not.toContain('text/calendar')
        const words = `${text} ${html}`.replaceAll(running().tenant.helpline.hours.de, '').replaceAll(/https?:\S+/g, '')
        expect(words).not.toMatch(/\d{1,2}[:.]\d{2} Uhr|Luisenstr|Montag|Dezember|November/)
        expect(words).not.toContain(`${local.day}. `)
        expect(text).toContain(referenceOn(booked.text))
      }
      expect(all.at(-1)?.text).toContain(token)
    })
  })

  test('names times again only where the register declares it', async () => {
    using tenants = copyTenants([slug])
    tenants.write(mailFile, replaced(tenants.read(mailFile), 'bodyHtml]', 'bodyHtml, calendar]'))
    expect(tenants.load().running.has(slug)).toBe(false)
    expect(getActivity(running(), 'mail.delivery').fields.map(({ id }) => id)).not.toContain('calendar')
  })
})

describe('what is stored', () => {
  test('is opened only to show or change the appointment and for its person’s rights, and for nothing else', async () => {
    const email = 'wozu@example.org'
    const { manage, token } = await bookAppointment(who, { slug, fields: { 'f.email': email } })
    await prove('meine-daten', email)
    await who.open(manage)
    const { id } = (await recordOf(token)) ?? { id: '' }
    const purposes = () =>
      query('select distinct purpose, actor from vault.access where record_id = $1 order by 1', [id])
    const lookAs = (access: LookReason) =>
      installation.deps.db.inTenant(running().tenant.id, (tx) =>
        installation.deps.vault.open(tx, id, access).catch((error: unknown) => error),
      )
    await fact('DUS-022', installation, async () => {
      const usual = [
        { purpose: 'change', actor: 'person' },
        { purpose: 'rights', actor: 'person' },
      ]
      expect(await purposes()).toEqual(usual)
      // Red where the vault does not ask the register.
      for (const access of [
        { purpose: 'test', actor: 'person' },
        { purpose: 'book', actor: 'person' },
        { purpose: 'change', actor: 'mail' },
      ] as const)
        expect(await lookAs(access)).toBeInstanceOf(UndeclaredPurposeError)
      expect(await purposes()).toEqual(usual)
      const notice = (await who.open(`/${slug}/datenschutz`)).text
      const said = getActivity(running(), 'appointments.booking').purposes.filter(({ opens }) => opens !== undefined)
      expect(said.map((purpose) => [purpose.id, purpose.opens])).toEqual([
        ['change', ['person']],
        ['closure', ['mail']],
        ['rights', ['person']],
      ])
      for (const { text } of said) expect(notice).toContain(text.de)
    })
  })

  test('goes to nobody but the operator here and the mailbox that the person chose', async () => {
    const email = 'nur.ich@example.org'
    const journey = await bookAppointment(who, { slug, fields: { 'f.email': email } })
    const { manage, times, details, consent, check, booked } = journey
    const move = await who.open(`${manage}/verschieben`)
    await mails(1, email)
    await who.send(move, { beginn: who.starts(move)[0] ?? '' })
    await mails(2, email)
    const cancelled = await who.send(await who.open(`${manage}/absagen`))
    await mails(3, email)
    const pages = [times, details, consent, check, booked, move, cancelled, ...(await openEveryPage(who, slug))]
    const recipients = [...running().activities.values()].flatMap((activity) => activity.recipients)
    await fact('DUS-053', installation, () => {
      expect(recipients.map(({ id, role, country }) => [id, role, country])).toEqual(
        expect.arrayContaining([['mailboxProvider', 'thirdParty', 'chosenByPerson']]),
      )
      const others = recipients.filter(({ id }) => id !== 'mailboxProvider' && id !== 'operator')
      expect(others.map(({ id, role }) => [id, role])).toEqual([['caseworkers', 'internalUnit']])
      // Red with a copy of each mail to somebody else, an address called from a handler, a script or form of another site.
      expect(installation.mailbox.messages().map(({ to }) => to)).toEqual([email, email, email])
      expect(reached).toEqual([])
      expect(foreignOn(pages)).toEqual([])
    })
    await fact('DUS-056', installation, () => {
      expect(new Set(recipients.map(({ country }) => country))).toEqual(new Set(['DE', 'chosenByPerson']))
      const booking = `${slug}/activities/appointments-booking.yaml`
      const subProcessor =
        'subProcessors:\n  - { id: sub, name: { de: X, en: X, ar: X }, country: US, task: { de: Y, en: Y, ar: Y } }\n'
      // Red where a tenant that declares one of these runs; the same within Germany does.
      for (const [file, from, to] of [
        ['operator.yaml', 'country: DE', 'country: US'],
        ['operator.yaml', 'hosts:', `${subProcessor}hosts:`],
        [booking, '\nretention:', `\n${archive}`],
        [booking, '\nretention:', `\n${archive.replace('role: processor', 'role: thirdParty')}`],
      ] as const) {
        using tenants = copyTenants([slug])
        const text = replaced(tenants.read(file), from, to)
        const runs = () => tenants.load().running.has(slug)
        tenants.write(file, text.replaceAll(/country: (US|DE)/g, 'country: US'))
        expect([file, runs()]).toEqual([file, false])
        tenants.write(file, text.replaceAll(/country: (US|DE)/g, 'country: DE'))
        expect([file, runs()]).toEqual([file, true])
      }
      expect(reached).toEqual([])
    })
  })
})

describe('a person’s rights', () => {
  test('access shows all of it, field by field', async () => {
    const email = 'auskunft@example.org'
    const bookings = [
      await bookAppointment(who, { slug, fields: { 'f.email': email } }),
      await bookAppointment(who, {
        slug,
        service: 'beratung-telefon',
        fields: { 'f.email': email, 'f.phone': '030 23125 12' },
      }),
    ]
    const stored = await Promise.all(bookings.map(({ token }) => recordOf(token)))
    const page = await prove('meine-daten', email, 2)
    const exported = JSON.parse((await who.send(page, {}, 'export')).html) as {
      records: { activity: string; fields: Record<string, string> }[]
    }
    await fact('DUS-060', installation, () => {
      expect(page.text).toContain('Das ist über Sie gespeichert')
      // Red where one field, or one record, is left out of the page or the file.
      const { fields } = getActivity(running(), 'appointments.booking')
      for (const record of stored) {
        for (const field of fields.filter(({ id }) => record?.fields[id] !== undefined)) {
          expect(page.text.split(field.label.de).length - 1).toBeGreaterThanOrEqual(
            stored.filter((each) => each?.fields[field.id] !== undefined).length,
          )
          if (field.input !== 'none') expect(page.text).toContain(record?.fields[field.id])
        }
        expect(Object.keys(record?.fields ?? {}).length).toBeGreaterThan(8)
        expect(page.text).toContain(record?.fields.reference)
      }
      const inFile = exported.records.filter(({ activity }) => activity === 'appointments.booking')
      const byReference = (all: (Readonly<Record<string, string>> | undefined)[]) =>
        all.toSorted((a, b) => (a?.reference ?? '').localeCompare(b?.reference ?? ''))
      expect(byReference(inFile.map((each) => each.fields))).toEqual(
        byReference(stored.map((record) => record?.fields)),
      )
    })
  })

  test('erasure happens at once when the appointment is not needed any more', async () => {
    const { manage, token } = await bookAppointment(who, { slug })
    const left = await watch(token)
    expect(await left()).not.toEqual([])
    await who.send(await who.open(`${manage}/absagen`))
    await fact('DUS-062', installation, async () => {
      expect(await recordOf(token)).toBeUndefined()
      expect(await left()).toEqual([]) // red where it is only hidden, or copied
    })
  })

  test('withdrawal needs no reason, erases, and leaves the proof that there was consent until then', async () => {
    const email = 'widerruf@example.org'
    const { token } = await bookAppointment(who, { slug, fields: { 'f.email': email } })
    const { id } = (await recordOf(token)) ?? { id: '' }
    const left = await watch(token)
    await mails(1, email)
    installation.time.move('PT1H')
    const page = await prove('widerruf', email)
    const gone = await who.send(page)
    await fact('DUS-063', installation, async () => {
      expect(page.all('textarea, select, input:not([type=hidden])')).toEqual([]) // nothing to give a reason with
      expect(gone.text).toContain('Die Einwilligung ist widerrufen')
      expect(await recordOf(token)).toBeUndefined()
      expect(await left()).toEqual([]) // red where it is only hidden, or copied
    })
    await fact('DUS-064', installation, async () => {
      const [proof] = await query('select given_at, withdrawn_at from consent_record where record_id = $1', [id])
      expect([proof.given_at, proof.withdrawn_at]).toEqual([new Date(start), new Date('2026-11-23T09:00:00Z')])
    })
  })
})

// Last: the clock goes beyond the times that are offered.
test('what is stored is a number afterwards: how many appointments there were, and nobody’s', async () => {
  const figures = () =>
    installation.deps.db.inTenant(running().tenant.id, (tx) =>
      bookedIn(tx, running(), Temporal.PlainYearMonth.from('2026-11'), installation.deps.clock()),
    )
  await query(`begin; update cell set free_from = '-infinity', appointment_id = null where appointment_id is not null;
    delete from appointment; delete from visit_count; commit`)
  const booked: { id: string; appointment: string; start: string; manage: string }[] = []
  for (let visit = 0; visit < 8; visit++) {
    const { token, start: begins, manage } = await bookAppointment(who, { slug })
    const id = (await recordOf(token))?.id ?? ''
    const [row] = await query('select id, starts_at::text as start from appointment where record_id = $1', [id])
    expect(begins).toMatch(/^2026-11/)
    booked.push({ id, appointment: row.id, start: row.start, manage })
  }
  const [cancels, withdraws, , , , , , waits] = booked
  await who.send(await who.open(`${cancels?.manage}/absagen`))
  await who.send(await who.open(`${withdraws?.manage}/widerrufen`))
  installation.time.set('2026-11-30T23:00:00Z')
  await installation.sweep()
  const month = await figures()
  // Mutations that turn these red: rows kept when their day is over (`counting`), one that was withdrawn counted (8),
  // erasure that only hides (its record's id is found), an exact time or id kept anywhere, small numbers shown (the last
  // line, with four bookings in all).
  await fact('DUS-040', installation, async () => {
    expect(month).toMatchObject({ kind: 'known', booked: { key: slug, count: 7 } })
    installation.time.move('P40D')
    await installation.sweep()
    expect(await figures()).toEqual(month)
  })
  await fact('DUS-042', installation, async () => {
    expect((await who.open(waits?.manage ?? '')).status).toBe(410)
    const tables = await dump(installation.admin)
    // Which records were erased, and what proves a consent, is declared, each with a random number of nobody's.
    const declared = ['vault.erasure', 'public.consent_record', 'vault.hold_change']
    const leads = Object.fromEntries(booked.map(({ id }, nth) => [`record ${nth}`, id]))
    expect(findTraces(new Map([...tables].filter(([name]) => !declared.includes(name))), leads)).toEqual([])
    const exact = booked.flatMap(({ appointment, start: begins }, nth) => [
      [`appointment ${nth}`, appointment],
      [`start ${nth}`, begins],
    ])
    expect(findTraces(tables, Object.fromEntries(exact))).toEqual([])
    const { fields } = await installation.admin.query('select * from visit_count')
    expect(fields.map(({ name }) => name)).toEqual([
      'tenant_id',
      'day',
      'hour',
      'site_id',
      'service_ids',
      'outcome',
      'visits',
      'erase_at',
    ])
    await query('update visit_count set visits = 1')
    await query('delete from visit_count where ctid not in (select ctid from visit_count limit 4)')
    expect(JSON.stringify(await figures())).not.toMatch(/"count":[1-9]/)
  })
})
