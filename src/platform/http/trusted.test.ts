import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { isNetwork, isWide, overlap } from './trusted.ts'

test.each([
  ['10.0.0.1', true],
  ['10.0.0.0/8', true],
  ['10.0.0.0/255.0.0.0', true],
  ['2001:db8::1', true],
  ['fd00::/64', true],
  ['loopback', true],
  ['linklocal', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0/255.0.255.0', false],
  ['10.0.0', false],
  ['10.0.0.1/8/8', false],
  ['10.0.0.1/', false],
  ['fd00::/129', false],
  ['proxy.example', false],
  ['true', false],
  ['*', false],
  ['1', false],
  ['fe80::1%eth0', false],
])('%s names proxies: %s', (text, right) => {
  expect(isNetwork(text)).toBe(right)
})

test.each(['10.0.0.1', '10.0.0.0/255.0.0.0', 'fd00::/64', '::ffff:10.0.0.0/104', 'loopback', 'uniquelocal'])(
  'the web server understands %s, too',
  async (text) => {
    await using app = Fastify({ trustProxy: [text] })
    await app.ready()
  },
)

test.each([
  ['0.0.0.0/0', true],
  ['0.0.0.0/0.0.0.0', true],
  ['128.0.0.0/1', true],
  ['::/0', true],
  ['2000::/3', true],
  ['::ffff:0:0/96', true],
  ['::ffff:0.0.0.0/96', true],
  ['10.0.0.0/8', false],
  ['192.168.0.0/255.255.0.0', false],
  ['fc00::/7', false],
  ['::1', false],
  ['::ffff:10.0.0.0/104', false],
  ['loopback', false],
  ['203.0.113.7', false],
])('strangers are in %s: %s', (text, wide) => {
  expect(isWide(text)).toBe(wide)
})

test.each([
  ['10.0.0.0/16', '10.0.255.0/24', true],
  ['10.0.0.0/24', '10.0.1.0/24', false],
  ['10.0.0.9/24', '10.0.0.0/28', true],
  ['2001:db8::/48', '2001:DB8:0::/64', true],
  ['2001:db8::/48', '2001:db8:1::/48', false],
  ['10.0.0.0/16', '2001:db8::/32', false],
  ['10.0.0.0/16', '::ffff:10.0.7.0/120', true],
])('%s and %s have addresses in common: %s', (one, two, yes) => {
  expect([overlap(one, two), overlap(two, one)]).toEqual([yes, yes])
})
