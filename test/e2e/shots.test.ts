import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { openWindow, startBrowser } from '../helpers/browser.ts'
import { type Installation, startInstallation } from '../helpers/installation.ts'
import { walk, withClosedTenant } from '../helpers/walk.ts'

let installation: Installation
let browser: Browser
beforeAll(async () => {
  installation = await startInstallation({ listen: true, edit: withClosedTenant })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await installation.close()
})
test.each(['de', 'en'] as const)(
  'shots %s',
  async (l) => {
    mkdirSync('/tmp/shots', { recursive: true })
    const w = await openWindow(browser, installation)
    let n = 0
    for await (const s of walk(installation, w, l)) {
      n++
      const f = (x: string) => ({
        path: `/tmp/shots/${l}-${String(n).padStart(2, '0')}-${s.name}-${x}.png`,
        fullPage: true,
      })
      console.log(l, s.name, s.response.status(), await w.page.title())
      await w.page.screenshot(f('360'))
      if (l === 'de') {
        await w.page.emulateMedia({ colorScheme: 'dark' })
        await w.page.screenshot(f('dark'))
        await w.page.emulateMedia({ colorScheme: 'light' })
        await w.page.setViewportSize({ width: 1280, height: 900 })
        await w.page.screenshot(f('1280'))
        await w.page.setViewportSize({ width: 360, height: 740 })
      }
    }
    console.log(w.complaints, w.foreign)
  },
  120000,
)
