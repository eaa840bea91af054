import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  agree,
  chooseFirstTime,
  fill,
  openWindow,
  startBrowser,
  startBrowserWithoutCookies,
  type Window,
} from '#test/helpers/browser.ts'
import { fact } from '#test/helpers/fact.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, erika, person } from '#test/helpers/person.ts'

// What the pages ask of a device, and how they follow what it is set to.

let installation: Installation
let browser: Browser
beforeAll(async () => {
  installation = await startInstallation({ listen: true })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await installation?.close()
})

/** Bytes over the wire since the last call, headers included. */
const meter = async (page: Page): Promise<() => number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  session.on('Network.requestWillBeSent', ({ redirectResponse }) => {
    bytes += redirectResponse?.encodedDataLength ?? 0
  })
  return () => {
    const since = bytes
    bytes = 0
    return since
  }
}

const kilobyte = 1024

let people = 0
/** Somebody else each time: whoever books twice with the same details is asked whether they mean it. */
const somebodyElse = () => ({ ...erika, 'f.name': `Erika Markerfrau ${++people}` })

/** From the start page to the confirmation; calls `see` on every page. */
const walkToConfirmation = async ({ page, open, submit, link }: Window, see: (name: string) => Promise<void>) => {
  await open('/segeberg/')
  await see('start')
  await link('/termin')
  await see('services')
  await fill(page, { leistung: 'beratung-vor-ort' })
  await submit()
  await see('times')
  await chooseFirstTime(page)
  await submit()
  await see('details')
  await fill(page, somebodyElse())
  await submit()
  await see('consent')
  await agree(page)
  await submit()
  await see('check')
  await submit('/buchen')
  await see('booked')
  await open('/segeberg/datenschutz')
  await see('notice')
}

test('a phone with little data: the first page takes 50 KB at most, each next 20 KB, the script 10 KB', async () => {
  const window = await openWindow(browser, installation)
  const since = await meter(window.page)
  const weights: Record<string, number> = {}
  const scripts = new Map<string, number>()
  window.page.on('response', async (response) => {
    if (response.request().resourceType() !== 'script') return
    scripts.set(response.url(), gzipSync(await response.body()).length)
  })
  await walkToConfirmation(window, async (name) => {
    await window.page.waitForLoadState('networkidle')
    weights[name] = since()
  })
  const { start = 0, ...next } = weights
  expect(start).toBeGreaterThan(0)
  expect(start).toBeLessThanOrEqual(50 * kilobyte)
  expect(Object.entries(next).filter(([, bytes]) => bytes > 20 * kilobyte || bytes === 0)).toEqual([])
  const script = [...scripts.values()].reduce((sum, bytes) => sum + bytes, 0)
  expect(script).toBeGreaterThan(0)
  expect(script).toBeLessThanOrEqual(10 * kilobyte)
  await window.context.close()
})

test('whoever blocks cookies books all the same and reads every page of information', async () => {
  const blocking = await startBrowserWithoutCookies()
  const [window, ordinary] = [await openWindow(blocking.browser, installation), await openWindow(browser, installation)]
  const keeps = ({ page }: Window) =>
    page.evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: what every browser knows
      document.cookie = 'test=kept'
      return document.cookie
    })
  const headings: Record<string, string | null> = {}
  await walkToConfirmation(window, async (name) => {
    headings[name] = await window.page.locator('h1').textContent()
  })
  await ordinary.open('/segeberg/')
  expect([await keeps(window), await keeps(ordinary)]).toEqual(['', 'test=kept'])
  await fact('SEG-052', installation, async () => {
    expect(headings).toMatchObject({ consent: 'Datenschutz und Einwilligung', booked: 'Ihr Termin ist gebucht' })
    for (const path of ['', 'datenschutz', 'cookies', 'impressum', 'barrierefreiheit'])
      expect([path, (await window.open(`/segeberg/${path}`)).status()]).toEqual([path, 200])
  })
  await ordinary.context.close()
  await blocking.close()
})

test('whoever wants less motion sees none', async () => {
  const window = await openWindow(browser, installation, { reducedMotion: 'reduce' })
  const moving: string[] = []
  await walkToConfirmation(window, async (name) => {
    const found = await window.page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) =>
        [undefined, '::before', '::after']
          .map((pseudo) => getComputedStyle(element, pseudo))
          .filter((style) => style.animationName !== 'none' || /[1-9]/.test(style.transitionDuration))
          .map(() => element.outerHTML.slice(0, 80)),
      ),
    )
    moving.push(...found.map((element) => `${name}: ${element}`))
  })
  expect(moving).toEqual([])
  await window.context.close()
})

