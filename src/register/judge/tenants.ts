import { existsSync } from 'node:fs'
import type { Day } from '../law/laws.ts'
import { foldersIn, parseAs, publishedPath, readFile } from '../load/read.ts'
import type { YamlFile } from '../load/yaml.ts'
import type { Judged, Problem, Register } from '../register.ts'
import type { Tenant } from '../schema-tenant.ts'
import { judge } from './judge.ts'
import { Published } from './published.ts'

const otherThan = (yaml: YamlFile, published: Published, tenant: Tenant): Problem[] =>
  (['kind', 'land'] as const)
    .filter((key) => published[key] !== tenant[key])
    .map((key) =>
      yaml.at(
        [key],
        `${key}: '${published[key]}' differs from tenant.yaml`,
        `write ${tenant[key]}, or correct tenant.yaml`,
      ),
    )

const judgePublished = (dir: string, slug: string, tenant: Tenant | null, on: Day): Omit<Judged, 'slug'> => {
  const yaml = readFile(publishedPath(dir, slug))
  const { value, problems } = parseAs(yaml, Published)
  if (!value) return { isRead: false, problems, findings: [] }
  return { isRead: true, problems: tenant ? otherThan(yaml, value, tenant) : [], findings: judge(yaml, value, on) }
}

/** What is said about the tenants below `dir` without stopping anybody: on the notice that each really publishes, by the law of
 *  the day `on`, and what the register found odd about its files. Whoever has neither is left out. */
export const judgeTenants = (dir: string, register: Register, on: Day): Judged[] =>
  foldersIn(dir).flatMap((slug) => {
    const odd = register.findings.get(slug) ?? []
    const isPublished = existsSync(publishedPath(dir, slug))
    if (!isPublished && odd.length === 0) return []
    const { isRead, problems, findings } = isPublished
      ? judgePublished(dir, slug, register.running.get(slug)?.tenant ?? null, on)
      : { isRead: true, problems: [], findings: [] }
    return [{ slug, isRead, problems, findings: [...odd, ...findings] }]
  })
