/** Streams that one caller may have open at a time: a library, a shelter or a mobile carrier puts many people behind one
 *  address. */
const mostOfCaller = 50
/** Streams that all callers together may have open at one server. */
const mostOfAll = 2000

/** Counts answers that are still being sent, by caller. `take` returns what gives a place back, or null when there is
 *  none. */
export const openStreams = (limits = { ofCaller: mostOfCaller, ofAll: mostOfAll }) => {
  const open = new Map<string, number>()
  let all = 0
  return {
    take: (caller: string): (() => void) | null => {
      const own = open.get(caller) ?? 0
      if (own >= limits.ofCaller || all >= limits.ofAll) return null
      open.set(caller, own + 1)
      all++
      let isOpen = true
      return () => {
        if (!isOpen) return
        isOpen = false
        all--
        const left = (open.get(caller) ?? 1) - 1
        if (left === 0) open.delete(caller)
        else open.set(caller, left)
      }
    },
  }
}

export type OpenStreams = ReturnType<typeof openStreams>
