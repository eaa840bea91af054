import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { examine } from '#apps/doctor/index.ts'
import { features } from '#apps/features.ts'
import { sweep } from '#apps/worker.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'
import { copyTenants, replaced } from './helpers/tenants.ts'
import { withoutAppointments } from './helpers/without-appointments.ts'

/* A tenant without appointments is whole: its file says nothing of services and booking, and nothing of the feature shows. */

describe('a tenant without appointments', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation({ tenants: ['viersen', 'segeberg'], edit: withoutAppointments })
  })
  afterAll(() => installation.close())

  test('is open, shows where it is and when, and leads nowhere to an appointment', async () => {
    const who = person(installation)
    const start = await who.open('/viersen/')
    expect(start.status).toBe(200)
    expect(start.text).toContain('Am Schluff 18')
    expect(start.text).toContain('Montag bis Freitag: 08:00 bis 12:30 Uhr')
    for (const url of [
      '/viersen/',
      '/viersen/datenschutz',
      '/viersen/cookies',
      '/viersen/meine-daten',
      '/viersen/impressum',
    ]) {
      const page = await who.open(url)
      expect([url, page.status, page.html.match(/\/termin[^"]*/)]).toEqual([url, 200, null])
    }
    expect((await who.open('/viersen/gibt-es-nicht')).html).not.toContain('/termin')
  })

  test('has none of the addresses of appointments, where others have them', async () => {
    const who = person(installation)
    const addresses = ['/termin', '/termin/finden', '/widerruf', '/api/v1/services', '/api/v1/sites']
    const statusAt = async (slug: string) =>
      Promise.all(addresses.map(async (address) => (await who.open(`/${slug}${address}`)).status))
    expect(await statusAt('viersen')).toEqual([404, 404, 404, 404, 404])
    expect((await statusAt('segeberg')).filter((status) => status === 404)).toEqual([])
    const { paths } = (await installation.app.inject('/viersen/api/v1/openapi.json')).json()
    expect(paths).toEqual({})
  })

  test('has its notice and its papers, without a word of booking', () => {
    const running = installation.deps.register.running.get('viersen')
    if (!running) throw new Error('viersen does not run')
    const papers = JSON.stringify([registerJsonld(running, 'https://example.org'), writeRegister(running, 'de')])
    expect(papers).toContain('web.delivery')
    expect(papers).not.toContain('appointments.booking')
  })

  test('is as its register says, and looked after', async () => {
    const config = { ...installation.config, databaseUrl: null, smtpUrl: null }
    const { connection } = installation.database
    expect(await examine({ ...installation.deps, config }, connection, features, clientDir)).toEqual([])
    await sweep(installation.deps, features)
    expect(installation.deps.failures.list(installation.time.clock())).toEqual([])
  })
})

describe('half of it is a fault', () => {
  const problems = (spoil: (tenants: ReturnType<typeof copyTenants>) => void) => {
    using tenants = copyTenants(['viersen'])
    for (const [file, change] of Object.entries(withoutAppointments)) {
      const changed = change(tenants.read(file))
      if (changed === null) tenants.remove(file)
      else tenants.write(file, changed)
    }
    expect(tenants.load().quarantined.get('viersen')?.problems).toBeUndefined()
    spoil(tenants)
    return (tenants.load().quarantined.get('viersen')?.problems ?? []).map(({ message }) => message)
  }
  const append = (text: string) => (tenants: ReturnType<typeof copyTenants>) =>
    tenants.write('viersen/tenant.yaml', `${tenants.read('viersen/tenant.yaml')}\n${text}\n`)

  test.each([
    ['some of the keys', append('limits: { holds: 3 }'), ['services: missing', 'booking: missing', 'no file declares']],
    [
      'desks',
      (tenants: ReturnType<typeof copyTenants>) =>
        tenants.write(
          'viersen/tenant.yaml',
          replaced(
            tenants.read('viersen/tenant.yaml'),
            '    openingHours:',
            '    desks: { public: 1, internal: 0 }\n    openingHours:',
          ),
        ),
      ["sites.viersen: unknown key 'desks'"],
    ],
    [
      'a field that is asked for one channel',
      (tenants: ReturnType<typeof copyTenants>) =>
        tenants.write(
          'viersen/activities/rights-code.yaml',
          replaced(
            tenants.read('viersen/activities/rights-code.yaml'),
            '    input: email',
            '    channel: phone\n    input: email',
          ),
        ),
      ["fields.email: unknown key 'channel'"],
    ],
    ['a key that no feature knows', append('queue: {}'), ["the file: unknown key 'queue'"]],
  ])('%s without the rest', (_name, spoil, expected) => {
    const found = problems(spoil)
    for (const each of expected) expect(found).toContainEqual(expect.stringContaining(each))
  })

  test('the activity without the keys', () => {
    using tenants = copyTenants(['viersen'])
    const file = 'viersen/tenant.yaml'
    const text = tenants.read(file)
    tenants.write(file, text.slice(0, text.indexOf('\nservices:')))
    const found = (tenants.load().quarantined.get('viersen')?.problems ?? []).map(({ message }) => message)
    expect(found).toEqual(['services: missing', 'booking: missing'])
  })
})
