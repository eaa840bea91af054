import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Deps } from '#features/feature.ts'
import { connectingTo } from '#platform/outbound.ts'
import { faultOfSecret, readSecret, secretPath } from '#platform/secrets.ts'
import { destinationsOf } from '#register/destinations.ts'
import type { Problem, RunningTenant } from '#register/register.ts'

/** Lets a tenant's work reach what that tenant declares, and nothing else. */
export const reachDeclared =
  (secretsDir: string): Deps['reach'] =>
  async (running, use, work) => {
    const found = destinationsOf(running).find((declared) => declared.for === use)
    const { slug } = running.tenant
    if (!found) throw new Error(`${slug} declares no destination for ${use}`)
    const { host, secret } = found
    const proof = secret === undefined ? null : readSecret(secretPath(secretsDir, slug, secret))
    return connectingTo({ host }, () => work({ host, secret: proof }))
  }

/** Secrets that a tenant's files name and nobody has put there, or that others can read; and files that they do not name. */
export const compareSecrets = (folder: string, running: RunningTenant, secretsDir: string): Problem[] => {
  const { slug } = running.tenant
  const named = destinationsOf(running).flatMap((each) => (each.secret === undefined ? [] : [each.secret]))
  const own = join(secretsDir, slug)
  const lying = existsSync(own) ? readdirSync(own) : []
  const problem = (message: string, remedy: string): Problem => ({
    file: `${folder}/tenant.yaml`,
    line: 1,
    message,
    remedy,
  })
  return [
    ...named.flatMap((name) => {
      const fault = faultOfSecret(secretPath(secretsDir, slug, name))
      return fault === null
        ? []
        : [problem(`the secret '${name}': ${fault}`, `put it there, for its owner alone (chmod 600)`)]
    }),
    ...lying
      .filter((name) => !named.includes(name))
      .map((name) =>
        problem(`${join(own, name)} is named by no destination`, "remove the file, or name it under 'destination:'"),
      ),
  ]
}
