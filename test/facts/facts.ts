import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Register } from '#register/register.ts'

/*
 * What five Jobcenters promise in their privacy notices, in our words: one file for each tenant. A test claims a fact of
 * a running tenant with `fact` (test/helpers/fact.ts); docs/promises.md is made of what the tests of a run showed.
 */

const folder = 'test/facts'

/** What a fact is for the tenant that runs here.
 *  `keep`: it does exactly this. `improve`: it does the job better or with less data, as `note` says. `text`: its notice
 *  explains it. `vendor`: a product that this one replaces. `defect`: the published notice is wrong here, and `tenant
 *  check` says so. */
export const verdicts = ['keep', 'improve', 'text', 'vendor', 'defect'] as const

/** Services that a notice speaks of and that do not exist here yet, by the id that their activity will have. Once a tenant
 *  declares it, its facts are due like all others. */
export const coming = {
  'case.data': 'data of the benefit itself',
  'contact.form': 'the contact form',
  'device.choices': 'choices that stay on the device',
  'documents.upload': 'sending documents',
  'file.handover': 'handing over to the file',
  inquiries: 'inquiries',
  'portal.account': 'the portal',
  'service.directory': 'the list of contacts',
  'site.map': 'the map',
  'staff.workplace': 'the workplace of the staff',
  'status.inquiry': 'asking how far a matter is',
  'waiting.times': 'waiting times',
} as const

const words = z.array(z.string()).min(1)
const inBothLanguages = z.strictObject({ de: words, en: words })

const said = z.strictObject({
  section: z.string(),
  words: inBothLanguages,
  /** A pattern that the section does not match. */
  without: z.string().optional(),
})

const received = z.strictObject({ activity: z.string(), role: z.string(), country: z.string(), words: inBothLanguages })

// What a table-driven check needs to know of its fact; test/facts/tables.test.ts says what each of them does.
const checks = {
  field: z.union([
    z.strictObject({ activity: z.string(), field: z.string() }),
    z.strictObject({ activity: z.string(), includes: z.string() }),
  ]),
  period: z.strictObject({ activity: z.string(), rule: z.string(), period: z.string(), words: inBothLanguages }),
  party: z.union([received, said, z.strictObject({ absent: z.string() })]),
  basis: z.strictObject({
    activity: z.string(),
    /** A norm as the register cites it, and as German cites it. */
    norms: z.record(z.string(), z.string()),
    hint: z.strictObject({ field: z.string(), words: inBothLanguages }).optional(),
  }),
  notice: z.union([z.strictObject({ activity: z.string(), purposes: words }), said]),
}

/** How a fact is shown. `behaviour`: a test drives the running product. `finding`: `tenant check` reports the defect.
 *  `cookie`: a declared cookie, seen in a browser. The others are tables: one check for all facts of the kind. */
const ways = ['behaviour', 'finding', 'cookie', ...(Object.keys(checks) as (keyof typeof checks)[])] as const

const schema = z.strictObject({
  /** Slug of the tenant that the notice is of, and the name of its Jobcenter. */
  tenant: z.string(),
  notice: z.string(),
  facts: z.array(
    z.strictObject({
      id: z.string().regex(/^[A-Z]{3}-\d{3}$/),
      kind: z.string(),
      claim: z.string(),
      verdict: z.enum(verdicts),
      shownBy: z.enum(ways),
      note: z.string().optional(),
      comesWith: z.enum(Object.keys(coming) as (keyof typeof coming)[]).optional(),
      check: z.unknown().optional(),
    }),
  ),
})

export type Verdict = (typeof verdicts)[number]
export type Way = (typeof ways)[number]
/** Words that a section of the notice has. */
export type Said = z.infer<typeof said>
/** Who gets the data of an activity, in which country, and how the notice says so. */
export type Received = z.infer<typeof received>
type Checks = { [way in keyof typeof checks]: z.infer<(typeof checks)[way]> }

