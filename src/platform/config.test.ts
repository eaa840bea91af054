import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, parseConfig } from './config.ts'

const wordsFor = (environment: Record<string, string>): string => {
  try {
    parseConfig(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  throw new Error('it was accepted')
}

test('with nothing set there is a demonstration on port 3000, for this machine only, with all it keeps in one folder', () => {
  expect(parseConfig({})).toEqual({
    port: 3000,
    host: '127.0.0.1',
    dataDir: resolve('.data'),
    tenantsDir: resolve('tenants'),
    keyFile: resolve('.data/master.key'),
    secretsDir: resolve('.data/secrets'),
    ledgerFile: resolve('.data/erasures.jsonl'),
    publicUrl: 'http://localhost:3000',
    databaseUrl: null,
    databaseOwnerUrl: null,
    smtpUrl: null,
    tls: null,
    trustedProxies: [],
    metricsToken: null,
    metricsPort: null,
  })
})

test.each<[Record<string, string>, string]>([
  [{ PORT: 'eighty' }, 'PORT: expected a port number'],
  [{ PORT: '-1' }, 'PORT: expected a port number'],
  [{ PORT: '70000' }, 'PORT: expected a port number up to 65535'],
  [{ DATABASE_URL: 'mysql://db' }, 'DATABASE_URL: expected an address that begins with postgres://'],
  [{ DATABASE_OWNER_URL: 'owner' }, 'DATABASE_OWNER_URL: expected an address that begins with postgres://'],
  [{ SMTP_URL: 'mail.example' }, 'SMTP_URL: expected an address that begins with smtp:// or smtps://'],
  [{ TLS_KEY_FILE: 'key.pem' }, 'TLS_CERTIFICATE_FILE: expected too'],
  [{ TLS_CERTIFICATE_FILE: 'cert.pem' }, 'TLS_KEY_FILE: expected too'],
  [{ TRUSTED_PROXY: '10.0.0.0/33' }, 'TRUSTED_PROXY: expected addresses or networks'],
  [{ TRUSTED_PROXY: '10.0.0.1, proxy.example' }, 'TRUSTED_PROXY: expected addresses or networks'],
  [{ TRUSTED_PROXY: ' , ' }, 'TRUSTED_PROXY: expected addresses or networks'],
  [{ METRICS_PORT: 'x' }, 'METRICS_PORT: expected a port number'],
  [{ METRICS_PORT: '70000' }, 'METRICS_PORT: expected a port number up to 65535'],
  [{ PORT: '3000', METRICS_PORT: '3000' }, 'METRICS_PORT: expected another port than PORT'],
  [{ HOST: '0.0.0.0', METRICS_PORT: '9464' }, 'METRICS_TOKEN: expected, as METRICS_PORT listens on HOST'],
  [{ HOST: '::', METRICS_PORT: '9464' }, 'METRICS_TOKEN: expected, as METRICS_PORT listens on HOST'],
  [{ HOST: '127.example.org', METRICS_PORT: '9464' }, 'METRICS_TOKEN: expected, as METRICS_PORT listens on HOST'],
  [{ METRICS_TOKEN: 'too-short' }, 'METRICS_TOKEN: expected at least 16 characters without blanks'],
  [{ METRICS_TOKEN: 'with blanks in between' }, 'METRICS_TOKEN: expected at least 16 characters without blanks'],
  [{ PUBLIC_URL: 'termine.example' }, 'PUBLIC_URL: expected an address that begins with http:// or https://'],
])('%j is named together with what is expected', (environment, words) => {
  expect(wordsFor(environment)).toContain(words)
})

test.each<[Record<string, string>]>([
  [{ METRICS_PORT: '9464' }],
  [{ HOST: '127.0.0.2', METRICS_PORT: '9464' }],
  [{ HOST: 'localhost', METRICS_PORT: '9464' }],
  [{ HOST: '::1', METRICS_PORT: '9464' }],
  [{ HOST: '0.0.0.0', METRICS_PORT: '9464', METRICS_TOKEN: 'a-token-of-32-characters-or-more' }],
  [{ HOST: '0.0.0.0' }],
])('metrics may have a port without a token on this machine only: %j', (environment) => {
  expect(parseConfig(environment).metricsPort).toBe(environment.METRICS_PORT ? 9464 : null)
})

test('every wrong variable is named at once, and no value is repeated, for it may hold a password', () => {
  const words = wordsFor({ PORT: 'x', SMTP_URL: 'ftp://user:geheim@mail.example', DATABASE_URL: 'geheim' })
  for (const name of ['PORT', 'SMTP_URL', 'DATABASE_URL']) expect(words).toContain(`${name}: expected`)
  expect(words).not.toContain('geheim')
})

test('an empty variable counts as not set', () => {
  expect(parseConfig({ PORT: '', DATABASE_URL: '', DATA_DIR: '' })).toEqual(parseConfig({}))
})

test('the public address has no slash at its end, so that links have exactly one', () => {
  expect(parseConfig({ PUBLIC_URL: 'https://termine.example/' }).publicUrl).toBe('https://termine.example')
})

test('the key lies with the data unless it is told to lie elsewhere', () => {
  expect(parseConfig({ DATA_DIR: '/srv/data' }).keyFile).toBe('/srv/data/master.key')
  expect(parseConfig({ DATA_DIR: '/srv/data', ANLAUFSTELLE_KEY_FILE: '/etc/key' }).keyFile).toBe('/etc/key')
  expect(parseConfig({ DATA_DIR: '/srv/data' }).ledgerFile).toBe('/srv/data/erasures.jsonl')
  expect(parseConfig({ ANLAUFSTELLE_LEDGER_FILE: '/mnt/erasures' }).ledgerFile).toBe('/mnt/erasures')
})

test('metrics are nowhere unless a token or a port is given', () => {
  expect(parseConfig({})).toMatchObject({ metricsToken: null, metricsPort: null })
  expect(parseConfig({ METRICS_TOKEN: '0123456789abcdef', METRICS_PORT: '9100' })).toMatchObject({
    metricsToken: '0123456789abcdef',
    metricsPort: 9100,
  })
})

test('several trusted proxies are separated by commas', () => {
  expect(parseConfig({ TRUSTED_PROXY: '10.0.0.1, 10.1.0.0/16,' }).trustedProxies).toEqual(['10.0.0.1', '10.1.0.0/16'])
  const others = ['loopback', '::1', 'fd00::/8', '10.0.0.0/255.0.0.0']
  expect(parseConfig({ TRUSTED_PROXY: others.join(' ') }).trustedProxies).toEqual(others)
})
