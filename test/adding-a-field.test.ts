import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, codeIn, person } from './helpers/person.ts'
import { replaced } from './helpers/tenants.ts'

/* What the README says about adding a field to the form, done with the README's own lines. */

const lines = /^ {2}# …\n(.*?)^```/ms.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''
const file = 'segeberg/activities/appointments-booking.yaml'

let installation: Installation
beforeAll(async () => {
  // In the file as it stands, not in a copy that is written out as a whole.
  const last = '  freeText: { after: email, use: freeText@1 }\n'
  const insert = () => replaced(readFileSync(`tenants/${file}`, 'utf8'), last, last + lines)
  installation = await startInstallation({ edit: { [file]: insert } })
})
afterAll(() => installation.close())

const wish = 'Ukrainisch-Markertext'

test('lines in one file put a field into form, check, storage, export, notice and erasure', async () => {
  expect(lines).toMatch(/^ {2}interpreter:\n {4}after: /)
  expect(installation.said).toEqual([])
  const who = person(installation)
  const journey = await bookAppointment(who, { fields: { 'f.interpreter': wish } })
  expect(journey.details.text).toContain('Brauchen Sie eine Übersetzung? (freiwillig)')
  expect(journey.details.text).toContain('Schreiben Sie die Sprache')
  expect(journey.check.text).toContain(wish)
  const stored = await who.open(`${journey.manage}/daten`)
  expect(stored.text).toContain(`Brauchen Sie eine Übersetzung? ${wish}`)
  const notice = await who.open('/segeberg/en/datenschutz')
  expect(notice.text).toContain('Do you need an interpreter?')
  expect(notice.text).toContain('We then speak German with you.')

  const asked = await who.send(await who.open('/segeberg/meine-daten'), { email: 'erika.markerfrau@example.org' })
  const mail = await eventually(() => installation.mailbox.messages().find(({ text }) => codeIn(text) !== ''))
  const shown = await who.send(asked, { code: codeIn(mail.text).replaceAll(' ', '') })
  const exported = await who.send(shown, {}, 'export')
  const { records } = JSON.parse(exported.html) as { records: { activity: string; fields: Record<string, string> }[] }
  const booking = records.find(({ activity }) => activity === 'appointments.booking')
  expect(booking?.fields.interpreter).toBe(wish)

  await who.send(await who.open(`${journey.manage}/absagen`))
  const { rows } = await installation.admin.query(
    `select count(*)::int n from vault.record where activity = 'appointments.booking'`,
  )
  expect(rows[0].n).toBe(0)
})

test('a value longer than the lines allow comes back with a sentence that says so', async () => {
  const who = person(installation)
  const { consent } = await bookAppointment(who, { fields: { 'f.interpreter': 'x'.repeat(41) } })
  expect(consent.status).toBe(422)
  expect(consent.text).toContain('Brauchen Sie eine Übersetzung?')
})
