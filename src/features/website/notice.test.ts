import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentHash } from '#register/canonical.ts'
import { problemLine } from '#register/load/load.ts'
import { noticeContents, noticeHash } from '#register/notice/notice.ts'
import { temporaryFolder } from '#test/helpers/folder.ts'
import { freshDatabase, type Installation, publicUrl, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment, person, type Seen } from '#test/helpers/person.ts'
import { copyTenants, nextVersion, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { listVersions, readNotices } from './sql.ts'
import { effectiveFrom, findSilentChanges, keepNotice, versionOn } from './versions.ts'

const booking = 'segeberg/activities/appointments-booking.yaml'

const runningOf = (on: Installation, slug = 'segeberg') => {
  const running = on.deps.register.running.get(slug)
  if (!running) throw new Error(`${slug} does not run`)
  return running
}
const inTenant = <T>(on: Installation, work: Parameters<typeof on.deps.db.inTenant<T>>[1], slug = 'segeberg') =>
  on.deps.db.inTenant(runningOf(on, slug).tenant.id, work)

/** The file of bookings as many versions later, with these changes. */
const edited = (versions: number, ...edits: [from: string, to: string][]) => ({
  [booking]: (text: string) => {
    const changed = edits.reduce((all, [from, to]) => replaced(all, from, to), text)
    return Array.from({ length: versions }).reduce<string>((all) => nextVersion(all), changed)
  },
})
const shorter: [string, string] = ['period: P14D', 'period: P10D']
/** The files at each start of the server, and when it was. */
const starts = [
  { start: '2026-11-23T08:00:00Z', edit: {} },
  { start: '2026-11-24T08:00:00Z', edit: {} },
  { start: '2026-12-01T22:30:00Z', edit: edited(1, shorter) },
  // In Germany it is the tenth already.
  {
    start: '2026-12-09T23:30:00Z',
    edit: edited(2, shorter, ['So that we know who comes', 'To know who comes']),
  },
]

let folder: string
let database: Awaited<ReturnType<typeof freshDatabase>>
let installation: Installation
let hashes: string[]
beforeAll(async () => {
  folder = temporaryFolder('notice')
  database = await freshDatabase()
  const config = { keyFile: join(folder, 'master.key') }
  for (const each of starts.slice(0, -1)) {
    await (await startInstallation({ database, config, withoutWorker: true, ...each })).close()
  }
  installation = await startInstallation({ database, config, withoutWorker: true, ...starts.at(-1) })
  hashes = (await inTenant(installation, listVersions)).map(({ hash }) => hash)
})
afterAll(async () => {
  await installation.close()
  await database.drop()
  rmSync(folder, { recursive: true })
})

describe('a version of the notice', () => {
  test('is kept at the first start with other words, not at every start', async () => {
    const versions = await inTenant(installation, listVersions)
    expect(versions.map(({ number, firstSeenAt }) => [number, firstSeenAt.toString()])).toEqual([
      [1, '2026-11-23T08:00:00Z'],
      [2, '2026-12-01T22:30:00Z'],
      [3, '2026-12-09T23:30:00Z'],
    ])
    expect(new Set(hashes).size).toBe(3)
  })

  test('is in force from the declared day, a later one from the day it was first seen in the tenant’s time zone', async () => {
    const versions = await inTenant(installation, listVersions)
    expect(versions.map((version) => version.effectiveFrom)).toEqual(['2026-11-15', '2026-12-01', '2026-12-10'])
  })

  test('is kept word for word: its checksum can be computed again from the database', async () => {
    for (const [index, hash] of hashes.entries()) {
      expect(contentHash(await inTenant(installation, (tx) => readNotices(tx, index + 1)))).toBe(hash)
    }
    expect(hashes[2]).toBe(noticeHash(runningOf(installation)))
    expect(hashes[2]).toBe(contentHash(noticeContents(runningOf(installation))))
  })

  test('is kept once, however many start at the same moment', async () => {
    using tenants = copyTenants()
    const path = 'musterstadt/activities/web-delivery.yaml'
    tenants.write(path, replaced(tenants.read(path), 'period: P7D', 'period: P5D'))
    const running = runningTenant('musterstadt', tenants.load())
    const before = (await inTenant(installation, listVersions, 'musterstadt')).length
    const now = installation.deps.clock()
    const results = await Promise.all(
      Array.from({ length: 8 }, () => inTenant(installation, (tx) => keepNotice(tx, running, now), 'musterstadt')),
    )
    expect(new Set(results.map(({ hash }) => hash))).toEqual(new Set([noticeHash(running)]))
    expect(await inTenant(installation, listVersions, 'musterstadt')).toHaveLength(before + 1)
  })

  test('comes back as one of its own when the words of an older one return', async () => {
    using tenants = copyTenants()
    const [now, original] = [installation.deps.clock(), runningTenant('musterstadt', tenants.load())]
    await inTenant(installation, (tx) => keepNotice(tx, original, now), 'musterstadt')
    const all = (await inTenant(installation, listVersions, 'musterstadt')).map(({ hash }) => hash)
    expect(all.at(-1)).toBe(noticeHash(original))
    expect(all.filter((hash) => hash === noticeHash(original))).toHaveLength(2)
  })

  test.each(['notice_version', 'published_declaration'])(
    'cannot be changed or removed by the program: %s',
    async (table) => {
      const { tenant } = runningOf(installation)
      await installation.admin.query('begin')
      await installation.admin.query('set local role anlaufstelle_app')
      await installation.admin.query(`select set_config('app.tenant_id', '${tenant.id}', true)`)
      await installation.admin.query('savepoint here')
      for (const statement of [`delete from ${table}`, `update ${table} set first_seen_at = now()`]) {
        await expect(installation.admin.query(statement)).rejects.toThrow('permission denied')
        await installation.admin.query('rollback to savepoint here')
      }
      await installation.admin.query('rollback')
    },
  )

  test.each([
    [true, '2026-11-15', '2026-11-23', '2026-11-15'],
    [true, '2027-01-01', '2026-11-23', '2027-01-01'],
    [false, '2026-11-15', '2026-11-23', '2026-11-23'],
    [false, '2027-01-01', '2026-11-23', '2027-01-01'],
  ])('first: %s, declared for %s, seen on %s: in force from %s', (isFirst, declared, seen, expected) => {
    expect(effectiveFrom(declared, isFirst, Temporal.PlainDate.from(seen))).toBe(expected)
  })

  test.each([
    ['2026-10-31', undefined],
    ['2026-11-15', 1],
    ['2026-11-30', 1],
    ['2026-12-01', 2],
    ['2026-12-09', 2],
    ['2026-12-10', 3],
    ['2030-01-01', 3],
  ])('on %s the one in force has the number %s', async (day, number) => {
    const versions = await inTenant(installation, listVersions)
    expect(versionOn(versions, Temporal.PlainDate.from(day))?.number).toBe(number)
  })
})

describe('a promise that changed under its old version', () => {
  test('is found against what the database knows, with file and line; and so is that the file is an older one', async () => {
    using tenants = copyTenants()
    tenants.write(booking, replaced(tenants.read(booking), 'period: P14D', 'period: P30D'))
    const running = runningTenant('segeberg', tenants.load())
    const found = await inTenant(installation, (tx) => findSilentChanges(tx, running, installation.deps.clock()))
    const version = Number(running.declarations.find(({ id }) => id === 'appointments.booking')?.version)
    expect(found.map(problemLine)).toEqual([
      expect.stringContaining(
        `appointments-booking.yaml:2: version: is ${version}, but ${version + 2} has been published`,
      ),
      expect.stringContaining(
        `: retention.after.period: is P30D, but version ${version} was published with P14D → raise`,
      ),
    ])
  })

  test('is not forgotten by a start that kept the changed notice', async () => {
    using tenants = copyTenants()
    const path = 'musterstadt/activities/rights-code.yaml'
    tenants.write(path, replaced(tenants.read(path), 'period: PT1H', 'period: PT2H'))
    const running = runningTenant('musterstadt', tenants.load())
    const now = installation.deps.clock()
    await inTenant(installation, (tx) => keepNotice(tx, running, now), 'musterstadt')
    const found = await inTenant(
      installation,
      (tx) => findSilentChanges(tx, running, installation.deps.clock()),
      'musterstadt',
    )
    expect(found).toHaveLength(1)
  })

  test('is none for files that were published so', async () => {
    const running = runningOf(installation)
    expect(await inTenant(installation, (tx) => findSilentChanges(tx, running, installation.deps.clock()))).toEqual([])
  })
})

describe('the pages of versions', () => {
  const base = '/segeberg/datenschutz/fassungen'

  test('list all of them, the newest first, with day and checksum', async () => {
    const page = await person(installation).open(base)
    expect(page.status).toBe(200)
    const [first = '', second = '', third = ''] = hashes.map((hash) => hash.slice(0, 12))
    expect(page.text).toMatch(
      new RegExp(
        `10\\. Dezember 2026 \\(gilt jetzt\\) ${third} .*1\\. Dezember 2026 ${second} .*15\\. November 2026 ${first} Erste Fassung`,
      ),
    )
    for (const hash of hashes) expect(page.html).toContain(`href="${base}/${hash}"`)
  })

  test('show an old one as it was, and say first that it is no longer in force', async () => {
    const page = await person(installation).open(`${base}/${hashes[0]}`)
    expect(page.text).toContain('14 Tage nach dem Termin')
    expect(page.text).toContain('Diese Fassung gilt nicht mehr')
    expect(page.text).toContain('Am 1. Dezember 2026 hat eine neue sie abgelöst')
    expect(page.text).toContain(hashes[0])
    const now = await person(installation).open(`${base}/${hashes[2]}`)
    expect(now.text).toContain('Diese Fassung gilt jetzt')
    expect(now.text).not.toContain('gilt nicht mehr')
    expect(now.text).toContain('10 Tage nach dem Termin')
  })

  test('name a changed period: what came, what went, in marks and in words', async () => {
    const page = await person(installation).open(`${base}/${hashes[1]}/aenderungen`)
    expect(page.all('del').map(({ text }) => text)).toContain('entfernt: 14')
    expect(page.all('ins').map(({ text }) => text)).toContain('neu: 10')
    expect(page.text).toContain(
      'Wann wir die Daten löschen: Wir löschen diese Daten entfernt: 14 neu: 10 Tage nach dem Termin.',
    )
  })

  test('name a word that changed in one language only, and lead there from the other', async () => {
    const english = await person(installation).open(`/segeberg/en/datenschutz/fassungen/${hashes[2]}/aenderungen`)
    expect(english.text).toContain('removed: So that we new: To know who comes or whom we call.')
    expect(english.all('ins').map(({ text }) => text)).toContainEqual(expect.stringContaining('To'))
    const german = await person(installation).open(`${base}/${hashes[2]}/aenderungen`)
    expect(german.text).toContain('In dieser Sprache hat sich kein Wort geändert.')
    expect(german.html).toContain(`href="/segeberg/en/datenschutz/fassungen/${hashes[2]}/aenderungen"`)
  })

  test('say of the first that nothing was before it', async () => {
    const page = await person(installation).open(`${base}/${hashes[0]}/aenderungen`)
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Das ist die erste Fassung')])
  })

  test('do not show one of another tenant, nor one that never was', async () => {
    const who = person(installation)
    for (const hash of [hashes[0], '0'.repeat(64), 'aktuell']) {
      for (const end of ['', '/aenderungen']) {
        const page = await who.open(`/musterstadt/datenschutz/fassungen/${hash}${end}`)
        expect(page.status, hash).toBe(404)
      }
    }
  })
})

describe('the part of the notice for a service', () => {
  const ids = ({ all }: Seen) => all('h2[id]').map((heading) => heading.attribute('id'))

  test('is its activity with what happens along with it', async () => {
    const page = await person(installation).open('/segeberg/datenschutz/appointments-booking')
    expect(page.status).toBe(200)
    expect(ids(page).filter((id) => id !== 'help')).toEqual([
      'appointments-booking',
      'appointments-draft',
      'mail-delivery',
      'web-delivery',
      'web-limits',
      'web-terms',
    ])
    expect(page.html).toContain('href="/segeberg/datenschutz#rights"')
    expect(page.html).toContain('href="#mail-delivery"')
  })

  test.each(['nothing', 'appointments.booking', 'controller'])('does not exist for %s', async (id) => {
    const page = await person(installation).open(`/segeberg/datenschutz/${id}`)
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('Diese Seite gibt es nicht')])
  })

  test('is one link away from every page of that service', async () => {
    const who = person(installation)
    const { times, details, consent, check, booked, manage } = await bookAppointment(who)
    const pages = [
      await who.open('/segeberg/termin'),
      times,
      details,
      consent,
      check,
      booked,
      await who.open(`${manage}/daten`),
    ]
    for (const { html, url } of pages) expect(html, url).toContain('href="/segeberg/datenschutz/appointments-booking"')
    expect((await who.open('/segeberg/meine-daten')).html).toContain('href="/segeberg/datenschutz/rights-code"')
    expect((await who.open('/segeberg/en/cookies')).html).toContain('href="/segeberg/en/datenschutz/web-delivery"')
  })
})

