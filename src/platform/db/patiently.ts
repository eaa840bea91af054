import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

/** How long whoever changes tables waits for a lock, in milliseconds: whoever uses the table waits behind it as long. */
export const lockTimeout = 2000

// A table in use gives no lock, or a deadlock: a backup may read for minutes, while nobody shall wait behind us.
const busy = new Set(['55P03', '40P01'])
const attempts = 200

/** Does `work` again each second while a table that it needs is in use, for ten minutes at most.
 *  @throws the database's error after that; any other error at once */
export const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || !(error instanceof pg.DatabaseError && busy.has(error.code ?? ''))) throw error
      await pause(1000)
    }
  }
}
