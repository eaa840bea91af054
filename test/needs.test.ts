import { afterAll, beforeAll, expect, test } from 'vitest'
import { program } from '#features/appointments/api.fixture.ts'
import { fieldsOn, reachDetails, wordsIn } from '#features/appointments/booking.fixture.ts'
import { getActivity, inLanguage } from '#register/register.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { agreed, bookAppointment, erika, person } from './helpers/person.ts'
import { runningTenant } from './helpers/tenants.ts'

/* What people type, of themselves and of what they need at the appointment: in all their ways, shown back, kept as meant. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['musterstadt'], withoutWorker: true })
})
afterAll(() => installation.close())

const needs = { 'f.interpreterLanguage': 'uk', 'f.wheelchair': 'yes' }

test.each([
  ['de', 'Was Sie für den Termin brauchen', 'Ukrainisch – Українська', 'Ja'],
  ['en', 'What you need for the appointment', 'Ukrainian – Українська', 'Yes'],
] as const)('is asked under one heading and shown back in words (%s)', async (language, heading, ukrainian, yes) => {
  const who = person(installation)
  const details = await reachDetails(who, { slug: 'musterstadt', language })
  expect(details.text).toContain(heading)
  const consent = await who.send(details, { ...erika, ...needs })
  const check = await who.send(consent, agreed)
  expect(check.text).toContain(` ${ukrainian} `)
  expect(check.text).toMatch(new RegExp(`(?:steps?|Stufen)\\. ${yes} `))
  const base = language === 'de' ? '/musterstadt' : '/musterstadt/en'
  const back = await who.post(`${base}/termin/angaben`, fieldsOn(check))
  expect(back.all('option[value=uk][selected]')).toHaveLength(1)
  expect(back.all('input[name="f.wheelchair"][checked]')).toHaveLength(1)
  const booked = await who.send(check)
  const stored = await who.open(`${booked.url.split('?')[0]}/daten`)
  for (const words of [ukrainian, yes]) expect(stored.text).toContain(` ${words} `)
  expect(stored.text).not.toMatch(/companion|begleit|Jemand kommt mit mir/)
})

test('that no page offers is refused, and nobody has to say anything', async () => {
  const who = person(installation)
  const details = await reachDetails(who, { slug: 'musterstadt' })
  const refused = await who.send(details, { ...erika, 'f.interpreterLanguage': 'klingonisch' })
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('wählen Sie eine der Möglichkeiten')])
  expect((await who.send(details, erika)).html).toContain('name="einwilligung"')
})

/* Names, digits and keyboards of three languages, on the way to an appointment by phone: what is stored of them. */

const typedIn = {
  de: {
    'f.name': 'Ju\u0308rgen Mu\u0308ller\u2011Lu\u00ad\u0308denscheid', // as a Mac copies it, and a word processor hyphenates it
    'f.birthDate.day': '3.',
    'f.birthDate.month': '08.',
    'f.birthDate.year': '1984',
    'f.customerOrBgNumber': '131A\u00a00990815',
    'f.phone': '(+49)\u00a030 / 23125.777',
    'f.email': 'Ju\u0308rgen Mu\u0308ller <juergen.mueller@example.org>',
    'f.freeText': 'Gru\u0308\u00dfe\r\naus Kiel\u2028',
  },
  en: {
    'f.name': '  Sin\u00e9ad O\u2019Brien ',
    'f.birthDate.day': '3rd',
    'f.birthDate.month': '8',
    'f.birthDate.year': '1984',
    'f.customerOrBgNumber': '131A\u20130990815',
    'f.phone': 'tel:0049-30-23125-777',
    'f.email': 'mailto:Sinead.O\u2019Brien@Example.ORG.',
    'f.freeText': '\u201cSee you\u201d \u2014 I\u2019ll bring my papers.',
  },
  ar: {
    'f.name': '\u200f\u0639\u0644\u06cc\u200c\u0631\u0636\u0627\u200f',
    'f.birthDate.day': '\u0660\u0663',
    'f.birthDate.month': '\u0668',
    'f.birthDate.year': '\u0661\u0669\u0668\u0664',
    'f.customerOrBgNumber': '\u06f1\u06f3\u06f1A\u06f0\u06f9\u06f9\u06f0\u06f8\u06f1\u06f5',
    'f.phone': '\u200f\u202a\u0660\u0663\u0660\u00a0\u0662\u0663\u0661\u0662\u0665\u2011\u0667\u0667\u0667\u202c',
    'f.email': 'ali\u0668\u0664@example.org\u200f',
    'f.freeText':
      '\u0645\u0631\u062d\u0628\u0627\u064b\u060c \u0645\u0639\u064a \u0663 \u0623\u0637\u0641\u0627\u0644\u061f',
  },
} as const
const storedOf = {
  de: {
    name: 'Jürgen Müller-Lüdenscheid',
    birthDate: '1984-08-03',
    customerOrBgNumber: '131A 0990815',
    phone: '+49 30 23125 777',
    email: 'juergen.mueller@example.org',
    freeText: 'Grüße\naus Kiel',
  },
  en: {
    name: 'Sinéad O’Brien',
    birthDate: '1984-08-03',
    customerOrBgNumber: '131A-0990815',
    phone: '+49 30 23125 777',
    email: "Sinead.O'Brien@example.org",
    freeText: '“See you” — I’ll bring my papers.',
  },
  ar: {
    name: 'علی‌رضا',
    birthDate: '1984-08-03',
    customerOrBgNumber: '131A0990815',
    phone: '030 23125 777',
    email: 'ali84@example.org',
    freeText: 'مرحباً، معي ٣ أطفال؟',
  },
}

