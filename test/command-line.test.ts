import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { systemRandom } from '#platform/random.ts'
import { endAllServers, freePort, personAt, run, runHere, startServer } from './helpers/command.ts'
import { aDataDir, anEmptyDataDir, type DataDir, isPostgresRunning } from './helpers/data-dir.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { look } from './helpers/html.ts'
import { markup } from './helpers/inspect.ts'
import { eventually } from './helpers/installation.ts'
import { bookAppointment } from './helpers/person.ts'
import { allTenants, copyTenants } from './helpers/tenants.ts'

/* The command line as somebody at a terminal has it. What a command says of its words and of files is asked in this process;
 * the built program, in a process of its own, shows each exit code once, and everything that starts or ends. */

let folder: string
beforeAll(() => {
  folder = temporaryFolder('command')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a command', () => {
  test('that does not exist is named, with those that do, and ends with code 2', async () => {
    const { code, err, out } = await run(['fly'])
    expect(code).toBe(2)
    expect(err).toContain('there is no command fly')
    for (const name of ['serve', 'migrate', 'tenant check', 'notice', 'mail status', 'demo clock'])
      expect(err).toContain(name)
    expect(out).toBe('')
  })

  test.each([[[]], [['--help']], [['notice', '--help']]])('explains itself: %j', async (args) => {
    const { code, out } = await runHere(args)
    expect(code).toBe(0)
    expect(out).toContain('anlaufstelle ')
  })

  test.each([
    [['serve', '--wep'], '--wep'],
    [['tenant'], 'tenant check'],
    [['tenant', 'check', '/nope'], 'there is no folder /nope\nUsage: anlaufstelle tenant check [folder]'],
    [['tenant', 'check', 'tenants/segeberg'], 'is the folder of one tenant; name the folder of all: tenants\n'],
    [['tenant', 'check', 'tenants/viersen'], 'is the folder of one tenant; name the folder of all: tenants\n'],
    [['statistics', 'segeberg', '--month', '-3'], '--month: expected a value after it, with no dash in front\nUsage: '],
    [['statistics', 'segeberg', '--month', '2026'], '--month: a whole month, e.g. --month 2026-10\nUsage: '],
    [['statistics', 'segeberg', '--days', '3'], '--days'],
    [['statistics', 'segeberg', '--month'], '--month: expected a value after it, with no dash in front\n'],
    [['doctor', '--json=yes'], '--json: takes no value\n'],
    [
      ['notice'],
      'name a tenant; there are: duesseldorf, musterstadt, segeberg, viersen\nUsage: anlaufstelle notice <tenant>',
    ],
    [['demo', 'clock', 'tomorrow'], 'demo clock +15d'],
    [['notice', 'nowhere'], 'there are: duesseldorf, musterstadt, segeberg, viersen'],
    [['notice', 'segeberg', '--lang', 'fr'], 'segeberg speaks de, en, ar'],
    [['record'], 'there are: duesseldorf, musterstadt, segeberg, viersen'],
    [['record', 'nowhere'], 'there are: duesseldorf, musterstadt, segeberg, viersen'],
    [['record', 'segeberg', '--format', 'pdf'], '--format: one of html, json, csv, jsonld'],
    [['record', 'segeberg', '--lang', 'fr'], 'segeberg speaks de, en, ar'],
    [['deletion-concept', 'segeberg', '--format', 'csv'], '--format: one of html, text'],
    [['processor-notice', 'segeberg', '--recipient', 'nobody'], '--recipient: one of operator'],
    [['processor-notice', 'segeberg', '--part', 'all'], '--part'],
    [['notice', 'segeberg', '--format', 'pdf'], 'one of text, html, json'],
    [['notice', 'segeberg', '--at', 'yesterday'], "expected a day such as 2026-12-31, found 'yesterday'"],
    [['notice', 'segeberg', '--at', '2026-02-30'], "expected a day such as 2026-12-31, found '2026-02-30'"],
  ])('with wrong words says which are right, and ends with code 2: %j', async (args, words) => {
    const { code, err } = await runHere(args, { DATA_DIR: folder })
    expect(err).toContain(words)
    expect(err).not.toMatch(/^ {4}at |Did you forget|positional/m)
    expect(code).toBe(2)
  })

  test('that finds no folder of tenants names the setting', async () => {
    const { code, err } = await runHere(['notice', 'segeberg'], { TENANTS_DIR: '/nope', DATA_DIR: folder })
    expect([code, err]).toEqual([78, 'TENANTS_DIR: there is no folder /nope\n'])
  })

  test('names every wrong variable and ends with code 78', async () => {
    const { code, err } = await run(['serve'], { PORT: 'x', SMTP_URL: 'mail', DATA_DIR: folder })
    expect(code).toBe(78)
    expect(err).toContain('PORT: expected')
    expect(err).toContain('SMTP_URL: expected')
    expect(err).not.toContain('    at ') // no place in the program: it is not the program's fault
  })

  test('that needs a mail server beside a database says so', async () => {
    const { code, err } = await runHere(['serve'], { DATABASE_URL: 'postgres://db.example/x', DATA_DIR: folder })
    expect(code).toBe(78)
    expect(err).toContain('SMTP_URL: expected')
  })
})

