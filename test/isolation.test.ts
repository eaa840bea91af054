import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { features } from '#apps/features.ts'
import { endpointsOf, neededFor, pagesOf } from '#apps/guards.ts'
import type { Page } from '#features/feature.ts'
import { tokenField } from '#platform/http/form-token.ts'
import { type Language, languages } from '#platform/i18n/translate.ts'
import { dump, listTables } from './helpers/dump.ts'
import { look } from './helpers/html.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, codeIn, erika, formTokenOf, type Person, person, referenceOn } from './helpers/person.ts'

/* No tenant sees or changes anything of another, whatever is asked; and no person anything of another person. */

const appRole = 'anlaufstelle_app'
const missingSetting = '42704'
const notAUuid = '22P02'
const forbidden = '42501'

/** The tables that are not behind the tenant's policy, and why that is right. */
const exceptions = [
  /^jobs\./, // pg-boss's own: ids only, held by test/leaks.test.ts
  /^public\.kysely_migration(_lock)?$/, // which migrations ran
  /^app\.web_node$/, // random numbers of servers
  /^app\.known_tenant$/, // ids of tenants only, so that what is due is erased also of one that does not run
]

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation()
})
afterAll(() => installation.close())

const idOf = (slug: string): string => installation.deps.register.running.get(slug)?.tenant.id ?? ''
const tablesOfTenants = async (): Promise<string[]> =>
  (await listTables(installation.admin)).filter((table) => !exceptions.some((exception) => exception.test(table)))

const hiddenField = (html: string, name: string): string => look(html).field(name)
const newestCode = async (mails: number): Promise<string> => {
  const sent = () => installation.mailbox.messages().filter((mail) => /^(Ihr Code|Your code)$/.test(mail.subject))
  await eventually(() => sent().length >= mails, 'the code')
  return codeIn(sent()[0]?.text ?? '')
}

/** Everything that Erika holds in her hands after a visit to a tenant: links, ids, codes, signed notes. */
const visit = async (who: Person, slug: string, codesSent: number) => {
  const stays = await bookAppointment(who, { slug })
  const cancelled = await bookAppointment(who, { slug })
  await who.send(await who.open(`${cancelled.manage}/absagen`))
  const times = await who.open(`/${slug}/termin/zeit?leistung=beratung-vor-ort`)
  const held = await who.send(times, { beginn: who.starts(times)[1] ?? '' })
  const asked = await who.send(await who.open(`/${slug}/meine-daten`), { email: erika['f.email'] })
  const shown = await who.send(asked, { code: await newestCode(codesSent) })
  const open = await who.send(await who.open(`/${slug}/widerruf`), { email: erika['f.email'] })
  const code = await newestCode(codesSent + 1)
  return {
    token: stays.token,
    key: hiddenField(stays.check.html, 'schluessel'),
    reference: referenceOn(stays.booked.text),
    bookedHold: new URL(`http://x${stays.details.url}`).searchParams.get('vormerkung') ?? '',
    hold: new URL(`http://x${held.url}`).searchParams.get('vormerkung') ?? '',
    codeId: hiddenField(open.html, 'vorgang'),
    code,
    proof: hiddenField(shown.html, 'nachweis'),
    start: stays.start,
  }
}
type Holdings = Awaited<ReturnType<typeof visit>>