/** What is stored of the appointment that a page confirms. */
const fieldsOf = async (booked: { url: string }) => {
  const token = /verwalten\/([\w-]{22})/.exec(booked.url)?.[1] ?? ''
  return (await (await program(installation, 'musterstadt')).get('/appointment', { bearer: token })).body.fields
}

test.each(['de', 'en', 'ar'] as const)(
  'names, digits and signs of its keyboard lead to an appointment, stored as they are meant (%s)',
  async (language) => {
    const { check, booked } = await bookAppointment(person(installation), {
      slug: 'musterstadt',
      language,
      service: 'beratung-telefon',
      fields: typedIn[language],
    })
    for (const value of [storedOf[language].name, storedOf[language].phone]) expect(check.text).toContain(value)
    expect(await fieldsOf(booked)).toMatchObject(storedOf[language])
  },
)

test.each([
  ['de', '00', '00', '1980', '1980', '1980'],
  ['en', '0', '5', '1980', '1980-05', 'May 1980'],
  ['ar', '٠٠', '٠٠', '١٩٨٠', '1980', '1980'],
] as const)(
  'a birth date that papers know in part is taken and shown as such (%s)',
  async (language, day, month, year, stored, shown) => {
    const who = person(installation)
    const { details, check, booked, manage } = await bookAppointment(who, {
      slug: 'musterstadt',
      language,
      fields: { 'f.birthDate.day': day, 'f.birthDate.month': month, 'f.birthDate.year': year, 'f.email': '' },
    })
    const words = wordsIn(language)
    expect(details.text).toContain(words('features.fields.partialHint'))
    const ofField = getActivity(runningTenant('musterstadt'), 'appointments.booking').fields.find(
      ({ id }) => id === 'birthDate',
    )
    const row = `${inLanguage(ofField?.label ?? { de: '' }, language)} ${shown} `
    expect(check.text).toContain(row)
    expect((await fieldsOf(booked)).birthDate).toBe(stored)
    expect((await who.open(`${manage}/daten`)).text).toContain(row)
  },
)

test.each([
  ['de', 'Das Jahr braucht vier Ziffern, zum Beispiel 1984. Der Februar hat keinen 31. Tag.'],
  ['en', 'The year needs four digits, for example 1984. February has no day 31.'],
  ['ar', 'تتكون السنة من أربعة أرقام، مثلاً 1984. لا يوجد يوم 31 في شباط.'],
] as const)('of 31.2.90 everything is told at once, at the boxes that are wrong (%s)', async (language, told) => {
  const who = person(installation)
  const details = await reachDetails(who, { slug: 'musterstadt', language })
  const wrong = { 'f.birthDate.day': '31', 'f.birthDate.month': '2', 'f.birthDate.year': '90' }
  const page = await who.send(details, { ...erika, ...wrong })
  expect([page.status, page.text]).toEqual([422, expect.stringContaining(told)])
  const boxes = page.all('input[name^="f.birthDate."]')
  expect(boxes.map((box) => box.attribute('aria-invalid'))).toEqual(['true', 'true', 'true'])
  const noMonth = await who.send(page, { ...erika, 'f.birthDate.month': '13' })
  expect(noMonth.find('[href^="#field-f-birthDate"]').attribute('href')).toBe('#field-f-birthDate-month')
  expect(noMonth.all('[aria-invalid=true]')).toHaveLength(1)
})

