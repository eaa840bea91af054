import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { pagesOf } from '#apps/guards.ts'
import { type Language, languages } from '#platform/i18n/translate.ts'
import { openWindow, startBrowser, type Window } from '#test/helpers/browser.ts'
import { accessibility, announcement, bringAxe, layout, markup } from '#test/helpers/inspect.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { type Stop, walk, walkElsewhere, withClosedTenant, withOlderVersion } from '#test/helpers/walk.ts'

// Every page, and everything that can go wrong on the way to an appointment, looked at in a real browser. With
// SCREENSHOTS=<folder> there is a picture of each afterwards.
const pictures = process.env.SCREENSHOTS

let installation: Installation
let browser: Browser
beforeAll(async () => {
  installation = await startInstallation({
    listen: true,
    tenants: ['duesseldorf', 'musterstadt', 'segeberg', 'viersen'],
    edit: withClosedTenant,
  })
  await withOlderVersion(installation)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await installation?.close()
})

/** What differs from run to run, by name. */
const anyRun = (tree: string): string =>
  tree
    .replaceAll(installation.config.publicUrl, 'ORIGIN')
    .replaceAll(new URL(installation.config.publicUrl).host, 'HOST')
    .replace(/^ *- \/url: .*\n/gm, '') // nobody hears them
    .replace(/^( *- status): \d+ Zeichen.*/gm, '$1') // said a moment after the typing
    .replace(/\beyJ[\w.-]+/g, 'RECEIPT')
    .replace(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replace(/\b[0-9a-f]{12}\b/g, 'VERSION') // of a notice: it goes by every word of it, in each language
    .replace(/(?<=Spätestens um )\d\d:\d\d/g, 'TIME')
    .replace(/(?<=verwalten\/|vormerkung=)[\w-]{22,36}/g, 'LINK')
    .replace(/\b[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}\b/g, 'REFERENCE')

/** Pages that are a file, or that only send people on. */
const notPages = /\.txt$|\.jsonl?d?$|\.ics$|\*$/

async function* everywhere(window: Window, language: Language): AsyncGenerator<Stop> {
  yield* walkElsewhere(installation, window, language)
  yield* walk(installation, window, language)
}

test.each(languages)('every page is accessible, valid and fits the screen (%s)', async (language) => {
  const window = await openWindow(browser, installation)
  const { page, context } = window
  await bringAxe(context)
  const wrong: string[] = []
  const visited = new Set<string>()
  let before = { title: '', pathname: '' }
  for await (const { name, response } of everywhere(window, language)) {
    const findings = [
      ...(await announcement(page)),
      ...(await markup(await response.text())),
      ...(await accessibility(page, language === 'de')), // colours speak no language
      ...(await layout(page)),
    ]
    const { pathname } = new URL(page.url())
    if ((await page.title()) === before.title && pathname !== before.pathname) findings.push('the title did not change')
    before = { title: await page.title(), pathname }
    wrong.push(...findings.map((finding) => `${name}: ${finding}`))
    visited.add(
      new URL(page.url()).pathname
        .replace(/\/[\w-]{22}(?=\/|$)/, '/:token')
        .replace(/^\/(segeberg|musterstadt|viersen)(\/(en|ar))?(?=\/|$)/, '')
        .replace(/angebot\/[0-9a-f-]{36}/, 'angebot/:offer')
        .replace(/\/[0-9a-f]{64}(?=\/|$)/, '/:hash')
        .replace(/\/appointments-booking$/, '/:part'),
    )
    if (language === 'de' && !name.startsWith('version')) {
      const tree = anyRun(await page.locator('main').ariaSnapshot())
      await expect(`${tree}\n`).toMatchFileSnapshot(`trees/${name}.txt`)
    }
    if (pictures) await page.screenshot({ path: `${pictures}/${language}-${name}.png`, fullPage: true })
  }
  const tenants = [...installation.deps.register.running.values()]
  const pages = pagesOf(features).filter(
    ({ method, elsewhere, where }) => method === 'GET' && !elsewhere && (!where || tenants.some(where)),
  )
  const missed = pages.map(({ route }) => route.path).filter((path) => !visited.has(path) && !notPages.test(path))
  expect(missed).toEqual([])
  expect(wrong).toEqual([])
})
