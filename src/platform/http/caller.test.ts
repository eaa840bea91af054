import { expect, test } from 'vitest'
import { callerNames, describeAgent, shortenAddress } from './caller.ts'

test.each([
  ['203.0.113.77', '203.0.113.0'],
  ['::ffff:203.0.113.77', '203.0.113.0'],
  ['::FFFF:203.0.113.77', '203.0.113.0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
  ['2001:0DB8:0001::6', '2001:db8:1::'],
  ['2001:db8::6', '2001:db8:0::'],
  ['::1', '0:0:0::'],
  ['fe80::1%eth0', 'fe80:0:0::'],
  ['203.0.113.77:50123', '203.0.113.0'],
  ['[2001:db8:1::6]:50123', '2001:db8:1::'],
  [undefined, 'unknown'],
  ['', 'unknown'],
  ['_hidden', 'unknown'],
  ['a secret word', 'unknown'],
])('of the address %s remains %s', (address, short) => {
  expect(shortenAddress(address)).toBe(short)
})

const names = (now = { at: '2026-11-23T08:00:00Z' }) => {
  let made = 0
  return callerNames(
    () => Temporal.Instant.from(now.at),
    (n) => new Uint8Array(n).fill(++made),
  )
}

test.each([
  ['the same address', '203.0.113.77', '203.0.113.77', true],
  ['two IPv4 addresses, however near', '203.0.113.77', '203.0.113.78', false],
  ['an IPv4 address, written as IPv6', '203.0.113.77', '::ffff:203.0.113.77', true],
  ['one connection’s /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1', true],
  ['one connection’s /64 with zeros in it', '2001:db8::1', '2001:db8::ffff:2', true],
  ['one /64, however it is written', '2001:DB8:0:0:1::', '2001:db8::1:0:0:0', true],
  ['two connections', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['two connections, one with zeros', '2001:db8::1', '2001:db8:0:1::1', false],
])('%s counts as one caller: %s, %s: %s', (_, one, other, same) => {
  const nameOf = names()
  expect(nameOf(one) === nameOf(other)).toBe(same)
})

test('whoever has no address, as on a connection that is gone, is one caller with all others like that', () => {
  const nameOf = names()
  expect(nameOf(undefined)).toBe(nameOf('not an address'))
  expect(nameOf(undefined)).not.toBe(nameOf('203.0.113.77'))
})

test('a caller has another name on the next day, and no name tells the address', () => {
  const now = { at: '2026-11-23T23:59:59Z' }
  const nameOf = names(now)
  const today = nameOf('203.0.113.77')
  expect(nameOf('203.0.113.77')).toBe(today)
  now.at = '2026-11-24T00:00:00Z'
  expect(nameOf('203.0.113.77')).not.toBe(today)
  expect(today).toMatch(/^[\w-]{22}$/)
})

test.each([
  [
    'Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 Chrome/140.0.7339.1 Mobile Safari/537.36',
    'Chrome 140',
    'Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605 Version/18.5 Mobile/15E Safari/604.1',
    'Safari 18',
    'iOS',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0.3485.54',
    'Edge 140',
    'Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140', 'Linux'],
  ['curl/8.5.0', 'other', 'other'],
  ['', 'other', 'other'],
  ['Firefox/99999999999999999999999999', 'Firefox 9999', 'other'],
])('of the browser that calls itself %s remain family and major version', (agent, browser, operatingSystem) => {
  expect(describeAgent(agent)).toEqual({ browser, operatingSystem })
})

test('a browser that calls itself by sixteen thousand letters takes no longer than one with few', () => {
  const cost = (agent: string) => {
    const { user } = process.cpuUsage()
    for (let i = 0; i < 200; i++) describeAgent(agent)
    return process.cpuUsage().user - user
  }
  const short = 'version/1'.repeat(56)
  cost(short)
  expect(cost('version/1'.repeat(1800))).toBeLessThan(20 * cost(short) + 20_000)
})
