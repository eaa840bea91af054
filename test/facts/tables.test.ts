import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { reachDetails } from '#features/appointments/booking.fixture.ts'
import { bookableOf } from '#features/appointments/tenant.ts'
import { type Language, languages } from '#platform/i18n/translate.ts'
import { fieldId } from '#platform/ui/field.tsx'
import { loadRegister } from '#register/load/load.ts'
import { buildNotice } from '#register/notice/notice.ts'
import { type Activity, getActivity, inLanguage, type RunningTenant } from '#register/register.ts'
import { dump, findTraces, readFilesBelow } from '#test/helpers/dump.ts'
import { watchRecord } from '#test/helpers/erased.ts'
import { fact } from '#test/helpers/fact.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, person, textOf, typedFor } from '#test/helpers/person.ts'
import { allTenants, claims, copyTenants, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { UndeclaredFieldError } from '#vault/index.ts'
import { endOf } from '#vault/retention.ts'
import { loadFacts, type Received, type Row, rowsOf, runningOf, runsHere, type Said } from './facts.ts'

/* What the running tenants promise about fields, periods, parties, legal bases and words: one check for each of these,
   over every fact of its kind. What a fact expects stands with it in the YAML, not in the register that is checked. */

const start = '2026-11-23T08:00:00Z'
let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: allTenants, withoutWorker: true, start })
})
afterAll(() => installation.close())
beforeEach(async () => {
  installation.time.set(start)
  await installation.sweep()
})

const shipped = runningOf(loadRegister('tenants', claims))
const facts = [...loadFacts().values()].filter((each) => runsHere(each, shipped))
/** A test for every fact of the running tenants that is shown in this way. */
const showEach = <way extends Parameters<typeof rowsOf>[2]>(way: way, show: (row: Row<way>) => unknown) => {
  for (const slug of shipped.keys())
    for (const row of rowsOf(facts, slug, way))
      test(`${row.id}: ${row.claim}`, () => fact(row.id, installation, () => show(row), way))
}

const running = (slug: string): RunningTenant => runningTenant(slug, installation.deps.register)
const baseOf = (slug: string, language: Language) => (language === 'de' ? `/${slug}` : `/${slug}/${language}`)

/** A caller with an address of its own, of which no trace may stay. */
const address = '198.51.100.77'
const somebody = () => person(installation, { 'x-forwarded-for': address })

/** What people read in one section of the notice, as the tenant's page shows it. */
const sectionOf = async (slug: string, id: string, language: Language): Promise<string> => {
  const { html } = await somebody().open(`${baseOf(slug, language)}/datenschutz`)
  const ids = buildNotice(running(slug), language).sections.map((section) => section.id)
  const begins = ids.map((each) => html.indexOf(`id="${each}"`)).filter((at) => at >= 0)
  const begin = html.indexOf(`id="${id}"`)
  if (begin < 0) throw new Error(`the notice of ${slug} has no section ${id}`)
  const next = Math.min(...begins.filter((at) => at > begin), html.length)
  return textOf(`<${html.slice(begin, html.lastIndexOf('<', next))}`)
}
const sectionOfActivity = (activity: string): string => activity.replaceAll('.', '-')

/** The notice's section says all of it, in each language. */
const isSaid = async (slug: string, { section, words, without }: Said) => {
  for (const language of ['de', 'en'] as const) {
    const text = await sectionOf(slug, section, language)
    for (const each of words[language]) expect(text).toContain(each)
    if (without) expect(text).not.toMatch(new RegExp(without))
  }
}

const logOf = (slug: string): string => {
  const folder = join(installation.folder, 'log', slug)
  const files = existsSync(folder) ? readdirSync(folder).sort() : []
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('')
}
const linesOf = (slug: string): Record<string, unknown>[] =>
  logOf(slug)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/** A booking, and its record as the vault opens it. */
const book = async (slug: string) => {
  const { deps } = installation
  const who = somebody()
  const journey = await bookAppointment(who, { slug })
  const tenantId = running(slug).tenant.id
  const open = () =>
    deps.db.inTenant(tenantId, async (tx) => {
      const access = { purpose: 'change', actor: 'person' } as const
      return (await deps.vault.findBySubject(tx, 'manageLink', journey.token, access))[0]
    })
  return { ...journey, who, open }
}