test('an address that looks like a slip is asked about on the last page, and goes either way', async () => {
  const who = person(installation)
  const slip = { ...erika, 'f.email': 'erika@gmial.com' }
  const consent = await who.send(await reachDetails(who, { slug: 'musterstadt' }), slip)
  const check = await who.send(consent, agreed)
  expect(check.text).toContain('Meinten Sie diese Adresse? erika@gmail.com')
  // The button comes before the hidden field of its name: the first value counts.
  const form = [['f.email', 'erika@gmail.com'], ...Object.entries(fieldsOn(check))]
  const taken = await who.post('/musterstadt/termin/pruefen', form)
  expect(taken.text).not.toContain('Meinten Sie')
  expect((await fieldsOf(await who.send(taken))).email).toBe('erika@gmail.com')

  const other = await who.send(await reachDetails(who, { slug: 'musterstadt' }), slip)
  expect((await fieldsOf(await who.send(await who.send(other, agreed)))).email).toBe('erika@gmial.com')
})

test.each([
  ['de', 'Vor dem @ steht „ü“', 'lassen Sie das Feld leer'],
  ['en', 'there is “ü” before the @', 'leave this empty'],
  ['ar', 'يوجد الرمز «', 'ترك الحقل فارغاً'],
] as const)(
  'of an address with a letter before the @ that cannot be sent to, the letter is named (%s)',
  async (language, named, way) => {
    const who = person(installation)
    const details = await reachDetails(who, { slug: 'musterstadt', language })
    const page = await who.send(details, { ...erika, 'f.email': 'jürgen@example.org' })
    expect(page.status).toBe(422)
    for (const words of [named, 'ü', way]) expect(page.text).toContain(words)
    expect((await who.send(page, { ...erika, 'f.email': '' })).html).toContain('name="kenntnis"')
  },
)

test('an interpreter is asked for in the languages that people speak, and in another', async () => {
  const who = person(installation)
  const details = await reachDetails(who, { slug: 'musterstadt' })
  for (const language of ['Dari – دری', 'Paschtu – پښتو', 'Kurdisch (Sorani)', 'Kurdisch (Kurmandschi)'])
    expect(details.text).toContain(language)
  const wish = { 'f.interpreterLanguage': 'other', 'f.otherLanguage': 'Rukiga', 'f.email': '' }
  const check = await who.send(await who.send(details, { ...erika, ...wish }), agreed)
  for (const words of ['Eine andere Sprache', 'Rukiga']) expect(check.text).toContain(words)
  expect(await fieldsOf(await who.send(check))).toMatchObject({ interpreterLanguage: 'other', otherLanguage: 'Rukiga' })
})

test('one name is enough where a form asks for it in one field, and keyboards fit what is asked', async () => {
  const who = person(installation)
  const { details, booked } = await bookAppointment(who, {
    slug: 'musterstadt',
    service: 'beratung-telefon',
    fields: { 'f.name': 'Suharto', 'f.phone': '030 23125 777', 'f.email': '' },
  })
  expect((await fieldsOf(booked)).name).toBe('Suharto')
  const keyboards = {
    'f.phone': 'tel',
    'f.email': 'email',
    'f.birthDate.day': 'numeric',
    'f.birthDate.year': 'numeric',
  }
  for (const [name, keyboard] of Object.entries(keyboards)) {
    expect(details.find(`input[name="${name}"]`).attribute('inputmode')).toBe(keyboard)
  }
  // The browser would count other units than we do, and cut what is pasted: 03. is a day.
  expect(details.html).not.toMatch(/maxlength/i)
})
