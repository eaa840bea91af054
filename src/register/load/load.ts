import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { languages } from '#platform/i18n/translate.ts'
import { additionsMeant, type Claims, schemasOf, type TenantAddition } from '../addition.ts'
import { type Day, lawAsOf } from '../law/laws.ts'
import {
  type ActivityNeeds,
  type Finding,
  formatsOf,
  type Problem,
  type QuarantinedTenant,
  type Register,
  type RunningTenant,
} from '../register.ts'
import { Operator, type Tenant } from '../schema-tenant.ts'
import { type Catalogue, shippedCatalogue } from './catalogue.ts'
import { checkActivity } from './check-activity.ts'
import { checkActs } from './check-bases.ts'
import { checkDestinations } from './check-destinations.ts'
import { checkLanguages } from './check-languages.ts'
import { checkOperatorFile } from './check-operator.ts'
import { checkSecrets } from './check-secrets.ts'
import { checkTenant, oddIn } from './check-tenant.ts'
import { checkTogether } from './check-together.ts'
import { declarationsOf } from './declarations.ts'
import { checkOperator, checkProcessors, operatorAsRecipient, withOperator } from './operator.ts'
import { foldersIn, isOnlyJudged, parseAs, readFile, readTenant, shownPath } from './read.ts'
import type { LoadedActivity, ReadOperator } from './shared.ts'

/** A problem in one line: `tenants/segeberg/activities/x.yaml:12: message → remedy`. */
export const problemLine = ({ file, line, message, remedy }: Problem): string =>
  `${file}:${line}: ${message} → ${remedy}`

const idOf = (data: unknown): string | null => {
  const id = (data as { id?: unknown } | null | undefined)?.id
  return typeof id === 'string' ? id : null
}

/** The law of the day `on`, dates in the files on `today`. */
type Days = { on: Day; today: Day }
type Held = Days & { operator: ReadOperator; claims: Claims; catalogue: Catalogue }

/** What features need of a tenant with these additions: an activity of another may be missing. */
const owed = ({ needs, additions }: Claims, had: readonly TenantAddition[]): ActivityNeeds[] =>
  needs.map((need) => {
    const addition = additions.find(({ activity }) => activity === need.activity)
    return addition && !had.includes(addition) ? { ...need, optional: true } : need
  })

const loadTenant = (dir: string, slug: string, { operator, claims, catalogue, on, today }: Held) => {
  const files = readTenant(join(dir, slug), catalogue)
  const declared = files.activities.flatMap((yaml) => {
    const id = idOf(yaml.data)
    return id === null ? [] : [{ yaml, id }]
  })
  const ids = declared.map(({ id }) => id)
  const additions = additionsMeant(claims.additions, files.tenant.data, ids)
  const { Tenant, Activity } = schemasOf(additions)
  const tenant = parseAs(files.tenant, Tenant)
  const parsed = files.activities.map((yaml) => ({ yaml, ...parseAs(yaml, Activity) }))
  const loaded: LoadedActivity[] = parsed.flatMap(({ yaml, value }) => (value ? [{ yaml, activity: value }] : []))
  // A file that cannot even be read may be any activity: what else is missing shows once it can.
  const unreadable = files.activities.some(({ data }) => idOf(data) === null)
  const folder = shownPath(join(dir, slug, 'activities'))
  const ofTenant = tenant.value
  const problems: Problem[] = [
    ...tenant.problems,
    ...(ofTenant ? checkTenant(files.tenant, ofTenant, slug, today) : []),
    ...additions.flatMap(({ check }) => (ofTenant ? check(files.tenant, ofTenant) : [])),
    ...(ofTenant ? checkLanguages(files.tenant, ofTenant.languages) : []),
    ...(ofTenant && operator.value ? checkOperator(files.tenant, ofTenant, operator.value) : []),
    ...files.problems,
    ...[files.tenant, ...files.activities].flatMap(checkSecrets),
    ...checkDestinations(loaded),
    ...parsed.flatMap((one) => one.problems),
    ...loaded.flatMap((one) => checkActivity(one, on, today)),
    ...loaded.flatMap((one) => (ofTenant ? checkActs(one, ofTenant) : [])),
    ...loaded.flatMap(({ yaml }) => (ofTenant ? checkLanguages(yaml, ofTenant.languages) : [])),
    ...loaded.flatMap(({ yaml, activity }) => (ofTenant ? checkProcessors(yaml, ofTenant, activity) : [])),
    ...(unreadable ? [] : checkTogether({ folder, declared, loaded, catalogue }, owed(claims, additions))),
  ]
  const activities = loaded.map(({ activity }) => activity)
  const declarations = declarationsOf(files, loaded, operator)
  return { slug, yaml: files.tenant, tenant: tenant.value, activities, hash: files.hash, declarations, problems }
}

