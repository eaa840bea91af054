import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { watchCookies } from '#apps/doctor/cookies.ts'
import { examine } from '#apps/doctor/index.ts'
import { claims, features } from '#apps/features.ts'
import { tokenField } from '#platform/http/form-token.ts'
import { cookiesOf } from '#register/device.ts'
import { loadRegister } from '#register/load/load.ts'
import { buildNotice } from '#register/notice/notice.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { registerPaper } from '#register/papers/register-paper.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import type { Activity } from '#register/register.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'
import { copyTenants, replaced, runningTenant } from './helpers/tenants.ts'

/* What is put on a device: cookies that end with the browser or are bound to the host, and what scripts keep. */

const file = 'segeberg/activities/web-terms.yaml'
const terms = '/segeberg/nutzungsbedingungen'
const bound = (text: string) => replaced(text, '    rule: forget\n', '    lifetime: session\n    prefix: __Host-\n')

describe('a cookie that ends with the browser and is bound to the host', () => {
  const secure = 'https://anlaufstelle.test'
  let [https, http]: Installation[] = []
  beforeAll(async () => {
    https = await startInstallation({ edit: { [file]: bound }, config: { publicUrl: secure } })
    http = await startInstallation({ edit: { [file]: bound } })
  })
  afterAll(() => Promise.all([https?.close(), http?.close()]))

  /** What the answer to an agreement sets. */
  const agree = async (installation: Installation | undefined, path = '') => {
    if (!installation) throw new Error('nothing runs')
    const token = (await person(installation).open(terms)).field(tokenField)
    const answer = await installation.app.inject({
      method: 'POST',
      url: terms + path,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: installation.config.publicUrl,
        host: 'anlaufstelle.test',
      },
      payload: new URLSearchParams({ [tokenField]: token }).toString(),
    })
    return answer.headers['set-cookie']
  }

  test('has no end, no domain, the whole host for its path, and a name that says which tenant’s it is', async () => {
    expect(await agree(https)).toBe('__Host-disclaimer-segeberg=2026-11; Path=/; HttpOnly; Secure; SameSite=Lax')
    expect(await agree(https, '/zuruecknehmen')).toMatch(
      /^__Host-disclaimer-segeberg=; Max-Age=0; Path=\/; HttpOnly; Secure/,
    )
  })

  test('has no prefix where there is no TLS, as no browser would take it', async () => {
    expect(await agree(http)).toBe('disclaimer-segeberg=2026-11; Path=/; HttpOnly; SameSite=Lax')
  })

  test('is read by that name alone', async () => {
    if (!https) throw new Error('nothing runs')
    const agreedWith = async (name: string) =>
      (await person(https as Installation, { cookie: `${name}=2026-11` }).open(terms)).html.includes('zuruecknehmen')
    expect(await agreedWith('__Host-disclaimer-segeberg')).toBe(true)
    for (const name of ['disclaimer', 'disclaimer-segeberg', '__Host-disclaimer-viersen', '__Host-disclaimer'])
      expect([name, await agreedWith(name)]).toEqual([name, false])
  })

  test('is told of by its name and its end', async () => {
    const { text } = await person(https as Installation).open('/segeberg/cookies')
    expect(text).toContain(
      'Das Cookie „__Host-disclaimer-segeberg“ bleibt auf Ihrem Gerät, bis Sie den Browser schließen.',
    )
    const { deps } = https as Installation
    const running = runningTenant('segeberg', deps.register)
    const paper = JSON.stringify(registerPaper(running, writeRegister(running, 'de')))
    expect(paper).toContain('bis zum Schließen des Browsers')
  })

  test('is as the register says; one with an end, or below another address, is not', async () => {
    const { deps, database, config } = https as Installation
    const own = { ...deps, config: { ...config, databaseUrl: null, smtpUrl: null } }
    expect(await examine(own, database.connection, features, clientDir)).toEqual([])
    const said = (line: string) =>
      watchCookies(true, deps.clock)('/x', runningTenant('segeberg', deps.register), [line]).map(
        ({ message }) => message,
      )
    const line = '__Host-disclaimer-segeberg=2026-11; Path=/; HttpOnly; Secure; SameSite=Lax'
    expect(said(line)).toEqual([])
    expect(said(`${line}; Max-Age=60`)).toEqual([expect.stringContaining('outlives the browser window')])
    expect(said(`${line}; Domain=anlaufstelle.test`)).toEqual([expect.stringContaining('has domain')])
    expect(said(replaced(line, 'Path=/;', 'Path=/segeberg;'))).toEqual([expect.stringContaining('is not path=/')])
    expect(said(replaced(line, ' Secure;', ''))).toEqual([expect.stringContaining('is not secure')])
    const running = runningTenant('segeberg', deps.register)
    const activity = running.activities.get('web.terms')
    expect(cookiesOf(running).get('disclaimer')?.isNecessary).toBe(true)
    const optional = activity?.cookies.map(({ strictlyNecessary: optional, ...rest }) => ({ ...rest, optional })) ?? []
    const activities = new Map(running.activities).set('web.terms', { ...(activity as Activity), cookies: optional })
    const asked = (set: string) => watchCookies(true, deps.clock)('/x', { ...running, activities }, [set])
    expect(asked(line).map(({ message }) => message)).toEqual([expect.stringContaining('nobody has agreed to it')])
    expect(asked(replaced(line, '=2026-11;', '=; Max-Age=0;'))).toEqual([])
  })
})

