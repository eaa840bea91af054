import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { clientDir, compose } from '#apps/compose.ts'
import { typed as canary } from '#apps/doctor/canaries.ts'
import { hashProgram } from '#apps/doctor/fingerprint.ts'
import { openDoor } from '#apps/door.ts'
import { features } from '#apps/features.ts'
import { openTenants } from '#apps/opening.ts'
import { createServer } from '#apps/server.ts'
import { tables } from '#apps/tables.ts'
import { sweep } from '#apps/worker.ts'
import { get } from '#features/addresses.ts'
import type { Feature, Handler } from '#features/feature.ts'
import { inspectDatabase } from '#platform/db/inspect.ts'
import { redirect } from '#platform/http/response.ts'
import { route } from '#platform/http/routes.ts'
import { freePort } from './helpers/command.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'
import { replaced } from './helpers/tenants.ts'

/* How an installation starts: the port first, then what all tenants share, then one tenant after the other. */

/** What is changed in a server that is made. */
const around: { now: (app: FastifyInstance) => unknown } = vi.hoisted(() => ({ now: () => {} }))
const leaveAsItIs = () => {
  around.now = () => {}
}
vi.mock(import('#apps/server.ts'), async (importOriginal) => {
  const { createServer } = await importOriginal()
  const made: typeof createServer = async (...given) => {
    const app = await createServer(...given)
    around.now(app as unknown as FastifyInstance)
    return app
  }
  return { createServer: made }
})
/** The delay from which on a server turns visitors away; null: the usual one. */
const longest: { delay: number | null } = vi.hoisted(() => ({ delay: null }))
vi.mock(import('#apps/pressure.ts'), async (importOriginal) => {
  const real = await importOriginal()
  return { ...real, shedLoad: (app, usual) => real.shedLoad(app, longest.delay ?? usual) }
})
vi.mock(import('#apps/doctor/fingerprint.ts'), async (importOriginal) => {
  const real = await importOriginal()
  return { ...real, hashProgram: vi.fn(real.hashProgram) }
})

let installation: Installation
/** Which pages were asked for, by tenant and language. */
let asked: string[] = []
beforeAll(async () => {
  installation = await startInstallation({
    edit: {
      // Two tenants of one shape: the second one is a copy of the first but for its names.
      'segeberg/tenant.yaml': (text) => text,
    },
  })
  const dir = installation.config.tenantsDir
  cpSync(join(dir, 'segeberg'), join(dir, 'zwilling'), { recursive: true })
  const file = join(dir, 'zwilling/tenant.yaml')
  const text = readFileSync(file, 'utf8')
  const other = replaced(text, 'id: 9c3bc0ab-982f-4e76-90d3-a21bbfece880', 'id: 11111111-1111-4111-8111-111111111111')
  writeFileSync(file, replaced(other, 'slug: segeberg', 'slug: zwilling'))
})
afterAll(() => installation.close())
beforeEach(() => {
  asked = []
})

const withPage = (handler: Handler = async () => redirect('/')): readonly Feature[] => {
  const page = get(route('/mehr'), {
    access: 'public',
    show: async (context) => {
      asked.push(`${context.place.slug} ${context.language}`)
      return handler(context)
    },
  })
  return [...features, { name: 'more', needs: [], pages: [page] }]
}

/** Starts as `serve` does, up to the moment when all tenants have been gone through. */
const start = async (all = withPage(), { signal = new AbortController().signal } = {}) => {
  const { config, database, time } = installation
  const composed = await compose(config, { clock: time.clock, database: database.connection })
  const said: string[] = []
  try {
    const found = await inspectDatabase(database.connection, tables)
    const prepare = async () => {}
    await openTenants({ ...composed, features: all, found, prepare, say: (line) => said.push(line), signal })
    return { composed, said, open: [...composed.deps.inForce.keys()].sort() }
  } catch (error) {
    await composed.close()
    throw error
  }
}

const started = async (...given: Parameters<typeof start>) => {
  const { composed, ...outcome } = await start(...given)
  await composed.close()
  return outcome
}

const inEach = (...slugs: string[]) => slugs.flatMap((slug) => ['ar', 'de', 'en'].map((each) => `${slug} ${each}`))
const forget = () => installation.admin.query('delete from page_check')

