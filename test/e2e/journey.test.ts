import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { agree, beSure, chooseFirstTime, fill, openWindow, startBrowser, type Window } from '#test/helpers/browser.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { keyboard } from '#test/helpers/keyboard.ts'
import { bookAppointment, codeIn, erika, person } from '#test/helpers/person.ts'
import { mailTo } from '#test/helpers/walk.ts'

let installation: Installation
let browser: Browser

const anyone = (options: Parameters<typeof openWindow>[2] = {}): Promise<Window> =>
  openWindow(browser, installation, options)

beforeAll(async () => {
  installation = await startInstallation({ listen: true })
  browser = await startBrowser()
})
beforeEach(() => installation.mailbox.clear())
afterAll(async () => {
  await browser?.close()
  await installation?.close()
})

const words = {
  de: {
    book: 'Termin buchen',
    titles: ['Worum geht es?', 'Wann passt es Ihnen?', 'Ihre Angaben', 'Datenschutz und Einwilligung', 'Stimmt alles?'],
    booked: 'Ihr Termin ist gebucht',
    moved: 'Ihr Termin ist verschoben',
    cancelled: 'Der Termin ist abgesagt',
    gone: 'Zu diesem Link gibt es keinen Termin',
    error: 'Fehler: ',
    subjects: ['Ihr Termin am', 'Neue Zeit', 'Abgesagt'],
  },
  en: {
    book: 'Book an appointment',
    titles: [
      'What is it about?',
      'When does it suit you?',
      'Your details',
      'Privacy and consent',
      'Is everything right?',
    ],
    booked: 'Your appointment is booked',
    moved: 'Your appointment has been moved',
    cancelled: 'The appointment is cancelled',
    gone: 'There is no appointment behind this link',
    error: 'Error: ',
    subjects: ['Your appointment on', 'New time', 'Cancelled'],
  },
  ar: {
    book: 'حجز موعد',
    titles: ['ما موضوع الموعد؟', 'متى يناسبكم الموعد؟', 'بياناتكم', 'حماية البيانات والموافقة', 'هل كل شيء صحيح؟'],
    booked: 'تم حجز موعدكم',
    moved: 'تم نقل موعدكم',
    cancelled: 'تم إلغاء الموعد',
    gone: 'لا يوجد موعد لهذا الرابط',
    error: 'خطأ: ',
    subjects: ['موعدكم يوم', 'وقت جديد', 'أُلغي'],
  },
}

test.each([
  { language: 'de', script: true },
  { language: 'de', script: false },
  { language: 'en', script: true },
  { language: 'en', script: false },
  { language: 'ar', script: true },
  { language: 'ar', script: false },
] as const)(
  'a person books, reads the mail, moves, cancels, and it is gone: $language, JavaScript $script',
  async ({ language, script }) => {
    const said = words[language]
    const email = `${language}.${script}@example.org`
    const { page, open, follow, submit, link } = await anyone({ javaScriptEnabled: script })
    const heading = () => page.locator('h1').textContent()

    await open(language === 'de' ? '/segeberg/' : `/segeberg/${language}/`)
    await follow(() => page.getByRole('link', { name: said.book }).click())
    expect(await heading()).toBe(said.titles[0])
    await fill(page, { leistung: 'beratung-vor-ort' })
    await submit()
    expect(await heading()).toBe(said.titles[1])
    await chooseFirstTime(page)
    await submit()
    expect(await heading()).toBe(said.titles[2])
    await submit()
    expect(await page.title()).toMatch(new RegExp(`^${said.error}`))
    await fill(page, { ...erika, 'f.email': email })
    await submit()
    expect(await heading()).toBe(said.titles[3])
    await agree(page)
    await submit()
    expect(await heading()).toBe(said.titles[4])
    expect(await page.locator('main').textContent()).toContain('Erika Markerfrau')
    await submit('/buchen')
    expect(await heading()).toBe(said.booked)
    const reference = await page.locator('.a-panel bdi').textContent()

    await mailTo(installation, email, said.subjects[0] ?? '')
    await open('/_mailbox')
    await link('/_mailbox/')
    expect(await page.locator('main').textContent()).toContain(reference)
    const address = (await page.locator('main a[href*="/verwalten/"]').getAttribute('href')) ?? ''
    await link('/verwalten/')
    expect(await page.locator('main').textContent()).toContain(reference)
    const before = await page.locator('main dd').first().textContent()

    await link('/verschieben')
    await chooseFirstTime(page)
    await submit()
    await beSure(page)
    await submit()
    expect(await heading()).toBe(said.moved)
    expect(await page.locator('main dd').first().textContent()).not.toBe(before)
    await mailTo(installation, email, said.subjects[1] ?? '')

    await link('/absagen')
    await beSure(page)
    await submit('/absagen')
    expect(await heading()).toBe(said.cancelled)
    await mailTo(installation, email, said.subjects[2] ?? '')
    await open(address)
    expect(await heading()).toBe(said.gone)
    const { rows } = await installation.admin.query(
      'select count(*)::int n from appointment where record_id is not null',
    )
    expect(rows[0].n).toBe(0)
  },
)

