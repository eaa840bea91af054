import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Document, parseDocument } from 'yaml'
import { z } from 'zod'
import { clientDir } from '#apps/compose.ts'
import type { AppDeps } from '#apps/deps.ts'
import { compareInstallation, differenceLine, examine, openPageCheck } from '#apps/doctor/index.ts'
import { features } from '#apps/features.ts'
import { tables } from '#apps/tables.ts'
import { form, get } from '#features/addresses.ts'
import { endpoint } from '#features/endpoint.ts'
import type { Feature, Handler, Link, NoParams } from '#features/feature.ts'
import { findSilentChanges } from '#features/website/index.ts'
import { inspectDatabase } from '#platform/db/inspect.ts'
import { redirect } from '#platform/http/response.ts'
import { route } from '#platform/http/routes.ts'
import { problemLine } from '#register/load/load.ts'
import type { Activity } from '#register/register.ts'
import { run } from './helpers/command.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'
import { postRoom } from './helpers/post-room.ts'
import { copyTenants, nextVersion, replaced, usualTenants } from './helpers/tenants.ts'

/* The doctor: what runs is held against what the register says, and whoever changes either by hand is named it. */

let installation: Installation
/** As the command line starts it: the settings of the tests name hosts that nobody declares. */
let deps: AppDeps
beforeAll(async () => {
  installation = await startInstallation()
  deps = { ...installation.deps, config: { ...installation.config, databaseUrl: null, smtpUrl: null } }
})
afterAll(() => installation.close())

const differences = async (given: AppDeps = deps, all: readonly Feature[] = features): Promise<string[]> =>
  (await examine(given, installation.database.connection, all, clientDir)).map(differenceLine)

/** What all tenants share: of what lies there, the pages say nothing. */
const sharedDifferences = async (given: typeof deps = deps): Promise<string[]> =>
  compareInstallation(given, await inspectDatabase(installation.database.connection, tables), features).map(
    differenceLine,
  )

/** Only the pages of these features: those of the others are as they always are. */
const pageDifferences = async (given: typeof deps, asked: readonly Feature[]): Promise<string[]> => {
  const check = await openPageCheck(given, asked, clientDir)
  try {
    const found = []
    for (const running of given.register.running.values()) found.push(...(await check.compare(running, 'whole')))
    return found.map(differenceLine)
  } finally {
    await check.close()
  }
}

/** What the doctor says of a change to the database, which is taken back. */
const after = async (change: string, back: string): Promise<string[]> => {
  await installation.admin.query(change)
  try {
    return await sharedDifferences()
  } finally {
    await installation.admin.query(back)
  }
}

test('a system that nobody touched is as the register says', async () => {
  expect(await differences()).toEqual([])
})

test('the doctor looks at database, settings and pages, and names what is wrong in each', async () => {
  const more = {
    name: 'more',
    needs: [],
    pages: [get(route('/mehr'), { access: 'public', show: async () => ({ kind: 'page', status: 500, html: '' }) })],
  }
  const given = { ...deps, config: { ...deps.config, smtpUrl: 'smtp://mail.example:587' } }
  await installation.admin.query('alter table appointment add column phone text')
  try {
    const found = (await differences(given, [...features, more])).join('\n')
    expect(found).toContain('public.appointment.phone that nothing declares')
    expect(found).toContain('the host mail.example is not declared')
    for (const slug of ['musterstadt', 'segeberg']) expect(found).toContain(`/${slug}/mehr answers with 500`)
  } finally {
    await installation.admin.query('alter table appointment drop column phone')
  }
})

