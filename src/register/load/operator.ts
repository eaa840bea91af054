import type { Problem } from '../register.ts'
import type { Activity, Operator, Recipient, Tenant } from '../schema.ts'
import type { YamlFile } from './yaml.ts'

/** Id of the recipient that every activity has because this installation executes it. */
export const operatorId = 'operator'

/** Whoever operates the installation, as a recipient of everything it executes for a tenant: nobody has to remember to
 *  write it, and nobody can leave it out. */
export const operatorAsRecipient = (operator: Operator, { operator: { contract } }: Tenant): Recipient => {
  const { name, street, postalCode, city, country, subProcessors } = operator
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

/** Whether a tenant's own rule on where processors may work lets this operator work for it. */
export const checkOperator = (yaml: YamlFile, tenant: Tenant, operator: Operator): Problem[] => {
  const { processorCountries } = tenant
  return processorCountries === undefined || processorCountries.includes(operator.country)
    ? []
    : [
        yaml.at(
          ['processorCountries'],
          `processorCountries: the operator of this installation works in ${operator.country}, not in ${processorCountries.join(', ')}`,
          'run this tenant on an installation there, or add the country',
        ),
      ]
}
