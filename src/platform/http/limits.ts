import type { Clock } from '#platform/clock.ts'

/** Counts what a caller has open at the same time, in this process's memory. */
export type Limits = {
  /** Takes one of `most` places under `name` for `minutes`; false when all are taken. */
  take(name: string, most: number, minutes: number): boolean
  /** Takes the place under `name` that would be free first for `minutes` from now on; one more where none is taken. */
  renew(name: string, minutes: number): void
  /** Gives the place taken last under `name` back, as nothing came of it or it is used no more. */
  giveBack(name: string): void
}

/** Limits against one script taking everything. Phones often share an address (carrier-grade NAT, a library, a
 *  shelter), so callers of this choose numbers far above what one person needs. */
export const memoryLimits = (clock: Clock): Limits => {
  const taken = new Map<string, number[]>()
  let swept = 0
  return {
    take: (name, most, minutes) => {
      const now = clock().epochMilliseconds
      if (now - swept > 60_000) {
        for (const [key, ends] of taken) if (ends.every((end) => end <= now)) taken.delete(key)
        swept = now
      }
      const open = (taken.get(name) ?? []).filter((end) => end > now)
      if (open.length >= most) return false
      taken.set(name, [...open, now + minutes * 60_000])
      return true
    },
    renew: (name, minutes) => {
      const now = clock().epochMilliseconds
      const [, ...others] = (taken.get(name) ?? []).filter((end) => end > now).sort((a, b) => a - b)
      taken.set(name, [...others, now + minutes * 60_000])
    },
    giveBack: (name) => void taken.get(name)?.pop(),
  }
}
