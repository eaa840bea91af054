import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { languages } from '#platform/i18n/translate.ts'
import { openWindow, startBrowser } from '#test/helpers/browser.ts'
import { accessibility, announcement, bringAxe, layout, markup } from '#test/helpers/inspect.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { walk, withClosedTenant, withOlderVersion } from '#test/helpers/walk.ts'

// Every page, and everything that can go wrong on the way to an appointment, looked at in a real browser. With
// SCREENSHOTS=<folder> there is a picture of each afterwards.
const pictures = process.env.SCREENSHOTS

let installation: Installation
let browser: Browser
beforeAll(async () => {
  installation = await startInstallation({ listen: true, edit: withClosedTenant })
  await withOlderVersion(installation)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await installation?.close()
})

/** Pages that are a file, or that only send people on. */
const notPages =
  /\.txt$|\.jsonl?d?$|\.ics$|\/(vormerken|verlaengern|einwilligung|pruefen|buchen|code|ansehen|export|termine|ausfuehren|zuruecknehmen|datei)$/

test.each(languages)(
  'every page is accessible, valid and fits the screen (%s)',
  async (language) => {
    const window = await openWindow(browser, installation)
    const { page, context } = window
    await bringAxe(context)
    const wrong: string[] = []
    const visited = new Set<string>()
    let before = { title: '', pathname: '' }
    for await (const { name, response } of walk(installation, window, language)) {
      const findings = [
        ...(await announcement(page)),
        ...(await markup(await response.text())),
        ...(await accessibility(page, language === 'de')), // colours speak no language
        ...(await layout(page)),
      ]
      const { pathname } = new URL(page.url())
      if ((await page.title()) === before.title && pathname !== before.pathname)
        findings.push('the title did not change')
      before = { title: await page.title(), pathname }
      wrong.push(...findings.map((finding) => `${name}: ${finding}`))
      visited.add(
        new URL(page.url()).pathname
          .replace(/\/[\w-]{22}(?=\/|$)/, '/:token')
          .replace(/^\/segeberg(\/(en|ar))?/, '')
          .replace(/\/[0-9a-f]{64}(?=\/|$)/, '/:hash')
          .replace(/\/appointments-booking$/, '/:part'),
      )
      if (pictures) await page.screenshot({ path: `${pictures}/${language}-${name}.png`, fullPage: true })
    }
    const pages = features.flatMap((feature) => feature.pages).filter(({ method }) => method === 'GET')
    const missed = pages.map(({ route }) => route.path).filter((path) => !visited.has(path) && !notPages.test(path))
    expect(missed).toEqual([])
    expect(wrong).toEqual([])
    expect(window.complaints).toEqual([])
    expect(window.foreign).toEqual([])
  },
  120_000,
)
