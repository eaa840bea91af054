import type { Response } from 'playwright-core'
import { vi } from 'vitest'
import { movesAllowed } from '#features/appointments/appointment.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { agree, beSure, chooseFirstTime, fill, type Window } from './browser.ts'
import { eventually, type Installation } from './installation.ts'
import { bookAppointment, codeIn, erika, person } from './person.ts'

/** A page as the walk comes to it. */
export type Stop = { name: string; response: Response }

const statusOf: Record<string, number> = {
  'booked-before': 410,
  twice: 409,
  'offer-gone': 410,
  gone: 410,
  'link-damaged': 404,
  'hold-gone': 410,
  taken: 409,
  'too-late': 409,
  'moved-often': 409,
  'not-found': 404,
  'not-our-form': 403,
  closed: 503,
  unclear: 504,
  fault: 500,
}

/** The newest mail to this address with these words in its subject. */
export const mailTo = (installation: Installation, to: string, subject: string) =>
  eventually(
    () => installation.mailbox.messages().find((mail) => mail.to === to && mail.subject.includes(subject)),
    `a mail to ${to} with "${subject}"`,
  )

const stop = (name: string, response: Response): Stop => {
  const expected = name.endsWith('-error') ? 422 : (statusOf[name] ?? 200)
  if (response.status() !== expected) throw new Error(`${name}: ${response.status()} instead of ${expected}`)
  return { name, response }
}

const baseOf = (slug: string, language: Language) => `/${slug}${language === 'de' ? '' : `/${language}`}`

/** What other Jobcenters have and Segeberg has not: several matters and sites, needs, a reminder, waiting for an earlier
 *  time; and, where nobody is asked for consent, erasing by mere request. */
export async function* walkElsewhere(
  installation: Installation,
  { page, open, submit }: Window,
  language: Language,
): AsyncGenerator<Stop> {
  const email = `elsewhere.${language}@example.org`
  const fields = { 'f.email': email }
  const musterstadt = baseOf('musterstadt', language)
  yield stop('services-several', await open(`${musterstadt}/termin`))
  yield stop('services-several-error', await submit())
  yield stop('month-last', await open(`${musterstadt}/termin/monat?leistung=beratung-vor-ort&monat=2099-01`))
  const other = person(installation, { 'x-forwarded-for': '10.9.0.1' })
  const today = installation.time.clock().toZonedDateTimeISO('Europe/Berlin').toPlainDate()
  const day = (days: number) => today.add({ days }).toString()
  const times = await other.open(`${musterstadt}/termin/zeit?leistung=beratung-vor-ort&ab=${day(9)}`)
  const earlier = other.starts(times)[0] ?? ''
  const later = await other.open(`${musterstadt}/termin/zeit?leistung=beratung-vor-ort&ab=${day(16)}`)
  const held = await other.send(times, { beginn: earlier }, 'vormerken')
  yield stop('details-needs', await open(held.url))
  const taken = await bookAppointment(other, { slug: 'musterstadt', language, start: earlier })
  const start = other.starts(later)[0] ?? ''
  const waiting = { ...fields, 'f.reminder': 'yes' }
  const { manage } = await bookAppointment(other, { slug: 'musterstadt', language, start, fields: waiting })
  yield stop('manage-waiting', await open(manage))
  yield stop('waiting-error', await submit('/frueher'))
  await beSure(page, 'sicherFrueher')
  yield stop('waiting', await submit('/frueher'))
  await beSure(page, 'sicherErinnerung')
  yield stop('without-reminder', await submit('/erinnerung/beenden'))
  installation.mailbox.clear()
  await other.send(await other.open(`${taken.manage}/absagen`))
  const offered = await eventually(() => installation.mailbox.messages().find((mail) => mail.to === email), 'the offer')
  const offer = /http\S+\/angebot\/[\w-]+/.exec(offered.text)?.[0] ?? ''
  yield stop('offer', await open(offer))
  yield stop('offer-error', await submit('/angebot'))
  await fill(page, { antwort: 'ja' })
  yield stop('offer-accepted', await submit('/angebot'))
  yield stop('offer-gone', await open(offer.replace(/[\w-]+$/, '00000000-0000-4000-8000-000000000000')))
  // Taking up the offer was the first.
  for (let moves = 1; moves < movesAllowed; moves++) {
    const list = await other.open(`${manage}/verschieben`)
    await other.send(list, { beginn: other.starts(list)[0] ?? '' }, 'verschieben')
  }
  yield stop('moved-often', await open(`${manage}/verschieben`))

  const viersen = baseOf('viersen', language)
  const { manage: own } = await bookAppointment(other, { slug: 'viersen', language, fields })
  yield stop('no-consent', await open(`${viersen}/widerruf`))
  yield stop('erasure', await open(`${viersen}/loeschen`))
  yield stop('erase', await open(`${own}/loeschen`))
  await beSure(page)
  yield stop('erased', await submit('/loeschen'))
}

