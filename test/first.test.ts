import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation()
})
afterAll(() => installation.close())

test('a person books, gets the mail, cancels, and nothing is left', async () => {
  const who = person(installation)
  const { booked, manage } = await bookAppointment(who)
  expect(booked.text).toContain('Ihr Termin ist gebucht')
  const mail = await eventually(() => installation.mailbox.messages()[0], 'the mail')
  expect(mail.text).toContain(manage)
  const asked = await who.open(`${manage}/absagen`)
  const gone = await who.send(asked)
  expect(gone.text).toContain('Der Termin ist abgesagt')
  const { rows } = await installation.admin.query(
    `select count(*)::int n from vault.record where activity = 'appointments.booking'`,
  )
  expect(rows[0].n).toBe(0)
})
