import { isUuid } from '#platform/random.ts'
import type { Problem } from '../register.ts'
import { nameOf } from './name-of.ts'
import type { Path, YamlFile } from './yaml.ts'

/* The files of tenants and operator are read by many: by reviewers, in the history of a repository, and by everybody in the
 * notice that is made of them. A secret has no place there. */

const names = /^(password|passwort|passphrase|kennwort|token|api-?key|private-?key|client-?secret|credentials?)$/i
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
const withPassword = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i

/** Signs that stand for chance: long, without a blank, letters and digits in turn. An id of a tenant is no secret. */
const isRandom = (text: string): boolean => {
  const count = (kind: RegExp) => text.match(kind)?.length ?? 0
  return /^[\w+/=-]{32,}$/.test(text) && count(/[a-z]/gi) > 3 && count(/\d/g) > 3 && !isUuid(text)
}

/** Whether something under this key looks like a secret. */
export const isSecret = (key: PropertyKey | undefined, value: unknown): boolean =>
  names.test(String(key)) ||
  (typeof value === 'string' && (privateKey.test(value) || withPassword.test(value) || isRandom(value)))

/** Where something stands that looks like a secret. The message does not repeat it. */
export const checkSecrets = (yaml: YamlFile): Problem[] => {
  const look = (value: unknown, path: Path): Problem[] => {
    if (isSecret(path.at(-1), value))
      return [
        yaml.at(
          path,
          `${nameOf(yaml.data, path)}: looks like a secret, which has no place in a file that many read`,
          "put it into a file of its own below SECRETS_DIR, name that under 'destination:', and make a new secret",
        ),
      ]
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) =>
      look(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    )
  }
  return look(yaml.data, [])
}
