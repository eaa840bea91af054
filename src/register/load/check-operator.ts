import { eea } from '../law/countries.ts'
import type { Problem } from '../register.ts'
import type { Operator } from '../schema.ts'
import { duplicates } from './shared.ts'
import type { YamlFile } from './yaml.ts'

const remedy = 'choose one in the EU or EEA (§ 80(2) SGB X, Art. 44 GDPR)'

/** Faults of `operator.yaml` that the schema cannot see: it and whoever works for it are processors of every tenant. */
export const checkOperatorFile = (yaml: YamlFile, { country, subProcessors }: Operator): Problem[] => [
  ...(eea.has(country) ? [] : [yaml.at(['country'], `country: ${country} is outside EU and EEA`, remedy)]),
  ...duplicates(yaml, ['subProcessors'], subProcessors),
  ...subProcessors.flatMap((sub, at) =>
    eea.has(sub.country)
      ? []
      : [
          yaml.at(
            ['subProcessors', at, 'country'],
            `subProcessors.${sub.id}: country ${sub.country} is outside EU and EEA`,
            remedy,
          ),
        ],
  ),
]