test('the whole way goes by keyboard alone, and the focus is always seen', async () => {
  const { page, open, follow } = await anyone()
  const { press, type, tabTo, look } = keyboard(page)
  const enter = () => follow(() => press('Enter'))
  const skip = async () => {
    await tabTo('Zum Inhalt springen')
    await press('Enter')
  }

  await open('/segeberg/')
  await skip()
  await tabTo('Termin buchen')
  await enter()

  await skip()
  await tabTo('Beratung vor Ort')
  await press('ArrowDown', 'ArrowUp')
  expect(await look()).toBe('Beratung vor Ort')
  await tabTo('Weiter')
  await enter()

  await skip()
  await tabTo('09:00')
  await press('Space', 'ArrowRight', 'ArrowRight')
  expect(await look()).toBe('10:00')
  await tabTo('Weiter')
  await enter()

  // Nothing filled in: the errors take the focus, their links lead to the fields.
  await skip()
  await tabTo('Vor- und Nachname')
  await tabTo('Weiter')
  await enter()
  await tabTo('Vor- und Nachname: Bitte')
  await press('Enter')
  expect(await look()).toBe('Vor- und Nachname')
  await type('Erika Markerfrau')
  await tabTo('Tag')
  await type('12')
  await tabTo('Monat')
  await type('8')
  await tabTo('Jahr')
  await type('1984')
  await tabTo('E-Mail-Adresse')
  await type('keyboard@example.org')
  await tabTo('Was möchten Sie uns vorab sagen?')
  await tabTo('Weiter')
  await enter()

  await skip()
  await tabTo('Ich habe die Hinweise')
  await press('Space')
  await tabTo('Ich willige ein')
  await press('Space')
  await tabTo('Ich stimme den Nutzungsbedingungen zu')
  await press('Space')
  await tabTo('Weiter')
  await follow(() => press('Space'))
  await tabTo('Termin verbindlich buchen')
  await enter()

  const { text } = await mailTo(installation, 'keyboard@example.org', 'Ihr Termin')
  await open('/_mailbox')
  await tabTo('Ihr Termin am')
  await enter()
  await tabTo('http')
  await enter()
  expect(text).toContain(page.url())
  await tabTo('Termin verschieben')
  await enter()
  await skip()
  await tabTo('09:00')
  await press('Space', 'ArrowLeft') // around to the last time of the page
  await tabTo('Weiter')
  await enter()
  await tabTo('Ja, ich möchte die neue Zeit')
  await press('Space')
  await tabTo('Termin verschieben')
  await enter()
  expect(await page.locator('h1').textContent()).toBe('Ihr Termin ist verschoben')
  await tabTo('Termin absagen')
  await enter()
  await tabTo('Ja, ich sage')
  await press('Space')
  await tabTo('Termin absagen')
  await enter()
  expect(await page.locator('h1').textContent()).toBe('Der Termin ist abgesagt')
})

const toDetails = async ({ page, open, submit }: Window, path = '/segeberg') => {
  await open(`${path}/termin/zeit?leistung=beratung-vor-ort`)
  await chooseFirstTime(page)
  await submit()
}

test('the enter key in a field goes on, as the button below does', async () => {
  const window = await anyone()
  const { page, follow } = window
  await toDetails(window)
  await fill(page, { ...erika, 'f.email': '' })
  await page.locator('[name="f.name"]').focus()
  await follow(() => page.keyboard.press('Enter'))
  expect(await page.locator('h1').textContent()).toBe('Datenschutz und Einwilligung')
})

test.each([true, false])('changing the language keeps the place and what was typed (JavaScript %s)', async (script) => {
  const window = await anyone({ javaScriptEnabled: script })
  const { page, open, follow, submit } = window
  const change = (name: string) => follow(() => page.locator('.a-languages').getByText(name).click())
  const pages = [
    ['/segeberg/datenschutz', '/segeberg/en/datenschutz'],
    [
      '/segeberg/termin/zeit?leistung=beratung-telefon&ort=kaltenkirchen',
      '/segeberg/en/termin/zeit?leistung=beratung-telefon&ort=kaltenkirchen',
    ],
    ['/', '/en'],
  ]
  for (const [german = '', english = ''] of pages) {
    await open(german)
    await change('English')
    expect(page.url()).toBe(installation.config.publicUrl + english)
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await change('Deutsch')
    expect(page.url()).toBe(installation.config.publicUrl + german)
  }
  await toDetails(window)
  await fill(page, erika)
  await change('English')
  expect(await page.locator('h1').textContent()).toBe('Your details')
  expect(await page.locator('[name="f.freeText"]').inputValue()).toBe(erika['f.freeText'])
  expect(await page.title()).not.toContain('Error')
  await submit()
  await fill(page, { kenntnis: 'yes' })
  await change('Deutsch')
  expect(await page.locator('h1').textContent()).toBe('Datenschutz und Einwilligung')
  expect(await page.locator('[name=kenntnis]').isChecked()).toBe(true)
  expect(await page.locator('[name=einwilligung]').isChecked()).toBe(false)
  await fill(page, { einwilligung: 'yes', bedingungen: 'yes' })
  await submit()
  await change('English')
  expect(await page.locator('h1').textContent()).toBe('Is everything right?')
  expect(await page.locator('main').textContent()).toContain(erika['f.freeText'])
})

