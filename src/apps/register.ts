import type { Feature } from '#features/feature.ts'
import type { Clock } from '#platform/clock.ts'
import { type Config, ConfigError } from '#platform/config.ts'
import { type Day, lawAsOf } from '#register/law/laws.ts'
import { notYetInForce } from '#register/load/check-tenant.ts'
import { loadRegister, loadRegisterInSteps, problemLine } from '#register/load/load.ts'
import { isFolder } from '#register/load/read.ts'
import type { Operator, Register } from '#register/register.ts'
import { claimsOf, features as shipped } from './features.ts'

/** The day it is in Germany, where all tenants are. */
export const dayOf = (clock: Clock): Day => clock().toZonedDateTimeISO('Europe/Berlin').toPlainDate().toString()

/** The register that this installation works by: law as of the day it was last checked, dates in the files as of today.
 *  A clock behind that day is a wrong one, and closes nobody.
 *  @throws ConfigError when there is no such folder. */
export const readRegister = (config: Config, clock: Clock): Register => loadRegister(...asked(config, clock, shipped))

/** The same for a server, which answers meanwhile. */
export const readRegisterInSteps = (config: Config, clock: Clock, features: readonly Feature[]): Promise<Register> =>
  loadRegisterInSteps(...asked(config, clock, features))

const asked = (config: Config, clock: Clock, features: readonly Feature[]): Parameters<typeof loadRegister> => {
  if (!isFolder(config.tenantsDir)) throw new ConfigError(`TENANTS_DIR: there is no folder ${config.tenantsDir}`)
  const today = dayOf(clock)
  const isBehind = today < lawAsOf
  return [config.tenantsDir, claimsOf(features), lawAsOf, isBehind ? lawAsOf : today]
}

/** What the operator of this installation declares: hosts, the window of backups.
 *  @throws ConfigError when `operator.yaml` cannot be read. */
export const declaredOperator = (config: Config, clock: Clock): Operator => {
  const { operator, problems } = readRegister(config, clock)
  if (!operator) throw new ConfigError(`TENANTS_DIR: ${problems.map(problemLine).join('\n  ')}`)
  return operator
}

/** What whoever starts the server has to know about tenants that run: a notice of a day to come. */
export const notesAtStart = ({ running, judged }: Register): string[] =>
  [...judged.values()]
    .filter(({ slug }) => running.has(slug))
    .flatMap(({ findings }) => findings)
    .filter(({ rule }) => rule === notYetInForce)
    .map(problemLine)
