import { allowsSocialData, outside } from '../law/countries.ts'
import type { Problem } from '../register.ts'
import type { Operator } from '../schema-tenant.ts'
import { duplicates } from './shared.ts'
import type { Path, YamlFile } from './yaml.ts'

const checkPlace = (yaml: YamlFile, path: Path, name: string, country: string): Problem[] => {
  if (allowsSocialData(country)) return []
  return [yaml.at(path, ...outside(name, country))]
}

/** Faults of `operator.yaml` that the schema cannot see: it and whoever works for it are processors of every tenant. */
export const checkOperatorFile = (yaml: YamlFile, { country, subProcessors }: Operator): Problem[] => [
  ...checkPlace(yaml, ['country'], 'country:', country),
  ...duplicates(yaml, ['subProcessors'], subProcessors),
  ...subProcessors.flatMap((sub, at) =>
    checkPlace(yaml, ['subProcessors', at, 'country'], `subProcessors.${sub.id}: country`, sub.country),
  ),
]