describe('a change to the database is named', () => {
  test.each([
    [
      'a column that could hold a phone number',
      'alter table appointment add column phone text',
      'alter table appointment drop column phone',
      'the database has a column public.appointment.phone that nothing declares',
    ],
    [
      'a table of its own',
      'create table app.notes (words text)',
      'drop table app.notes',
      'the database has a column app.notes.words that nothing declares',
    ],
    [
      'a table in a schema of its own',
      'create schema shadow; create table shadow.copy (name text)',
      'drop schema shadow cascade',
      'the database has a column shadow.copy.name that nothing declares',
    ],
    [
      'a column that is gone',
      'alter table mail_delivery rename last_code to reply',
      'alter table mail_delivery rename reply to last_code',
      'the database lacks the column public.mail_delivery.last_code',
    ],
    [
      'wrapped keys that PostgreSQL may sample',
      'alter table vault.key alter wrapped set statistics 100',
      'alter table vault.key alter wrapped set statistics 0',
      'PostgreSQL keeps, or could keep, values of vault.key.wrapped in its statistics, also of erased records',
    ],
    [
      'what an index computes of wrapped keys',
      'create index computed on vault.key (substr(wrapped, 1, 20))',
      'drop index vault.computed',
      'PostgreSQL keeps, or could keep, values of vault.computed.substr in its statistics, also of erased records',
    ],
    [
      'samples of hashes that it has taken already',
      `alter table notice_version alter hash set statistics 100; analyze notice_version;
       alter table notice_version alter hash set statistics 0`,
      `select app.forget_statistics('notice_version', '{hash}')`,
      'values of public.notice_version.hash in its statistics',
    ],
    [
      'statistics over several columns',
      'create statistics several (mcv) on id, activity from vault.record',
      'drop statistics several',
      'values of public.several in its statistics',
    ],
    [
      'a policy switched off',
      'alter table vault.record no force row level security',
      'alter table vault.record force row level security',
      "the table vault.record is not behind its tenant's forced policy",
    ],
    [
      'a second policy',
      'create policy everybody on consent_record using (true)',
      'drop policy everybody on consent_record',
      "the table public.consent_record is not behind its tenant's forced policy",
    ],
    [
      'a role that bypasses policies',
      'alter role anlaufstelle_app bypassrls',
      'alter role anlaufstelle_app nobypassrls',
      'the role that runs the product bypasses row-level security',
    ],
    [
      'a queue of somebody else',
      `select jobs.create_queue('mail.copy', '{"policy":"standard"}')`,
      "delete from jobs.queue where name = 'mail.copy'",
      'the queue mail.copy belongs to no feature',
    ],
    [
      'a job that holds an address',
      `insert into jobs.job (name, data) values ('mail.deliver', '{"id":"1","email":"a@example.org"}')`,
      "delete from jobs.job where data ? 'email'",
      "jobs hold 'email', and may hold ids only",
    ],
  ])('%s', async (_name, change, back, message) => {
    expect(await after(change, back)).toContainEqual(expect.stringContaining(message))
    expect(await sharedDifferences()).toEqual([])
  })
})

describe('a setting that leads elsewhere is named', () => {
  test.each([
    ['smtpUrl', 'smtp://mail.example:587', 'SMTP_URL: the host mail.example is not declared in operator.yaml'],
    ['databaseUrl', 'postgres://db.example/x', 'DATABASE_URL: the host db.example is not declared in operator.yaml'],
  ] as const)('%s', async (name, url, message) => {
    const config = { ...deps.config, [name]: url }
    expect(await sharedDifferences({ ...deps, config })).toContainEqual(expect.stringContaining(message))
  })

  test('unless the operator declares the host for this use', async () => {
    const operator = deps.register.operator
    if (!operator) throw new Error('no operator')
    const hosts = [{ host: 'mail.example', for: 'mail' as const }]
    const register = { ...deps.register, operator: { ...operator, hosts } }
    const config = { ...deps.config, smtpUrl: 'smtps://mail.example' }
    expect(await sharedDifferences({ ...deps, register, config })).toEqual([])
    const other = { ...config, databaseUrl: 'postgres://mail.example/x' }
    expect((await sharedDifferences({ ...deps, register, config: other })).length).toBe(1)
  })

  test('and so is a declared host that no setting leads to', async () => {
    const operator = deps.register.operator
    if (!operator) throw new Error('no operator')
    const register = {
      ...deps.register,
      operator: { ...operator, hosts: [{ host: 'evil.example', for: 'mail' as const }] },
    }
    expect(await sharedDifferences({ ...deps, register })).toEqual([
      expect.stringContaining('operator.yaml declares the host evil.example for mail, and no setting leads there'),
    ])
  })
})

