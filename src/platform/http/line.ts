/** Who is worked on, and who waits. People are worked on at once. Those who ask much wait for each other and for people: one
 *  of their requests is worked on at a time, each caller in turn, and while people are served, one after every pause. */
export type Line = {
  /** Somebody is served at once; returns what ends it. */
  serve(): () => void
  /** Resolves when it is this caller's turn, with what ends the turn; null when too many of theirs wait already. */
  enter(caller: string): Promise<(() => void) | null>
}

/** More requests of one caller than people behind one address send at the same time. */
const mostWaiting = 100

/** How long the line stands still, in milliseconds, as long as people are served all the time. */
const longestPause = 1000

const once = (work: () => void): (() => void) => {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}

export const waitingLine = (pause = longestPause): Line => {
  // In the order of their turns.
  const waiting = new Map<string, ((end: () => void) => void)[]>()
  let served = 0
  let isBusy = false
  let timer: NodeJS.Timeout | null = null
  const turn = (): (() => void) => {
    isBusy = true
    if (timer) clearTimeout(timer)
    timer = null
    return once(() => {
      isBusy = false
      goOn()
    })
  }
  const begin = (): void => {
    const [first] = waiting
    if (isBusy || !first) return
    const [caller, [start, ...others]] = first
    waiting.delete(caller)
    if (others.length > 0) waiting.set(caller, others)
    start?.(turn())
  }
  const goOn = (): void => {
    if (served === 0) begin()
    else timer ??= setTimeout(begin, pause).unref()
  }
  return {
    serve: () => {
      served++
      return once(() => {
        served--
        if (served === 0) goOn()
      })
    },
    enter: async (caller) => {
      const own = waiting.get(caller) ?? []
      if (own.length >= mostWaiting) return null
      return new Promise((resolve) => {
        waiting.set(caller, [...own, resolve])
        goOn()
      })
    },
  }
}