describe('a field is asked or written, sealed or logged, and named in the notice; an undeclared one is refused', () => {
  const fieldOf = (slug: string, activity: string, id: string) => {
    const field = getActivity(running(slug), activity).fields.find((each) => each.id === id)
    if (!field) throw new Error(`${slug}: ${activity} declares no field ${id}`)
    return field
  }

  const isLogged = async (slug: string, activity: string, id: string) => {
    await somebody().open(`${baseOf(slug, 'de')}/impressum`)
    const declared = getActivity(running(slug), activity).fields.filter(({ store }) => store === 'log')
    // By value: under a declared name could stand more than is declared.
    const line: Record<string, unknown> = {
      time: installation.time.clock().toString(),
      page: `${baseOf(slug, 'de')}/impressum`,
      status: 200,
      address: '198.51.100.0',
      browser: 'Chrome 140',
      operatingSystem: 'Android',
    }
    expect(line[id]).toBeDefined()
    expect(linesOf(slug)).toContainEqual(line)
    expect(Object.keys(line).sort()).toEqual(declared.map((field) => field.id).sort())
    expect(logOf(slug)).not.toContain(address)
  }

  const isStored = async (slug: string, activity: string, id: string) => {
    const { deps } = installation
    const { details, open, start: begin } = await book(slug)
    const record = await open()
    expect(record?.activity).toBe(activity)
    const typed = typedFor(slug)
    const now = installation.time.clock().toString()
    const expected: Record<string, string | undefined> = {
      birthDate: '1984-08-12',
      service: 'beratung-vor-ort',
      place: running(slug).tenant.sites[0]?.id,
      appointmentAt: begin,
      bookedAt: now,
    }
    const value = typed[`f.${id}`] ?? expected[id]
    expect([id, value]).toEqual([id, expect.any(String)])
    expect(record?.fields[id]).toBe(value)
    if (fieldOf(slug, activity, id).input !== 'none') expect(details.html).toMatch(`name="f.${id}`)
    const more = { ...record?.fields, [`${id}Too`]: 'never declared' }
    const put = deps.db.inTenant(running(slug).tenant.id, (tx) => deps.vault.put(tx, activity, more))
    await expect(put).rejects.toThrow(UndeclaredFieldError)
    await expect(put).rejects.toThrow(`declares no field ${id}Too`)
  }

  const isIncluded = async (slug: string, activity: string, included: string) => {
    await book(slug)
    expect(linesOf(slug).at(-2)?.page).toContain('/termin/buchen')
    expect(getActivity(running(slug), activity).includes).toContain(included)
    const { title } = getActivity(running(slug), included)
    const words = { de: [title.de], en: [inLanguage(title, 'en')] }
    await isSaid(slug, { section: sectionOfActivity(activity), words })
  }

  showEach('field', async ({ tenant, check }) => {
    if ('includes' in check) return isIncluded(tenant, check.activity, check.includes)
    const { label, store } = fieldOf(tenant, check.activity, check.field)
    await (store === 'log' ? isLogged : isStored)(tenant, check.activity, check.field)
    const words = { de: [label.de], en: [inLanguage(label, 'en')] }
    await isSaid(tenant, { section: sectionOfActivity(check.activity), words })
  })
})

describe('what has a period is there until just before its end, and gone then', () => {
  type Given = Row<'period'> & { rule: { period: string; trigger: string } }

  const looksAround = async (end: Temporal.Instant, isThere: () => unknown) => {
    installation.time.set(end.subtract({ seconds: 1 }))
    await installation.sweep()
    expect(await isThere()).toBe(true)
    installation.time.set(end)
    await installation.sweep()
    expect(await isThere()).toBe(false)
  }

  const logIsErased = async ({ tenant, check }: Given) => {
    await somebody().open(`${baseOf(tenant, 'de')}/impressum`)
    const wholeAddress = { address }
    const everywhere = new Map([...readFilesBelow(installation.folder), ...(await dump(installation.admin))])
    expect(findTraces(everywhere, wholeAddress)).toEqual([])
    const at = installation.time.clock()
    const isThere = () => linesOf(tenant).some(({ time }) => time === at.toString())
    await looksAround(endOf(at, check.period, running(tenant).tenant.timeZone), isThere)
  }

  const recordIsErased = async ({ tenant, check, rule }: Given) => {
    const { start: begin, who, manage, open } = await book(tenant)
    const left = await watchRecord(installation, (await open())?.id ?? '')
    expect(await left()).not.toEqual([])
    if (rule.trigger !== 'appointment.ended') throw new Error(`no journey here leads to ${rule.trigger}`)
    const shape = bookableOf(running(tenant))
    const ended = Temporal.Instant.from(begin).add({ minutes: shape.services[0]?.minutes ?? 0 })
    await looksAround(endOf(ended, check.period, shape.timeZone), async () => (await open()) !== undefined)
    expect(await left()).toEqual([]) // red where it is only hidden, or copied
    expect((await who.open(manage)).status).toBe(410)
  }

  showEach('period', async (row) => {
    const { tenant, check } = row
    const { retention, fields } = getActivity(running(tenant), check.activity)
    const rule = retention.find(({ id }) => id === check.rule)
    if (!rule) throw new Error(`${tenant}: ${check.activity} has no rule ${check.rule}`)
    expect(rule.period).toBe(check.period)
    await isSaid(tenant, { section: sectionOfActivity(check.activity), words: check.words })
    const isLog = fields.some(({ store }) => store === 'log')
    await (isLog ? logIsErased : recordIsErased)({ ...row, rule })
  })
})

