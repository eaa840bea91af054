/** What a caller asks for: a page, something to be done, a file of the look; or anything without waiting for others. */
type Kind = 'read' | 'write' | 'file' | 'atOnce'

/** How many requests a caller may make at once, of all web servers together, and how many more come back each second. A library, a shelter or a mobile
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

/** Keeps callers to a pace, so that a few scripts leave the machine to everybody else. In the memory of this process, as a
 *  write for each request would cost more than the request; a caller who has been quiet for a while is forgotten. `tick`:
 *  milliseconds that only ever grow. `nodes`: how many web servers there are. They divide what a caller may ask for, but
 *  not who is served without waiting: each server's line is its own. */
export const keepPace = (tick: () => number, nodes: () => number): Pace => {
  const callers = new Map<string, { left: number; at: number }>()
  let swept = 0
  const paceOf = (kind: Kind): { atOnce: number; perSecond: number } => {
    const { atOnce, perSecond } = paces[kind]
    const parts = kind === 'atOnce' ? 1 : nodes()
    return { atOnce: Math.ceil(atOnce / parts), perSecond: perSecond / parts }
  }
  const sweep = (now: number): void => {
    if (now - swept < 60_000) return
    swept = now
    for (const [key, { at }] of callers) if (now - at > 60_000) callers.delete(key)
  }
  return (caller, kind) => {
    const now = tick()
    sweep(now)
    const { atOnce, perSecond } = paceOf(kind)
    const key = `${kind} ${caller}`
    const known = callers.get(key) ?? { left: atOnce, at: now }
    const free = Math.min(atOnce, known.left + ((now - known.at) / 1000) * perSecond)
    callers.set(key, { left: free < 1 ? free : free - 1, at: now })
    return free >= 1
  }
}
