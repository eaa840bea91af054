import { expect, test } from 'vitest'
import { tenantFile, testFaults } from '#test/helpers/faults.ts'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

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
])

test('what a place leaves out is as for everybody, and what nobody says is as documented', () => {
  using tenants = copyTenants()
  const to = places(`    - { id: lobby, networks: [192.0.2.0/28], bookings: 99 }`).replace(
    'limits:\n',
    'limits:\n  holds: 7\n',
  )
  tenants.write(tenantFile, replaced(tenants.read(tenantFile), 'booking:\n', to))
  expect(tenants.load().running.get('segeberg')?.tenant.limits).toEqual({
    holds: 7,
    bookings: 20,
    bookingsWithoutEmail: 10,
    shareOfDay: 25,
    places: [{ id: 'lobby', networks: ['192.0.2.0/28'], bookings: 99 }],
  })
})
