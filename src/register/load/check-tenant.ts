import { languages } from '#platform/i18n/translate.ts'
import { faultOfAddress } from '../law/addresses.ts'
import { addressOf, authorityOf, isAddressOf, isWebsiteOf, whoIsCalled } from '../law/authorities.ts'
import type { Day } from '../law/laws.ts'
import type { Finding, Problem } from '../register.ts'
import type { Tenant } from '../schema-tenant.ts'
import { checkContract } from './check-contract.ts'
import { checkOpening } from './check-opening.ts'
import { duplicates } from './shared.ts'
import type { YamlFile } from './yaml.ts'

const knowsTimeZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

const checkAuthority = (yaml: YamlFile, { kind, land, supervisoryAuthority: named }: Tenant): Problem[] => {
  const expected = authorityOf(kind, land)
  const at = (key: string, message: string, remedy: string) => [
    yaml.at(['supervisoryAuthority', key], `supervisoryAuthority: ${message}`, remedy),
  ]
  if (!isWebsiteOf(expected, named.website)) {
    const right = `${expected.name}, ${expected.website}`
    return at('website', `not the one for a Jobcenter of kind ${kind} in ${land}`, `name ${right}`)
  }
  // The catalogue knows the German names. Of others it can say only that they are another authority's.
  const misnamed = languages.filter((language) => {
    const name = named.name[language]
    if (name === undefined) return false
    const who = whoIsCalled(expected, name)
    return who === 'other' || (who === 'unknown' && language === 'de')
  })
  return [
    ...misnamed.flatMap((language) =>
      at('name', `not called like ${expected.name} (${language})`, `correct the name in ${language}`),
    ),
    ...(isAddressOf(expected, named)
      ? []
      : at('street', `not the address of ${expected.name}`, `write ${addressOf(expected)}`)),
  ]
}

/** The rule that finds a notice of a day to come. */
export const notYetInForce = 'not-yet-in-force'

/** What is odd about a tenant that runs: its notice is of a day to come. */
export const oddIn = (yaml: YamlFile, { effectiveFrom }: Tenant, today: Day): Finding[] =>
  effectiveFrom <= today
    ? []
    : [
        {
          ...yaml.at(
            ['effectiveFrom'],
            `effectiveFrom: ${effectiveFrom} is still to come, and the program works by these files as soon as it starts with them`,
            'start with them on that day; until then the notice says that it is not in force yet',
          ),
          rule: notYetInForce,
          law: 'Art. 12(1) GDPR: people are told what happens, before or when it does',
          noticeDate: effectiveFrom,
          facts: [],
        },
      ]

const checkAddresses = (yaml: YamlFile, tenant: Tenant): Problem[] =>
  (['controller', 'dataProtectionOfficer', 'supervisoryAuthority'] as const).flatMap((key) => {
    const { email } = tenant[key]
    const fault = email === undefined ? null : faultOfAddress(email)
    return fault ? [yaml.at([key, 'email'], `${key}.email: ${fault}`, 'write an address that people can use')] : []
  })

// First segments of addresses that belong to the installation itself.
const reservedSlugs: readonly string[] = [...languages, 'api', 'assets', 'healthz', 'metrics', 'readyz']

/** Faults of `tenant.yaml` that the schema cannot see. */
export const checkTenant = (yaml: YamlFile, tenant: Tenant, folder: string, today: Day): Problem[] => {
  const found = [
    ...duplicates(yaml, ['sites'], tenant.sites),
    ...checkOpening(yaml, tenant, today),
    ...checkAuthority(yaml, tenant),
    ...checkAddresses(yaml, tenant),
    ...checkContract(yaml, ['operator', 'contract'], 'operator.contract', tenant.operator.contract, today),
  ]
  if (tenant.slug !== folder) {
    found.push(
      yaml.at(
        ['slug'],
        `slug: '${tenant.slug}' differs from its folder '${folder}'`,
        `write ${folder} or rename the folder`,
      ),
    )
  }
  if (reservedSlugs.includes(tenant.slug)) {
    found.push(yaml.at(['slug'], `slug: '${tenant.slug}' is an address of the installation`, 'choose another slug'))
  }
  if (!knowsTimeZone(tenant.timeZone)) {
    found.push(
      yaml.at(['timeZone'], `timeZone: '${tenant.timeZone}' is unknown`, 'write an IANA name such as Europe/Berlin'),
    )
  }
  return found
}
