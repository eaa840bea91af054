import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needs } from '#apps/features.ts'
import { loadRegister } from '#register/load/load.ts'
import type { RunningTenant } from '#register/register.ts'

export { needs } from '#apps/features.ts'

/** A copy of the shipped tenants to spoil. `path` begins with the tenant's folder. */
export const copyTenants = () => {
  const dir = mkdtempSync(join(tmpdir(), 'tenants-'))
  cpSync('tenants', dir, { recursive: true })
  return {
    dir,
    load: () => loadRegister(dir, needs),
    read: (path: string) => readFileSync(join(dir, path), 'utf8'),
    write: (path: string, text: string | Uint8Array) => writeFileSync(join(dir, path), text),
    remove: (path: string) => rmSync(join(dir, path)),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

/** Replaces the first occurrence. @throws if there is none, so that a test cannot spoil nothing. */
export const replaced = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`no '${from}' to replace`)
  return text.replace(from, () => to)
}

/** A tenant that has to run. */
export const runningTenant = (
  slug: string,
  { running, quarantined } = loadRegister('tenants', needs),
): RunningTenant => {
  const tenant = running.get(slug)
  if (!tenant) throw new Error(`${slug} does not run: ${JSON.stringify(quarantined.get(slug)?.problems)}`)
  return tenant
}
