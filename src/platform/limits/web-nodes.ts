import type { Clock } from '#platform/clock.ts'
import type { Db } from '#platform/db/db.ts'
import { type Random, uuid } from '#platform/random.ts'
import { countNodes, deleteNode } from './sql.ts'

/** How often a web server says that it is there, and after how long without a word it counts as gone. */
const everySeconds = 10
const goneAfter = { seconds: 35 }

/** How many web servers there are, as far as this one knows. */
export type WebNodes = {
  count: () => number
  /** Looks and says that this server is there, at once and then every ten seconds. A database that does not answer
   *  changes nothing. */
  join: () => Promise<void>
  leave: () => Promise<void>
}

/**
 * Web servers share the limit on requests by dividing it: a write to the database for each request would cost more than
 * the request. So no caller gets more than the limit, however a balancer spreads them. While a server has just begun and
 * the others have not noticed, for ten seconds at most, it is one server's part more.
 */
export const webNodes = ({ db, clock, random }: { db: Db; clock: Clock; random: Random }): WebNodes => {
  const id = uuid(random)
  let count = 1
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    try {
      const now = clock()
      count = await db.inInstallation((tx) => countNodes(tx, id, now, now.subtract(goneAfter)))
    } catch {
      // An outage; others say so.
    }
  }
  return {
    count: () => count,
    join: async () => {
      await look()
      clearInterval(timer)
      timer = setInterval(look, everySeconds * 1000).unref()
    },
    leave: async () => {
      clearInterval(timer)
      await db.inInstallation((tx) => deleteNode(tx, id)).catch(() => {})
    },
  }
}
