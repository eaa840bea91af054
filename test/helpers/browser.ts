import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page, type Response } from 'playwright-core'
import { findBrowser } from '../../scripts/browser.mjs'
import { temporaryFolder } from './folder.ts'
import type { Installation } from './installation.ts'
import { agreed } from './person.ts'

const noBrowser = 'no Chromium or Chrome here: run npm test, or set CHROMIUM_PATH'

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A real Chromium. @throws when there is none; `npm test` sees to it that there is. */
export const startBrowser = async (): Promise<Browser> => {
  const executablePath = await findBrowser()
  if (executablePath === null) throw new Error(noBrowser)
  return chromium.launch({ executablePath, args: quiet })
}

/** A Chromium whose owner has blocked all cookies in its settings. */
export const startBrowserWithoutCookies = async () => {
  const executablePath = await findBrowser()
  if (executablePath === null) throw new Error(noBrowser)
  const profile = temporaryFolder('profile')
  mkdirSync(join(profile, 'Default'))
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } }
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(settings))
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: quiet })
  const browser = context.browser()
  if (!browser) throw new Error('a browser of its own was expected')
  return {
    browser,
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** A cheap phone. */
const phone = { width: 360, height: 740 }

/** Somebody with a browser window of their own: nothing in it is shared with another. */
export const openWindow = async (browser: Browser, installation: Installation, options: BrowserContextOptions = {}) => {
  const origin = installation.config.publicUrl
  const context = await browser.newContext({ baseURL: origin, viewport: phone, ...options })
  context.setDefaultTimeout(60_000)
  const complaints: string[] = []
  const foreign: string[] = []
  // Whatever the policy stops is said aloud, so that it is heard below.
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} stopped ${event.blockedURI}`)
    })
  })
  context.on('console', (message) => {
    const { url } = message.location()
    // A page that says what is wrong with a form has a status of 4xx, and Chromium reports every such page.
    const isPage = message.text().startsWith('Failed to load resource') && !url.includes('/assets/')
    if (['error', 'warning'].includes(message.type()) && !isPage) complaints.push(`${url}: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) foreign.push(url)
  })
  const page = await context.newPage()
  return {
    page,
    context,
    /** Errors and warnings of the console, what the Content-Security-Policy stopped, uncaught errors. */
    complaints,
    /** Requests that went anywhere but to us. */
    foreign,
    /** Does something that leads to another page, and waits until that is there. */
    follow: (action: () => Promise<unknown>) => follow(page, action),
    /** Opens an address. */
    open: (url: string) => follow(page, () => page.goto(url)),
    /** Presses the first button of the page's content whose action contains `to`, or the one that sends its form, the last
     *  where there are several. */
    submit: (to = '') => follow(page, () => submitter(page, to).click()),
    /** Follows the link of the page's content whose address contains `to`. */
    link: (to: string) => follow(page, () => page.locator(`main a[href*="${to}"]`).first().click()),
  }
}

export type Window = Awaited<ReturnType<typeof openWindow>>

const follow = async (page: Page, action: () => Promise<unknown>): Promise<Response> => {
  const [response] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), action()])
  if (!response) throw new Error(`no answer at ${page.url()}`)
  return response
}

const submitter = (page: Page, to: string) =>
  to === ''
    ? page.locator('main form button[type=submit]:not([formaction])').last()
    : page.locator(`main button[formaction*="${to}"], main form[action*="${to}"] button:not([formaction])`).first()

/** Fills in a form by the names of its fields; `yes` ticks a box, a radio button is chosen by its value. */
export const fill = async (page: Page, values: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`main [name="${name}"]`)
    const type = await field.first().getAttribute('type')
    if (type === 'radio' || type === 'checkbox') {
      const id = await page.locator(`main [name="${name}"][value="${value}"]`).getAttribute('id')
      await page.locator(`label[for="${id}"]`).click() // what people tap
    } else await field.fill(value)
  }
}

/** Ticks the boxes of the consent page; the one for terms of use is there only where nothing is remembered. */
export const agree = async (page: Page): Promise<void> => {
  const { bedingungen, ...always } = agreed
  await fill(page, (await page.locator('main [name=bedingungen]').count()) > 0 ? { ...always, bedingungen } : always)
}

/** Chooses the first time that is offered on a page of times. */
export const chooseFirstTime = async (page: Page): Promise<string> => {
  const first = page.locator('main input[type=radio][name=beginn]').first()
  await first.check()
  return first.inputValue()
}