test('of two phones that want one time, the second keeps what was typed and takes another', async () => {
  const [slow, quick] = [await anyone(), await anyone()]
  await slow.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  const wanted = slow.page.locator('main [name=beginn]').last()
  await wanted.check()
  const start = await wanted.inputValue()
  await slow.submit()
  await fill(slow.page, { ...erika, 'f.email': '' })
  await slow.submit()
  await agree(slow.page)
  await slow.submit()
  installation.time.move('PT20M') // far longer than a time is held
  const others = person(installation)
  await quick.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  await quick.page.locator(`[type=radio][name=beginn][value="${start}"]`).check()
  await quick.submit()
  await fill(quick.page, { ...erika, 'f.name': 'Erik Markermann', 'f.email': '' })
  await quick.submit()
  await agree(quick.page)
  await quick.submit()
  for (let desk = 2; desk <= 4; desk++) await bookAppointment(others, { start, fields: { 'f.email': '' } })

  await Promise.all([quick.submit('/buchen'), slow.submit('/buchen')])
  expect(await quick.page.locator('h1').textContent()).toBe('Ihr Termin ist gebucht')
  expect(await slow.page.title()).toMatch(/^Fehler: Wann passt es Ihnen/)
  expect(await slow.page.locator(`[type=radio][name=beginn][value="${start}"]`).count()).toBe(0)
  await chooseFirstTime(slow.page)
  await slow.submit()
  expect(await slow.page.locator('h1').textContent()).toBe('Stimmt alles?')
  expect(await slow.page.locator('main').textContent()).toContain(erika['f.freeText'])
  await slow.submit('/buchen')
  expect(await slow.page.locator('h1').textContent()).toBe('Ihr Termin ist gebucht')
})

test('a change on the last page leads back to it, with everything else as it was', async () => {
  const window = await anyone()
  const { page, submit } = window
  await toDetails(window)
  await submit('/termin/zeit') // back, before anything was typed
  expect(await page.title()).not.toContain('Fehler')
  await chooseFirstTime(page)
  await submit()
  expect(await page.title()).toMatch(/^Ihre Angaben/)
  await fill(page, erika)
  await submit()
  await agree(page)
  await submit()
  await submit('/termin/angaben')
  await fill(page, { 'f.name': 'Erika Neumann' })
  await submit()
  expect(await page.locator('h1').textContent()).toBe('Stimmt alles?')
  expect(await page.locator('main').textContent()).toContain('Erika Neumann')
})

test.each([true, false])(
  'with a code from the mail a person sees their data and withdraws (JavaScript %s)',
  async (script) => {
    const { page, open, submit, follow } = await anyone({ javaScriptEnabled: script })
    const email = `rights.${script}@example.org`
    const { manage } = await bookAppointment(person(installation), { fields: { 'f.email': email } })
    const prove = async () => {
      await fill(page, { email })
      await submit()
      const { text, id } = await mailTo(installation, email, 'Code')
      await fill(page, { code: codeIn(text) })
      await submit()
      installation.mailbox.clear()
      return id
    }
    await open('/segeberg/')
    await follow(() => page.getByRole('link', { name: 'Meine Daten ansehen' }).click())
    await prove()
    expect(await page.locator('main').textContent()).toContain('Erika Markerfrau')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('main form[action*="/export"] button').click(),
    ])
    expect(download.suggestedFilename()).toBe('meine-daten.json')

    await open('/segeberg/datenschutz')
    await follow(() => page.locator('main a[href$="/widerruf"]').first().click())
    await prove()
    expect(await page.locator('h1').textContent()).toBe('Einwilligung für alle Termine widerrufen?')
    await submit()
    expect(await page.locator('h1').textContent()).toBe('Die Einwilligung ist widerrufen')
    await open(manage)
    expect(await page.locator('h1').textContent()).toBe('Zu diesem Link gibt es keinen Termin')
  },
)
