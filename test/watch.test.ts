import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { neverCompacted } from '#apps/compaction.ts'
import { features } from '#apps/features.ts'
import { countRequests, listenForMetrics, metrics } from '#apps/metrics.ts'
import { startWorker, tidyNode } from '#apps/worker.ts'
import { freePort } from './helpers/command.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, erika, person, referenceOn } from './helpers/person.ts'

/* What tells an operator from outside whether the promises are kept: /readyz and /metrics. */

const start = '2026-11-23T08:00:00Z'
const token = 'a-token-of-32-characters-or-more'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true, config: { metricsToken: token } })
})
afterAll(() => installation.close())
beforeEach(async () => {
  Object.assign(installation.deps.compaction, neverCompacted()) // the clock goes back between these tests
  installation.time.set(start)
  await installation.sweep()
})
afterEach(async () => {
  await installation.wipe(`delete from app.limit_salt; update vault.record set hold_reason = null, held_at = null, restricted_at = null;
    delete from cell where appointment_id is not null; delete from appointment; delete from vault.record;
    delete from visit_count; delete from vault.erasure; delete from vault.hold_change; delete from mail_delivery; delete from consent_record; delete from page_count;
    delete from jobs.job; delete from app.limit_salt`)
})

const ask = async (url: string, headers: Record<string, string> = {}, on = installation) => {
  const { statusCode, body, headers: answered } = await on.app.inject({ url, headers })
  return { status: statusCode, body, headers: answered }
}
/** While no worker runs, a web server still looks after its own files. */
const ready = async () => {
  await tidyNode(installation.deps, features)
  return ask('/readyz')
}
const dueOf = async (): Promise<Temporal.Instant> => {
  const { rows } = await installation.admin.query(
    `select erase_at from vault.record where activity = 'appointments.booking'`,
  )
  return Temporal.Instant.from(rows[0].erase_at.toISOString())
}
/** Only what the test is about is left. */
const withoutTheRest = () =>
  installation.wipe(`delete from vault.record where activity = 'mail.delivery'; delete from app.limit_salt;
    delete from cell where appointment_id is not null; delete from appointment`)

