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
  const named = destinationsOf(running).flatMap(({ secret, activity }) =>
    secret === undefined ? [] : [{ secret, activity }],
  )
  const own = join(secretsDir, slug)
  const problem = (message: string, remedy: string): Problem => ({
    file: `${folder}/activities`,
    line: 1,
    message,
    remedy,
  })
  let lying: string[] = []
  try {
    // What begins with a dot is the operator's, e.g. of a volume that Kubernetes keeps.
    if (existsSync(own)) lying = readdirSync(own).filter((name) => !name.startsWith('.'))
  } catch (error) {
    return [
      problem(
        `${own} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
        'make it a folder that this program may read',
      ),
    ]
  }
  return [
    ...named.flatMap(({ secret, activity }) => {
      const fault = faultOfSecret(secretPath(secretsDir, slug, secret))
      return fault === null
        ? []
        : [problem(`${activity}: the secret '${secret}': ${fault}`, `put it there, for its owner alone (chmod 600)`)]
    }),
    ...lying
      .filter((name) => !named.some(({ secret }) => secret === name))
      .map((name) =>
        problem(`${join(own, name)} is named by no destination`, "remove the file, or name it under 'destination:'"),
      ),
  ]
}
