import type { Browser, Page } from 'playwright-core'
import decodeQR from 'qr/decode.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWindow, startBrowser, type Window } from '#test/helpers/browser.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, person } from '#test/helpers/person.ts'

/* A receipt as a phone shows it, and a second phone reads and checks it. */

let installation: Installation
let browser: Browser
let manage: string
let english: string
beforeAll(async () => {
  installation = await startInstallation({ listen: true, withoutWorker: true })
  browser = await startBrowser()
  manage = (await bookAppointment(person(installation))).manage
  english = (await bookAppointment(person(installation), { language: 'en' })).manage
})
afterAll(async () => {
  await browser?.close()
  await installation?.close()
})

/** What a camera reads in a picture; the picture is opened on a page of its own, without our policy. */
const scan = async (png: Buffer): Promise<string> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const { width, height, grey } = await page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob())
    const canvas = new OffscreenCanvas(image.width, image.height)
    const drawing = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
    drawing.drawImage(image, 0, 0)
    const { data } = drawing.getImageData(0, 0, image.width, image.height)
    const letters = Array.from({ length: data.length / 4 }, (_, pixel) => String.fromCharCode(data[pixel * 4 + 1] ?? 0))
    return { width: image.width, height: image.height, grey: btoa(letters.join('')) }
  }, png.toString('base64'))
  await context.close()
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (const [pixel, level] of Buffer.from(grey, 'base64').entries()) data.fill(level, pixel * 4, pixel * 4 + 3)
  return decodeQR({ width, height, data })
}

const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).textContent()) ?? ''

const shown = (page: Page) => page.locator('[data-outcome]:visible')
const outcome = async ({ page }: Window): Promise<string | null> => {
  await shown(page).waitFor()
  return shown(page).getAttribute('data-outcome')
}

test.each(['light', 'dark'] as const)(
  'in %s colours a narrow phone shows a code that another one reads and checks in its own browser',
  async (colorScheme) => {
    const window = await openWindow(browser, installation, { colorScheme, deviceScaleFactor: 2 })
    await window.open(`${manage}/beleg`)
    const address = await scan(await window.page.locator('.a-proof').screenshot())
    const asked: string[] = []
    window.page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`))
    await window.open(address)
    expect(await outcome(window)).toBe('valid')
    expect(await textOf(window.page, '[data-outcome]:visible')).toContain('Der Termin wurde gebucht')
    expect(await window.page.locator('[data-slot=former]').isVisible()).toBe(false)
    // Nothing of it was sent: browsers keep what stands behind the sign to themselves.
    const { hash } = new URL(address)
    expect(asked.some((request) => request.startsWith('POST') || request.includes(hash.slice(1, 40)))).toBe(false)
  },
)

test('once the page is there it checks without a connection, what is pasted and what is opened', async () => {
  const window = await openWindow(browser, installation)
  const { page, context } = window
  await window.open(`${manage}/beleg`)
  const jws = await textOf(page, '.a-jws')
  await window.open('/segeberg/beleg')
  expect(await shown(page).count()).toBe(0)
  await context.setOffline(true)
  for (const [text, expected] of [
    [jws, 'valid'],
    [`${jws.slice(0, 150)}${jws[150] === 'A' ? 'B' : 'A'}${jws.slice(151)}`, 'forged'],
    ['<img src=x onerror=alert(1)>', 'noReceipt'],
    ['', 'noReceipt'],
    [JSON.stringify({ receipt: jws }), 'valid'],
  ] as const) {
    await page.locator('main textarea').fill(text)
    await page.locator('main form button').click()
    await page.locator(`[data-outcome=${expected}]`).waitFor()
    expect(await shown(page).count()).toBe(1)
  }
  await page.evaluate(
    (hash) => {
      location.hash = hash
    },
    jws.slice(0, -4),
  )
  await page.locator('[data-outcome=noReceipt]').waitFor()
})

test('in English it says the same, and a receipt of another Jobcenter leads there', async () => {
  const window = await openWindow(browser, installation)
  const { page } = window
  await window.open(`${english}/beleg`)
  const jws = await textOf(page, '.a-jws')
  await window.open(`/segeberg/en/beleg#${jws}`)
  expect(await outcome(window)).toBe('valid')
  expect(await textOf(page, '[data-outcome]:visible')).toMatch(
    /The receipt is genuine[\s\S]*The appointment was booked/,
  )
  await window.open(`/musterstadt/en/beleg#${jws}`)
  expect(await outcome(window)).toBe('elsewhere')
  await window.link('/segeberg/en/beleg#')
  expect(await outcome(window)).toBe('valid')
})

test('a browser without Ed25519 lets the server check, after a click', async () => {
  const window = await openWindow(browser, installation)
  const { page, context } = window
  await context.addInitScript(() => {
    crypto.subtle.importKey = () => Promise.reject(new DOMException('unknown', 'NotSupportedError'))
  })
  await window.open(`${manage}/beleg`)
  const jws = await textOf(page, '.a-jws')
  await window.open(`/segeberg/beleg#${jws}`)
  expect(await outcome(window)).toBe('unsupported')
  const answer = await window.follow(() => page.locator('main form button').click())
  expect([answer.request().method(), answer.status()]).toEqual(['POST', 200])
  expect(await outcome(window)).toBe('valid')
})

test('the printed receipt fits on one sheet, and in another language with the German on two', async () => {
  const window = await openWindow(browser, installation)
  const sheets = async (address: string): Promise<number> => {
    await window.open(`${address}/beleg`)
    const pdf = (await window.page.pdf({ format: 'A4' })).toString('latin1')
    return [...pdf.matchAll(/\/Type \/Page\b/g)].length
  }
  expect([await sheets(manage), await sheets(english)]).toEqual([1, 2])
})