test("with a person's own colours, what is chosen and what can be pressed is still seen", async () => {
  const { page, context, open } = await openWindow(browser, installation, { forcedColors: 'active' })
  await open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  const label = page.locator('.a-slot-label').first()
  const button = page.locator('main form button').first()
  const looks = (of: typeof label) => of.evaluate((element) => getComputedStyle(element).backgroundColor)
  const before = await looks(label)
  await chooseFirstTime(page)
  expect(await looks(label)).not.toBe(before)
  const { border, background } = await button.evaluate((element) => {
    const style = getComputedStyle(element)
    return { border: `${style.borderTopStyle} ${style.borderTopColor}`, background: style.backgroundColor }
  })
  expect(border).toMatch(/^solid /)
  expect(border).not.toContain(background)
  await context.close()
})

test('on paper the confirmation says what, when and where, and nothing that only works on a screen', async () => {
  const { page, context, open } = await openWindow(browser, installation)
  const { manage } = await bookAppointment(person(installation), { fields: { 'f.email': '' } })
  await open(`${manage}?neu=1`)
  await page.emulateMedia({ media: 'print' })
  // What is displayed, and nothing else.
  const printed = await page.evaluate(() => String(getSelection()?.selectAllChildren(document.body) ?? getSelection()))
  expect(printed).toMatch(/Buchungsnummer\s+[A-Z0-9]{4}-[A-Z0-9]{4}/)
  expect(printed).toMatch(/November 2026, \d\d:\d\d\sUhr/)
  expect(printed).toContain('Kisdorfer Weg 7a')
  expect(printed).toContain('030') // whom to call
  expect(printed.replace(/\s/g, '')).toContain(`${installation.config.publicUrl}${manage}`) // no mail holds the link
  for (const onlyOnScreen of [
    'Drucken',
    'Termin verschieben',
    'Termin absagen',
    'In den Kalender',
    'English',
    'Impressum',
  ])
    expect(printed).not.toContain(onlyOnScreen)
  const links = await page.locator('main a').evaluateAll((all) => all.filter((each) => each.checkVisibility()).length)
  expect(links).toBe(0)
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1)
  await context.close()
})

test('without a mail address the link is copied, shared where the browser can, and stands there as text in any case', async () => {
  const { manage } = await bookAppointment(person(installation), { fields: { 'f.email': '' } })
  const url = installation.config.publicUrl + manage
  const seen = async (options: { javaScriptEnabled?: boolean; shares?: boolean }) => {
    const window = await openWindow(browser, installation, { javaScriptEnabled: options.javaScriptEnabled ?? true })
    await window.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await window.page.addInitScript((shares) => {
      const share = async ({ url = '' }: ShareData) => void document.body.setAttribute('data-shared', url)
      Object.defineProperty(Navigator.prototype, 'share', { value: shares ? share : undefined, configurable: true })
      if (!shares) delete (Navigator.prototype as { share?: unknown }).share
    }, options.shares ?? false)
    await window.open(`${manage}?neu=1`)
    const text = window.page.locator('main bdi[translate=no][dir=ltr]', { hasText: url })
    expect(await text.isVisible()).toBe(true)
    return { ...window, buttons: await window.page.locator('main button:visible').allTextContents() }
  }
  const plain = await seen({ javaScriptEnabled: false })
  expect(plain.buttons).toEqual([])
  const usual = await seen({})
  expect(usual.buttons).toEqual(['Link kopieren', 'Drucken'])
  await usual.page.getByRole('button', { name: 'Link kopieren' }).click()
  await usual.page.locator('[role=status]', { hasText: 'Der Link ist kopiert.' }).waitFor()
  expect(await usual.page.evaluate(() => navigator.clipboard.readText())).toBe(url)
  const phone = await seen({ shares: true })
  expect(phone.buttons).toEqual(['Link kopieren', 'Link teilen', 'Drucken'])
  await phone.page.getByRole('button', { name: 'Link teilen' }).click()
  expect(await phone.page.locator('body').getAttribute('data-shared')).toBe(url)
  for (const { context } of [plain, usual, phone]) await context.close()
})

test('the notice is short on the screen and whole on paper', async () => {
  const { page, open, context } = await openWindow(browser, installation)
  await open('/segeberg/datenschutz')
  const rest = page.locator('details', { hasText: 'Vor- und Nachname' }).locator('dl').first()
  const isSeen = () =>
    rest.evaluate((element) => element.getBoundingClientRect().height > 0 && element.checkVisibility())
  expect(await isSeen()).toBe(false)
  await page.getByText('Alles darüber: Termine online buchen').click()
  expect(await isSeen()).toBe(true)
  await open('/segeberg/datenschutz')
  await page.emulateMedia({ media: 'print' })
  expect(await isSeen()).toBe(true)
  await context.close()
})