describe('a page that does something else is named', () => {
  const withPage = (handler: Handler): readonly Feature[] => [
    { name: 'more', needs: [], pages: [get(route('/mehr'), { access: 'public', show: handler })] },
  ]
  const html = (body: string) => ({ kind: 'page' as const, status: 200, html: body })

  test.each([
    ['a script from elsewhere', '<script src="https://cdn.example/x.js"></script>', 'https://cdn.example/x.js'],
    ['a picture that counts', '<img src="//count.example/1.gif" alt="">', '//count.example/1.gif'],
    ['a form that sends elsewhere', '<form action="https://form.example/"></form>', 'https://form.example/'],
  ])('%s', async (_name, body, address) => {
    expect(
      await pageDifferences(
        deps,
        withPage(async () => html(body)),
      ),
    ).toContainEqual(expect.stringContaining(`/segeberg/mehr loads from or sends to ${address}`))
  })

  test('one that fails', async () => {
    const failing = withPage(async () => {
      throw new Error('broken')
    })
    const quiet = { ...deps, log: { ...deps.log, fault: () => {} } }
    expect(await pageDifferences(quiet, failing)).toContainEqual(
      expect.stringContaining('/segeberg/mehr answers with 500'),
    )
  })

  test('but not one that declares what it takes, gives and needs', async () => {
    expect(await differences(deps, [...features, postRoom().feature])).toEqual(await differences())
  })

  test('one that lets in who has no link', async () => {
    const open: Link<NoParams, null> = { kind: 'link', name: 'keyOfNothing', admit: (_, go) => go(null) }
    const html = async () => ({ kind: 'page' as const, status: 200, html: '' })
    const pages = [
      get(route('/mehr'), { access: open, show: html }),
      get(route('/mehr/:key'), { access: open, show: html }),
    ]
    const found = await pageDifferences(deps, [{ name: 'more', needs: [], pages }])
    const said = 'is for who has keyOfNothing, and lets in who has not'
    expect(found).toContainEqual(expect.stringContaining(`/segeberg/mehr ${said}`))
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`/mehr/\\S+ ${said}`)))
  })

  test('an address for programs that fails', async () => {
    const failing = endpoint({
      id: 'more',
      method: 'GET',
      access: 'public',
      route: route('/api/v1/more'),
      status: 200,
      answer: z.object({}),
      tag: { name: 'more', description: 'More' },
      description: 'More, and nothing else',
      summary: 'more',
      handler: async () => {
        throw new Error('broken')
      },
    })
    const quiet = { ...deps, log: { ...deps.log, fault: () => {} } }
    const more = [{ name: 'more', needs: [], pages: [], endpoints: [failing] }]
    expect(await pageDifferences(quiet, more)).toEqual([
      expect.stringContaining('/musterstadt/api/v1/more answers with 500'),
      expect.stringContaining('/segeberg/api/v1/more answers with 500'),
    ])
  })

  test('a link, which people choose to follow, is none of these', async () => {
    expect(
      await pageDifferences(
        deps,
        withPage(async () => html('<a href="https://www.bfdi.bund.de">x</a>')),
      ),
    ).toEqual([])
  })

  test('one that sets an undeclared cookie, in whichever language, though the cookie does not even leave', async () => {
    const setting = withPage(async ({ language }) =>
      language === 'en' ? { ...redirect('/'), cookies: { tracker: '1' } } : redirect('/'),
    )
    expect(await pageDifferences(deps, setting)).toEqual(
      ['musterstadt', 'segeberg'].map((slug) =>
        expect.stringContaining(`/${slug}/en/mehr sets the cookie tracker, which ${slug} does not declare`),
      ),
    )
  })

  test('the form that sets the one cookie there is, as soon as nobody declares it', async () => {
    const segeberg = deps.register.running.get('segeberg')
    const terms = segeberg?.activities.get('web.terms')
    if (!segeberg || !terms) throw new Error('no terms')
    const activities = new Map(segeberg.activities).set('web.terms', { ...terms, cookies: [] })
    const running = new Map(deps.register.running).set('segeberg', { ...segeberg, activities })
    const found = await differences({ ...deps, register: { ...deps.register, running } })
    expect(found).toContainEqual(
      expect.stringContaining('POST /segeberg/nutzungsbedingungen sets the cookie disclaimer, which segeberg does not'),
    )
    expect(found).toContainEqual(expect.stringContaining('POST /segeberg/en/nutzungsbedingungen sets the cookie'))
  })

  test('asking it leaves nothing behind: no table has a row more', async () => {
    const count = async () => {
      const { rows } = await installation.admin.query<{ name: string }>(
        `select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
         where schemaname in ('public', 'vault', 'app') order by 1`,
      )
      const counts: Record<string, number> = {}
      for (const { name } of rows)
        counts[name] = (await installation.admin.query(`select count(*)::int as n from ${name}`)).rows[0].n
      return counts
    }
    const before = await count()
    expect(Object.keys(before).length).toBeGreaterThan(10)
    await differences()
    expect(await count()).toEqual(before)
  })
})

