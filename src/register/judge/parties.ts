import { faultOfAddress } from '../law/addresses.ts'
import { addressOf, authorityOf, boxOf, isAddressOf, isWebsiteOf, supervision } from '../law/authorities.ts'
import { adequacyDecision, isInEea } from '../law/countries.ts'
import type { PrintedContact, Published } from './published.ts'
import { activitiesOf, each, type Objection, type Rule } from './rule.ts'

/** The authority it names; null if it names none. */
const namedAuthority = ({ supervisoryAuthority: { name, ...rest } = {} }: Published): PrintedContact | null =>
  name === undefined ? null : { name, ...rest }

const contactsOf = (published: Published): [string, PrintedContact][] =>
  [
    ['controller', published.controller] as const,
    ['dataProtectionOfficer', published.dataProtectionOfficer] as const,
    ['supervisoryAuthority', namedAuthority(published)] as const,
  ].flatMap(([key, contact]) => (contact ? [[key, contact]] : []))

const unusable = (published: Published): Objection[] =>
  contactsOf(published).flatMap(([key, { email }]) => {
    const fault = email && faultOfAddress(email.printed)
    return fault
      ? [{ path: [key, 'email'], message: `${key}: ${fault}`, remedy: 'print an address that people can use' }]
      : []
  })

const unreachable = (published: Published): Objection[] => {
  const missing = published.dataProtectionOfficer
    ? []
    : [
        {
          path: [],
          message: 'no data protection officer is named',
          remedy: 'name one by role, with a way to reach them',
        },
      ]
  const mute = contactsOf(published).flatMap(([key, { street, postOfficeBox, phone, email }]) =>
    key !== 'supervisoryAuthority' && !street && !postOfficeBox && !phone && !email
      ? [{ path: [key], message: `${key}: nothing says how to reach them`, remedy: 'add an address, phone or e-mail' }]
      : [],
  )
  return [...missing, ...mute]
}

const missingAuthority = (published: Published): Objection[] => {
  if (namedAuthority(published)) return []
  const expected = authorityOf(published.kind, published.land)
  return [
    {
      path: ['supervisoryAuthority'],
      message: 'the authority to complain to is not named',
      remedy: `name ${expected.name}, ${addressOf(expected)}`,
    },
  ]
}

const wrongAuthority = (published: Published): Objection[] => {
  const named = namedAuthority(published)
  const expected = authorityOf(published.kind, published.land)
  if (!named || expected.called.test(named.name)) return []
  return [
    {
      path: ['supervisoryAuthority'],
      message: `'${named.name}' does not supervise a Jobcenter of kind ${published.kind} in ${published.land}`,
      remedy: `name ${expected.name}`,
    },
  ]
}

const outdatedAuthority = (published: Published): Objection[] => {
  const named = namedAuthority(published)
  const expected = authorityOf(published.kind, published.land)
  if (!named || !expected.called.test(named.name)) return []
  const rightPage = named.website === undefined || isWebsiteOf(expected, named.website)
  if (isAddressOf(expected, named) && rightPage) return []
  return [
    {
      path: ['supervisoryAuthority'],
      message: `this is not the address of ${expected.name}`,
      remedy: `write ${[addressOf(expected), named.postOfficeBox && boxOf(expected), expected.website].filter(Boolean).join(', ')}`,
    },
  ]
}

/** Those who have the data according to one place of the notice, and are not recipients according to another. */
const undeclared = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, recipients, operators } }) => {
    const named = new Set(recipients?.named.map(({ name }) => name))
    const first = operators.findIndex(({ name }) => !named.has(name))
    if (first < 0) return []
    const names = operators.flatMap(({ name }) => (named.has(name) ? [] : [name]))
    const claim = recipients?.claim === 'nobody' ? 'nobody is said to receive the data' : 'not among the recipients'
    return [
      {
        path: recipients ? [...path, 'recipients'] : [...path, 'operators', first],
        message: `${id}: ${names.join(', ')}: ${claim}, yet they store, host or handle it`,
        remedy: 'name them as recipients; processors are recipients too',
      },
    ]
  })

const undeclaredHosts = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, recipients, hosts } }) => {
    const named = new Set(recipients?.named.map(({ name }) => name))
    return each(hosts, [...path, 'hosts']).flatMap(({ path: place, value: { host, of } }) =>
      of !== undefined && named.has(of)
        ? []
        : [
            {
              path: place,
              message: `${id}: the page contacts ${host}, whose operator is not among the recipients`,
              remedy: 'name the operator, or serve this from the own server',
            },
          ],
    )
  })

const contractless = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { recipients } }) =>
    each(recipients?.named ?? [], [...path, 'recipients', 'named']).flatMap(({ path: place, value }) =>
      value.role === 'processor' && (value.contract === undefined || value.contract === 'none')
        ? [
            {
              path: place,
              message: `${value.name}: a processor without contract`,
              remedy: 'conclude one, and say that they act on behalf of the Jobcenter',
            },
          ]
        : [],
    ),
  )

const groundOfTransfer = (country: string): string => {
  const decision = adequacyDecision(country)
  return decision === null
    ? 'name the ground of transfer, or choose somebody in the EU or EEA'
    : `name the adequacy decision, ${decision}`
}

const abroad = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { recipients, operators, hosts } }) =>
    [
      ...each(recipients?.named ?? [], [...path, 'recipients', 'named']),
      ...each(operators, [...path, 'operators']),
      ...each(hosts, [...path, 'hosts']),
    ].flatMap(({ path: place, value: { country, transferBasis } }) =>
      country === undefined || isInEea(country) || transferBasis !== undefined
        ? []
        : [
            {
              path: place,
              message: `data go to ${country}, outside EU and EEA, and nothing says on what ground`,
              remedy: groundOfTransfer(country),
            },
          ],
    ),
  )

const complaint = 'Art. 13(2)(d) GDPR: the notice names the right to complain to a supervisory authority'
const receiving = 'Art. 13(1)(e) with Art. 4 No 9 GDPR: whoever receives data is a recipient, a processor too'

export const rulesOfParties: readonly Rule[] = [
  {
    name: 'address-unusable',
    law: 'Art. 13(1)(a) and (b), Art. 12(2) GDPR: people must be able to reach controller and officer',
    find: unusable,
  },
  {
    name: 'contact-missing',
    law: 'Art. 13(1)(a) and (b) GDPR: contact data of controller and data protection officer',
    find: unreachable,
  },
  { name: 'authority-missing', law: complaint, find: missingAuthority },
  { name: 'authority-wrong', law: supervision, find: wrongAuthority },
  { name: 'authority-outdated', law: complaint, find: outdatedAuthority },
  { name: 'recipient-undeclared', law: receiving, find: undeclared },
  { name: 'host-undeclared', law: receiving, find: undeclaredHosts },
  {
    name: 'processor-without-contract',
    law: 'Art. 28(3) GDPR and § 80 SGB X: a processor acts on a contract only',
    find: contractless,
  },
  {
    name: 'third-country-without-basis',
    law: 'Art. 13(1)(f) and Art. 44 GDPR: what goes outside EU and EEA goes on a ground that is named',
    find: abroad,
  },
]