describe.each([true, false])('on the way to a booking, with JavaScript: %s', (javaScriptEnabled) => {
  const options = { javaScriptEnabled }
  const values = ({ page }: Window) =>
    page
      .locator('main [name^="f."]:not([type=hidden])')
      .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value))

  test('back, forward and reload ask nothing, lose nothing and book nothing twice', async () => {
    const window = await openWindow(browser, installation, options)
    const { page, open, submit, follow } = window
    await open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
    await chooseFirstTime(page)
    await submit()
    await fill(page, { ...somebodyElse(), 'f.email': '' })
    const typed = await values(window)
    const headings: (string | null)[] = []
    const see = async () => headings.push(await page.locator('h1').textContent())
    await submit()
    await see()
    await follow(() => page.reload())
    await see()
    await agree(page)
    await submit()
    await see()
    await follow(() => page.reload())
    await see()
    expect(headings).toEqual([
      ...['Datenschutz und Einwilligung', 'Datenschutz und Einwilligung'],
      ...['Stimmt alles?', 'Stimmt alles?'],
    ])
    await follow(() => page.goBack())
    await see()
    await follow(() => page.goBack())
    await see()
    expect([await values(window), headings.slice(4)]).toEqual([typed, ['Datenschutz und Einwilligung', 'Ihre Angaben']])
    await follow(() => page.goForward())
    await follow(() => page.goForward())
    await submit('/buchen')
    const booked = page.url()
    await follow(() => page.reload())
    expect(await page.locator('h1').textContent()).toBe('Ihr Termin ist gebucht')
    await follow(() => page.goBack())
    expect(await page.locator('h1').textContent()).toBe('Dieser Termin ist schon gebucht')
    await follow(() => page.locator('main a[href*="/verwalten/"]').click())
    expect(page.url()).toBe(booked.split('?')[0])
  })
})

test('what is typed is there again when the phone has thrown the page away', async () => {
  const window = await openWindow(browser, installation)
  const { page, open, submit, follow } = window
  await open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  await chooseFirstTime(page)
  await submit()
  const isKept = page.waitForResponse((response) => response.request().method() === 'POST')
  await fill(page, { 'f.name': 'Erika Markerfrau', 'f.freeText': 'Zetermordio-Markertext' })
  await isKept
  const address = page.url()
  await open('/segeberg/')
  await open(address)
  for (const [name, value] of [
    ['f.name', 'Erika Markerfrau'],
    ['f.freeText', 'Zetermordio-Markertext'],
  ])
    expect(await page.locator(`main [name="${name}"]`).inputValue()).toBe(value)

  // In a tunnel the form does not get through; what is typed after it is kept all the same.
  await page.route('**/einwilligung', (route) => route.abort('aborted'))
  await page.locator('main button', { hasText: 'Weiter' }).click()
  await page.locator('main form').evaluate((form: HTMLFormElement) => {
    delete form.dataset.sent // as after some seconds
  })
  await page.unroute('**/einwilligung')
  const isKeptAgain = page.waitForResponse((response) => response.request().method() === 'POST')
  await fill(page, { 'f.name': 'Erika Neu' })
  await isKeptAgain
  await open(address)
  expect(await page.locator('main [name="f.name"]').inputValue()).toBe('Erika Neu')
  await follow(() => page.locator('main button', { hasText: 'Abbrechen' }).click())
  expect(await window.context.cookies()).toEqual([])
})

test('browser and server count alike, and one press takes the address that is meant', async () => {
  const window = await openWindow(browser, installation, { viewport: { width: 360, height: 740 } })
  const { page, open, submit, follow } = window
  await open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  await chooseFirstTime(page)
  await submit()
  const { 'f.freeText': _, ...rest } = erika
  const fullOf = (count: number) =>
    fill(page, { ...rest, 'f.email': 'erika@gmial.com', 'f.freeText': '👩'.repeat(count) })
  const counted = () => page.locator('.a-count').textContent()
  await fullOf(502)
  expect(await counted()).toBe('2 Zeichen zu viel.')
  await submit()
  expect(await page.locator('h1').textContent()).toBe('Ihre Angaben')
  await fullOf(500)
  expect(await counted()).toBe('Noch 0 Zeichen frei.')
  await submit()
  await agree(page)
  await submit()
  const take = page.getByRole('button', { name: 'Ja, diese Adresse' })
  // Words that are marked within a button run on with the others, which they would not as parts of a flex box.
  expect(await take.evaluate((button) => getComputedStyle(button).display)).not.toContain('flex')
  await follow(() => take.click())
  expect(await page.textContent('main')).toContain('erika@gmail.com')
  expect(await page.textContent('main')).not.toContain('gmial')
  await window.context.close()
})
