import { authorities } from './authorities.ts'
import { adequacy, equated } from './countries.ts'
import { laws } from './laws.ts'
import { rightsAlways, rightsByBasis } from './rights.ts'
import type { Day } from './source.ts'
import { tasksAndDuties } from './tasks.ts'

/** An entry of one of the catalogues. `file`: where it stands, in this folder. */
type Entry = { name: string; checked: Day; file: string }

const inFile = (file: string, entries: readonly { name: string; checked: Day }[]): Entry[] =>
  entries.map(({ name, checked }) => ({ name, checked, file }))

const entries: readonly Entry[] = [
  // What ended does not change any more.
  ...inFile(
    'laws.ts',
    [...laws].flatMap(([name, { to, checked }]) => (to === undefined ? [{ name, checked }] : [])),
  ),
  ...inFile('authorities.ts', authorities),
  ...inFile('countries.ts', [
    { name: 'countries that stand equal', checked: equated.checked },
    { name: 'adequacy decisions', checked: adequacy.checked },
  ]),
  ...inFile(
    'tasks.ts',
    tasksAndDuties.map(({ norm, checked }) => ({ name: norm, checked })),
  ),
  ...inFile(
    'rights.ts',
    [...rightsAlways, ...rightsByBasis].map(({ right, checked }) => ({ name: `the right of ${right}`, checked })),
  ),
]

/** Entries of the catalogues of law that nobody has looked at for more than twelve months. */
export const staleEntries = (
  on: Day,
  catalogue: readonly Entry[] = entries,
): { name: string; lastChecked: Day; file: string }[] => {
  const yearAgo = Temporal.PlainDate.from(on).subtract({ months: 12 }).toString()
  return catalogue.flatMap(({ name, checked, file }) =>
    checked < yearAgo ? [{ name, lastChecked: checked, file: `src/register/law/${file}` }] : [],
  )
}
