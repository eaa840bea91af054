import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Response,
} from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { pathOfCookie } from '#apps/cookies.ts'
import { termsOf } from '#features/terms/index.ts'
import { cookiesOf, nameInBrowser, onDeviceOf } from '#register/device.ts'
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

/** What a page keeps on the device, by kind and name; nothing where the browser refuses to keep anything. */
const keptByPage = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const asked: [string, () => unknown][] = [
      ['a cookie that scripts read', () => document.cookie.split('; ').filter(Boolean)],
      ['localStorage', () => Object.keys(localStorage)],
      ['sessionStorage', () => Object.keys(sessionStorage)],
      ['a file of the pages', async () => Array.fromAsync((await navigator.storage.getDirectory()).keys())],
      ['a database', async () => (await indexedDB.databases()).map(({ name }) => name)],
      ['a cache', () => caches.keys()],
      ['a service worker', async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope)],
      ['the name of the window', () => [window.name].filter(Boolean)],
    ]
    const kept: string[] = []
    for (const [kind, ask] of asked) {
      const names = await Promise.resolve()
        .then(ask)
        .catch(() => []) // blocked by whoever owns the browser
      for (const name of names as unknown[]) kept.push(`${kind}: ${name}`)
    }
    return kept
  })

/** What scripts may keep, as `keptByPage` calls it. */
const mayKeep = ({ deps }: Installation): string[] =>
  [...deps.register.running.values()].flatMap(onDeviceOf).flatMap(({ kind, name, period }) => {
    if (kind === 'local') return [`${period === null ? 'sessionStorage' : 'localStorage'}: ${name}`]
    return kind === 'opfs' ? [`a file of the pages: ${name}`] : []
  })

/** Cookies that no tenant declares, or that are more than it declares: of what a person has typed, nothing can be read. */
const undeclaredCookies = async (context: BrowserContext, { deps }: Installation): Promise<string[]> => {
  const declared = [...deps.register.running.values()].flatMap((running) =>
    [...cookiesOf(running).values()].map((cookie) => ({
      where: `${nameInBrowser(cookie, deps.config.publicUrl.startsWith('https:'))} ${pathOfCookie(cookie, running)}`,
      isRight: (value: string) =>
        cookie.content === 'own' ? /^[\w-]{80,}$/.test(value) : value === termsOf(running)?.version,
    })),
  )
  return (await context.cookies())
    .filter(
      ({ name, path, value, httpOnly }) =>
        !(httpOnly && declared.some(({ where, isRight }) => where === `${name} ${path}` && isRight(value))),
    )
    .map(({ name, path }) => `a cookie: ${name} ${path}`)
}

/** Somebody with a browser window of their own, for the test that runs now: nothing in it is shared with another. Whatever
 *  the test is about, the window is asked in the end what it noticed, and closed: so no test and no page can forget it. */
export const openWindow = async (browser: Browser, installation: Installation, options: BrowserContextOptions = {}) => {
  const origin = installation.config.publicUrl
  const context = await browser.newContext({ baseURL: origin, viewport: phone, ...options })
  context.setDefaultTimeout(60_000)
  const complaints: string[] = []
  const foreign: string[] = []
  const kept = new Set<string>()
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
  const note = (url: string) => {
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) foreign.push(url)
  }
  context.on('request', (request) => note(request.url()))
  const page = await context.newPage()
  page.on('websocket', (socket) => note(socket.url()))
  // Pages that came, and pages that were looked at: they have to be as many in the end.
  const pages = { loaded: 0, seen: 0 }
  page.on('load', () => {
    if (page.url().startsWith(`${origin}/`)) pages.loaded += 1
  })
  let closed = false
  context.on('close', () => {
    closed = true
  })
  const look = async () => {
    const byPage = (await keptByPage(page)).filter((what) => !mayKeep(installation).includes(what))
    for (const what of [...byPage, ...(await undeclaredCookies(context, installation))])
      kept.add(`${new URL(page.url()).pathname} keeps ${what}`)
  }
  const follow = async (action: () => Promise<unknown>): Promise<Response> => {
    const [response] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), action()])
    if (!response) throw new Error(`no answer at ${page.url()}`)
    if (page.url().startsWith(`${origin}/`)) pages.seen += 1
    await look()
    return response
  }
  const window = {
    page,
    context,
    /** Everything that should not have been since the last time: errors and warnings of the console, what the
     *  Content-Security-Policy stopped, uncaught errors, requests to others, what pages kept on the device, pages that came
     *  without `follow`, so that nobody looked at what they keep. */
    noticed: async (): Promise<string[]> => {
      if (!closed && page.url().startsWith(`${origin}/`)) await look()
      const unseen = pages.loaded > pages.seen ? [`${pages.loaded - pages.seen} pages nobody looked at`] : []
      const all = [
        ...complaints.splice(0),
        ...foreign.splice(0).map((url) => `a request to ${url}`),
        ...kept,
        ...unseen,
      ]
      kept.clear()
      pages.loaded = 0
      pages.seen = 0
      return all
    },
    /** Does something that leads to another page, waits until that is there, and looks at what it keeps. */
    follow,
    /** Opens an address. */
    open: (url: string) => follow(() => page.goto(url)),
    /** Presses the first button of the page's content whose action contains `to`, or the one that sends its form, the last
     *  where there are several. */
    submit: (to = '') => follow(() => submitter(page, to).click()),
    /** Follows the link of the page's content whose address contains `to`. */
    link: (to: string) => follow(() => page.locator(`main a[href*="${to}"]`).first().click()),
  }
  onTestFinished(async () => {
    const noticed = await window.noticed()
    await context.close()
    expect(noticed).toEqual([])
  })
  return window
}

export type Window = {
  page: Page
  context: BrowserContext
  noticed: () => Promise<string[]>
  follow: (action: () => Promise<unknown>) => Promise<Response>
  open: (url: string) => Promise<Response>
  submit: (to?: string) => Promise<Response>
  link: (to: string) => Promise<Response>
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

/** Ticks the box that asks whether somebody means it, also where it is folded away. */
export const beSure = async (page: Page, name = 'sicher'): Promise<void> => {
  const folded = page.locator(`main details:has([name="${name}"]):not([open]) > summary`)
  if ((await folded.count()) > 0) await folded.click()
  await fill(page, { [name]: 'yes' })
}

/** Chooses the first time that is offered on a page of times. */
export const chooseFirstTime = async (page: Page): Promise<string> => {
  const first = page.locator('main input[type=radio][name=beginn]').first()
  await first.check()
  return first.inputValue()
}