describe('links of the notice', () => {
  test.each(['', '/en'])('lead to pages and anchors that are there: /segeberg%s', async (language) => {
    const who = person(installation)
    const base = `/segeberg${language}/datenschutz`
    const pages = [
      base,
      `${base}/appointments-booking`,
      `${base}/fassungen`,
      `${base}/fassungen/${hashes[1]}`,
      `${base}/fassungen/${hashes[1]}/aenderungen`,
    ]
    const seen = new Map<string, Awaited<ReturnType<typeof who.open>>>()
    const open = async (url: string) => {
      const page = seen.get(url) ?? (await who.open(url))
      seen.set(url, page)
      return page
    }
    const broken: string[] = []
    for (const url of pages) {
      for (const link of (await open(url)).all('main a')) {
        const href = link.attribute('href') ?? ''
        if (/^(https|tel):/.test(href)) continue
        const [path = '', anchor] = href.split('#')
        const target = await open(path || url)
        if (target.status !== 200) broken.push(`${url}: ${href} (${target.status})`)
        if (anchor !== undefined && !target.html.includes(` id="${anchor}"`)) broken.push(`${url}: ${href}`)
      }
    }
    expect(seen.size).toBeGreaterThan(8)
    expect(broken).toEqual([])
  })
})

describe('the notice for programs', () => {
  test('has every section with complete addresses', async () => {
    const file = await person(installation).open('/segeberg/en/datenschutz.json')
    expect(file.headers['content-type']).toBe('application/json; charset=utf-8')
    const notice = JSON.parse(file.html)
    expect(notice).toMatchObject({
      tenant: 'segeberg',
      language: 'en',
      effectiveFrom: '2026-12-10',
      replacedOn: null,
      hash: hashes[2],
      checkedAt: null,
    })
    const page = await person(installation).open('/segeberg/en/datenschutz')
    for (const { id, heading } of notice.sections) expect(page.html).toContain(`id="${id}">${heading}`)
    const links = notice.sections.flatMap(({ blocks }: { blocks: { href?: string }[] }) =>
      blocks.flatMap(({ href }) => href ?? []),
    )
    expect(links).toContain(`${publicUrl}/segeberg/en/widerruf`)
    expect(links.filter((href: string) => !/^https?:/.test(href))).toEqual([])
  })
})

describe('the time of the last check against the running system', () => {
  const words = /Mit dem laufenden System verglichen am/

  test('is not spoken of before there was one', async () => {
    expect((await person(installation).open('/segeberg/datenschutz')).text).not.toMatch(words)
  })

  test('stands in page, text and JSON, in the tenant’s time zone', async () => {
    installation.deps.checkedAt = () => Temporal.Instant.from('2026-12-09T23:15:20.5Z')
    try {
      const who = person(installation)
      expect((await who.open('/segeberg/datenschutz')).text).toMatch(/verglichen am 10\. Dezember 2026 um 00:15/)
      expect((await who.open('/segeberg/datenschutz.txt')).text).toMatch(/verglichen am 10\. Dezember 2026 um 00:15/)
      expect(JSON.parse((await who.open('/segeberg/datenschutz.json')).html).checkedAt).toBe(
        '2026-12-10T00:15:20+01:00',
      )
    } finally {
      installation.deps.checkedAt = () => null
    }
  })
})
