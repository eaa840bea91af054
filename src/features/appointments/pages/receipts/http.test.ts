import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import decodeQR from 'qr/decode.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotateTenantKeys } from '#apps/rotation.ts'
import { tokenField } from '#platform/http/form-token.ts'
import { findJws, signReceipt, verifyReceipt } from '#shared/receipt/jws.ts'
import type { PublicKeys, Receipt } from '#shared/receipt/receipt.ts'
import { eventually, type Installation, publicUrl, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, erika, formTokenOf, type Person, referenceOn, type Seen } from '#test/helpers/person.ts'
import { fieldsOn, somebody } from '../../booking.fixture.ts'

let installation: Installation
let who: Person
beforeAll(async () => {
  installation = await startInstallation()
  who = somebody(installation)
})
afterAll(() => installation.close())

const keysOf = async (slug = 'segeberg'): Promise<PublicKeys> =>
  JSON.parse((await who.open(`/${slug}/.well-known/jwks.json`)).html)

const jwsOn = (page: Seen): string => fieldsOn(page).beleg ?? ''

/** What a receipt on a page says, checked with the published keys. */
const receiptOn = async (page: Seen, slug = 'segeberg'): Promise<Receipt> => {
  const verdict = await verifyReceipt(jwsOn(page), await keysOf(slug), slug)
  if (verdict.kind !== 'valid') throw new Error(`${verdict.kind} on ${page.url} (${page.status})`)
  return verdict.receipt
}

/** What a camera reads in the QR code of a page: its modules drawn with so many pixels each. */
const scan = (page: Seen, pixels: number): string => {
  const code = page.find('.a-qr')
  const size = Number(code.attribute('viewbox')?.split(' ')[2])
  const path = code.find('path[fill="#000"]').attribute('d') ?? ''
  const side = size * pixels
  const data = new Uint8ClampedArray(side * side * 4).fill(255)
  for (const [, x = '', y = '', length = ''] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = Number(y) * pixels; row < (Number(y) + 1) * pixels; row++)
      for (let column = Number(x) * pixels; column < (Number(x) + Number(length)) * pixels; column++)
        data.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3)
  }
  return decodeQR({ width: side, height: side, data })
}

const outcomeOn = (page: Seen): string[] =>
  page.all('[data-outcome]:not([hidden])').map((outcome) => outcome.attribute('data-outcome') ?? '')

const check = async (text: string, slug = 'segeberg', language = ''): Promise<Seen> =>
  who.send(await who.open(`/${slug}${language}/beleg`), { beleg: text })

const mailTo = (email: string, subject: string) =>
  eventually(
    () => installation.mailbox.messages().find(({ to, subject: about }) => to === email && about.includes(subject)),
    `a mail to ${email}`,
  )

test('who booked gets a receipt that says when, where and what, and nothing of the person', async () => {
  const { manage, start, booked } = await bookAppointment(who)
  installation.time.move('PT3M')
  const page = await who.open(`${manage}/beleg`)
  const receipt = await receiptOn(page)
  expect(receipt).toEqual({
    version: 1,
    act: 'booked',
    tenant: 'segeberg',
    name: 'Jobcenter Kreis Segeberg',
    issuer: `${publicUrl}/segeberg`,
    reference: referenceOn(booked.text),
    services: [{ id: 'beratung-vor-ort', title: expect.any(String) }],
    place: expect.stringContaining('Segeberg'),
    startsAt: expect.stringMatching(/\+01:00$/),
    endsAt: expect.stringMatching(/\+01:00$/),
    timeZone: 'Europe/Berlin',
    doneAt: '2026-11-23T08:00:00Z',
    issuedAt: '2026-11-23T08:03:00Z',
  })
  expect(Temporal.Instant.from(receipt.startsAt).toString()).toBe(start)
  const said = JSON.stringify(receipt)
  for (const typed of Object.values(erika)) if (typed.length > 4) expect(said).not.toContain(typed)
  expect(page.text).toContain('Der Termin wurde gebucht')
})

test('the code on the page leads a camera to the address that checks it, also at one pixel for a module', async () => {
  const { manage } = await bookAppointment(who)
  const page = await who.open(`${manage}/beleg`)
  const address = `${publicUrl}/segeberg/beleg#${jwsOn(page)}`
  expect([scan(page, 3), scan(page, 1)]).toEqual([address, address])
  expect((await verifyReceipt(findJws(scan(page, 3)), await keysOf())).kind).toBe('valid')
})

test('a receipt in English shows the decisive German beside it', async () => {
  const { manage } = await bookAppointment(who, { language: 'en' })
  const page = await who.open(`${manage}/beleg`)
  expect(page.text).toContain('The appointment was booked')
  expect(page.find('section[lang=de]').text).toContain('Der Termin wurde gebucht')
})