describe('a tenant opens when all its pages have been found to agree', () => {
  beforeEach(forget)

  test('and is asked for every page in every language, of many that are alike, too', async () => {
    expect((await started()).open).toEqual(['musterstadt', 'segeberg', 'zwilling'])
    expect([...new Set(asked)].sort()).toEqual(inEach('musterstadt', 'segeberg', 'zwilling'))
  })

  test.each(['segeberg', 'zwilling'])(
    '%s, of which a page in one language sets an undeclared cookie, stays closed alone and publishes nothing',
    async (slug) => {
      const id = (await started()).open.length // all have run here before
      expect(id).toBe(3)
      await forget()
      const rogue = withPage(async ({ place, language }) =>
        place.slug === slug && language === 'ar' ? { ...redirect('/'), cookies: { tracker: '1' } } : redirect('/'),
      )
      const { composed, open, said } = await start(rogue)
      try {
        expect(open).toEqual(['musterstadt', 'segeberg', 'zwilling'].filter((each) => each !== slug))
        expect(said).toEqual([
          `Tenant ${slug} does not run until this is mended:`,
          expect.stringContaining(`/${slug}/ar/mehr sets the cookie tracker, which ${slug} does not declare`),
        ])
        const app = await createServer(composed.deps, features, clientDir)
        const page = await app.inject(`/${slug}/`)
        expect([page.statusCode, page.body]).toEqual([503, expect.stringContaining('nicht in Betrieb')])
        await app.close()
        const { rows } = await installation.admin.query('select tenant_id from page_check')
        expect(rows.length).toBe(2)
        expect((await started(rogue)).open).not.toContain(slug) // nothing is remembered of a check that failed
      } finally {
        await composed.close()
      }
    },
  )

  test('of those that are alike, each is asked through the server until one was without any fault', async () => {
    const through = new Set<string>()
    around.now = (app) =>
      app.addHook('onSend', async ({ url }, reply) => {
        const [path = ''] = url.split('?')
        if (!path.endsWith('/mehr')) return
        through.add(path)
        reply.header('x-frame-options', 'SAMEORIGIN')
      })
    await expect(start().finally(leaveAsItIs)).rejects.toThrow(
      /\/segeberg\/mehr answers with x-frame-options[\s\S]*\/zwilling\/ar\/mehr answers with x-frame-options/,
    )
    expect(through).toContain('/zwilling/en/mehr')
  })

  test('a fault with the words of a visitor at one closes that one alone', async () => {
    const careless = withPage(async ({ place, query }) => {
      if (place.slug === 'segeberg') throw new DOMException(`no page for ${JSON.stringify(query)}`, canary.link)
      return redirect('/')
    })
    const { open, said } = await started(careless)
    expect(open).toEqual(['musterstadt', 'zwilling'])
    expect(said.join()).toContain("standard error holds what came with a request: the canary 'link'")
  })

  test('an outage that stays closes nobody: the start fails, and the next one goes on', async () => {
    const away = () => Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    const isAway = withPage(async ({ place }) => {
      if (place.slug === 'segeberg') throw away()
      return redirect('/')
    })
    await expect(start(isAway)).rejects.toThrow(
      /does not start[\s\S]*\/segeberg\/mehr answers with 503 and was not looked at/,
    )
    asked = []
    expect((await started()).open).toEqual(['musterstadt', 'segeberg', 'zwilling'])
    expect(new Set(asked)).toEqual(new Set(inEach('segeberg', 'zwilling')))
  })

  test('with none left to open the start fails and names every difference', async () => {
    const rogue = withPage(async () => ({ ...redirect('/'), cookies: { tracker: '1' } }))
    await expect(start(rogue)).rejects.toThrow(/\/musterstadt\/mehr sets.*[\s\S]*\/zwilling\/mehr sets/)
    expect((await installation.admin.query('select from page_check')).rowCount).toBe(0)
  })

  test('and a start that is ended in its middle remembers those only that were through', async () => {
    const stop = new AbortController()
    const ended = withPage(async ({ place }) => {
      if (place.slug === 'segeberg') stop.abort()
      return redirect('/')
    })
    expect((await started(ended, { signal: stop.signal })).open).toEqual(['musterstadt', 'segeberg'])
    asked = []
    await started()
    expect(new Set(asked)).toEqual(new Set(inEach('zwilling')))
  })
})