describe('a recipient or authority is declared and named in the notice', () => {
  const isDeclared = async (slug: string, { activity, role, country, words }: Received) => {
    // All of them, in whatever role: red with an advertising network besides.
    const { recipients } = getActivity(running(slug), activity)
    expect(recipients.map((each) => [each.role, each.country])).toEqual([[role, country]])
    expect(recipients.filter((each) => each.contract === undefined)).toEqual([])
    await isSaid(slug, { section: sectionOfActivity(activity), words })
    using tenants = copyTenants(allTenants)
    // Also a neighbour in the EU is not where the notice says that it is done.
    tenants.write('operator.yaml', replaced(tenants.read('operator.yaml'), `country: ${country}`, 'country: AT'))
    expect(tenants.load().running.has(slug)).toBe(false)
  }

  const isAbsent = async (slug: string, name: string) => {
    for (const language of languages) {
      for (const page of ['datenschutz', 'cookies', 'impressum', 'termin'])
        expect((await somebody().open(`${baseOf(slug, language)}/${page}`)).text).not.toMatch(new RegExp(name, 'i'))
    }
    const { activities, operator, tenant } = running(slug)
    expect(JSON.stringify([...activities, operator, tenant])).not.toMatch(new RegExp(name, 'i'))
    using tenants = copyTenants()
    expect(tenants.read(`${slug}/published.yaml`)).toMatch(new RegExp(name, 'i'))
  }

  showEach('party', ({ tenant, check }) => {
    if ('absent' in check) return isAbsent(tenant, check.absent)
    return 'section' in check ? isSaid(tenant, check) : isDeclared(tenant, check)
  })
})

describe('a legal basis is declared and cited in the notice', () => {
  const restsOnConsent = async (slug: string, consent: NonNullable<Activity['consent']>) => {
    for (const language of languages) {
      const who = somebody()
      const page = await who.send(await reachDetails(who, { slug, language }), typedFor(slug))
      for (const part of [consent.text, consent.purpose, consent.refusal, consent.withdrawal])
        expect(page.text).toContain(inLanguage(part, language))
      expect((await who.send(page, { kenntnis: 'yes' })).status).toBe(422)
    }
  }

  const isHinted = async (slug: string, field: string, words: Record<'de' | 'en', string[]>) => {
    for (const language of ['de', 'en'] as const) {
      const details = await reachDetails(somebody(), { slug, language })
      const hint = details.find(`[id="${fieldId(`f.${field}`)}-hint"]`)
      for (const each of words[language]) expect(hint.text).toContain(each)
    }
  }

  showEach('basis', async ({ tenant, check: { activity, norms, hint } }) => {
    const { legalBasis, conditions, consent } = getActivity(running(tenant), activity)
    expect([...legalBasis, ...conditions].map(({ norm }) => norm)).toEqual(expect.arrayContaining(Object.keys(norms)))
    const words = { de: Object.values(norms), en: Object.keys(norms) }
    await isSaid(tenant, { section: sectionOfActivity(activity), words })
    if (consent) await restsOnConsent(tenant, consent)
    if (hint) await isHinted(tenant, hint.field, hint.words)
  })
})

describe('the notice says it, in German and English', () => {
  const arePurposes = async (slug: string, activity: string, ids: readonly string[]) => {
    const { purposes } = getActivity(running(slug), activity)
    expect(purposes.map((purpose) => purpose.id)).toEqual(ids)
    const wordsIn = (language: Language) => purposes.map(({ text }) => inLanguage(text, language))
    await isSaid(slug, { section: sectionOfActivity(activity), words: { de: wordsIn('de'), en: wordsIn('en') } })
  }

  showEach('notice', ({ tenant, check }) =>
    'section' in check ? isSaid(tenant, check) : arePurposes(tenant, check.activity, check.purposes),
  )
})
