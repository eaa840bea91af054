import type { RunningTenant } from './register.ts'
import type { Destination } from './schema.ts'

/** A destination, with the activity whose recipient it leads to. */
type Declared = Destination & { activity: string }

/** Everything that a tenant declares this program to connect to. */
export const destinationsOf = ({ activities }: Pick<RunningTenant, 'activities'>): Declared[] =>
  [...activities.values()].flatMap(({ id, recipients }) =>
    recipients.flatMap(({ destination }) => (destination ? [{ ...destination, activity: id }] : [])),
  )
