import type { RunningTenant } from './register.ts'
import type { Destination } from './schema.ts'

/** A destination, with the activity and the place in its list of the recipient that it leads to. */
export type Declared = Destination & { activity: string; recipient: number }

/** Everything that a tenant declares this program to connect to. */
export const destinationsOf = ({ activities }: Pick<RunningTenant, 'activities'>): Declared[] =>
  [...activities.values()].flatMap(({ id, recipients }) =>
    recipients.flatMap(({ destination }, recipient) =>
      destination ? [{ ...destination, activity: id, recipient }] : [],
    ),
  )