describe('what is no answer of the page is never taken for one', () => {
  const withPages = (handler: Handler, count = 1): readonly Feature[] => [
    {
      name: 'more',
      needs: [],
      pages: Array.from({ length: count }, (_, i) =>
        form(route(`/mehr/${i}`), { access: 'public', elsewhere: route('/'), act: handler }),
      )
        .flat()
        .filter(({ method }) => method === 'POST'),
    },
  ]

  test('however much the doctor asks, no limit for visitors answers in the place of a page', async () => {
    const last = withPages(async ({ place, language }) => {
      const isLast = place.slug === 'segeberg' && language === 'ar'
      return isLast ? { ...redirect('/'), cookies: { tracker: '1' } } : redirect('/')
    }, 100) // six hundred forms, and 240 a minute are for visitors
    const found = await pageDifferences(deps, last)
    expect(found.length).toBe(100)
    expect(found).toContainEqual(expect.stringContaining('POST /segeberg/ar/mehr/99 sets the cookie tracker'))
  })

  test("a page's own limit counts neither: it is named as not asked", async () => {
    const limited = withPages(async () => ({ kind: 'page', status: 429, html: '' }))
    expect(await pageDifferences(deps, limited)).toContainEqual(
      expect.stringContaining('POST /segeberg/mehr/0 was not asked: in its place came 429'),
    )
  })

  test('a machine without a free core while it asks changes nothing', async () => {
    let blocked = 0
    const slow = withPages(async () => {
      if (blocked++ < 3) for (const end = performance.now() + 1300; performance.now() < end; );
      await new Promise((resolve) => setTimeout(resolve, 1))
      return redirect('/')
    })
    expect(await pageDifferences(deps, slow)).toEqual([])
  })

  test('an outage that passes is waited for, one that stays is named', async () => {
    const quiet = { ...deps, log: { ...deps.log, fault: () => {} } }
    const away = () => Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    let first = true
    const passing = withPages(async () => {
      if (!first) return redirect('/')
      first = false
      throw away()
    })
    expect(await pageDifferences(quiet, passing)).toEqual([])
    const staying = withPages(async ({ place, language }) => {
      if (place.slug === 'segeberg' && language === 'de') throw away()
      return redirect('/')
    })
    expect(await pageDifferences(quiet, staying)).toEqual([
      expect.stringContaining('POST /segeberg/mehr/0 answers with 504'),
    ])
  })
})

describe('a log that says more or less is named', () => {
  test('a field that is no longer declared', async () => {
    const segeberg = deps.register.running.get('segeberg')
    const web = segeberg?.activities.get('web.delivery')
    if (!segeberg || !web) throw new Error('no access log')
    const without = { ...web, fields: web.fields.filter(({ id }) => id !== 'browser') }
    const running = new Map(deps.register.running).set('segeberg', {
      ...segeberg,
      activities: new Map(segeberg.activities).set('web.delivery', without),
    })
    expect(await differences({ ...deps, register: { ...deps.register, running } })).toEqual([
      expect.stringContaining("the access log of segeberg holds 'browser', which web.delivery does not declare"),
    ])
  })
})

