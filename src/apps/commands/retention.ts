import type { Config } from '#platform/config.ts'
import { isUuid } from '#platform/random.ts'
import { readReference } from '#platform/reference.ts'
import type { RunningTenant } from '#register/register.ts'
import { isLegalHoldReason, type LegalHoldReason, legalHoldReasons } from '#vault/legal-hold.ts'
import { grace, listStored } from '#vault/overview/overdue.ts'
import { type Command, options, say, tenantOf, UsageError } from '../command.ts'
import { withComposed } from '../compose.ts'
import type { AppDeps } from '../deps.ts'
import { features } from '../features.ts'
import { listDelays } from '../readiness.ts'
import { eraseDue, keepDuties, nameOf } from '../retention.ts'
import { tidyNode } from '../worker.ts'

const usage = `say: retention run [--tenant S] [--json]
  or: retention status [--tenant S] [--json], which ends with 1 if anything is overdue by ${grace.hours} hours
  or: retention hold <tenant> <reference> --reason ${legalHoldReasons.join('|')}
  or: retention release <tenant> <reference>`

const known = { tenant: { type: 'string' }, json: { type: 'boolean' }, reason: { type: 'string' } } as const

/** Ids of the tenants that are meant: one by its name or id, or all there have ever been on this database. */
const tenantsOf = async (deps: AppDeps, named: string | undefined): Promise<string[]> => {
  const all = await deps.db.knownTenants()
  if (named === undefined) return all
  const id = deps.register.running.get(named)?.tenant.id ?? named
  if (isUuid(id) && all.includes(id)) return [id]
  const names = all.map((each) => nameOf(deps, each)).sort()
  throw new UsageError(`--tenant: there is no tenant ${named}; there are: ${names.join(', ')}`)
}

const run = async (deps: AppDeps, named: string | undefined, json: boolean): Promise<number> => {
  const lines: { tenant: string; activity: string; rule: string; count: number }[] = []
  let failed = false
  for (const id of await tenantsOf(deps, named)) {
    const tenant = nameOf(deps, id)
    try {
      lines.push(...(await eraseDue(deps, id)).map((erased) => ({ tenant, ...erased })))
    } catch (error) {
      failed = true
      deps.log.fault(`retention of ${tenant}`, error) // the others' promises are kept all the same
    }
    if (!(await keepDuties(deps, features, id))) failed = true
  }
  await tidyNode(deps, features)
  if (json) say(JSON.stringify(lines))
  else if (lines.length === 0) say('Nothing is due.')
  for (const { tenant, activity, rule, count } of json ? [] : lines) {
    say(`${tenant}: erased ${count} of ${activity} by rule ${rule}`)
  }
  return failed ? 1 : 0
}

const status = async (deps: AppDeps, named: string | undefined, json: boolean): Promise<number> => {
  const ids = await tenantsOf(deps, named)
  const text = (at: Temporal.Instant | null) => at?.round('second').toString() ?? null
  const lines = (await listStored(deps.db, deps.clock()))
    .filter(({ tenantId }) => ids.includes(tenantId))
    .map(({ tenantId, oldestDue, nextDue, ...numbers }) => ({
      tenant: nameOf(deps, tenantId),
      ...numbers,
      oldestDue: text(oldestDue),
      nextDue: text(nextDue),
    }))
  const names = ids.map((id) => nameOf(deps, id))
  const delays = (await listDelays(deps, features)).filter(({ tenant }) => names.includes(tenant) || !named)
  if (json) say(JSON.stringify(lines))
  else if (lines.length === 0) say('Nothing is stored.')
  for (const line of json ? [] : lines) {
    const { tenant, activity, stored, due, overdue, held, restricted, oldestDue, nextDue } = line
    say(
      `${tenant}  ${activity}  stored ${stored}  due ${due}  overdue ${overdue}  held ${held}, restricted ${restricted}` +
        `  oldest due ${oldestDue ?? 'none'}  next due ${nextDue ?? 'none'}`,
    )
  }
  for (const { tenant, what, since } of delays) {
    process.stderr.write(`overdue: ${what} of ${tenant}, due since ${text(since)}\n`)
  }
  return delays.length === 0 ? 0 : 1
}