/**
 * Goes to every page of the product and to everything that can go wrong on the way, and stops at each, so that whoever
 * walks along can look at it. What is done to a page at a stop (its size, its colours) has to be undone before going on.
 */
export async function* walk(
  installation: Installation,
  { page, open, submit, link, follow }: Window,
  language: Language,
): AsyncGenerator<Stop> {
  const base = baseOf('segeberg', language)
  const email = `walk.${language}@example.org`
  const details = { ...erika, 'f.email': email }
  const toTimes = () => open(`${base}/termin/zeit?leistung=beratung-vor-ort`)
  const manageLink = async () => (await mailTo(installation, email, '')).text.match(/http\S+verwalten\/[\w-]{22}/)?.[0]

  yield stop('home', await open(language === 'de' ? '/' : `/${language}`))
  yield stop('start', await open(`${base}/`))
  for (const name of ['datenschutz', 'cookies', 'barrierefreiheit', 'impressum', 'nutzungsbedingungen']) {
    yield stop(name, await open(`${base}/${name}`))
  }

  yield stop('notice-part', await open(`${base}/datenschutz/appointments-booking`))
  yield stop('versions', await open(`${base}/datenschutz/fassungen`))
  yield stop('changes', await link('/aenderungen'))
  await open(`${base}/datenschutz/fassungen`)
  yield stop('version', await link('/fassungen/'))
  yield stop('version-old', await open(`${base}/datenschutz/fassungen/${await firstVersion(installation)}`))

  yield stop('services', await open(`${base}/termin`))
  yield stop('services-error', await submit())
  await fill(page, { leistung: 'beratung-telefon' })
  yield stop('times-phone', await submit())
  await chooseFirstTime(page)
  yield stop('details-phone', await submit())
  yield stop('times', await toTimes())
  yield stop('times-later', await link('ab='))
  yield stop('month', await link('monat='))
  await toTimes()
  yield stop('times-error', await submit())
  await chooseFirstTime(page)
  yield stop('details', await submit())
  await fill(page, { 'f.name': '', 'f.birthDate.day': '31', 'f.birthDate.month': '2', 'f.birthDate.year': '1984' })
  await fill(page, { 'f.email': 'erika@', 'f.customerOrBgNumber': '!!', 'f.freeText': 'x'.repeat(600) })
  yield stop('details-error', await submit())
  yield stop('extended', await submit('/verlaengern'))
  await fill(page, details)
  yield stop('consent', await submit())
  yield stop('consent-error', await submit())
  await agree(page)
  yield stop('check', await submit())
  yield stop('times-change', await submit('/termin/zeit'))
  await chooseFirstTime(page)
  await submit()
  const lastPage = page.url()
  yield stop('booked', await submit('/buchen'))
  await mailTo(installation, email, '')
  yield stop('booked-before', await open(lastPage))
  await toTimes()
  await chooseFirstTime(page)
  await submit()
  await fill(page, details)
  await submit()
  yield stop('times-begun', await toTimes())
  await link('/angaben')
  await submit()
  await agree(page)
  await submit()
  yield stop('twice', await submit('/buchen'))
  await submit('/abbrechen')
  yield stop('nutzungsbedingungen-agreed', await open(`${base}/nutzungsbedingungen`))

  const manage = (await manageLink()) ?? ''
  yield stop('manage', await open(manage))
  yield stop('stored', await link('/daten'))
  await open(manage)
  yield stop('move', await link('/verschieben'))
  yield stop('move-error', await submit())
  yield stop('move-month', await link('monat='))
  await open(`${manage}/verschieben`)
  await chooseFirstTime(page)
  yield stop('moving', await submit())
  await beSure(page)
  yield stop('moved', await submit())
  await open(manage)
  yield stop('receipt', await link('/beleg'))
  yield stop('verify', await open(`${base}/beleg`))
  // A form that a script has taken over answers in the page: here it is the server's answers that are looked at.
  yield stop('verify-error', await sendAsIs(page, follow))
  await open(manage)
  yield stop('withdraw', await link('/widerrufen'))
  await open(manage)
  yield stop('cancel', await link('/absagen'))
  yield stop('cancel-error', await submit('/absagen'))
  await beSure(page)
  yield stop('cancelled', await submit('/absagen'))
  yield stop('gone', await open(manage))
  yield stop('link-damaged', await open(manage.slice(0, -3)))

  const other = person(installation)
  const booking = { language, fields: { 'f.email': email } }
  const { manage: withdrawn } = await bookAppointment(other, booking)
  await open(`${withdrawn}/widerrufen`)
  await beSure(page)
  yield stop('withdrawn', await submit('/widerrufen'))

  await bookAppointment(other, booking)
  const found = `find.${language}@example.org`
  await bookAppointment(other, { language, fields: { 'f.email': found } })
  yield stop('find', await open(`${base}/termin/finden`))
  await fill(page, { email: found })
  await submit()
  const subject = translator(language)('rights.mail.subject')
  await fill(page, { code: codeIn((await mailTo(installation, found, subject)).text) })
  yield stop('find-found', await submit())
  yield stop('link-new', await submit('/neuer-link'))
  yield stop('data', await open(`${base}/meine-daten`))
  yield stop('data-error', await submit())
  await fill(page, { email })
  yield stop('code', await submit())
  await fill(page, { code: '1234' })
  yield stop('code-error', await submit())
  const code = async () => codeIn((await mailTo(installation, email, subject)).text)
  await fill(page, { code: await code() })
  yield stop('data-found', await submit())
  yield stop('withdrawal', await open(`${base}/widerruf`))
  installation.mailbox.clear()
  await fill(page, { email })
  await submit()
  await fill(page, { code: await code() })
  yield stop('withdrawal-found', await submit())
  yield stop('withdrawal-done', await submit())
  installation.mailbox.clear()
  const withoutMail = await bookAppointment(other, { language, fields: { 'f.email': '' } })
  yield stop('booked-without-mail', await open(`${withoutMail.manage}?neu=1`))
  await toTimes()
  const last = page.locator('main input[type=radio][name=beginn]').last() // the first will soon be too early to book
  await last.check()
  const start = await last.inputValue()
  await submit()
  await fill(page, details)
  await submit()
  await agree(page)
  await submit()
  installation.time.move('PT20M') // the hold is over, and others take every desk at that time
  for (const desk of ['1', '2', '3', '4']) {
    await bookAppointment(other, { ...booking, start, fields: { 'f.name': `Desk ${desk}` } })
  }
  yield stop('taken', await submit('/buchen'))
  yield stop('hold-gone', await open(`${base}/termin/angaben?vormerkung=00000000-0000-0000-0000-000000000000`))

  yield stop('not-found', await open(`${base}/gibt-es-nicht`))
  yield stop('closed', await open(`${baseOf('duesseldorf', language)}/`))
  await open(`${base}/widerruf`)
  await page.locator('[name=formToken]').evaluate((field: HTMLInputElement) => {
    field.value = 'damaged'
  })
  yield stop('not-our-form', await submit())
  const fail = (error: Error) => vi.spyOn(installation.deps.db, 'inTenant').mockRejectedValueOnce(error)
  vi.spyOn(installation.deps.log, 'fault').mockImplementation(() => {}) // said on purpose, not to be read
  fail(new Error('something nobody thought of'))
  yield stop('fault', await toTimes())
  await open(`${base}/widerruf`)
  await fill(page, { email })
  fail(Object.assign(new Error('no database'), { code: 'ECONNREFUSED' }))
  yield stop('unclear', await submit())
  vi.restoreAllMocks()

  if (language === 'de') {
    yield stop('mailbox', await open('/_mailbox'))
    yield stop('mail', await follow(() => page.locator('main a').first().click()))
  }
  const late = await bookAppointment(other, booking)
  installation.time.set(late.start)
  yield stop('over', await open(late.manage))
  yield stop('too-late', await open(`${late.manage}/absagen`))
  installation.time.move('P40D')
  await installation.sweep()
}

/** Sends the form of the page past whatever script listens to it. */
const sendAsIs = (page: Window['page'], follow: Window['follow']): Promise<Response> =>
  follow(() =>
    page
      .locator('main form')
      .first()
      .evaluate((form: HTMLFormElement) => form.submit()),
  )

/** Puts a version before the one in force, so that there is an old one to read and something has changed. */
export const withOlderVersion = async ({ admin }: Installation): Promise<void> => {
  await admin.query(`
    update notice_version set number = 2 where number = 1;
    insert into notice_version
      select tenant_id, 1, repeat('0', 64), effective_from - 30, first_seen_at - interval '30 days', activities,
        replace(replace(notices::text, '14 Tage', '21 Tage'), '14 days', '21 days')::jsonb
      from notice_version`)
}

const firstVersion = async ({ admin }: Installation): Promise<string> =>
  (await admin.query('select n.hash from notice_version n where n.number = 1')).rows[0].hash

/** Makes the tenant `musterstadt` one that cannot run, so that the walk sees what its visitors see. */
export const withClosedTenant = { 'duesseldorf/tenant.yaml': (text: string) => text.replace(/^kind: .*$/m, 'kind: 5') }
