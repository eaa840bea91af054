import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { claims } from '#apps/features.ts'
import { bookableOf } from '#features/appointments/tenant.ts'
import { judgeTenants } from '#register/judge/tenants.ts'
import { lawAsOf } from '#register/law/laws.ts'
import { loadRegister } from '#register/load/load.ts'
import type { Activity, LookReason, Register, RunningTenant } from '#register/register.ts'

export { claims } from '#apps/features.ts'

/** The tenants that a test runs if it does not say which: each one makes it slower. */
export const usualTenants = ['musterstadt', 'segeberg']

/** Every tenant that ships, for a test that is about all of them. */
export const allTenants = ['duesseldorf', 'musterstadt', 'segeberg', 'viersen']

/** Takes out of a folder of tenants what makes the others run; the notices that they publish stay, to be judged. */
export const leaveRunning = (dir: string, slugs: readonly string[]): void => {
  for (const folder of readdirSync(dir, { withFileTypes: true })) {
    if (!folder.isDirectory() || slugs.includes(folder.name)) continue
    for (const name of ['tenant.yaml', 'activities'])
      rmSync(join(dir, folder.name, name), { recursive: true, force: true })
  }
}

/** A copy of shipped tenants to spoil, with every activity written out as a whole. `path` begins with the tenant's folder. */
export const copyTenants = (running: readonly string[] = usualTenants) => {
  const dir = mkdtempSync(join(tmpdir(), 'tenants-'))
  cpSync(inject('wholeTenants'), dir, { recursive: true })
  leaveRunning(dir, running)
  return {
    dir,
    load: () => loadRegister(dir, claims),
    judge: () => new Map(judgeTenants(dir, loadRegister(dir, claims), lawAsOf).map((one) => [one.slug, one])),
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

/** The version in an activity's file. */
const versionIn = (text: string): number => Number(/^version: '(\d+)'$/m.exec(text)?.[1])

/** An activity's file under its next version, as somebody writes it who changes what it promises. */
export const nextVersion = (text: string): string =>
  replaced(text, `version: '${versionIn(text)}'`, `version: '${versionIn(text) + 1}'`)

let shipped: Register | undefined
const asShipped = (): Register => {
  shipped ??= loadRegister('tenants', claims)
  return shipped
}

/** A tenant that has to run: as it ships, unless it is one of another register. */
export const runningTenant = (slug: string, register?: Register): RunningTenant => {
  const { running, quarantined } = register ?? asShipped()
  const tenant = running.get(slug)
  if (!tenant) throw new Error(`${slug} does not run: ${JSON.stringify(quarantined.get(slug)?.problems)}`)
  // What the program remembers by the object of a tenant must not go from one test to the next.
  return register ? tenant : { ...tenant }
}

/** A tenant that has to run, with what it says of appointments. */
export const bookableTenant = (slug: string, register?: Register) => bookableOf(runningTenant(slug, register))

/** A way into the records of an activity that it declares. */
export const lookingInto = ({ id, purposes }: Activity): LookReason => {
  const [found] = purposes.flatMap(({ id: purpose, opens = [] }) => opens.map((actor) => ({ purpose, actor })))
  if (!found) throw new Error(`nobody opens records of ${id}`)
  return found
}