export type Fact = z.infer<typeof schema>['facts'][number] & {
  /** Slug of the tenant whose notice says it, and the name of its Jobcenter. */
  tenant: string
  notice: string
}

/** A fact that a table shows, with what the table's check needs. */
export type Row<way extends keyof Checks> = Fact & { check: Checks[way] }

const isTable = (way: Way): way is keyof Checks => way in checks

const parseCheck = (fact: Fact): Fact => {
  if ((fact.verdict === 'defect') !== (fact.shownBy === 'finding'))
    throw new Error(`${fact.id}: a defect is shown by a finding, and nothing else is`)
  if (fact.comesWith && (fact.verdict === 'defect' || fact.verdict === 'vendor'))
    throw new Error(`${fact.id}: only what has to be kept can be to come`)
  if (fact.check === undefined) return fact
  if (!isTable(fact.shownBy)) throw new Error(`${fact.id}: shown by ${fact.shownBy}, so 'check' has no meaning`)
  const { data, error } = checks[fact.shownBy].safeParse(fact.check)
  if (error) throw new Error(`${fact.id}: ${z.prettifyError(error)}`)
  return { ...fact, check: data }
}

/** Every fact, in the order of the files, by id. @throws when a file is not as the schema wants it. */
export const loadFacts = (): Map<string, Fact> => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  const all = files.sort().flatMap((name) => {
    const { tenant, notice, facts } = schema.parse(parse(readFileSync(`${folder}/${name}`, 'utf8')))
    return facts.map((fact) => parseCheck({ ...fact, tenant, notice }))
  })
  const twice = all.find((fact, index) => all.findIndex(({ id }) => id === fact.id) !== index)
  if (twice) throw new Error(`${twice.id} occurs twice`)
  return new Map(all.map((fact) => [fact.id, fact]))
}

/** Facts of one tenant that a table shows. @throws when one of them does not say how. */
export const rowsOf = <way extends keyof Checks>(facts: Iterable<Fact>, tenant: string, way: way): Row<way>[] =>
  [...facts]
    .filter((fact) => fact.tenant === tenant && fact.shownBy === way)
    .map((fact) => {
      if (fact.check === undefined) throw new Error(`${fact.id}: a fact shown by ${way} needs 'check' in ${folder}`)
      return fact as Row<way>
    })

/** Whether the tenant's published notice is here, to be judged by `tenant check`. */
export const isJudged = (tenant: string): boolean => existsSync(`tenants/${tenant}/published.yaml`)

/** Ids of the activities that each running tenant declares, by its slug. */
export type Running = ReadonlyMap<string, ReadonlySet<string>>

export const runningOf = ({ running }: Pick<Register, 'running'>): Running =>
  new Map([...running].map(([slug, { activities }]) => [slug, new Set(activities.keys())]))

/** Whether the tenant runs, and with it the service that the fact is about. */
export const runsHere = ({ tenant, comesWith }: Fact, running: Running): boolean => {
  const activities = running.get(tenant)
  return activities !== undefined && (comesWith === undefined || activities.has(comesWith))
}

/** Whether a run has to show it: everything a running tenant promises about services that it has, and every defect of a
 *  notice that is judged. */
export const isDue = (fact: Fact, running: Running): boolean => {
  const { tenant, verdict } = fact
  switch (verdict) {
    case 'keep':
    case 'improve':
    case 'text':
      return runsHere(fact, running)
    case 'defect':
      return isJudged(tenant)
    case 'vendor':
      return false
    default:
      return verdict satisfies never
  }
}

/** The facts by notice, in the order of the files, under the Jobcenter's name. */
export const noticesOf = (facts: ReadonlyMap<string, Fact>, running: Running) =>
  [...Map.groupBy(facts.values(), ({ tenant }) => tenant)].map(([tenant, list]) => ({
    tenant,
    name: list[0]?.notice ?? tenant,
    facts: list,
    isRunning: running.has(tenant),
    toCome: new Set(list.filter((fact) => !runsHere(fact, running)).map(({ id }) => id)),
  }))
