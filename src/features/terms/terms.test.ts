import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { createServer } from '#apps/server.ts'
import { get } from '#features/addresses.ts'
import { tokenField } from '#platform/http/form-token.ts'
import { redirect } from '#platform/http/response.ts'
import { route } from '#platform/http/routes.ts'
import { fact } from '#test/helpers/fact.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { agreed, erika, person, type Seen } from '#test/helpers/person.ts'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation()
})
afterAll(() => installation.close())

const remembered = { cookie: 'disclaimer=2026-11' }
const terms = '/segeberg/nutzungsbedingungen'
const file = 'segeberg/activities/web-terms.yaml'

/** Up to the page that asks for consent. */
const reachConsent = async (who: ReturnType<typeof person>, slug = 'segeberg'): Promise<Seen> => {
  const times = await who.open(`/${slug}/termin/zeit?leistung=beratung-vor-ort`)
  const details = await who.send(times, { beginn: who.starts(times)[0] ?? '' }, 'vormerken')
  return who.send(details, erika)
}

/** The answer to one POST itself, not to where it leads. */
const post = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  installation.app.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://anlaufstelle.test',
      host: 'anlaufstelle.test',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    payload: new URLSearchParams(form).toString(),
  })

const tokenOn = (page: Seen) => ({
  [tokenField]: page.field(tokenField),
})

describe('agreement to the terms of use', () => {
  test('is remembered only after the person said so, for as long as the register declares', async () => {
    const who = person(installation)
    for (const url of ['/segeberg/', terms, '/segeberg/termin', '/segeberg/datenschutz', '/segeberg/cookies'])
      expect([url, (await who.open(url)).headers['set-cookie']]).toEqual([url, undefined])
    const answer = await post(terms, tokenOn(await who.open(terms)))
    await fact(
      'SEG-054',
      installation,
      () =>
        expect(answer.headers['set-cookie']).toBe(
          'disclaimer=2026-11; Max-Age=2592000; Path=/segeberg; HttpOnly; SameSite=Lax',
        ),
      'cookie',
    )
  })

  test('is forgotten with a click, and booking asks again while every other page stays open', async () => {
    const who = person(installation, remembered)
    expect((await reachConsent(who)).html).not.toContain('name="bedingungen"')
    const answer = await post(`${terms}/zuruecknehmen`, tokenOn(await who.open(terms)), remembered)
    await fact('SEG-055', installation, () =>
      expect(answer.headers['set-cookie']).toMatch(/^disclaimer=; Max-Age=0; Path=\/segeberg;/),
    )
    await fact('SEG-056', installation, async () => {
      const after = person(installation)
      const consent = await reachConsent(after)
      expect(consent.html).toContain('name="bedingungen"')
      expect((await after.send(consent, { kenntnis: 'yes', einwilligung: 'yes' })).status).toBe(422)
      for (const url of ['/segeberg/', terms, '/segeberg/datenschutz', '/segeberg/termin', '/segeberg/meine-daten'])
        expect([url, (await after.open(url)).status]).toEqual([url, 200])
    })
  })

  test('in a browser that remembers it, booking goes through without asking', async () => {
    const who = person(installation, remembered)
    const check = await who.send(await reachConsent(who), { kenntnis: 'yes', einwilligung: 'yes' })
    const booked = await who.send(check)
    expect([booked.status, booked.url]).toEqual([200, expect.stringContaining('/verwalten/')])
  })

  test('a whole booking sets no cookies but those it declares', async () => {
    const who = person(installation)
    await fact(
      'SEG-025',
      installation,
      async () => {
        const consent = await reachConsent(who)
        const check = await who.send(consent, agreed)
        const booked = await who.send(check)
        const set = [consent, check, booked].map(({ headers }) =>
          [headers['set-cookie'] ?? []].flat().map((line) => String(line).split('=')[0]),
        )
        expect(set).toEqual([['entwurf'], ['entwurf', 'disclaimer'], []])
      },
      'cookie',
    )
  })

  test('in the form, booking goes through where cookies are blocked', async () => {
    const who = person(installation) // never sends a cookie back
    const booked = await who.send(await who.send(await reachConsent(who), agreed))
    expect([booked.status, booked.url]).toEqual([200, expect.stringContaining('/verwalten/')])
  })

  test.each([['2025-01'], [''], ['2026-11x'], ['<script>']])(
    'of another version or of none is not taken (%j)',
    async (value) => {
      const who = person(installation, { cookie: `disclaimer=${encodeURIComponent(value)}` })
      const consent = await reachConsent(who)
      expect(consent.html).toContain('name="bedingungen"')
      expect((await who.send(consent, { kenntnis: 'yes', einwilligung: 'yes' })).status).toBe(422)
    },
  )

  test('is not asked by a tenant without terms, and there is no such page', async () => {
    const who = person(installation)
    expect((await who.open('/musterstadt/nutzungsbedingungen')).status).toBe(404)
    expect((await reachConsent(who, 'musterstadt')).html).not.toContain('name="bedingungen"')
  })

  test('is declared with its activity, or the tenant does not run', () => {
    using tenants = copyTenants(['segeberg'])
    rmSync(join(tenants.dir, file))
    const problems = tenants
      .load()
      .quarantined.get('segeberg')
      ?.problems.map(({ message }) => message)
    expect(problems).toContain('no file declares the activity web.terms')
  })

  test('needs a form of ours', async () => {
    expect((await post(terms, {})).statusCode).toBe(403)
    const token = tokenOn(await person(installation).open(terms))
    expect(
      (await post(terms, token, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })).statusCode,
    ).toBe(403)
  })
})

