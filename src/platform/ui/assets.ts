import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Addresses of the built browser files, e.g. `/assets/assets/main-4f1c.js`. */
export type Assets = { styles: readonly string[]; script: string }

type Manifest = Record<string, { file: string; css?: string[] }>

const base = '/assets/' // as in vite.config.ts
const entry = 'src/browser/main.ts'

/** Reads what `vite build` wrote to `clientDir`.
 *  @throws when the browser files have not been built. */
export const loadAssets = (clientDir: string): Assets => {
  const main = readManifest(clientDir)[entry]
  if (!main) throw new Error(`no ${entry} among the browser files in ${clientDir}: run npm run build`)
  return { script: base + main.file, styles: (main.css ?? []).map((file) => base + file) }
}

const readManifest = (clientDir: string): Manifest => {
  try {
    return JSON.parse(readFileSync(join(clientDir, '.vite', 'manifest.json'), 'utf8')) as Manifest
  } catch (cause) {
    throw new Error(`no browser files in ${clientDir}: run npm run build`, { cause })
  }
}
