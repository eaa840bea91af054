/** What a caller asks for: a page, something to be done, a file of the look; or anything without waiting for others. */
type Kind = 'read' | 'write' | 'file' | 'atOnce'

/** How many requests a caller may make at once, and how many more come back each second. A library, a shelter or a mobile
 *  carrier puts many people behind one address, so these are far above what people click together. */
const paces: Record<Kind, { atOnce: number; perSecond: number }> = {
  read: { atOnce: 300, perSecond: 20 },
  write: { atOnce: 100, perSecond: 4 },
  file: { atOnce: 600, perSecond: 60 },
  // What one person clicks, or a few. Whoever asks more waits in a line with others who do (`waitingLine`).
  atOnce: { atOnce: 12, perSecond: 0.5 },
}

/** Whether a request of this caller is within the pace; one that is not costs nothing more. */
export type Pace = (caller: string, kind: Kind) => boolean

/** For whoever asks a server of their own. */
export const anyPace: Pace = () => true

/** Keeps callers to a pace, so that a few scripts leave the machine to everybody else. In the memory of this process; a
 *  caller who has been quiet for a while is forgotten. `tick`: milliseconds that only ever grow. */
export const keepPace = (tick: () => number): Pace => {
  const callers = new Map<string, { left: number; at: number }>()
  let swept = 0
  const left = ({ atOnce, perSecond }: (typeof paces)[Kind], known: { left: number; at: number }, now: number) =>
    Math.min(atOnce, known.left + ((now - known.at) / 1000) * perSecond)
  const sweep = (now: number): void => {
    if (now - swept < 60_000) return
    swept = now
    for (const [key, { at }] of callers) if (now - at > 60_000) callers.delete(key)
  }
  return (caller, kind) => {
    const now = tick()
    sweep(now)
    const pace = paces[kind]
    const key = `${kind} ${caller}`
    const free = left(pace, callers.get(key) ?? { left: pace.atOnce, at: now }, now)
    callers.set(key, { left: free < 1 ? free : free - 1, at: now })
    return free >= 1
  }
}
