import type { Config } from '#platform/config.ts'
import { loadRegister, problemLine } from '#register/load.ts'
import { type Command, options, say, UsageError } from '../command.ts'
import { needs } from '../features.ts'

const checkTenants = async (config: Config, args: string[]): Promise<number> => {
  const { positionals } = options(args, {})
  if (positionals[0] !== 'check') throw new UsageError('say: tenant check [folder]')
  const register = loadRegister(positionals[1] ?? config.tenantsDir, needs)
  for (const problem of register.problems) say(problemLine(problem))
  for (const slug of register.running.keys()) say(`${slug}: in order`)
  for (const { problems } of register.quarantined.values()) for (const problem of problems) say(problemLine(problem))
  return register.problems.length === 0 && register.quarantined.size === 0 ? 0 : 1
}

export const tenant: Command = {
  name: 'tenant',
  usage: 'tenant check [folder]',
  about: 'check the files of all tenants; names file, line and remedy',
  run: checkTenants,
}