let segeberg: Holdings
let musterstadt: Holdings
beforeAll(async () => {
  const who = person(installation)
  segeberg = await visit(who, 'segeberg', 1)
  musterstadt = await visit(who, 'musterstadt', 3)
  await installation.sweep() // stores what was counted
  const { db, keeper } = installation.deps
  for (const id of await db.knownTenants()) await db.inTenant(id, (tx) => keeper.announceKey(tx))
  for (const [slug, { reference }] of Object.entries({ segeberg, musterstadt })) {
    await db.inTenant(idOf(slug), async (tx) => {
      await keeper.placeLegalHold(tx, 'reference', reference, 'tax-law')
      await keeper.releaseLegalHold(tx, 'reference', reference)
    })
  }
  // Not every tenant keeps a waiting list.
  await installation.admin.query(
    `insert into wish select tenant_id, id, record_id, $1 from appointment where status = 'booked' and record_id is not null`,
    [installation.time.clock().toString()],
  )
  await installation.admin.query(
    `insert into offer select tenant_id, gen_random_uuid(), id, null, 'lapsed', site_id, desk_id, starts_at, ends_at, $1, starts_at
     from appointment where status = 'booked'`,
    [installation.time.clock().toString()],
  )
  // No feature has files yet.
  await installation.admin.query(
    `insert into vault.blob select tenant_id, gen_random_uuid(), id, 'attachment', 1, 1, '', null from vault.record`,
  )
  await installation.admin.query(`insert into vault.blob_chunk select tenant_id, id, 0, '' from vault.blob`)
  // Only a start that asks for all pages notes it.
  await installation.admin.query(
    `insert into page_check select id, 'note', $1, $1::timestamptz + interval '30 days' from app.known_tenant`,
    [installation.time.clock().toString()],
  )
  for (const each of [segeberg, musterstadt])
    for (const [name, value] of Object.entries(each)) expect(value, name).not.toBe('')
})

