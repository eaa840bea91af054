import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files of one entry. */
export type AssetEntry = { script: string; styles: readonly string[] }

/** Addresses of the built browser files, e.g. `/assets/main-4f1c.js`: what every page has, and what only some have
 *  besides. */
export type Assets = AssetEntry & {
  /** The island of a feature, by its name, e.g. `appointments/receipt`. @throws when there is none. */
  island: (name: string) => AssetEntry
}

type Manifest = Record<string, { file: string; isEntry?: boolean; css?: string[] }>

const base = '/' // Vite's own, unless vite.config.ts says otherwise
const main = 'src/browser/main.ts'
const ofFeature = /^.*\bfeatures\/([\w-]+)\/browser\/([\w-]+)\.tsx?$/

/** Reads what `vite build` wrote to `clientDir`.
 *  @throws when the browser files have not been built. */
export const loadAssets = (clientDir: string): Assets => {
  const entries = Object.entries(readManifest(clientDir))
    .filter(([, { isEntry }]) => isEntry)
    .map(([path, { file, css = [] }]): [string, AssetEntry] => [
      path.replace(ofFeature, '$1/$2'),
      { script: base + file, styles: css.map((each) => base + each) },
    ])
  const byName = new Map(entries)
  const find = (name: string): AssetEntry => {
    const found = byName.get(name)
    if (!found) throw new Error(`no ${name} among the browser files in ${clientDir}: run npm run build`)
    return found
  }
  return { ...find(main), island: find }
}

const readManifest = (clientDir: string): Manifest => {
  try {
    return JSON.parse(readFileSync(join(clientDir, '.vite', 'manifest.json'), 'utf8')) as Manifest
  } catch (cause) {
    throw new Error(`no browser files in ${clientDir}: run npm run build`, { cause })
  }
}
