import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { isMissing, shippedCatalogue } from '#register/load/catalogue.ts'
import { printYaml } from '#register/load/print.ts'
import { readTenant } from '#register/load/read.ts'
import { toData } from '#register/load/tree.ts'
import { temporaryFolder } from './folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the shipped tenants, with everything written out that they take of the catalogue: for tests that change
     *  a line of it. */
    wholeTenants: string
  }
}

const part = (name: string): string => {
  const found = shippedCatalogue().find('part', name)
  if (isMissing(found)) throw new Error(found.message)
  return printYaml(toData(found)).trimEnd()
}

/** Parts in place of the lines that use them; the rest, with its remarks, as it is. */
const withParts = (text: string): string =>
  text.replace(
    /^( *)(\w+): \{ use: (\S+) \}$/gm,
    (_line, indent: string, key: string, name: string) =>
      `${indent}${key}:\n${part(name).replace(/^(?=.)/gm, `${indent}  `)}`,
  )

/** Writes the shipped tenants out, once for the whole run. */
export default (project: TestProject) => {
  const dir = temporaryFolder('tenants')
  cpSync('tenants', dir, { recursive: true })
  for (const file of globSync('*/tenant.yaml', { cwd: dir })) {
    const { activities } = readTenant(join(dir, file, '..'), shippedCatalogue())
    for (const { file: path, data } of activities) writeFileSync(path, printYaml(data))
    writeFileSync(join(dir, file), withParts(readFileSync(join(dir, file), 'utf8')))
  }
  project.provide('wholeTenants', dir)
  return () => rmSync(dir, { recursive: true, force: true })
}
