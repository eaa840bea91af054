import type { Declaration } from '../register.ts'
import type { Operator } from '../schema-tenant.ts'
import type { TenantFiles } from './read.ts'
import type { LoadedActivity, ReadOperator } from './shared.ts'
import type { YamlFile } from './yaml.ts'

/** What the notice says for all activities together, and so holds as long as `effectiveFrom` stays. */
const saidForAll = [
  'name',
  'demonstration',
  'fictional',
  'controller',
  'dataProtectionOfficer',
  'supervisoryAuthority',
  'operator',
  'helpline',
]

const ofOperator = 'operatorOfInstallation'

/** What the notice says of the operator; to which hosts it connects says no notice. */
const operatorSaid = (operator: Operator | null) => {
  if (!operator) return {}
  const { hosts: _, ...said } = operator
  return { [ofOperator]: said }
}

/** Where a declaration of `tenant` stands: in `tenant.yaml`, or what is said of the operator in `operator.yaml`. */
const atTenant =
  (tenant: YamlFile, operator: YamlFile): Declaration['at'] =>
  ([first, ...rest], message, remedy) =>
    first === ofOperator
      ? operator.at(rest, message.replace(`${ofOperator}.`, ''), remedy)
      : tenant.at(first === undefined ? [] : [first, ...rest], message, remedy)

/** What a tenant's files say to people. As written, there or in the catalogue, without what the schema adds: a newer program
 *  that knows more keys changes no promise. */
export const declarationsOf = (
  files: TenantFiles,
  loaded: readonly LoadedActivity[],
  operator: ReadOperator,
): Declaration[] => {
  const data = (files.tenant.data ?? {}) as Record<string, unknown>
  const said = Object.fromEntries(saidForAll.flatMap((key) => (key in data ? [[key, data[key]]] : [])))
  return [
    {
      id: 'tenant',
      version: String(data.effectiveFrom),
      content: { ...said, ...operatorSaid(operator.value) },
      at: atTenant(files.tenant, operator.yaml),
    },
    ...loaded.map(({ yaml, activity: { id, version } }) => ({ id, version, content: yaml.data, at: yaml.at })),
  ]
}