describe('what scripts keep', () => {
  const entry = (more: string) => `
device:
  - name: letters
    kind: local
    field: size
    rule: forget
    ${more}
`
  const text = '{ de: Schrift, en: letters, ar: الخط }'
  const necessary = `strictlyNecessary: ${text}`
  const withDevice = (yaml: string, more = entry(necessary)) =>
    replaced(
      yaml,
      '\nretention:',
      `
  - id: size
    label: ${text}
    dataCategory: x:TermsAgreement
    input: none
    necessity: optional
    store: device
    reason: ${text}
    ifRefused: ${text}

retention:`,
    ) + more
  const kept = { activity: 'web.terms', fields: [{ id: 'size', store: 'device' }] } as const
  const load = (change: (yaml: string) => string, device: readonly { id: string; kind: 'local' | 'opfs' }[]) => {
    using tenants = copyTenants(['segeberg'])
    tenants.write(file, change(tenants.read(file)))
    return loadRegister(tenants.dir, { ...claims, needs: [...claims.needs, { ...kept, device }] })
  }
  const local = [{ id: 'letters', kind: 'local' }] as const

  test.each([
    ['de', 'Der Eintrag „letters“ im Speicher Ihres Browsers bleibt 30 Tage auf Ihrem Gerät.'],
    ['en', 'The entry "letters" in the storage of your browser stays on your device for 30 days.'],
    ['ar', 'في ذاكرة متصفحكم على جهازكم مدة'],
  ] as const)('is told of in the notice and the papers: %s', (language, sentence) => {
    const running = runningTenant('segeberg', load(withDevice, local))
    expect(JSON.stringify(buildNotice(running, language)).replaceAll('\\"', '"')).toContain(sentence)
    expect(JSON.stringify(registerJsonld(running, 'https://example.org'))).toContain('x:BrowserStorage')
    const [activity] = writeRegister(running, language).activities.filter(({ id }) => id === 'web.terms')
    expect(activity?.cookies).toContainEqual(
      expect.objectContaining({ name: 'letters', kind: 'local', period: 'P30D' }),
    )
  })

  test('can be a file, and can end with the window', () => {
    const says = (change: (yaml: string) => string, kind: 'local' | 'opfs') =>
      JSON.stringify(buildNotice(runningTenant('segeberg', load(change, [{ id: 'letters', kind }])), 'de'))
    expect(says((yaml) => withDevice(yaml, replaced(entry(necessary), 'kind: local', 'kind: opfs')), 'opfs')).toContain(
      'Die Datei „letters“, die nur unsere Seiten lesen können, bleibt 30 Tage auf Ihrem Gerät.',
    )
    const session = replaced(entry(necessary), 'rule: forget', 'lifetime: session')
    expect(says((yaml) => withDevice(yaml, session), 'local')).toContain('bis Sie das Fenster schließen')
  })

  test.each([
    ['that nobody declares', (yaml: string) => withDevice(yaml, ''), "device: 'letters' is missing; a script keeps it"],
    [
      'by no script',
      (yaml: string) => withDevice(yaml, replaced(entry(necessary), 'letters', 'colours')),
      'device.colours: no script keeps it',
    ],
    [
      'without a ground',
      (yaml: string) => withDevice(yaml, entry('')),
      'device.letters: strictly necessary or optional?',
    ],
    [
      'on both grounds',
      (yaml: string) => withDevice(yaml, entry(`${necessary}\n    optional: ${text}`)),
      'device.letters: strictly necessary or optional?',
    ],
    [
      'optionally, asking nobody',
      (yaml: string) => withDevice(yaml, entry(`optional: ${text}`)),
      'device.letters: optional, and nobody is asked whether they agree',
    ],
    [
      'optionally, without § 25(1) TDDDG',
      (yaml: string) => withDevice(yaml, entry(`optional: ${text}`)),
      'device: nothing optional is put on a device without § 25(1) TDDDG',
    ],
    [
      'under a name that something else has',
      (yaml: string) => replaced(withDevice(yaml, entry(necessary)), 'name: disclaimer', 'name: entwurf'),
      'cookies.entwurf: appointments.draft has that name on the device, too',
    ],
    [
      'bound to the host under a name that could be another tenant’s',
      (yaml: string) => replaced(bound(withDevice(yaml, entry(necessary))), 'name: disclaimer', 'name: my-terms'),
      'cookies.my-terms: with the prefix __Host- it has letters and digits only',
    ],
    [
      'without an end',
      (yaml: string) => withDevice(yaml, replaced(entry(necessary), '    rule: forget\n', '')),
      'device.letters: one end is needed',
    ],
    [
      'in a file that would end with the window',
      (yaml: string) =>
        withDevice(yaml, replaced(replaced(entry(necessary), 'rule: forget', 'lifetime: session'), 'local', 'opfs')),
      'device.letters: files stay when the browser is closed',
    ],
  ])('%s: the tenant does not run', (_name, change, message) => {
    const found = load(change, local).quarantined.get('segeberg')?.problems ?? []
    expect(found.map((each) => each.message)).toContain(message)
  })

  test('optionally, asking for consent on its ground, is told as that', () => {
    const asking = (yaml: string) =>
      replaced(
        withDevice(yaml, entry(`optional: ${text}`)),
        '\nfields:',
        `  - norm: Art. 6(1)(a) GDPR
    text: ${text}
  - norm: § 25(1) TDDDG
    text: ${text}

consent:
  version: '1'
  text: ${text}
  purpose: ${text}
  refusal: ${text}
  withdrawal: ${text}

remains:
  - { id: consentProof, text: ${text}, period: P3Y }

fields:`,
      )
    const running = runningTenant('segeberg', load(asking, local))
    const notice = JSON.stringify(buildNotice(running, 'de'))
    expect(notice).toContain('Das ist nicht unbedingt nötig. Es geschieht nur, wenn Sie eingewilligt haben.')
    expect(notice).not.toContain('Wir setzen nur Cookies, die unbedingt nötig sind')
    expect(JSON.stringify(registerJsonld(running, 'https://example.org'))).toContain('x:optional')
  })
})
