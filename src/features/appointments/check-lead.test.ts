import { expect, test } from 'vitest'
import { tenantFile, testFaults } from '#test/helpers/faults.ts'
import { bookableTenant, copyTenants, replaced } from '#test/helpers/tenants.ts'

/* How long before its start an appointment has to be booked. */

const from = '  leadHours: 24\n'
const fault = { file: tenantFile, from }

testFaults([
  {
    ...fault,
    name: 'no lead time',
    to: '',
    at: 'booking:',
    message: 'booking: no lead time',
    remedy: 'write leadHours: 24, or leadOpeningHours: 2 for hours in which the site is open; 0 hours for none',
  },
  {
    ...fault,
    name: 'a lead time as long as the window',
    to: '  leadHours: 672\n',
    at: 'leadHours: 672',
    message: 'booking.leadHours: 672 hours are all of windowDays, 28, so no start would be offered',
    remedy: 'write less than 672, or more windowDays',
  },
  {
    ...fault,
    name: 'more opening hours of lead than a site has in the window',
    to: '  leadOpeningHours: 120\n',
    at: 'leadOpeningHours: 120',
    message: 'booking.leadOpeningHours: sites.kaltenkirchen is open for',
    remedy: 'write less, longer openingHours or more windowDays',
  },
  {
    ...fault,
    name: 'a lead time of no opening hours',
    to: '  leadOpeningHours: 0\n',
    at: 'leadOpeningHours: 0',
    message: 'booking.leadOpeningHours: expected at least 1, found 0',
    remedy: 'write at least 1',
  },
])

test.each([
  ['opening hours', '  leadOpeningHours: 8\n', { leadOpeningHours: 8 }],
  ['both', '  leadHours: 24\n  leadOpeningHours: 8\n', { leadHours: 24, leadOpeningHours: 8 }],
  ['until it begins', '  leadHours: 0\n', { leadHours: 0 }],
  ['nearly all of the window', '  leadHours: 671\n', { leadHours: 671 }],
])('a lead time can be declared: %s', (_, to, lead) => {
  using tenants = copyTenants()
  tenants.write(tenantFile, replaced(tenants.read(tenantFile), from, to))
  const { leadHours, leadOpeningHours } = bookableTenant('segeberg', tenants.load()).booking
  expect({ leadHours, leadOpeningHours }).toEqual({ leadHours: undefined, leadOpeningHours: undefined, ...lead })
})