describe('a cookie that no tenant declares', () => {
  const page = route('/keks')

  test('goes no further than the server, whoever sets it, and is reported', async () => {
    const faults: string[] = []
    const log = { ...installation.deps.log, fault: (where: string) => faults.push(where) }
    const rogue = {
      name: 'rogue',
      needs: [],
      pages: [
        get(page, {
          access: 'public',
          show: async () => ({ ...redirect('/'), cookies: { tracker: '1', disclaimer: 'x' } }),
        }),
      ],
    }
    const app = await createServer({ ...installation.deps, log }, [rogue], clientDir)
    app.addHook('onRequest', async (_request, reply) => void reply.header('set-cookie', 'AMP_1=2; Path=/'))
    const at = async (url: string) => [(await app.inject(url)).headers['set-cookie'] ?? []].flat()
    expect(await at('/segeberg/keks')).toEqual([expect.stringMatching(/^disclaimer=x;/)])
    expect(await at('/musterstadt/keks')).toEqual([])
    expect(await at('/')).toEqual([])
    expect(faults.length).toBe(3)
    await app.close()
  })
})

describe('the register decides over cookies', () => {
  test('only one that is strictly necessary can be declared, and the notice says why it is', async () => {
    const { text } = await person(installation).open('/segeberg/cookies')
    await fact(
      'SEG-048',
      installation,
      () => {
        expect(text).toContain('Wir setzen nur Cookies, die unbedingt nötig sind')
        expect(text).toContain('Ohne diese Notiz wüsste die Buchung nicht, dass Sie schon zugestimmt haben.')
        using tenants = copyTenants()
        tenants.write(file, tenants.read(file).replace('strictlyNecessary:', 'userFriendly:'))
        expect(tenants.load().running.has('segeberg')).toBe(false)
      },
      'cookie',
    )
  })

  test('a longer period is a longer life', async () => {
    const other = await startInstallation({ edit: { [file]: (text) => replaced(text, 'P30D', 'P7D') } })
    const who = person(other)
    const form = tokenOn(await who.open(terms))
    const answer = await other.app.inject({
      method: 'POST',
      url: terms,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://anlaufstelle.test',
        host: 'anlaufstelle.test',
      },
      payload: new URLSearchParams(form).toString(),
    })
    expect(answer.headers['set-cookie']).toContain('Max-Age=604800')
    expect((await who.open('/segeberg/datenschutz')).text).toContain('bleibt 7 Tage auf Ihrem Gerät')
    await other.close()
  })

  test.each([
    ['renamed', 'name: disclaimer', 'name: visitor', "cookies: 'disclaimer' is missing; the software sets it"],
    ['renamed (2)', 'name: disclaimer', 'name: visitor', 'cookies.visitor: nothing sets it'],
    [
      'without its field',
      'field: agreement',
      'field: visits',
      "cookies.disclaimer: holds 'visits', which is no field on the device",
    ],
    ['without its end', 'rule: forget', 'rule: later', "cookies.disclaimer: no rule 'later' ends it"],
    [
      'without a ground',
      'norm: § 25(2) No 2 TDDDG',
      'norm: Art. 6(1)(c) GDPR',
      'cookies: nothing is put on a device without § 25(2) No 2 TDDDG',
    ],
    ['with a reason missing', 'strictlyNecessary:', 'nice:', "cookies[0]: unknown key 'nice'"],
    [
      'a field on the device without a cookie',
      /cookies:[\s\S]*$/,
      '',
      'fields.agreement: on the device, but nothing there holds it',
    ],
  ] as const)('%s: the tenant does not run', (_name, from, to, message) => {
    using tenants = copyTenants()
    tenants.write(file, tenants.read(file).replace(from, to))
    expect(
      tenants
        .load()
        .quarantined.get('segeberg')
        ?.problems.map((problem) => problem.message),
    ).toContain(message)
  })
})
