import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { termsOf } from '#features/terms/index.ts'
import { openWindow, startBrowser } from '#test/helpers/browser.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, person } from '#test/helpers/person.ts'

/* What every test in a browser relies on: that a window notices what a page leaves on the device, and whom it asks. */

let installation: Installation
let browser: Browser
beforeAll(async () => {
  installation = await startInstallation({ listen: true, withoutWorker: true })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await installation?.close()
})

const aWindow = async () => {
  const window = await openWindow(browser, installation)
  await window.open('/segeberg/')
  expect(await window.noticed()).toEqual([])
  return window
}

test('a window notices whatever a page keeps on the device, on the next page still, behind links as well', async () => {
  const { manage } = await bookAppointment(person(installation))
  const window = await aWindow()
  await window.page.evaluate(async () => {
    // biome-ignore lint/suspicious/noDocumentCookie: what every browser knows
    document.cookie = 'visitor=1; path=/'
    localStorage.setItem('visitor', '1')
    sessionStorage.visitor = '1'
    Object.assign(globalThis, { name: 'visitor' })
    await caches.open('visitor')
    await new Promise((resolve) => {
      indexedDB.open('visitor').onsuccess = resolve
    })
  })
  await window.open(manage)
  const noticed = await window.noticed()
  for (const what of [
    'a cookie that scripts read: visitor=1',
    'a cookie: visitor /',
    'localStorage: visitor',
    'sessionStorage: visitor',
    'a cache: visitor',
    'a database: visitor',
    'the name of the window: visitor',
  ])
    expect(noticed).toContain(`${manage} keeps ${what}`)
  await window.context.close()
})

test('a declared cookie is none of these, unless its value is another than everybody’s, or scripts can read it', async () => {
  const window = await aWindow()
  const disclaimer = { name: 'disclaimer', domain: 'localhost', path: '/segeberg', httpOnly: true }
  const segeberg = installation.deps.register.running.get('segeberg')
  const version = (segeberg && termsOf(segeberg)?.version) ?? ''
  await window.context.addCookies([{ ...disclaimer, value: version }])
  expect(await window.noticed()).toEqual([])
  await window.context.addCookies([{ ...disclaimer, value: 'visitor-1' }])
  expect(await window.noticed()).toEqual(['/segeberg/ keeps a cookie: disclaimer /segeberg'])
  await window.context.addCookies([{ ...disclaimer, value: version, httpOnly: false }])
  expect(await window.noticed()).toContain('/segeberg/ keeps a cookie: disclaimer /segeberg')
  await window.context.close()
})

test('a window notices what a page asks of others, and a page that nobody looked at', async () => {
  const window = await aWindow()
  await window.page.evaluate(() => {
    new Image().src = 'https://count.example/1.gif'
  })
  await window.page.goto('/segeberg/cookies')
  const noticed = await window.noticed()
  expect(noticed).toContainEqual(expect.stringContaining('policy: img-src stopped https://count.example/1.gif'))
  expect(noticed).toContain('1 pages nobody looked at')
  expect(await window.noticed()).toEqual([])

  // Without our policy it would be a request.
  const lax = await openWindow(browser, installation, { bypassCSP: true })
  await lax.open('/segeberg/')
  await lax.context.route('https://count.example/*', (route) => route.abort())
  await lax.page.evaluate(
    () =>
      new Promise((resolve) => {
        const image = new Image()
        image.onerror = resolve
        image.src = 'https://count.example/1.gif'
      }),
  )
  expect(await lax.noticed()).toContain('a request to https://count.example/1.gif')
})