/** What is wrong with how tables are protected, in words. */
const unprotected = async (): Promise<string[]> => {
  const { rows } = await installation.admin.query(
    `select format('%I.%I', n.nspname, c.relname) as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
            pg_has_role($1, c.relowner, 'member') as owned,
            exists (select from information_schema.columns i where i.table_schema = n.nspname and i.table_name = c.relname
                    and i.column_name = 'tenant_id' and i.is_nullable = 'NO' and i.data_type = 'uuid') as named,
            has_table_privilege($1, c.oid, 'truncate, references, trigger') as excessive,
            (select array_agg(p.permissive || ' ' || p.cmd || ' ' || p.qual || ' ' || p.with_check) from pg_policies p
             where p.schemaname = n.nspname and p.tablename = c.relname) as policies
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
    [appRole],
  )
  const policy = 'PERMISSIVE ALL (tenant_id = app.tenant()) (tenant_id = app.tenant())'
  return rows
    .filter(({ name }) => !exceptions.some((exception) => exception.test(name)))
    .flatMap(({ name, enabled, forced, owned, named, excessive, policies }) =>
      [
        !enabled && 'has no row-level security',
        !forced && 'does not force it on its owner',
        owned && 'belongs to the role that runs the product',
        !named && 'names no tenant',
        excessive && 'gives the product more than it needs',
        policies?.join() !== policy && 'has another policy than the tenant’s',
      ]
        .filter(Boolean)
        .map((fault) => `${name} ${fault}`),
    )
}

describe('in the database', () => {
  test('every table is behind the forced policy of its tenant', async () => {
    expect((await tablesOfTenants()).length).toBeGreaterThanOrEqual(11)
    expect(await unprotected()).toEqual([])
  })

  test('a new table without a policy would be noticed', async () => {
    const { admin } = installation
    await admin.query('create table forgotten (tenant_id uuid not null)')
    try {
      expect(await unprotected()).toEqual([
        'public.forgotten has no row-level security',
        'public.forgotten does not force it on its owner',
        'public.forgotten has another policy than the tenant’s',
      ])
      await admin.query(`alter table forgotten enable row level security, force row level security;
        create policy anybody on forgotten using (true) with check (true)`)
      expect(await unprotected()).toEqual(['public.forgotten has another policy than the tenant’s'])
    } finally {
      await admin.query('drop table forgotten')
    }
  })

  test('the role that runs the product is no superuser, bypasses nothing and can make nothing', async () => {
    const { rows } = await installation.admin.query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = $1`,
      [appRole],
    )
    expect(rows).toEqual([
      { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false },
    ])
    const schemas = `select nspname from pg_namespace where has_schema_privilege($1, oid, 'create') and nspname !~ '^pg_'`
    expect((await installation.admin.query(schemas, [appRole])).rows).toEqual([])
    // One function has its owner's rights: it takes nothing, and only says whether it has written a file anew.
    const definers = `select p.oid::regprocedure::text as name, pg_get_function_result(p.oid) as result from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where prosecdef and nspname in ('app', 'vault', 'public')`
    expect((await installation.admin.query(definers)).rows).toEqual([
      { name: 'vault.compact_keys()', result: 'boolean' },
    ])
  })

  /** A connection as the product has it: logged in, then in its role. */
  const asProduct = async (work: (client: pg.Client) => Promise<void>) => {
    const client = new pg.Client({ ...installation.database.connection, options: `-c role=${appRole}` })
    await client.connect()
    try {
      await work(client)
    } finally {
      await client.end()
    }
  }
  const asTenant = (slug: string, work: (client: pg.Client) => Promise<void>) =>
    asProduct(async (client) => {
      await client.query('begin')
      await client.query(`select set_config('app.tenant_id', $1, true)`, [idOf(slug)])
      await work(client)
      await client.query('rollback')
    })
  const attempt = async (client: pg.Client, statement: string): Promise<string> => {
    await client.query('savepoint attempt')
    try {
      return `${(await client.query(statement)).rowCount} rows`
    } catch (error) {
      return (error as pg.DatabaseError).code ?? 'no code'
    } finally {
      await client.query('rollback to savepoint attempt')
    }
  }

  test.each([
    ['segeberg', 'musterstadt'],
    ['musterstadt', 'segeberg'],
  ])('as %s every table shows its own rows, all of them, and none of %s', (own, other) =>
    asTenant(own, async (client) => {
      for (const table of await tablesOfTenants()) {
        const real = await installation.admin.query(`select count(*)::int n from ${table} where tenant_id = $1`, [
          idOf(own),
        ])
        const foreign = await installation.admin.query(`select count(*)::int n from ${table} where tenant_id = $1`, [
          idOf(other),
        ])
        expect(real.rows[0].n, `rows of ${own} in ${table}`).toBeGreaterThan(0)
        expect(foreign.rows[0].n, `rows of ${other} in ${table}`).toBeGreaterThan(0)
        const seen = await client.query(`select tenant_id, count(*)::int n from ${table} group by 1`)
        expect(seen.rows, table).toEqual([{ tenant_id: idOf(own), n: real.rows[0].n }])
      }
    }),
  )

  test('no tenant can write a row of another, give one away, or change or erase one', () =>
    asTenant('segeberg', async (client) => {
      const other = idOf('musterstadt')
      for (const table of await tablesOfTenants()) {
        const copied = `insert into ${table}
          select (jsonb_populate_record(row, jsonb_build_object('tenant_id', '${other}'::text))).* from ${table} row limit 1`
        expect(await attempt(client, copied), `insert into ${table}`).toBe(forbidden)
        expect(await attempt(client, `update ${table} set tenant_id = '${other}'`), `give away ${table}`).toBe(
          forbidden,
        )
        const reached = ['0 rows', forbidden]
        const changed = await attempt(client, `update ${table} set tenant_id = tenant_id where tenant_id = '${other}'`)
        expect(reached, `update ${table}`).toContain(changed)
        expect(reached, `delete ${table}`).toContain(
          await attempt(client, `delete from ${table} where tenant_id = '${other}'`),
        )
      }
    }))

  test('without a tenant there is an error and not a row, on a fresh connection and on a used one', async () => {
    const answers = async (client: pg.Client) => {
      const codes = new Set<string>()
      for (const table of await tablesOfTenants()) {
        await client.query(`select * from ${table}`).then(
          () => codes.add(`${table} answered`),
          (error: pg.DatabaseError) => codes.add(error.code ?? ''),
        )
      }
      return [...codes]
    }
    await asProduct(async (client) => expect(await answers(client)).toEqual([missingSetting]))
    await asProduct(async (client) => {
      await client.query('begin')
      await client.query(`select set_config('app.tenant_id', $1, true)`, [idOf('segeberg')])
      await client.query('commit')
      expect(await answers(client)).toEqual([notAUuid])
    })
  })

  test('a pool that served one tenant serves the next one that tenant’s rows only', async () => {
    const { db } = installation.deps
    const look = (slug: string) =>
      db.inTenant(idOf(slug), async (tx) => {
        const rows = await tx.selectFrom('vault.record').select('tenant_id').distinct().execute()
        return rows.map((row) => row.tenant_id)
      })
    const slugs = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 'segeberg' : 'musterstadt'))
    expect(await Promise.all(slugs.map(look))).toEqual(slugs.map((slug) => [idOf(slug)]))
  })
})