test('who moved gets a receipt with the former time, as often as it is asked for', async () => {
  const { manage, start } = await bookAppointment(who)
  installation.time.move('PT1M')
  const times = await who.open(`${manage}/verschieben`)
  await who.send(times, { beginn: who.starts(times)[2] ?? '' })
  const movedAt = installation.time.clock().toString()
  installation.time.move('PT1M')
  const receipt = await receiptOn(await who.open(`${manage}/beleg`))
  expect(receipt).toMatchObject({ act: 'moved', doneAt: movedAt, issuedAt: installation.time.clock().toString() })
  expect(Temporal.Instant.from(receipt.movedFrom ?? '').toString()).toBe(start)
  expect((await who.open(`${manage}/beleg`)).text).toContain('Der Termin wurde verschoben')
})

test.each([
  ['absagen', 'cancelled'],
  ['widerrufen', 'withdrawn'],
])('%s: the page that confirms it has the receipt, and so has the mail; the database has nothing', async (way, act) => {
  const email = `${act}@example.org`
  const idsOf = async () =>
    (await installation.admin.query('select id from appointment order by id')).rows.map(({ id }) => id)
  const others = await idsOf()
  const { manage, booked, token } = await bookAppointment(who, { fields: { 'f.email': email } })
  const times = await who.open(`${manage}/verschieben`)
  await who.send(times, { beginn: who.starts(times)[1] ?? '' })
  const page = await who.send(await who.open(`${manage}/${way}`))
  expect(await receiptOn(page)).toMatchObject({ act, reference: referenceOn(booked.text) })
  expect(scan(page, 2)).toContain(jwsOn(page))
  const { text } = await mailTo(email, 'Abgesagt')
  const inMail = findJws(/http\S+\/beleg#\S+/.exec(text)?.[0] ?? '')
  const verdict = await verifyReceipt(inMail, await keysOf(), 'segeberg')
  expect(verdict.kind).toBe('valid')
  // By mail it says no more than the mail: neither the matter nor where it would have been.
  expect(Object.keys((verdict as { receipt: Receipt }).receipt)).not.toContain('services')
  expect(Object.keys((verdict as { receipt: Receipt }).receipt)).not.toContain('place')
  expect((await who.open(`/segeberg/termin/verwalten/${token}/beleg`)).status).toBe(410)
  expect(await idsOf()).toEqual(others)
})

test('the mail of a booking carries a receipt without the matter, and no other link than before', async () => {
  const email = 'beleg@example.org'
  await bookAppointment(who, { fields: { 'f.email': email } })
  const mail = await mailTo(email, 'Ihr Termin')
  const [address = ''] = /http\S+\/beleg#\S+/.exec(mail.text) ?? []
  const verdict = await verifyReceipt(findJws(address), await keysOf(), 'segeberg')
  expect(verdict).toMatchObject({ kind: 'valid', receipt: { act: 'booked', place: expect.any(String) } })
  expect((verdict as { receipt: Receipt }).receipt.services).toBeUndefined()
  expect([...mail.text.matchAll(/http/g)].length).toBe(2)
})

/** Another first character of the signature: its last ones are often the same. */
const flipped = (jws: string): string =>
  jws.replace(/\.([\w-])(?=[\w-]+$)/, (_, first: string) => `.${first === 'A' ? 'B' : 'A'}`)

test('the saved file holds the receipt and the keys that prove it', async () => {
  const { manage } = await bookAppointment(who)
  const page = await who.open(`${manage}/beleg`)
  const saved = await who.send(page, {}, '/beleg/datei')
  expect(saved.headers['content-disposition']).toMatch(/^attachment; filename=beleg-[\w-]+\.json$/)
  const { receipt, keys } = JSON.parse(saved.html)
  expect(keys).toEqual(await keysOf())
  expect((await verifyReceipt(receipt, keys, 'segeberg')).kind).toBe('valid')
  const altered = await who.post('/segeberg/beleg/datei', { ...fieldsOn(page), beleg: flipped(jwsOn(page)) })
  expect([altered.status, altered.headers['content-disposition']]).toEqual([422, undefined])
})

test('without a script the page checks what is pasted: text, address or file, in both languages', async () => {
  const { manage } = await bookAppointment(who)
  const jws = jwsOn(await who.open(`${manage}/beleg`))
  for (const text of [jws, `${publicUrl}/segeberg/beleg#${jws}`, JSON.stringify({ receipt: jws })]) {
    const page = await check(text)
    expect([page.status, outcomeOn(page)]).toEqual([200, ['valid']])
    expect(page.text).toContain('Der Termin wurde gebucht')
  }
  const english = await check(jws, 'segeberg', '/en')
  expect([english.status, outcomeOn(english)]).toEqual([200, ['valid']])
  expect(english.text).toContain('The receipt is genuine')
  expect(outcomeOn(await who.open('/segeberg/beleg'))).toEqual([])
})

test('what is no good receipt is told apart, and comes back in the form', async () => {
  const { manage } = await bookAppointment(who)
  const jws = jwsOn(await who.open(`${manage}/beleg`))
  const elsewhere = jwsOn(await who.open(`${(await bookAppointment(who, { slug: 'musterstadt' })).manage}/beleg`))
  const forged = `${jws.slice(0, 200)}${jws[200] === 'A' ? 'B' : 'A'}${jws.slice(201)}`
  for (const [text, outcome] of [
    [forged, 'forged'],
    ['<b>Quittung</b>', 'noReceipt'],
    [jws.slice(0, 300), 'noReceipt'],
    ['x'.repeat(100_000), 'noReceipt'],
    [elsewhere, 'elsewhere'],
  ] as const) {
    const page = await check(text)
    expect([page.status, outcomeOn(page)]).toEqual([422, [outcome]])
    if (text.length < 5000) expect(fieldsOn(page).beleg).toBe(text)
  }
  const empty = await check('')
  expect([empty.status, empty.title]).toEqual([422, expect.stringContaining('Fehler')])
})

test('a receipt of another Jobcenter of this installation leads there, where it is good', async () => {
  const { manage } = await bookAppointment(who, { slug: 'musterstadt' })
  const jws = jwsOn(await who.open(`${manage}/beleg`))
  expect((await check(jws)).html).toContain(`href="/musterstadt/beleg#${jws}"`)
  expect(outcomeOn(await check(jws, 'musterstadt'))).toEqual(['valid'])
  expect((await verifyReceipt(jws, await keysOf('segeberg'))).kind).toBe('unknownKey')
})

test('an address that a stranger writes into a receipt becomes no link', async () => {
  const { manage } = await bookAppointment(who)
  const receipt = await receiptOn(await who.open(`${manage}/beleg`))
  const issuer = 'https://boese.example/segeberg'
  const page = await check(signReceipt({ ...receipt, issuer }, { kid: 'A'.repeat(43), sign: () => new Uint8Array(64) }))
  expect([page.status, outcomeOn(page)]).toEqual([422, ['unknown']])
  expect(page.text).toContain(issuer)
  expect(page.html).not.toContain(`href="${issuer}`)
})

test('a receipt gives no authority: nothing in it opens the appointment', async () => {
  const { manage, token } = await bookAppointment(who)
  const page = await who.open(`${manage}/beleg`)
  const receipt = await receiptOn(page)
  expect(JSON.stringify(receipt)).not.toContain(token)
  for (const opener of [receipt.reference, jwsOn(page), jwsOn(page).slice(-22), token.slice(0, -1)]) {
    expect([404, 410]).toContain((await who.open(`/segeberg/termin/verwalten/${opener}/beleg`)).status)
  }
  expect((await who.open(`/musterstadt/termin/verwalten/${token}/beleg`)).status).toBe(410)
})

test('what is checked stands in no log', async () => {
  const { manage } = await bookAppointment(who)
  const jws = jwsOn(await who.open(`${manage}/beleg`))
  await check(jws)
  await who.post('/segeberg/beleg', { [tokenField]: formTokenOf(installation, 'segeberg'), beleg: `${jws}x` })
  const folder = join(installation.folder, 'log')
  const logs = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const text = logs.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('')
  expect(text).toContain('/segeberg/beleg')
  expect(text).not.toContain(jws.slice(0, 40))
  expect(text).not.toContain(jws.slice(-40))
})

test('with a new key old receipts stay good, new ones are signed with it, and the old one cannot sign any more', async () => {
  const { manage } = await bookAppointment(who)
  const before = jwsOn(await who.open(`${manage}/beleg`))
  const [old] = (await keysOf()).keys
  await rotateTenantKeys(installation.deps, async (until) => installation.time.set(until.add({ seconds: 1 })))
  const { keys } = await keysOf()
  expect(keys.map(({ kid, retired }) => [kid === old?.kid, retired !== undefined])).toEqual([
    [false, false],
    [true, true],
  ])
  const { rows } = await installation.admin.query('select kid from vault.signing_key where sealed_seed is not null')
  expect(rows.map(({ kid }) => kid)).not.toContain(old?.kid)
  const page = await check(before)
  expect([page.status, outcomeOn(page)]).toEqual([200, ['valid']])
  expect(page.text).toContain('durch einen neuen ersetzt')
  const after = jwsOn(await who.open(`${manage}/beleg`))
  expect(await verifyReceipt(after, { keys: [keys[0] as (typeof keys)[number]] }, 'segeberg')).toMatchObject({
    kind: 'valid',
    kid: keys[0]?.kid,
  })
})
