import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bookable } from '#features/appointments/index.ts'
import type { Config } from '#platform/config.ts'
import type { Day } from '#register/law/laws.ts'
import { staleEntries } from '#register/law/stale.ts'
import { shippedCatalogue } from '#register/load/catalogue.ts'
import { loadRegister, problemLine } from '#register/load/load.ts'
import { printYaml } from '#register/load/print.ts'
import { isOnlyJudged } from '#register/load/published.ts'
import { foldersIn, isFolder, readTenant } from '#register/load/read.ts'
import type { Finding, Problem, Register } from '#register/register.ts'
import { type Command, options, say, UsageError } from '../command.ts'
import { clockOf } from '../compose.ts'
import { claims } from '../features.ts'
import { dayOf } from '../register.ts'

/** Like a problem, with the notice's date, the rule, what the law says and the statements it is about. */
const findingLine = (finding: Finding): string => {
  const { file, line, noticeDate, rule, message, remedy, law, facts } = finding
  const about = facts.length > 0 ? ` [${facts.join(', ')}]` : ''
  return `${file}:${line}: notice ${noticeDate}: ${rule}: ${message} → ${remedy} (${law})${about}`
}

const lawLine = ({ name, lastChecked, file }: ReturnType<typeof staleEntries>[number]): string =>
  `catalogue of laws: ${name} was last checked on ${lastChecked}, more than twelve months ago → hold it against the law and write the new day into ${file}`

const problemsOf = ({ problems: ofAll, quarantined, judged }: Register): Problem[] => [
  ...ofAll,
  ...[...quarantined.values(), ...judged.values()].flatMap(({ problems }) => problems),
]

type Bookable = NonNullable<ReturnType<typeof bookable.of>>
type Limit = Exclude<keyof Bookable['limits'], 'places'> | 'maxPerContact'
type Allowance = { [K in Limit]?: number | undefined }

const allowanceLine = ({ holds, bookings, bookingsWithoutEmail, maxPerContact, shareOfDay }: Allowance): string =>
  [
    holds !== undefined && `${holds} holds at once`,
    bookings !== undefined && `${bookings} bookings a day`,
    bookingsWithoutEmail !== undefined && `${bookingsWithoutEmail} of them without an e-mail address`,
    maxPerContact !== undefined && `${maxPerContact} of them for one e-mail address`,
    shareOfDay !== undefined && `${shareOfDay} % of a day's times at a site`,
  ]
    .filter(Boolean)
    .join(', ')

/** Those who run and have appointments. */
const allBookable = ({ running }: Register): Bookable[] =>
  [...running.values()].flatMap((each) => bookable.of(each) ?? [])

/** What one connection may take, everywhere and at declared places. */
const limitLines = ({ slug, limits, booking: { maxPerContact } }: Bookable): string[] => [
  `${slug}: limits of one connection: ${allowanceLine({ ...limits, maxPerContact })}`,
  ...limits.places.map(
    ({ id, networks, ...own }) =>
      `${slug}: at ${id} (${networks.join(', ')}): ${allowanceLine(own) || 'as for everybody'}`,
  ),
]

const asText = (register: Register, on: Day): string[] => [
  ...[...register.running.keys()].map((slug) => `${slug}: in order`),
  ...allBookable(register).flatMap(limitLines),
  ...problemsOf(register).map(problemLine),
  ...[...register.judged.values()].flatMap(({ slug, findings, isRead }) => [
    ...findings.map(findingLine),
    isRead
      ? `${slug}: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} for the data protection officer`
      : `${slug}: what it publishes could not be read, so nobody has judged it`,
  ]),
  ...staleEntries(on).map(lawLine),
]

const asJson = (register: Register, on: Day): string =>
  JSON.stringify(
    {
      on,
      running: [...register.running.keys()],
      limits: Object.fromEntries(
        allBookable(register).map(({ slug, limits, booking: { maxPerContact } }) => [
          slug,
          { ...limits, maxPerContact },
        ]),
      ),
      problems: problemsOf(register),
      findings: [...register.judged.values()].flatMap(({ slug, findings }) =>
        findings.map((finding) => ({ tenant: slug, ...finding })),
      ),
      staleLaws: staleEntries(on),
    },
    null,
    2,
  )

/** The folder to check. @throws UsageError if there is none, or it is that of one tenant. */
const folderOf = (config: Config, given: string | undefined): string => {
  const folder = given ?? config.tenantsDir
  if (!isFolder(folder)) throw new UsageError(`there is no folder ${folder}`)
  if (['tenant.yaml', 'published.yaml'].some((name) => existsSync(join(folder, name))))
    throw new UsageError(`${folder} is the folder of one tenant; name the folder of all: ${dirname(folder)}`)
  return folder
}

/** Every file of the tenants as a whole, with what it takes of the catalogue: as a stream of YAML documents, each with its
 *  path. One that cannot be put together says why. */
const wholeFiles = (folder: string): string[] =>
  foldersIn(folder)
    .filter((slug) => !isOnlyJudged(folder, slug))
    .map((slug) => readTenant(join(folder, slug), shippedCatalogue()))
    .flatMap(({ tenant, activities }) => [tenant, ...activities])
    .flatMap(({ file, data, faults }) => [
      `--- # ${file}`,
      ...(faults.length === 0 ? [printYaml(data).trimEnd()] : faults.map((fault) => `# ${problemLine(fault)}`)),
    ])

const checkTenants = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { json: { type: 'boolean' }, resolved: { type: 'boolean' } })
  if (positionals[0] !== 'check' || (values.json && values.resolved))
    throw new UsageError('say: tenant check [folder] [--json|--resolved]')
  const on = dayOf(clockOf(config))
  const folder = folderOf(config, positionals[1])
  const register = loadRegister(folder, claims, on)
  if (values.resolved) for (const line of wholeFiles(folder)) say(line)
  else if (values.json) say(asJson(register, on))
  else for (const line of asText(register, on)) say(line)
  return problemsOf(register).length === 0 ? 0 : 1
}

export const tenant: Command = {
  name: 'tenant',
  usage: 'tenant check [folder] [--json|--resolved]',
  about: 'check the files of all tenants; names file, line and remedy',
  details: '--resolved prints each file as a whole instead, with what it takes of the catalogue.',
  run: checkTenants,
}