describe('/readyz', () => {
  test('is green until an erasure is two hours late, red while no worker comes by, and green after one has', async () => {
    await bookAppointment(person(installation))
    await withoutTheRest()
    const due = await dueOf()
    installation.time.set(due.add({ hours: 2 }).subtract({ seconds: 1 }))
    expect(await ready()).toMatchObject({ status: 200, body: 'ready\n' })
    installation.time.set(due.add({ hours: 2 }).add({ seconds: 10 }))
    expect(await ready()).toMatchObject({
      status: 503,
      body: `records of segeberg overdue by more than 2 hours: due ${due}\n`,
    })
    await installation.sweep()
    installation.time.move('PT5S')
    expect(await ready()).toMatchObject({ status: 200, body: 'ready\n' })
  })

  test('is red for a tenant too that does not run any more', async () => {
    const stopped = crypto.randomUUID()
    await installation.admin.query('insert into app.known_tenant values ($1)', [stopped])
    await installation.admin.query(
      `insert into vault.tenant_key values ($1, '', '2026-01-01');`.replace('$1', `'${stopped}'`) +
        `insert into vault.record (tenant_id, id, activity, register_version, sealed, erase_at, erase_rule, created_at)
         values ('${stopped}', '${crypto.randomUUID()}', 'appointments.booking', '1', '', '2026-11-01', 'after', '2026-01-01')`,
    )
    installation.time.move('PT10S')
    const { status, body } = await ready()
    expect([status, body]).toEqual([503, expect.stringContaining(`records of ${stopped} overdue`)])
    await installation.sweep()
    installation.time.move('PT10S')
    expect((await ready()).status).toBe(200)
  })

  test('is not concerned with held records, however long they have been due', async () => {
    const { booked } = await bookAppointment(person(installation))
    await withoutTheRest()
    const reference = referenceOn(booked.text)
    const id = installation.deps.register.running.get('segeberg')?.tenant.id ?? ''
    await installation.deps.db.inTenant(id, (tx) =>
      installation.deps.keeper.placeLegalHold(tx, 'reference', reference, 'tax-law'),
    )
    await installation.admin.query('update vault.hold_change set written_at = changed_at') // no worker writes its line here
    await installation.admin.query('delete from app.limit_salt') // which would be overdue by then
    installation.time.move('P90D')
    expect((await ready()).status).toBe(200)
  })

  test.each([
    ['segeberg', { days: 7 }],
    ['closed-long-ago', { hours: 24 }],
  ])('is red when access lines of %s are two hours past their period, and says so', async (slug, period) => {
    const folder = join(installation.folder, 'log', slug)
    mkdirSync(folder, { recursive: true })
    appendFileSync(join(folder, '2026-11-23.jsonl'), `${JSON.stringify({ time: start, page: '/' })}\n`)
    const end = Temporal.Instant.from(start).toZonedDateTimeISO('Europe/Berlin').add(period).toInstant()
    installation.time.set(end.add({ hours: 2 }).subtract({ seconds: 5 }))
    expect((await ask('/readyz')).status).toBe(200)
    installation.time.set(end.add({ hours: 2 }))
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      body: expect.stringContaining(`access log of ${slug} overdue by more than 2 hours: due ${end}`),
    })
    await installation.sweep()
    installation.time.move('PT5S')
    expect((await ask('/readyz')).status).toBe(200)
  })

  test('is red when the times of a tenant cannot be planned for five minutes, and green when they are', async () => {
    const { admin, time } = installation
    await admin.query(`delete from cell;
      create function refuse_cell() returns trigger language plpgsql as $$ begin raise exception 'no cell here'; end $$;
      create trigger refuse before insert on cell for each row execute function refuse_cell()`)
    try {
      time.move('P1D')
      const since = time.clock()
      await installation.sweep()
      time.move('PT4M59S')
      await installation.sweep()
      expect((await ask('/readyz')).status).toBe(200)
      time.move('PT5S')
      expect(await ask('/readyz')).toMatchObject({
        status: 503,
        body: expect.stringContaining(`appointments of segeberg fails since ${since}: see the log`),
      })
    } finally {
      await admin.query('drop function refuse_cell cascade')
    }
    await installation.sweep()
    time.move('PT5S')
    expect((await ask('/readyz')).status).toBe(200)
  })

  /** A booking that was made and cancelled, so that only what stays behind is left. */
  const bookAndCancel = async (on = installation) => {
    const who = person(on)
    const { manage } = await bookAppointment(who)
    await who.send(await who.open(`${manage}/absagen`))
    await on.admin.query(`delete from vault.record where activity = 'mail.delivery'`)
    await on.sweep()
  }

  test.each([
    [
      'keys of segeberg',
      'revoke delete on vault.retired_key from anlaufstelle_app',
      'grant delete on vault.retired_key to anlaufstelle_app',
    ],
    [
      'duties of segeberg',
      'revoke delete on consent_record from anlaufstelle_app',
      'grant delete on consent_record to anlaufstelle_app',
    ],
    [
      'compaction',
      'alter function vault.compact_keys() rename to mislaid',
      'alter function vault.mislaid() rename to compact_keys',
    ],
  ])(
    'is red when the worker has failed at %s for five minutes, and green when it does not',
    async (what, spoil, mend) => {
      const { admin, time } = installation
      await bookAndCancel() // something to be erased, whose key lies about
      await admin.query(spoil)
      try {
        time.move('P1D') // compaction comes once a day
        Object.assign(installation.deps.compaction, neverCompacted()) // it was not tried in vain for all that time
        const since = time.clock()
        for (let minute = 0; minute < 5; minute++) {
          await installation.sweep()
          expect((await ask('/readyz')).body).not.toContain(`${what} fails since`)
          time.move('PT1M')
        }
        expect(await ask('/readyz')).toMatchObject({
          status: 503,
          body: expect.stringContaining(`${what} fails since ${since}: see the log`),
        })
      } finally {
        await admin.query(mend)
      }
      await installation.sweep()
      time.move('PT5S')
      expect((await ask('/readyz')).body).not.toContain(`${what} fails since`)
    },
  )

  const onlyDate = async (question: string, on = installation): Promise<Temporal.Instant> => {
    const { rows } = await on.admin.query(question)
    expect(rows).toHaveLength(1)
    return Temporal.Instant.from(rows[0].at.toISOString())
  }
  test.each([
    ['consent proofs', { years: 3 }, 'select erase_at as at from consent_record'],
    ['mail deliveries', { days: 7 }, 'select min(erase_at) as at from mail_delivery'],
    ['page counts', { years: 1 }, 'select min(erase_at) as at from page_count'],
    ['visit counts', { years: 2, days: 7 }, 'select min(erase_at) as at from visit_count'],
  ])('is red when %s are two hours past their end, and green when they are gone', async (what, kept, question) => {
    await bookAndCancel()
    const end = await onlyDate(question)
    const declared = Temporal.Instant.from(start).toZonedDateTimeISO('Europe/Berlin').add(kept)
    const late = end.since(declared.toInstant()).total('hours')
    expect(late >= 0 && late < 24, `${late} hours after what is declared`).toBe(true) // a day’s numbers go with the day, a month’s with the month
    installation.time.set(end.add({ hours: 2 }).subtract({ seconds: 5 }))
    expect((await ask('/readyz')).body).not.toContain(what)
    installation.time.set(end.add({ hours: 2 }))
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      body: expect.stringContaining(`${what} of segeberg overdue by more than 2 hours: due ${end}`),
    })
    await installation.sweep()
    installation.time.move('PT5S')
    expect((await ask('/readyz')).body).not.toContain(what)
    await expect(onlyDate(`${question} having min(erase_at) is not null`)).rejects.toThrow()
  })

  test('is red when the file has not got the line of an erasure after two hours, and a worker’s start brings it', async () => {
    const on = await startInstallation({ withoutWorker: true })
    await bookAndCancel(on)
    const erased = await onlyDate('select max(erased_at) as at from vault.erasure', on)
    await on.admin.query('delete from jobs.job') // given up, and forgotten a day later
    on.time.set(erased.add({ hours: 2 }).subtract({ seconds: 5 }))
    expect((await ask('/readyz', {}, on)).status).toBe(200)
    on.time.set(erased.add({ hours: 2 }))
    expect(await ask('/readyz', {}, on)).toMatchObject({
      status: 503,
      body: `erasure ledger of segeberg overdue by more than 2 hours: due ${erased}\n`,
    })
    const worker = await startWorker(on.deps, features)
    try {
      on.time.move('PT5S')
      expect((await ask('/readyz', {}, on)).status).toBe(200)
      expect(readFileSync(on.config.ledgerFile, 'utf8')).toContain(`"at":"${erased}"`)
      // From then on the job of each erasure says that its line is there.
      await bookAndCancel(on)
      await eventually(
        async () => (await on.admin.query('select from vault.erasure where written_at is null')).rowCount === 0,
        'the line of the other erasure',
      )
    } finally {
      await worker.stop()
      await on.close()
    }
  })

  test('asks the database once, however many ask at the same moment', async () => {
    installation.time.move('PT1M')
    const { db } = installation.deps
    const { inInstallation } = db
    let asked = 0
    db.inInstallation = (work) => {
      asked++
      return inInstallation(work)
    }
    try {
      const began = performance.now()
      // From many addresses: one alone is told to come again later.
      const askFrom = (i: number) => ask('/readyz', { 'x-forwarded-for': `198.51.100.${i}` })
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => askFrom(i)))
      expect(answers.every(({ status }) => status === 200)).toBe(true)
      // An answer serves for two seconds; meanwhile the server may say once that it is there.
      expect(asked).toBeLessThanOrEqual(2 + Math.floor((performance.now() - began) / 2000))
    } finally {
      db.inInstallation = inInstallation
    }
  })

  test('leaves no tenant set on the connection it used', async () => {
    installation.time.move('PT1M')
    await ready()
    await expect(
      installation.deps.db.inInstallation((tx) =>
        // @ts-expect-error: a transaction of no tenant knows no tenant's tables
        tx.selectFrom('vault.record').selectAll().execute(),
      ),
    ).rejects.toThrow()
  })
})

