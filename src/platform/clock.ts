import { existsSync, readFileSync } from 'node:fs'

/** Tells the current instant. Injected everywhere; nothing else in the product reads a system clock. */
export type Clock = () => Temporal.Instant

/** The machine's clock. */
export const systemClock: Clock = () => Temporal.Now.instant()

/**
 * The clock of the embedded demonstration: the machine's clock, shifted by the ISO 8601 duration in `file`.
 * `demo clock +15d` rewrites that file; a running server follows within a second.
 */
export const shiftedClock = (file: string): Clock => {
  let shift = Temporal.Duration.from('PT0S')
  let readAt = -1
  return () => {
    const tick = performance.now()
    if (readAt < 0 || tick - readAt > 500) {
      readAt = tick
      shift = existsSync(file)
        ? Temporal.Duration.from(readFileSync(file, 'utf8').trim())
        : Temporal.Duration.from('PT0S')
    }
    return Temporal.Now.instant().add(shift)
  }
}
