import type { Problem } from '../register.ts'
import type { LoadedActivity } from './shared.ts'

/** Destinations of a tenant that say nothing definite: two for the same use, one in what others execute, or one for what is
 *  said to stay on this machine. */
export const checkDestinations = (loaded: readonly LoadedActivity[]): Problem[] => {
  const taken = new Map<string, string>()
  return loaded.flatMap(({ yaml, activity }) =>
    activity.recipients.flatMap(({ id, destination, transport }, index) => {
      if (!destination) return []
      const at = (message: string, remedy: string) =>
        yaml.at(['recipients', index, 'destination'], `recipients.${id}.destination: ${message}`, remedy)
      const first = taken.get(destination.for)
      taken.set(destination.for, first ?? `${activity.id}, ${id}`)
      return [
        ...(first ? [at(`'${destination.for}' leads to two places: see ${first}`, 'keep one of the two')] : []),
        ...(activity.executedBy
          ? [at('the activity is executed elsewhere, so this program connects nowhere', "remove 'destination:'")]
          : []),
        ...(transport === 'local' ? [at("leads away, though 'transport: local' says it does not", "write 'tls'")] : []),
      ]
    }),
  )
}