describe('/metrics', () => {
  const bearer = { authorization: `Bearer ${token}` }
  const read = async () => (await ask('/metrics', bearer)).body
  /** The value of one line, found by its beginning. */
  const value = (text: string, line: string): number | undefined => {
    const found = text.split('\n').find((each) => each.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.slice(line.length + 1))
  }

  test.each([
    ['without a token', {}],
    ['with another token', { authorization: `Bearer ${token}x` }],
    ['with a token that is no bearer’s', { authorization: token }],
    ['with an empty one', { authorization: 'Bearer ' }],
  ])('tells nobody anything %s', async (_how, headers: Record<string, string>) => {
    const { status, body, headers: answered } = await ask('/metrics', headers)
    expect([status, body, answered['www-authenticate']]).toEqual([401, 'token expected\n', 'Bearer'])
  })

  test('is not there at all when no token is set', async () => {
    const other = await startInstallation({ withoutWorker: true })
    try {
      for (const headers of [{}, bearer, { authorization: 'Bearer null' }])
        expect((await ask('/metrics', headers, other)).status).toBe(404)
    } finally {
      await other.close()
    }
  })

  test('counts what is stored, due and erased, and the mails, the jobs and the requests in steps of five; what is overdue or held one by one', async () => {
    const before = await read()
    const who = person(installation)
    await bookAppointment(who)
    const { booked, manage } = await bookAppointment(who)
    const { manage: cancelled } = await bookAppointment(who)
    await who.send(await who.open(`${cancelled}/absagen`))
    await who.open('/segeberg/no-such-page')
    await who.open(manage)
    const reference = referenceOn(booked.text)
    const id = installation.deps.register.running.get('segeberg')?.tenant.id ?? ''
    await installation.deps.db.inTenant(id, (tx) =>
      installation.deps.keeper.placeLegalHold(tx, 'reference', reference, 'tax-law'),
    )
    const due = await dueOf()
    const booking = '{tenant="segeberg",activity="appointments.booking"}'
    installation.time.set(due)
    const first = await read()
    expect(value(first, `anlaufstelle_records_stored${booking}`)).toBe(5)
    expect(value(first, `anlaufstelle_records_due${booking}`)).toBe(5)
    expect(value(first, `anlaufstelle_records_overdue${booking}`)).toBe(0)
    expect(value(first, `anlaufstelle_records_held${booking}`)).toBe(1)
    installation.time.move('PT2H')
    const second = await read()
    expect(value(second, `anlaufstelle_records_overdue${booking}`)).toBe(1)
    expect(value(second, `anlaufstelle_records_restricted${booking}`)).toBe(1)
    const erased = 'anlaufstelle_records_erased_total{tenant="segeberg",activity="appointments.booking",rule='
    expect(value(second, `${erased}"cancelled"}`)).toBe(5)
    await installation.sweep()
    const third = await read()
    expect(value(third, `${erased}"after"}`)).toBe(5)
    expect(value(third, `anlaufstelle_records_stored${booking}`)).toBe(5)
    expect(value(second, 'anlaufstelle_mails{tenant="segeberg",status="queued"}')).toBe(5)
    expect(value(second, 'anlaufstelle_mails{tenant="segeberg",status="refused"}')).toBe(0)
    expect(value(second, 'anlaufstelle_jobs{job="mail.deliver",state="created"}')).toBe(5)
    const answered = 'anlaufstelle_http_requests_total'
    const grown = (line: string) => (value(third, line) ?? 0) - (value(before, line) ?? 0)
    // In steps of five: whoever reads this every few seconds sees no single booking.
    expect([0, 5]).toContain(grown(`${answered}{method="POST",route="/:tenant/termin/buchen",status="3xx"}`))
    expect(value(third, `${answered}{method="POST",route="/:tenant/termin/buchen",status="3xx"}`)).toBeGreaterThan(0)
    expect(value(third, `${answered}{method="GET",route="unmatched",status="4xx"}`)).toBe(5)
    for (const [, count] of third.matchAll(/^anlaufstelle_http_request\w+_(?:total|count|bucket)\{.*\} (\d+)$/gm))
      expect(Number(count) % 5).toBe(0)
    expect(value(third, 'anlaufstelle_database_up')).toBe(1)
    expect(value(third, 'anlaufstelle_database_connections{state="open"}')).toBeGreaterThan(0)
    expect(value(third, 'process_resident_memory_bytes')).toBeGreaterThan(1e7)
  })

  test('names no person, no link and no address as it was asked for', async () => {
    const who = person(installation, { 'x-forwarded-for': '203.0.113.77' })
    const { token: link, manage } = await bookAppointment(who)
    await who.open(`${manage}?neu=1`)
    await who.open(`/segeberg/${link}`)
    await who.open(`/segeberg/Zetermordio?q=${erika['f.email']}`)
    const text = await read()
    for (const secret of [link, 'Zetermordio', 'Markerfrau', erika['f.email'], '203.0.113', '131A0990815'])
      expect(text).not.toContain(secret)
    expect(text).toContain('route="/:tenant/termin/verwalten/:token"')
  })

  test('is text as Prometheus reads it: every line a comment or a name, labels and a number', async () => {
    await bookAppointment(person(installation))
    const { headers, body } = await ask('/metrics', bearer)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    const line = /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? -?\d[\d.e+-]*)?$/
    const wrong = body.split('\n').filter((each) => !line.test(each))
    expect(wrong).toEqual([])
    const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(12)
    expect(new Set(names).size).toBe(names.length)
  })

  describe('on a port of its own', () => {
    const serve = async (metricsToken: string | null) => {
      const port = await freePort()
      const deps = { ...installation.deps, config: { ...installation.config, metricsToken } }
      const server = await listenForMetrics(deps, port, metrics(deps, features, countRequests()))
      const at = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init)
      const end = () => {
        server.close()
        server.closeAllConnections()
      }
      return { at, port, deps, end }
    }

    test('is there without a token and serves nothing else', async () => {
      const { at, end } = await serve(null)
      try {
        const answer = await at('/metrics')
        expect([answer.status, await answer.text()]).toEqual([
          200,
          expect.stringContaining('anlaufstelle_database_up 1'),
        ])
        for (const path of ['/', '/segeberg/', '/metrics/x', '/healthz']) expect((await at(path)).status).toBe(404)
        expect((await at('/metrics', { method: 'POST', body: 'x' })).status).toBe(404)
      } finally {
        end()
      }
    })

    test('asks for the token there, too, when one is set', async () => {
      const { at, end } = await serve(token)
      try {
        expect((await at('/metrics')).status).toBe(401)
        expect((await at('/metrics', { headers: bearer })).status).toBe(200)
      } finally {
        end()
      }
    })

    test('names the port that is taken', async () => {
      const { port, deps, end } = await serve(null)
      try {
        await expect(listenForMetrics(deps, port, async () => '')).rejects.toThrow(`METRICS_PORT: ${port} is in use`)
      } finally {
        end()
      }
    })

    test('outlives a caller that hangs up', async () => {
      const { at, port, end } = await serve(null)
      try {
        const socket = connect(port, '127.0.0.1', () => socket.end('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'))
        await new Promise((resolve) => socket.once('close', resolve).resume())
        expect((await at('/metrics')).status).toBe(200)
      } finally {
        end()
      }
    })
  })
})
