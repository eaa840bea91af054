import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const find = (folder: string): string => {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('the folder of the project was not found')
  return find(parent)
}

/** The folder of the project, from the sources as well as from what the build made of them. */
export const projectRoot = find(import.meta.dirname)

/** Where this program itself lies: what the build made of it, or here among the sources. */
export const programDir = import.meta.dirname
