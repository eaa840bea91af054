import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { judge } from '../judge/judge.ts'
import { Published } from '../judge/published.ts'
import type { Day } from '../law/laws.ts'
import type { Finding, Judged, Problem } from '../register.ts'
import type { Tenant } from '../schema-tenant.ts'
import { judgeTenant } from './check-tenant.ts'
import { parseAs, readFile } from './read.ts'
import type { YamlFile } from './yaml.ts'

const publishedPath = (dir: string, slug: string): string => join(dir, slug, 'published.yaml')

/** Whether somebody is only judged here: there is what they publish, and nothing that could run. */
export const isOnlyJudged = (dir: string, slug: string): boolean =>
  existsSync(publishedPath(dir, slug)) &&
  !existsSync(join(dir, slug, 'tenant.yaml')) &&
  !existsSync(join(dir, slug, 'activities'))

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

/** What is said about a tenant without stopping it: on its published notice, and on what could not be compared. The law is
 *  that of the day `on`, dates in the files are held against `today`. */
export const judgeAll = (
  dir: string,
  slug: string,
  loaded: { yaml: YamlFile; tenant: Tenant | null } | undefined,
  { on, today }: { on: Day; today: Day },
): Judged[] => {
  const own: Finding[] = loaded?.tenant ? judgeTenant(loaded.yaml, loaded.tenant, today) : []
  const isPublished = existsSync(publishedPath(dir, slug))
  if (!isPublished && own.length === 0) return []
  const { isRead, problems, findings } = isPublished
    ? judgePublished(dir, slug, loaded?.tenant ?? null, on)
    : { isRead: true, problems: [], findings: [] }
  return [{ slug, isRead, problems, findings: [...own, ...findings] }]
}