describe('proxies that are trusted', () => {
  test('and are none end the start with code 78', async () => {
    const { code, err } = await runHere(['serve'], { TRUSTED_PROXY: '10.0.0.0/33', DATA_DIR: folder })
    expect([code, err]).toEqual([78, expect.stringMatching(/^TRUSTED_PROXY: expected addresses or networks[^\n]*\n$/)])
  })

  test('with strangers among them are warned of', async () => {
    const nowhere = { TENANTS_DIR: '/nope', DATA_DIR: folder }
    const wide = await run(['serve'], { TRUSTED_PROXY: '0.0.0.0/0, 10.0.0.1', ...nowhere })
    expect(wide.out + wide.err).toContain('Warning: TRUSTED_PROXY: 0.0.0.0/0 ')
    expect(wide.out + wide.err).not.toContain('10.0.0.1')
    const narrow = await run(['serve'], { TRUSTED_PROXY: '10.0.0.0/8', ...nowhere })
    expect(narrow.out + narrow.err).not.toContain('Warning')
  })
})

describe('the notice', () => {
  test.each([
    ['de', ['Datenschutz', '14 Tage nach dem Termin', 'http://localhost:3000/segeberg/widerruf']],
    ['en', ['14 days after the appointment', 'http://localhost:3000/segeberg/en/widerruf']],
  ])('of a tenant is printed in %s without a database', async (language, words) => {
    const { code, out, err } = await runHere(['notice', 'segeberg', '--lang', language], { DATA_DIR: folder })
    expect(code).toBe(0)
    expect(err).toBe('')
    for (const each of words) expect(out.replace(/\s+/g, ' ')).toContain(each)
    expect(out).not.toMatch(/<\w|undefined|\[object/)
  })

  test('comes as JSON for programs', async () => {
    const { code, out } = await runHere(['notice', 'segeberg', '--lang', 'en', '--format', 'json'], {
      DATA_DIR: folder,
    })
    expect(code).toBe(0)
    const { sections, hash, ...rest } = JSON.parse(out)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(sections.map(({ id }: { id: string }) => id)).toContain('appointments-booking')
    expect(rest).toEqual({
      tenant: 'segeberg',
      language: 'en',
      title: 'Privacy notice: Jobcenter Kreis Segeberg',
      effectiveFrom: '2026-11-15',
      replacedOn: null,
      checkedAt: null,
    })
  })

  test('comes as one HTML file that is valid, prints, and needs no other', async () => {
    const { code, out } = await runHere(['notice', 'segeberg', '--format', 'html'], { DATA_DIR: folder })
    expect(code).toBe(0)
    expect(await markup(out)).toEqual([])
    expect(out).toContain('@media print')
    expect(look(out).all('script, link, img')).toEqual([])
    expect(out).not.toMatch(/url\(|@import/)
    const links = look(out)
      .all('[href]')
      .map((link) => link.attribute('href') ?? '')
    expect(links.filter((href) => !/^(https?:\/\/|#[a-z-]+$)/.test(href))).toEqual([])
    for (const href of links.filter((each) => each.startsWith('#'))) expect(out).toContain(`id="${href.slice(1)}"`)
  })

  test('in force on a day comes from the database, and a day before the first says so', async () => {
    const data = await aDataDir()
    using tenants = copyTenants(['segeberg'])
    const environment = { DATA_DIR: data.path, PORT: String(await freePort()), TENANTS_DIR: tenants.dir }
    try {
      const server = await startServer(environment)
      expect(await server.end('SIGTERM')).toBe(0)
      const found = await run(['notice', 'segeberg', '--at', '2026-11-15'], environment)
      expect([found.code, found.err]).toEqual([0, ''])
      expect(found.out.replace(/\s+/g, ' ')).toContain('Gültig ab 15. November 2026')
      const early = await runHere(['notice', 'segeberg', '--at', '2026-10-31'], environment)
      expect([early.code, early.out]).toEqual([1, ''])
      expect(early.err).toBe('segeberg had no notice on 2026-10-31; the first one is in force from 2026-11-15\n')
    } finally {
      await data.remove()
    }
  })
})

describe('what the authority gets of the register', () => {
  test.each([
    [
      ['record', 'segeberg'],
      '<h1 class="a-title">Verzeichnis von Verarbeitungstätigkeiten: Jobcenter Kreis Segeberg</h1>',
    ],
    [['record', 'segeberg', '--format', 'json', '--lang', 'en'], '"title": "Booking appointments online"'],
    [['record', 'segeberg', '--format', 'csv'], '\ufeff"Kennung der Tätigkeit";'],
    [
      ['record', 'segeberg', '--format', 'jsonld'],
      '"@id": "http://localhost:3000/segeberg/.well-known/privacy-register.jsonld"',
    ],
    [['deletion-concept', 'segeberg', '--format', 'text'], 'Löschklasse: ab Ende des Vorgangs × 14 Tage'],
    [['processor-notice', 'musterstadt', '--lang', 'en'], 'Operator of this demonstration</h1>'],
  ])('is printed without a database: %j', async (args, words) => {
    const { code, out, err } = await runHere(args, { DATA_DIR: folder })
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(words)
  })
})

describe('checking tenants', () => {
  test('finds the shipped ones in order', async () => {
    const { code, out } = await run(['tenant', 'check'])
    expect([code, out.split('\n').slice(0, 4)]).toEqual([0, allTenants.map((slug) => `${slug}: in order`)])
  })

  test('reports what published notices get wrong, and ends with code 0 all the same', async () => {
    const { code, out } = await runHere(['tenant', 'check'])
    expect(code).toBe(0)
    const text = readFileSync('tenants/segeberg/published.yaml', 'utf8')
    const line = text.split('\n').findIndex((each) => each.includes('§ 13 TMG')) + 1
    expect(out).toContain(
      `tenants/segeberg/published.yaml:${line}: notice undated, read 2026-11-22: norm-repealed: '§ 13 TMG' is repealed, since 2021-12-01 → cite Art. 13 GDPR`,
    )
    expect(out).toContain('[SEG-001]')
    expect(out).toMatch(/^segeberg: 11 findings for the data protection officer$/m)
  })

  test('says the same as JSON', async () => {
    const { code, out } = await runHere(['tenant', 'check', '--json'])
    expect(code).toBe(0)
    const { running, problems, findings } = JSON.parse(out) as {
      running: string[]
      problems: unknown[]
      findings: { tenant: string; rule: string; facts: string[] }[]
    }
    expect([running, problems]).toEqual([allTenants, []])
    expect(findings).toContainEqual(
      expect.objectContaining({
        tenant: 'offenbach',
        rule: 'address-unusable',
        facts: ['OFF-006'],
        law: expect.any(String),
      }),
    )
  })

  test('names laws that nobody has checked for a year', async () => {
    const data = temporaryFolder('later')
    await runHere(['demo', 'clock', '+400d'], { DATA_DIR: data })
    const { out } = await runHere(['tenant', 'check'], { DATA_DIR: data })
    expect(out).toMatch(/^catalogue of laws: SGB X was last checked on 2026-11-30, more than twelve months ago → /m)
    rmSync(data, { recursive: true })
  })

  test('calls a published file that breaks the schema a fault, with code 1, and lets the tenant run', async () => {
    const tenants = join(folder, 'published')
    cpSync('tenants', tenants, { recursive: true })
    const file = join(tenants, 'segeberg/published.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('kind: gE', 'kind: Jobcenter'))
    const { code, out } = await runHere(['tenant', 'check', tenants])
    expect(code).toBe(1)
    expect(out).toContain('segeberg: in order')
    expect(out).toContain('segeberg: what it publishes could not be read, so nobody has judged it')
    expect(out).not.toMatch(/segeberg: \d+ findings/)
    expect(out).toMatch(
      /segeberg\/published\.yaml:\d+: kind: expected one of gE, zkT, found 'Jobcenter' → write one of gE, zkT/,
    )
  })

  test('names file, line and remedy of a fault and ends with code 1', async () => {
    const tenants = join(folder, 'tenants')
    cpSync('tenants', tenants, { recursive: true })
    const file = join(tenants, 'segeberg/activities/appointments-booking.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `${text}\nretention: { after: { period: P14 } }\n`)
    const line = text.split('\n').length + 1
    for (const result of [
      await run(['tenant', 'check', tenants]),
      await runHere(['tenant', 'check'], { TENANTS_DIR: tenants }),
    ]) {
      expect(result.code).toBe(1)
      expect(result.out).toContain('musterstadt: in order')
      expect(result.out).toMatch(new RegExp(`appointments-booking\\.yaml:${line}: .*P14D.* → `))
    }
  })
})

test('tenant check --resolved prints every file as a whole, and what a broken one lacks', async () => {
  const tenants = join(folder, 'whole')
  cpSync('tenants', tenants, { recursive: true })
  const [broken, good] = ['web-delivery', 'web-limits'].map((name) => join(tenants, `segeberg/activities/${name}.yaml`))
  const { out } = await runHere(['tenant', 'check', '--resolved', tenants])
  writeFileSync(broken ?? '', "extends: web.delivery@99\nversion: '3'\n")
  const after = await runHere(['tenant', 'check', tenants, '--resolved'])
  expect(after.code).toBe(1)
  expect(after.out).toContain(
    `--- # ${broken}\n# ${broken}:1: extends: the catalogue has no 'web.delivery@99' → write web.delivery@1, or another version that exists\n--- # ${good}\nid: web.limits\n`,
  )
  const activities = parseAllDocuments(out).map((document) => document.toJS() as { id: string; fields?: unknown[] })
  expect(activities.filter(({ fields }) => (fields?.length ?? 0) > 0)).toHaveLength(
    globSync('*/activities/*.yaml', { cwd: tenants }).length,
  )
  expect(out).not.toMatch(/use: |extends: |\{jobcenter\}/)
})

/** Asks for an address as it stands there, which `fetch` would mend first. */
const rawly = (port: number, path: string): Promise<{ status: number; headers: IncomingHttpHeaders }> =>
  new Promise((resolve, reject) => {
    get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    }).once('error', reject)
  })

describe('a server', () => {
  let data: DataDir
  let port: number
  const environment = () => ({ DATA_DIR: data.path, PORT: String(port) })
  beforeAll(async () => {
    data = anEmptyDataDir()
    port = await freePort()
  })
  afterEach(endAllServers)
  afterAll(() => data.remove())

  test('says how it starts, answers, shows its mails, and ends cleanly with Ctrl-C', async () => {
    const server = await startServer(environment())
    const who = personAt(port)
    expect((await who.open('/readyz')).html).toBe('ready\n')
    await bookAppointment(who)
    // What was built reads addresses as the source does.
    for (const path of ['/musterstadt/%zz', '/%', '/assets/%c0%af']) {
      const { status, headers } = await rawly(port, path)
      expect([path, status, headers['x-frame-options']]).toEqual([path, 404, 'DENY'])
    }
    await eventually(
      async () => (await who.open('/_mailbox')).text.includes('erika.markerfrau@example.org'),
      'the mail',
    )
    expect(await server.end('SIGINT')).toBe(0)
    expect(server.heard.out).toMatch(/Starting[\s\S]*Creating the database[\s\S]*Ready: [\s\S]*Stopping/)
    expect(server.heard.out).toContain(`http://localhost:${port}/_mailbox`)
    expect(server.heard.out).toContain(join(data.path, 'master.key'))
    expect(server.heard.err).toBe('')
    expect(isPostgresRunning(data.path)).toBe(false)
  })

  test('whose port is taken names it and another, ends with code 78, and has begun nothing', async () => {
    const other = createServer().listen(port, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    try {
      const untouched = join(folder, 'untouched')
      const { code, err } = await run(['serve'], { ...environment(), DATA_DIR: untouched })
      expect(err).toContain(`PORT: ${port} is in use`)
      expect(code).toBe(78)
      expect(existsSync(untouched)).toBe(false)
    } finally {
      await new Promise((resolve) => other.close(resolve))
    }
  })

  test('that finds another key than its data were sealed with says so and ends with code 78', async () => {
    const other = join(folder, 'other.key')
    writeFileSync(other, Buffer.from(systemRandom(32)).toString('base64'), { mode: 0o600 })
    const { code, err } = await run(['serve'], { ...environment(), ANLAUFSTELLE_KEY_FILE: other })
    expect(err).toContain(`ANLAUFSTELLE_KEY_FILE: ${other} is not the key`)
    expect(code).toBe(78)
    expect(isPostgresRunning(data.path)).toBe(false)
  })

  test('keeps its data over a restart; moving the clock beside it makes them vanish, with a line in the ledger', async () => {
    const server = await startServer(environment())
    const who = personAt(port)
    const { manage } = await bookAppointment(who, { fields: { 'f.email': '' } })
    expect((await who.open(manage)).status).toBe(200)
    const status = await run(['mail', 'status', '--json'], environment())
    expect([status.code, JSON.parse(status.out)]).toEqual([0, []])
    const moved = await run(['demo', 'clock', '+60d'], environment())
    expect(moved.err).toBe('')
    expect(moved.code).toBe(0)
    expect(moved.out).toMatch(/segeberg: erased 2 of appointments\.booking by rule after at /)
    expect(
      (
        await eventually(async () => {
          const page = await who.open(manage)
          return page.status === 410 ? page : null
        })
      ).text,
    ).not.toContain('Markerfrau')
    expect((await who.open('/readyz')).html).toBe('ready\n') // the command ended, the database did not
    expect((await runHere(['demo', 'clock', 'reset'], environment())).code).toBe(0)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.heard.err).toBe('')
    expect(isPostgresRunning(data.path)).toBe(false)
  })

  test('is ended in order, and its PostgreSQL with it, when the channel to whoever started it closes', async () => {
    const server = await startServer(environment())
    expect(await server.orphan()).toBe(0)
    expect(isPostgresRunning(data.path)).toBe(false)
  })

  test('brings a database to the newest version with migrate, and finds nothing to do the second time', async () => {
    const { code, out } = await run(['migrate'], environment())
    expect([code, out]).toEqual([0, 'The database is up to date.\n'])
    expect(isPostgresRunning(data.path)).toBe(false)
  })
})
