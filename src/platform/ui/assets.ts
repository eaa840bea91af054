import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Addresses of the built browser files, e.g. `/assets/main-4f1c.js`. `script` is for every page, `receipt` for the
 *  one that checks receipts. */
export type Assets = { styles: readonly string[]; script: string; receipt: string }

type Manifest = Record<string, { file: string; css?: string[] }>

const base = '/' // Vite's own, unless vite.config.ts says otherwise
const entries = { main: 'src/browser/main.ts', receipt: 'src/browser/receipt.ts' }

/** Reads what `vite build` wrote to `clientDir`.
 *  @throws when the browser files have not been built. */
export const loadAssets = (clientDir: string): Assets => {
  const manifest = readManifest(clientDir)
  const find = (entry: string) => {
    const found = manifest[entry]
    if (!found) throw new Error(`no ${entry} among the browser files in ${clientDir}: run npm run build`)
    return found
  }
  const main = find(entries.main)
  return {
    script: base + main.file,
    styles: (main.css ?? []).map((file) => base + file),
    receipt: base + find(entries.receipt).file,
  }
}

const readManifest = (clientDir: string): Manifest => {
  try {
    return JSON.parse(readFileSync(join(clientDir, '.vite', 'manifest.json'), 'utf8')) as Manifest
  } catch (cause) {
    throw new Error(`no browser files in ${clientDir}: run npm run build`, { cause })
  }
}
