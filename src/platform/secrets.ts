import { readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

/** A password, token or key is a few lines; whatever is larger is the wrong file. */
const mostBytes = 65_536

/** Where the file of a secret lies. `owner`: the slug of whoever it belongs to; `name`: what the register calls it. */
export const secretPath = (secretsDir: string, owner: string, name: string): string => join(secretsDir, owner, name)

/** What is wrong with the file of a secret, in words that show nothing of it; null when it can be read. Like the master
 *  key's, it has to be a file of its own that only its owner reads. */
export const faultOfSecret = (path: string): string | null => {
  let found: Stats | undefined
  try {
    found = statSync(path, { throwIfNoEntry: false })
  } catch {
    return `${path} cannot be looked at`
  }
  if (found === undefined) return `there is no file ${path}`
  if (!found.isFile()) return `${path} is no file`
  if ((found.mode & 0o077) !== 0) return `${path} can be read by others than its owner`
  if (found.size === 0 || found.size > mostBytes) return `${path} is empty, or larger than ${mostBytes} bytes`
  return null
}

/** A secret, read when it is needed, so that a new one counts at once; without the end of its last line.
 *  @throws ConfigError when there is none that only its owner reads. */
export const readSecret = (path: string): string => {
  const fault = faultOfSecret(path)
  if (fault !== null) throw new ConfigError(`SECRETS_DIR: ${fault}`)
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
}
