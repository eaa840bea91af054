import { type Config, ConfigError } from '#platform/config.ts'
import { loadRegister, problemLine } from '#register/load/load.ts'
import { needs } from '../features.ts'

/** How long the operator declares that keys stay in backups: what was erased could come back for this long at the most.
 *  @throws ConfigError when `operator.yaml` cannot be read. */
export const declaredWindow = (config: Config): string => {
  const { operator, problems } = loadRegister(config.tenantsDir, needs)
  if (!operator) throw new ConfigError(`TENANTS_DIR: ${problems.map(problemLine).join('\n  ')}`)
  return operator.backup.window
}