describe('a tenant whose files no longer fit what is stored', () => {
  const file = 'segeberg/activities/appointments-booking.yaml'
  const number = / {2}- id: customerOrBgNumber\n(?: {4}.*\n)+/

  // A database of its own: what a test publishes here would be newer than the files of the others.
  let before: Installation
  let database: Installation['database']
  beforeAll(async () => {
    before = await startInstallation()
    database = before.database
  })
  afterAll(() => before.close())

  test('does not run, is told which field and until when, and the others run', async () => {
    await bookAppointment(person(before))
    const later = await startInstallation({
      database,
      config: { keyFile: before.config.keyFile },
      edit: { [file]: (text) => text.replace(number, '') },
    })
    try {
      expect([...later.deps.register.running.keys()]).toEqual(['musterstadt'])
      expect(later.said.join('\n')).toMatch(
        /appointments-booking\.yaml:1: fields: records of appointments\.booking hold 'customerOrBgNumber', which is not declared → keep it declared, with 'input: none' and 'necessity: optional' so that nobody is asked, until its last record is erased, at 2026-/,
      )
      expect((await person(later).open('/segeberg/')).status).toBe(503)
    } finally {
      await later.close()
    }
  })

  test('runs while it keeps the field declared and asks nobody for it', async () => {
    const later = await startInstallation({
      database,
      config: { keyFile: before.config.keyFile },
      edit: {
        [file]: (text) =>
          nextVersion(text).replace(number, (field) =>
            replaced(field, 'input: text', 'input: none').replace(/ {4}pattern:\n(?: {6}.*\n)+/, ''),
          ),
      },
    })
    try {
      expect([...later.deps.register.running.keys()]).toEqual(['musterstadt', 'segeberg'])
    } finally {
      await later.close()
    }
  })
})

describe('a tenant whose records were opened for what it does not declare', () => {
  let before: Installation
  beforeAll(async () => {
    before = await startInstallation()
    await bookAppointment(person(before))
  })
  afterAll(() => before.close())

  const id = () => before.deps.register.running.get('segeberg')?.tenant.id
  /** A look as another program would have noted it, at the one booking there is. */
  const look = (purpose: string) =>
    before.admin.query(
      `insert into vault.access select tenant_id, gen_random_uuid(), id, $2, 'mail', now()
       from vault.record where tenant_id = $1 and activity = 'appointments.booking'`,
      [id(), purpose],
    )
  const runsAgain = async (): Promise<{ running: string[]; said: string }> => {
    const { database, config, time } = before
    const again = await startInstallation({
      database,
      config: { keyFile: config.keyFile },
      start: time.clock().toString(),
      withoutWorker: true,
    })
    try {
      return { running: [...again.deps.register.running.keys()], said: again.said.join('\n') }
    } finally {
      await again.close()
    }
  }

  test('runs with what the version before wrote, and with what was declared when the record was made', async () => {
    for (const word of ['manage', 'reminder', 'waiting', 'appointment.displaced', 'rights.access']) await look(word)
    await before.admin.query(`update vault.record set purposes = purposes || array['letters']`)
    await look('letters')
    expect((await runsAgain()).running).toEqual(['musterstadt', 'segeberg'])
  })

  test('does not run, is told which purpose and until when, and the others run', async () => {
    await look('marketing')
    const { running, said } = await runsAgain()
    expect(running).toEqual(['musterstadt'])
    expect(said).toMatch(
      /appointments-booking\.yaml:1: purposes: records of appointments\.booking were opened for 'marketing', which is not declared → find out what opened them, as this program does not; keep the purpose declared until its last record is erased, at 2026-/,
    )
    await before.admin.query(`delete from vault.access where purpose = 'marketing'`)
    expect((await runsAgain()).running).toEqual(['musterstadt', 'segeberg'])
  })
})