/** The tenant and the record that are meant. */
const recordOf = (config: Config, positionals: string[]): { running: RunningTenant; reference: string } => {
  const [, slug, typed] = positionals
  if (slug === undefined || typed === undefined || positionals.length > 3) throw new UsageError(usage)
  const running = tenantOf(config, slug)
  const reference = readReference(typed)
  if (reference === null)
    throw new UsageError(`${typed} is no reference; one looks like ABCD-EFGH, eight letters and digits`)
  return { running, reference }
}

const fail = (words: string): number => {
  process.stderr.write(`${words}\n`)
  return 1
}

type Found = ReturnType<typeof recordOf>

const unknown = ({ running, reference }: Found): string =>
  `${running.tenant.slug} has nothing under ${reference}: there never was such a record, or it is erased`

const placeLegalHold = async (deps: AppDeps, found: Found, reason: LegalHoldReason): Promise<number> => {
  const { running, reference } = found
  const outcome = await deps.db.inTenant(running.tenant.id, (tx) =>
    deps.keeper.placeLegalHold(tx, 'reference', reference, reason),
  )
  switch (outcome.kind) {
    case 'held':
      say(`${reference} is held (${reason}): ${outcome.activity} does not erase it until you say: retention release`)
      return 0
    case 'held-already':
      return fail(
        `${reference} is held already, since ${outcome.legalHold.since.round('second')} (${outcome.legalHold.reason}); nothing was changed`,
      )
    case 'unknown':
      return fail(unknown(found))
    default:
      return outcome satisfies never
  }
}

const release = async (deps: AppDeps, found: Found): Promise<number> => {
  const { running, reference } = found
  const outcome = await deps.db.inTenant(running.tenant.id, (tx) =>
    deps.keeper.releaseLegalHold(tx, 'reference', reference),
  )
  switch (outcome.kind) {
    case 'erased':
      say(`${reference} is released and erased at once, by rule ${outcome.rule} of ${outcome.activity}`)
      return 0
    case 'released':
      say(
        `${reference} is released; it is erased ${outcome.eraseAt ? `on ${outcome.eraseAt.round('second')}` : 'when its period ends'}`,
      )
      return 0
    case 'not-held':
      return fail(`${reference} is not held; nothing was changed`)
    case 'unknown':
      return fail(unknown(found))
    default:
      return outcome satisfies never
  }
}

/** What the words ask for, checked before anything is opened: wrong words need no database.
 *  @throws UsageError saying which are right. */
const parse = (config: Config, args: string[]): ((deps: AppDeps) => Promise<number>) => {
  const { values, positionals } = options(args, known)
  const [what] = positionals
  const { tenant, reason, json = false } = values
  const isOverall = positionals.length === 1 && reason === undefined
  if (what === 'run' && isOverall) return (deps) => run(deps, tenant, json)
  if (what === 'status' && isOverall) return (deps) => status(deps, tenant, json)
  if ((what !== 'hold' && what !== 'release') || tenant !== undefined || json) throw new UsageError(usage)
  const found = recordOf(config, positionals)
  if (what === 'release' && reason === undefined) return (deps) => release(deps, found)
  if (what === 'release') throw new UsageError(usage)
  if (!isLegalHoldReason(reason))
    throw new UsageError(`--reason: a legal hold needs one of ${legalHoldReasons.join(', ')}; the person is told`)
  return (deps) => placeLegalHold(deps, found, reason)
}

const runRetention = async (config: Config, args: string[]): Promise<number> => {
  const work = parse(config, args)
  return withComposed(config, {}, ({ deps }) => work(deps))
}

export const retention: Command = {
  name: 'retention',
  usage: 'retention run|status|hold|release',
  about: 'erase what is due, show what is stored and due, hold or release one record',
  details: usage,
  run: runRetention,
}
