import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

// Some systems put a script there that only says where to get the browser.
const runs = (path) => existsSync(path) && spawnSync(path, ['--version'], { timeout: 30_000 }).status === 0

const systemBrowser = () => {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...applications]
  return candidates.find(runs) ?? null
}

const playwrightBrowser = async () => {
  try {
    const { chromium } = await import('playwright-core')
    const path = chromium.executablePath()
    return runs(path) ? path : null
  } catch {
    return null // not installed yet
  }
}

/** Finds a Chromium or Chrome: the one that CHROMIUM_PATH names, the system's, or Playwright's download. */
export const findBrowser = async () => {
  const named = process.env.CHROMIUM_PATH
  if (!named) return systemBrowser() ?? (await playwrightBrowser())
  if (!runs(named)) throw new Error(`CHROMIUM_PATH is ${named}, but no browser runs there.`)
  return named
}