describe('whatever a tenant declares, changed by hand, is named by doctor or lint', () => {
  /** One change to one file of a copy; the words by which it has to be named. */
  type Change = { name: string; file: string; change: (document: Document) => void; words: RegExp }

  const documentOf = (file: string): Document => parseDocument(readFileSync(join(inject('wholeTenants'), file), 'utf8'))
  const files = ['segeberg', 'musterstadt'].flatMap((slug) =>
    readdirSync(`tenants/${slug}/activities`).map((name) => `${slug}/activities/${name}`),
  )

  const changes: Change[] = files.flatMap((file) => {
    const activity = documentOf(file).toJS() as Partial<Activity>
    const each = (
      part: 'fields' | 'retention' | 'recipients' | 'cookies',
      what: string,
      edit: (document: Document, index: number) => void,
    ): Change[] =>
      (activity[part] ?? []).map((one, index) => {
        const name = String('id' in one ? one.id : one.name)
        return {
          name: `${file}: ${what} ${name}`,
          file,
          change: (document) => edit(document, index),
          words: new RegExp(`: ${part}|${name}`),
        }
      })
    const isRequired = (index: number) => activity.fields?.[index]?.necessity === 'required'
    return [
      ...each('fields', 'without the field', (d, i) => d.deleteIn(['fields', i])),
      ...each('fields', 'another reason for the field', (d, i) => d.setIn(['fields', i, 'reason', 'de'], 'Nur so.')),
      ...each('fields', 'another necessity of the field', (d, i) =>
        d.setIn(['fields', i, 'necessity'], isRequired(i) ? 'optional' : 'required'),
      ),
      ...each('retention', 'another period of the rule', (d, i) => d.setIn(['retention', i, 'period'], 'P9D')),
      ...each('retention', 'without the rule', (d, i) => d.deleteIn(['retention', i])),
      ...each('recipients', 'without the recipient', (d, i) => d.deleteIn(['recipients', i])),
      ...each('recipients', 'another country of the recipient', (d, i) => d.setIn(['recipients', i, 'country'], 'FR')),
      ...each('cookies', 'without the cookie', (d) => d.delete('cookies')),
      ...each('cookies', 'another ground of the cookie', (d, i) =>
        d.setIn(['cookies', i, 'strictlyNecessary', 'de'], 'Nur so.'),
      ),
    ]
  })

  /** What is said of a tenant's changed files: by the loader, and against what this database has published. */
  const said = async (file: string, change: (document: Document) => void): Promise<string[]> => {
    const [slug = ''] = file.split('/')
    using tenants = copyTenants(usualTenants.includes(slug) ? [slug] : usualTenants)
    const document = documentOf(file)
    change(document)
    tenants.write(file, document.toString())
    const { running, quarantined, problems } = tenants.load()
    const found = [...problems, ...[...quarantined.values()].flatMap((tenant) => tenant.problems)]
    for (const tenant of running.values())
      found.push(
        ...(await installation.deps.db.inTenant(tenant.tenant.id, (tx) =>
          findSilentChanges(tx, tenant, installation.deps.clock()),
        )),
      )
    return found.map(problemLine)
  }

  test('there is something of every kind to change', () => {
    for (const kind of ['the field', 'the rule', 'the recipient', 'the cookie'])
      expect(changes.filter(({ name }) => name.includes(kind)).length).toBeGreaterThanOrEqual(2)
  })

  test.each(changes)('$name', async ({ file, change, words }) => {
    const lines = await said(file, change)
    expect(lines.join('\n')).toMatch(words)
  })

  test.each([
    ['name', ['name', 'de'], 'Jemand anderes'],
    ['seat', ['street'], 'Anderswo 3'],
    ['country', ['country'], 'AT'],
    ['backup window', ['backup', 'window'], 'P90D'],
  ])('another %s of the operator', async (_what, path, value) => {
    const lines = await said('operator.yaml', (document) => document.setIn(path, value))
    const named = lines.filter((line) => line.includes(`/operator.yaml:`))
    expect(named.length).toBeGreaterThan(0)
    for (const line of named) expect(line).toMatch(new RegExp(`:\\d+: ${path.join('\\.')}: is ${value}, but`))
  })

  test('nothing is said of files that nobody changed', async () => {
    expect(await said('operator.yaml', () => {})).toEqual([])
  })
})

describe('the server', () => {
  test('does not start with a host that nobody declared, and names it', async () => {
    const folder = temporaryFolder('doctor')
    const { code, err } = await run(['serve'], { SMTP_URL: 'smtp://mail.example', DATA_DIR: folder, PORT: '0' })
    expect(err).toContain('The running system differs from the register, so it does not start:')
    expect(err).toContain("add '- { host: mail.example, for: mail }' under 'hosts:'")
    expect(err).not.toContain('    at ')
    expect(code).toBe(1)
    rmSync(folder, { recursive: true })
  })
})
