import { type Config, ConfigError } from '#platform/config.ts'
import { loadRegister, problemLine } from '#register/load/load.ts'
import type { Operator } from '#register/register.ts'
import { needs } from './features.ts'

/** What the operator of this installation declares: hosts, the window of backups.
 *  @throws ConfigError when `operator.yaml` cannot be read. */
export const declaredOperator = (config: Config): Operator => {
  const { operator, problems } = loadRegister(config.tenantsDir, needs)
  if (!operator) throw new ConfigError(`TENANTS_DIR: ${problems.map(problemLine).join('\n  ')}`)
  return operator
}
