import { cpSync, globSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { shippedCatalogue } from '#register/load/catalogue.ts'
import { printYaml } from '#register/load/print.ts'
import { readTenant } from '#register/load/read.ts'
import { temporaryFolder } from './folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the shipped tenants, with every activity written out as a whole: for tests that change a line of it. */
    wholeTenants: string
  }
}

/** Writes the shipped tenants' activities out, once for the whole run. */
export default (project: TestProject) => {
  const dir = temporaryFolder('tenants')
  cpSync('tenants', dir, { recursive: true })
  for (const folder of globSync('*/activities', { cwd: dir })) {
    const { activities } = readTenant(join(dir, folder, '..'), shippedCatalogue())
    for (const { file, data } of activities) writeFileSync(file, printYaml(data))
  }
  project.provide('wholeTenants', dir)
  return () => rmSync(dir, { recursive: true, force: true })
}
