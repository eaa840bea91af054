import type { Problem } from '../register.ts'
import type { Activity } from '../schema.ts'
import type { Operator } from '../schema-tenant.ts'
import type { Path, YamlFile } from './yaml.ts'

/* What the checks of different files share. */

/** An activity that fits the schema, with the file it came from. */
export type LoadedActivity = { yaml: YamlFile; activity: Activity }

/** `operator.yaml`; without a value where something is wrong with it. */
export type ReadOperator = { yaml: YamlFile; value: Operator | null; problems: readonly Problem[] }

/** Ids that occur twice in a list, at the line of the second. */
export const duplicates = (yaml: YamlFile, path: Path, list: readonly { id: string }[]): Problem[] =>
  list.flatMap(({ id }, index) =>
    list.findIndex((other) => other.id === id) === index
      ? []
      : [
          yaml.at(
            [...path, index, 'id'],
            `${path.join('.')}: the id '${id}' occurs twice`,
            'rename or remove one of the two',
          ),
        ],
  )