describe('while nothing changes, a start asks for no page', () => {
  beforeEach(async () => {
    await forget()
    await started()
    asked = []
  })

  test('and the notice goes on saying when they were asked', async () => {
    const then = installation.time.clock()
    installation.time.move('P2D')
    const { composed, open } = await start()
    expect([open.length, asked]).toEqual([3, []])
    expect(composed.deps.checkedAt('segeberg')?.toString()).toBe(then.toString())
    await composed.close()
  })

  test("after a change to one tenant's files it asks for its pages only", async () => {
    const file = join(installation.config.tenantsDir, 'segeberg/tenant.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `${text}\n# a word more\n`)
    await started()
    expect(new Set(asked)).toEqual(new Set(inEach('segeberg')))
    asked = []
    writeFileSync(file, text)
    await started() // as it was: that has been asked before
    expect(asked).toEqual([])
  })

  test.each([
    ['a column of the database', () => installation.admin.query('alter table wish add column more int')],
    [
      'the address of the installation',
      async () => Object.assign(installation.config, { publicUrl: 'https://anlaufstelle.test' }),
    ],
    ['another build of the program', async () => void vi.mocked(hashProgram).mockReturnValueOnce('another build')],
    [
      "a change to the operator's file",
      async () => {
        const file = join(installation.config.tenantsDir, 'operator.yaml')
        const text = readFileSync(file, 'utf8')
        writeFileSync(file, replaced(text, 'hosts: []', 'hosts: [{ host: mail.example, for: mail }]'))
        return () => writeFileSync(file, text)
      },
    ],
    ['thirty days', async () => installation.time.move('P31D')],
  ])('after %s it asks for all', async (_what, change) => {
    const { publicUrl } = installation.config
    const back = await change()
    await started()
    if (typeof back === 'function') back()
    await installation.admin.query('alter table wish drop column if exists more')
    installation.config.publicUrl = publicUrl
    expect(new Set(asked)).toEqual(new Set(inEach('musterstadt', 'segeberg', 'zwilling')))
  })

  test('a note that nobody with the keys has written, or one of another tenant, is not believed', async () => {
    await installation.admin.query(`update page_check set note = translate(note, 'abcABC', 'bcaBCA')`)
    await started()
    expect(new Set(asked).size).toBe(9)
    asked = []
    await installation.admin.query(`
      delete from page_check where tenant_id = '9c3bc0ab-982f-4e76-90d3-a21bbfece880';
      insert into page_check select '9c3bc0ab-982f-4e76-90d3-a21bbfece880', note, checked_at, erase_at from page_check
        where tenant_id = '11111111-1111-4111-8111-111111111111'`)
    await started()
    expect(new Set(asked)).toEqual(new Set(inEach('segeberg')))
  })

  test('notes go when their time has come', async () => {
    installation.time.move('P31D')
    await installation.sweep()
    const { rows } = await installation.admin.query('select tenant_id from page_check')
    expect(rows).toEqual([])
  })
})

test('another program is another fingerprint: its own files, those for browsers, its packages', () => {
  const root = temporaryFolder('program')
  const file = (name: string) => join(root, name)
  cpSync('dist/client', file('client'), { recursive: true })
  cpSync('src/platform/clock.ts', file('program/cli.js'))
  writeFileSync(file('package-lock.json'), '{}')
  const hash = () => hashProgram(file('client'), file('program'), root)
  const hashes = [hash(), hash()]
  for (const name of ['program/cli.js', 'client/more.js', 'package-lock.json']) {
    writeFileSync(file(name), `changed ${name}`)
    hashes.push(hash())
  }
  expect(new Set(hashes).size).toBe(4)
})

describe('a tenant that is not open yet', () => {
  const closed = async (slug = 'segeberg') => {
    const inForce = new Map(installation.deps.inForce)
    inForce.delete(slug)
    const deps = { ...installation.deps, inForce }
    const app = await createServer(deps, features, clientDir)
    return { deps, who: person({ app }), app }
  }

  test.each([
    ['/segeberg/', 'Wir öffnen gerade'],
    ['/segeberg/termin', 'Wir öffnen gerade'],
    ['/segeberg/en/termin', 'We are just opening'],
    ['/segeberg/ar/datenschutz', 'نحن نفتح الآن'],
  ])('%s says so, and when to come again', async (url, words) => {
    const { who, app } = await closed()
    const page = await who.open(url)
    expect([page.status, page.headers['retry-after']]).toEqual([503, '30'])
    expect(page.text).toContain(words)
    expect((await who.open('/musterstadt/termin')).status).toBe(200)
    await app.close()
  })

  test('keeps what somebody has just sent, to be sent again', async () => {
    const { who, app } = await closed()
    const page = await who.post('/segeberg/termin/angaben', { 'f.name': 'Markerfrau' })
    expect(page.status).toBe(503)
    expect(page.html).toContain('value="Markerfrau"')
    await app.close()
  })

  test('tells programs the same, and whoever watches how far it is', async () => {
    const { who, app } = await closed()
    const problem = await who.open('/segeberg/api/v1/sites')
    expect([problem.status, problem.headers['retry-after']]).toEqual([503, '30'])
    expect(JSON.parse(problem.html).type).toBe('urn:problem-type:anlaufstelle:outage')
    const ready = await who.open('/readyz')
    expect([ready.status, ready.html]).toEqual([503, 'starting: 1 of 2 tenants are open\n'])
    expect((await who.open('/healthz')).status).toBe(200)
    await app.close()
  })

  test('is left alone by the worker, and has erased what is due all the same', async () => {
    const { deps, app } = await closed()
    const { admin, time } = installation
    const segeberg = deps.register.running.get('segeberg')?.tenant.id
    await admin.query('delete from cell')
    time.move('P1D')
    await sweep(deps, features)
    const { rows } = await admin.query('select distinct tenant_id from cell')
    expect(rows.length).toBe(1)
    expect(rows[0].tenant_id).not.toBe(segeberg)
    await app.close()
  })
})

test.each([
  ['for visitors turns them away', {}, 503],
  ['of the doctor answers', { forVisitors: false }, 200],
])('a server %s while its event loop is starved', async (_what, options, status) => {
  longest.delay = 100
  const { deps } = installation
  const quiet = { ...deps, log: { ...deps.log, fault: () => {} } }
  const app = await createServer(quiet, features, clientDir, options)
  longest.delay = null
  const statuses: number[] = []
  for (let i = 0; i < 8; i++) {
    for (const end = performance.now() + 500; performance.now() < end; );
    await new Promise((resolve) => setTimeout(resolve, 1))
    statuses.push((await app.inject('/segeberg/')).statusCode)
  }
  await app.close()
  expect(Math.max(...statuses)).toBe(status)
})

describe('the door', () => {
  const open = async () => {
    const config = { ...installation.config, port: await freePort() }
    const ask = async (url: string) => {
      const answer = await fetch(`http://127.0.0.1:${config.port}${url}`)
      return { status: answer.status, headers: answer.headers, text: await answer.text() }
    }
    return { config, ask, door: await openDoor(config, clientDir) }
  }

  test('answers before there is a register or a database, in the language of the address', async () => {
    const { ask, door } = await open()
    for (const [url, words] of [
      ['/segeberg/termin', 'Wir öffnen gerade'],
      ['/en', 'We are just opening'],
      ['/segeberg/ar/termin', 'نحن نفتح الآن'],
    ] as const) {
      const { status, headers, text } = await ask(url)
      expect([status, headers.get('retry-after'), headers.get('cache-control')]).toEqual([503, '5', 'no-store'])
      expect(text).toContain(words)
    }
    expect(await ask('/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
    expect(await ask('/readyz')).toMatchObject({ status: 503, text: 'starting\n' })
    const problem = await ask('/segeberg/api/v1/sites')
    expect([problem.status, problem.headers.get('content-type')]).toEqual([
      503,
      'application/problem+json; charset=utf-8',
    ])
    door.close()
  })

  test('hands over on the same socket, and nobody meets a closed one', async () => {
    const { ask, door, config } = await open()
    const app = await createServer(installation.deps, features, clientDir)
    let isOver = false
    const statuses: number[] = []
    const asking = (async () => {
      while (!isOver) statuses.push((await ask('/segeberg/')).status)
    })()
    while (statuses.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await door.handTo(app)
    const from = statuses.length
    while (statuses.length < from + 3) await new Promise((resolve) => setTimeout(resolve, 5))
    isOver = true
    await asking
    expect(new Set(statuses)).toEqual(new Set([503, 200]))
    expect(statuses.slice(from + 1).every((each) => each === 200)).toBe(true)
    expect(app.server.address()).toMatchObject({ port: config.port })
    await app.close()
    door.close()
    await expect(ask('/')).rejects.toThrow()
  })

  test.each([
    [{ host: '192.0.2.1' }, 'HOST: 192.0.2.1 is no address of this machine'],
    [{ host: 'no-such-host.invalid' }, 'HOST: no-such-host.invalid is no address of this machine'],
  ])('that cannot be opened names the setting: %j', async (setting, words) => {
    await expect(openDoor({ ...installation.config, port: 0, ...setting }, clientDir)).rejects.toThrow(words)
  })
})
