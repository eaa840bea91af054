// Makes the pictures of the README: starts the built product on a folder of its own, books an appointment in a real
// browser and photographs the phone and the mail. Run "npm run build" first, then "node scripts/screenshots.mjs".
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { findBrowser } from './browser.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs', 'images')
const email = 'erika.mustermann@example.org'

const freePort = () =>
  new Promise((resolve) => {
    const socket = createServer().listen(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

const startProduct = async (dataDir) => {
  const port = await freePort()
  const server = spawn(process.execPath, [join(root, 'bin', 'anlaufstelle.mjs'), 'serve'], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: '', SMTP_URL: '', PUBLIC_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => {
    server.stdout.on('data', (text) => String(text).includes('Ready:') && resolve())
    server.on('exit', (code) => reject(new Error(`the product ended with code ${code}`)))
  })
  const ended = new Promise((resolve) => server.removeAllListeners('exit').once('exit', resolve))
  return { url: `http://localhost:${port}`, stop: () => server.kill('SIGTERM') && ended }
}

const photograph = async (page, url) => {
  const next = () =>
    Promise.all([page.waitForEvent('load'), page.locator('main form button:not([formaction])').last().click()])
  await page.goto(`${url}/musterstadt/termin/zeit?leistung=beratung-vor-ort`)
  await page.locator('main [type=radio][name=beginn]').nth(4).check()
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: join(images, 'phone.png') })
  await next()
  const typed = {
    name: 'Erika Mustermann',
    'birthDate.day': '12',
    'birthDate.month': '8',
    'birthDate.year': '1984',
    email,
  }
  for (const [name, value] of Object.entries(typed)) await page.locator(`[name="f.${name}"]`).fill(value)
  await next()
  for (const box of await page.locator('main .a-choice-label').all()) await box.click()
  await next()
  await next()
  for (;;) {
    await page.goto(`${url}/_mailbox`)
    if ((await page.locator('main a').count()) > 0) break
    await page.waitForTimeout(200)
  }
  await page.locator('main a').first().click()
  return page.locator('details pre').filter({ hasText: '<!doctype html>' }).first().textContent()
}

const main = async () => {
  mkdirSync(images, { recursive: true })
  const dataDir = mkdtempSync(join(tmpdir(), 'anlaufstelle-pictures-'))
  const product = await startProduct(dataDir)
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: ['--no-sandbox'] })
  try {
    const phone = { viewport: { width: 360, height: 896 }, deviceScaleFactor: 2, locale: 'de-DE' }
    const mail = await photograph(await (await browser.newContext(phone)).newPage(), product.url)
    const page = await (await browser.newContext(phone)).newPage()
    await page.setContent(mail)
    await page.screenshot({ path: join(images, 'mail.png') })
  } finally {
    await browser.close()
    await product.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  console.log(`phone.png and mail.png are in ${images}`)
}

await main()
