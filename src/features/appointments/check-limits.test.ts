import { expect, test } from 'vitest'
import { tenantFile, testFaults } from '#test/helpers/faults.ts'
import { bookableTenant, copyTenants, replaced } from '#test/helpers/tenants.ts'

/* Limits of one connection, and places that have limits of their own. */

const places = (yaml: string) => `limits:\n  places:\n${yaml}\nbooking:\n`
const network = (text: string) => places(`    - { id: lobby, networks: ['${text}'] }`)
const fault = { file: tenantFile, from: 'booking:\n' }
const expecting = (what: string) => ({
  ...fault,
  at: 'id: lobby',
  message: `limits.places.lobby.networks[0]: expected ${what}, found `,
  remedy: `write ${what}`,
})
const noNetwork = expecting('a network such as 192.0.2.0/24 or 2001:db8:1::/48')
const tooLarge = expecting('a network of one house: /16 or smaller, in IPv6 /32 or smaller')

testFaults([
  { ...noNetwork, name: 'an address that is no network', to: network('192.0.2.1') },
  { ...noNetwork, name: 'a name instead of a network', to: network('library') },
  { ...noNetwork, name: 'a network of no address', to: network('192.0.2.300/24') },
  { ...tooLarge, name: 'a network as large as a carrier', to: network('10.0.0.0/8') },
  { ...tooLarge, name: 'everybody as a place', to: network('::/0') },
  {
    ...fault,
    name: 'a network in two places',
    to: places(`    - { id: lobby, networks: [192.0.2.0/28] }\n    - { id: library, networks: [192.0.2.0/28] }`),
    at: 'id: library',
    message: "limits.places.library: 'lobby' has the network 192.0.2.0/28 too",
    remedy: 'name it in one of the two',
  },
  ...(
    [
      ['a network inside another place’s', '10.0.0.0/16', '10.0.0.0/24'],
      ['a network around another place’s', '10.0.7.0/24', '10.0.0.0/16'],
      ['a network with the address of a machine', '10.0.7.9/24', '10.0.7.0/28'],
      ['a network in two places, written differently', '2001:db8::/48', '2001:DB8:0::/48'],
      ['a network of IPv6 inside another place’s', '2001:db8::/32', '2001:db8:7::/48'],
    ] as const
  ).map(([name, one, two]) => ({
    ...fault,
    name,
    to: places(`    - { id: lobby, networks: ['${one}'] }\n    - { id: library, networks: [192.0.2.0/28, '${two}'] }`),
    at: 'id: library',
    message: `limits.places.library: the network ${two} overlaps ${one} of 'lobby'`,
    remedy: 'name each address in one of the two',
  })),
])

test('networks beside each other are places of their own, and one place may name its addresses twice', () => {
  using tenants = copyTenants()
  const to = places(`    - { id: lobby, networks: [10.0.0.0/24, 10.0.0.0/28, '2001:db8::/48'] }
    - { id: library, networks: [10.0.1.0/24, '2001:db8:1::/48'] }`)
  tenants.write(tenantFile, replaced(tenants.read(tenantFile), 'booking:\n', to))
  expect(bookableTenant('segeberg', tenants.load()).limits.places).toHaveLength(2)
})

test('what a place leaves out is as for everybody, and what nobody says is as documented', () => {
  using tenants = copyTenants()
  const to = places(`    - { id: lobby, networks: [192.0.2.0/28], bookings: 99 }`).replace(
    'limits:\n',
    'limits:\n  holds: 7\n',
  )
  tenants.write(tenantFile, replaced(tenants.read(tenantFile), 'booking:\n', to))
  expect(bookableTenant('segeberg', tenants.load()).limits).toEqual({
    holds: 7,
    bookings: 20,
    bookingsWithoutEmail: 10,
    shareOfDay: 25,
    places: [{ id: 'lobby', networks: ['192.0.2.0/28'], bookings: 99 }],
  })
})