type LoadedTenant = ReturnType<typeof loadTenant>

/** Tenants are kept apart by their id, so two with the same one must not run, whichever is the copy. */
const sameId = (one: LoadedTenant, all: readonly LoadedTenant[]): Problem[] => {
  const twin = all.find((other) => other !== one && one.tenant && other.tenant?.id === one.tenant.id)
  return twin
    ? [
        one.yaml.at(
          ['id'],
          `id: the tenant '${twin.slug}' has the same`,
          'write a new UUID into the newer of the two; `uuidgen` makes one',
        ),
      ]
    : []
}

/** What is left to put together once a tenant has no fault. */
const runnable = (
  { activities, hash, declarations }: LoadedTenant,
  tenant: Tenant,
  operator: Operator,
  formatOf: RunningTenant['formatOf'],
): RunningTenant => {
  const recipient = operatorAsRecipient(operator, tenant)
  return {
    tenant,
    operator,
    activities: new Map(activities.map((activity) => [activity.id, withOperator(activity, recipient)])),
    declarations,
    formatOf,
    hash: hash.copy().update(JSON.stringify(operator)).digest('hex'),
  }
}

/** The operator, or what is wrong with it. */
const readOperator = (path: string): ReadOperator => {
  const yaml = readFile(path)
  const { value, problems } = parseAs(yaml, Operator)
  const found = value
    ? [...checkOperatorFile(yaml, value), ...checkSecrets(yaml), ...checkLanguages(yaml, languages)]
    : problems
  return { yaml, value: found.length === 0 ? value : null, problems: found }
}

/**
 * Reads `operator.yaml` and every tenant below `dir`: `<slug>/tenant.yaml` and `<slug>/activities/*.yaml`, and holds
 * them against the schema, the law of the day `on` as far as it can be checked, and what the features need. No contract is
 * dated after `today`. A tenant with any problem is quarantined, the others run; without an operator none runs. `<slug>/published.yaml`, what somebody
 * really publishes, is not read: it enforces nothing, and `judgeTenants` says what is wrong with it.
 * @throws if `dir` cannot be read.
 */
export const loadRegister = (...given: Parameters<typeof loading>): Register => {
  const steps = loading(...given)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same, with room between two tenants for whatever else this process has to answer: of many, reading takes seconds.
 *  @throws if `dir` cannot be read. */
export const loadRegisterInSteps = async (...given: Parameters<typeof loading>): Promise<Register> => {
  const steps = loading(...given)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await nextTurn()
  }
}

/** Reads one tenant after the other; see `loadRegister`. */
function* loading(
  dir: string,
  claims: Claims,
  on: Day = lawAsOf,
  today: Day = on,
  catalogue: Catalogue = shippedCatalogue(),
): Generator<undefined, Register, undefined> {
  const slugs = foldersIn(dir)
  const operator = readOperator(join(dir, 'operator.yaml'))
  const all: LoadedTenant[] = []
  for (const slug of slugs.filter((each) => !isOnlyJudged(dir, each))) {
    all.push(loadTenant(dir, slug, { operator, claims, catalogue, on, today }))
    yield
  }
  const formatOf = formatsOf(claims.needs)
  const running = new Map<string, RunningTenant>()
  const quarantined = new Map<string, QuarantinedTenant>()
  for (const one of all) {
    const problems = [...one.problems, ...sameId(one, all)]
    const { slug, tenant } = one
    if (!tenant || problems.length > 0) quarantined.set(slug, { slug, problems })
    else if (operator.value) running.set(slug, runnable(one, tenant, operator.value, formatOf))
  }
  const findings = all.flatMap(({ slug, yaml, tenant }): [string, Finding[]][] =>
    tenant ? [[slug, oddIn(yaml, tenant, today)]] : [],
  )
  return {
    operator: operator.value,
    problems: operator.problems,
    running,
    quarantined,
    findings: new Map(findings),
  }
}
