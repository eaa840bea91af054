import type { Language } from '#platform/i18n/translate.ts'
import type { Problem } from '../register.ts'
import type { Activity, Recipient } from '../schema.ts'
import type { Operator, Tenant } from '../schema-tenant.ts'
import type { Text } from '../schema-words.ts'
import type { YamlFile } from './yaml.ts'

/** Id of the recipient that every activity has because this installation executes it. */
export const operatorId = 'operator'

/** What the operator says, in the tenant's languages only; `operator.yaml` has all of the product. */
const spokenOf = ({ name, subProcessors }: Operator, languages: readonly Language[]) => {
  const spoken = ({ de, ...others }: Text): Text => ({
    de,
    ...Object.fromEntries(Object.entries(others).filter(([language]) => languages.some((each) => each === language))),
  })
  return {
    name: spoken(name),
    subProcessors: subProcessors.map((sub) => ({ ...sub, name: spoken(sub.name), task: spoken(sub.task) })),
  }
}

/** Whoever operates the installation, as a recipient of everything it executes for a tenant: nobody has to remember to
 *  write it, and nobody can leave it out. */
export const operatorAsRecipient = (operator: Operator, { languages, operator: { contract } }: Tenant): Recipient => {
  const { street, postalCode, city, country } = operator
  const { name, subProcessors } = spokenOf(operator, languages)
  return {
    id: operatorId,
    name,
    address: { street, postalCode, city },
    role: 'processor',
    country,
    contract,
    fields: 'all',
    transport: 'tls',
    subProcessors,
  }
}

/** What somebody else executes never comes near the operator. */
export const withOperator = (activity: Activity, operator: Recipient): Activity =>
  activity.executedBy ? activity : { ...activity, recipients: [operator, ...activity.recipients] }

/** Whether a tenant's own rule on where processors may work lets this operator, and those who work for it, work for the
 *  tenant. */
export const checkOperator = (
  yaml: YamlFile,
  { processorCountries }: Tenant,
  { country, subProcessors }: Operator,
): Problem[] => {
  if (processorCountries === undefined) return []
  const places = [
    { who: 'the operator of this installation', country },
    ...subProcessors.map((sub) => ({
      who: `${sub.id}, who works for the operator of this installation,`,
      country: sub.country,
    })),
  ]
  return places
    .filter((place) => !processorCountries.includes(place.country))
    .map((place) =>
      yaml.at(
        ['processorCountries'],
        `processorCountries: ${place.who} works in ${place.country}, not in ${processorCountries.join(', ')}`,
        'run this tenant on an installation there, or add the country',
      ),
    )
}

/** The same for the processors that an activity names, and those who work for them. */
export const checkProcessors = (
  yaml: YamlFile,
  { processorCountries }: Tenant,
  { recipients }: Activity,
): Problem[] => {
  if (processorCountries === undefined) return []
  return recipients.flatMap((recipient, index) => {
    if (recipient.role !== 'processor') return []
    const path = ['recipients', index]
    const places = [
      { path, name: `recipients.${recipient.id}`, country: recipient.country },
      ...(recipient.subProcessors ?? []).map((sub, at) => ({
        path: [...path, 'subProcessors', at],
        name: `recipients.${recipient.id}.subProcessors.${sub.id}`,
        country: sub.country,
      })),
    ]
    return places
      .filter(({ country }) => !processorCountries.some((allowed) => allowed === country))
      .map((place) =>
        yaml.at(
          [...place.path, 'country'],
          `${place.name}: works in ${place.country}, not in ${processorCountries.join(', ')}`,
          "choose one there, or add the country under 'processorCountries' in tenant.yaml",
        ),
      )
  })
}
