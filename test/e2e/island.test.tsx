import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { protectiveHeaders } from '#apps/headers.ts'
import { type Assets, loadAssets } from '#platform/ui/assets.ts'
import { Document, renderDocument } from '#platform/ui/document.tsx'
import viteConfig from '../../vite.config.ts'
import { Counter } from '../fixtures/features/probe/browser/counter.tsx'
import { startBrowser } from '../helpers/browser.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/* An island, from its file through build, manifest and server into a browser under the strict policy. */

const folder = temporaryFolder('island')
let browser: Browser
let assets: Assets
beforeAll(async () => {
  const config = viteConfig({ command: 'build', mode: 'production' })
  const input = ['src/browser/main.ts', 'test/fixtures/features/probe/browser/counter.tsx']
  const own = { ...config.build, outDir: folder, rollupOptions: { input } }
  await build({ ...config, configFile: false, logLevel: 'error', build: own })
  assets = loadAssets(folder)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

const page = () =>
  renderDocument(
    <Document
      language="de"
      title="Probe"
      assets={assets}
      islands={['probe/counter']}
      skipText="Zum Inhalt"
      header={{ jobcenter: 'Jobcenter Musterstadt', service: 'Anlaufstelle', href: '/' }}
      footer={{ label: 'Fuß', links: [] }}
    >
      <h1>Probe</h1>
      <Counter words={'Gedrückt, "oft" & <gern>'} from={3} />
    </Document>,
  )

test('an island is there without JavaScript, comes alive with it, and brings its own styles', async () => {
  const headers = protectiveHeaders({ publicUrl: 'http://localhost' })
  const types: Record<string, string> = { js: 'text/javascript', css: 'text/css' }
  const server = createServer(({ url = '/' }, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('content-type', types[url.split('.').pop() ?? ''] ?? 'text/html; charset=utf-8')
    response.end(url.startsWith('/assets/') ? readFileSync(join(folder, url)) : page())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const seen = async (javaScriptEnabled: boolean) => {
      const window = await browser.newPage({ javaScriptEnabled })
      const faults: string[] = []
      window.on('console', (message) => faults.push(message.text()))
      window.on('pageerror', (error) => faults.push(error.message))
      await window.goto(`${origin}/`, { waitUntil: 'load' })
      const button = window.getByRole('button')
      const before = await button.textContent()
      await button.click()
      const after = await button.textContent()
      const { width } = (await button.boundingBox()) ?? { width: 0 }
      await window.close()
      return { before, after, width, faults }
    }
    const before = 'Gedrückt, "oft" & <gern>: 3'
    expect(await seen(false)).toEqual({ before, after: before, width: 321, faults: [] })
    expect(await seen(true)).toEqual({ before, after: before.replace('3', '4'), width: 321, faults: [] })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('a page that names an island that nobody has built is a fault, not a page without it', () => {
  expect(() => assets.island('probe/nothing')).toThrow('no probe/nothing among the browser files')
})
