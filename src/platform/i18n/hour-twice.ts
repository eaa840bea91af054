import { type Language, translator } from './translate.ts'

/** A stretch of time between two changes of the clocks, in milliseconds since 1970, and by how much they go back at each
 *  end (0 where they do not). */
type Stretch = { from: number; until: number; backBefore: number; backAfter: number }

const stretchAround = (at: Temporal.Instant, timeZone: string): Stretch => {
  const local = at.add({ nanoseconds: 1 }).toZonedDateTimeISO(timeZone) // a change at this very moment is over
  const [previous, next] = [local.getTimeZoneTransition('previous'), local.getTimeZoneTransition('next')]
  const back = (change: Temporal.ZonedDateTime | null): number =>
    change ? Math.max(0, (change.subtract({ nanoseconds: 1 }).offsetNanoseconds - change.offsetNanoseconds) / 1e6) : 0
  return {
    from: previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    until: next?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    backBefore: back(previous),
    backAfter: back(next),
  }
}

// A few for each time zone in use: those of the booking windows.
const known = new Map<string, Stretch[]>()

const stretchOf = (at: Temporal.Instant, timeZone: string): Stretch => {
  const stretches = known.get(timeZone) ?? []
  const ms = at.epochMilliseconds
  const found = stretches.find(({ from, until }) => from <= ms && ms < until)
  if (found) return found
  const stretch = stretchAround(at, timeZone)
  known.set(timeZone, [stretch, ...stretches].slice(0, 8))
  return stretch
}

/** Whether the clock shows this time twice on that day, as clocks go back in autumn, and which of the two it is. */
export const hourTwice = (at: Temporal.Instant, timeZone: string): 'first' | 'second' | null => {
  const { from, until, backBefore, backAfter } = stretchOf(at, timeZone)
  const ms = at.epochMilliseconds
  if (ms >= until - backAfter) return 'first'
  return ms < from + backBefore ? 'second' : null
}

/** " (Sommerzeit)" or " (Winterzeit)", to stand after a time that comes twice; nothing after any other. */
export const hourMark = (at: Temporal.Instant, language: Language, timeZone: string): string => {
  const which = hourTwice(at, timeZone)
  return which ? ` ${translator(language)(`platform.hourTwice.${which}`)}` : ''
}