describe('on every page', () => {
  const pages = pagesOf(features)
  const secrets = [erika['f.name'], erika['f.customerOrBgNumber'], erika['f.freeText'], '1984']

  /** What a request could carry of somebody's, under every name that any form or address uses. */
  const carrying = (own: Holdings, hold: string): Record<string, string> => ({
    vormerkung: hold,
    schluessel: own.key,
    vorgang: own.codeId,
    code: own.code,
    nachweis: own.proof,
    leistung: 'beratung-vor-ort',
    beginn: own.start,
    kenntnis: 'yes',
    einwilligung: 'yes',
    token: own.token,
  })

  const ask = async (
    who: Person,
    slug: string,
    language: Language,
    page: Page,
    own: Holdings,
    hold: string,
    parts: Record<string, string> = { token: own.token, offer: crypto.randomUUID() },
  ) => {
    const address = page.route.href({ slug, language }, parts)
    const values = carrying(own, hold)
    if (page.method === 'GET') return who.open(`${address}?${new URLSearchParams(values)}`)
    return who.post(address, { ...values, [tokenField]: formTokenOf(installation, slug) })
  }

  /** All rows of a tenant, as text. */
  const rowsOf = async (slug: string): Promise<string[]> =>
    [...(await dump(installation.admin))].flatMap(([table, content]) =>
      exceptions.some((exception) => exception.test(table))
        ? []
        : content
            .toString()
            .split('\n')
            .filter((line) => line.includes(idOf(slug)))
            .map((line) => `${table}: ${line}`)
            .sort(),
    )

  /** Until the worker has done what it had in hand, mails and lines of the ledger, rows change by themselves. */
  const quiet = async () => {
    await installation.sweep()
    const inHand = `select from jobs.job where state in ('created', 'retry', 'active')`
    await eventually(async () => (await installation.admin.query(inHand)).rowCount === 0, 'an empty queue')
  }

  test('what somebody holds of one tenant gives nothing at another, and changes nothing there or here', async () => {
    await quiet()
    const before = await rowsOf('segeberg')
    const who = person(installation)
    for (const language of languages) {
      for (const page of pages) {
        for (const hold of [segeberg.hold, segeberg.bookedHold]) {
          const seen = await ask(who, 'musterstadt', language, page, segeberg, hold)
          const what = `${page.method} ${page.route.path} in ${language}`
          expect(seen.status, what).toBeLessThan(500)
          for (const secret of [...secrets, segeberg.reference]) expect(seen.text, what).not.toContain(secret)
        }
      }
    }
    expect(await rowsOf('segeberg')).toEqual(before)
  })

  test('everything that opens anything is among what somebody holds', () => {
    const holds = ['hold', 'holdKey', 'mailboxProof', 'manageLink', 'manageToken', 'offerLink']
    const needed = new Set([...pages, ...endpointsOf(features)].map(neededFor))
    expect([...needed].filter((name) => name !== null).sort()).toEqual(holds)
  })

  test('no program gets in with what opens something at another tenant', async () => {
    for (const { method, route, access, body, query } of endpointsOf(features)) {
      if (access === 'public') continue
      const url = `/musterstadt${route.path.replace(':id', segeberg.hold)}`
      const bodies = { hold: segeberg.hold, start: segeberg.start, fields: {}, language: 'de' }
      const payload = body && {
        payload: Object.fromEntries(Object.entries(bodies).filter(([name]) => name in (body as z.ZodObject).shape)),
      }
      expect(query.safeParse({}).success).toBe(true)
      for (const bearer of [segeberg.token, segeberg.key]) {
        const headers = { authorization: `Bearer ${bearer}` }
        const { statusCode } = await installation.app.inject({ method, url, headers, ...payload })
        expect([401, 410], `${method} ${route.path}`).toContain(statusCode)
      }
    }
  })

  test('with what one person holds nothing of another shows, at the same tenant', async () => {
    const max = person(installation)
    const own = await bookAppointment(max, {
      fields: {
        'f.name': 'Max Mustermann',
        'f.email': 'max@example.org',
        'f.customerOrBgNumber': '',
        'f.freeText': '',
        'f.birthDate.year': '1990',
      },
    })
    const offers = await installation.admin.query('select id from offer where tenant_id = $1', [idOf('segeberg')])
    const held = { ...segeberg, token: own.token, codeId: '', code: '', proof: '', key: '' }
    for (const page of pages.filter(({ access }) => access !== 'public')) {
      const values = { token: own.token, offer: offers.rows[0]?.id ?? '' }
      const seen = await ask(max, 'segeberg', 'de', page, held, segeberg.bookedHold, values)
      for (const secret of [...secrets, segeberg.reference])
        expect(seen.text, `${page.method} ${page.route.path}`).not.toContain(secret)
    }
  })

  test('the same is of use at its own tenant, so that the walk before means something', async () => {
    const who = person(installation)
    const opened = []
    for (const page of pages.filter(({ method }) => method === 'GET')) {
      const seen = await ask(who, 'segeberg', 'de', page, segeberg, segeberg.hold)
      if (secrets.some((secret) => seen.text.includes(secret)) || seen.text.includes(segeberg.reference))
        opened.push(page.route.path)
    }
    expect(opened).toContain('/termin/verwalten/:token')
    expect(opened).toContain('/termin/verwalten/:token/daten')
    const open = async (path: string) => {
      const page = pages.find(({ method, route }) => method === 'POST' && route.path === path)
      if (!page) throw new Error(`no page ${path}`)
      return ask(who, 'segeberg', 'de', page, segeberg, segeberg.hold)
    }
    expect((await open('/meine-daten/export')).html).toContain(erika['f.freeText'])
    expect((await open('/widerruf/termine')).text).toContain(segeberg.reference)
  })

  test('a form of one tenant is not accepted by another', async () => {
    const token = formTokenOf(installation, 'segeberg')
    const running = installation.deps.register.running.get('musterstadt')
    const forms = pages.filter(({ method, isAt }) => method === 'POST' && running && isAt(running))
    expect(forms.length).toBeGreaterThan(20)
    for (const [i, page] of forms.entries()) {
      const who = person(installation, { 'x-forwarded-for': `203.0.113.${i}` }) // so that no limit on callers is in the way
      const address = page.route.href(
        { slug: 'musterstadt', language: 'de' },
        { token: musterstadt.token, offer: crypto.randomUUID() },
      )
      const values = carrying(musterstadt, musterstadt.hold)
      expect((await who.post(address, { ...values, [tokenField]: token })).status, page.route.path).toBe(403)
    }
  })

  test('another person’s booked time cannot be looked into or booked again with its id', async () => {
    const max = person(installation)
    const seen = await max.open(`/segeberg/termin/angaben?vormerkung=${segeberg.bookedHold}`)
    expect(seen.text).toContain('schon gebucht')
    for (const secret of [...secrets, segeberg.reference]) expect(seen.text).not.toContain(secret)
    const own = await bookAppointment(max, { fields: { 'f.name': 'Max Mustermann', 'f.email': 'max@example.org' } })
    const again = await max.send(own.check, { vormerkung: segeberg.bookedHold })
    expect(again.status).not.toBe(200)
    const still = await max.open(`/segeberg/termin/verwalten/${segeberg.token}`)
    expect(still.text).toContain(segeberg.reference)
  })

  test('neither reference nor customer number nor a guess stands for a manage link', async () => {
    const who = person(installation)
    const guesses = [
      segeberg.reference,
      erika['f.customerOrBgNumber'],
      erika['f.email'],
      segeberg.hold,
      segeberg.token.toLowerCase(),
      `${segeberg.token.slice(0, 21)}${segeberg.token.endsWith('A') ? 'Q' : 'A'}`,
      segeberg.token.slice(0, 21),
      'A'.repeat(22),
    ]
    for (const guess of guesses) {
      for (const path of ['', '/daten', '/termin.ics', '/verschieben', '/absagen', '/widerrufen']) {
        const seen = await who.open(`/segeberg/termin/verwalten/${encodeURIComponent(guess)}${path}`)
        expect([404, 410], `${guess}${path}`).toContain(seen.status)
      }
    }
  })
})
