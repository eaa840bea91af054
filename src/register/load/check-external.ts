import { erasureRequested, type Problem } from '../register.ts'
import { triggerWord } from '../triggers.ts'
import type { LoadedActivity } from './shared.ts'

/** What would store here, or ask here for, something that is executed elsewhere; or the other way round. */
const checkPlaces = ({ yaml, activity }: LoadedActivity): Problem[] =>
  activity.fields.flatMap((field, index) => {
    const at = (key: 'store' | 'input' | 'lookup', message: string, remedy: string) =>
      yaml.at(['fields', index, key], `fields.${field.id}.${key}: ${message}`, remedy)
    if (!activity.executedBy) {
      return field.store === 'elsewhere'
        ? [at('store', 'this software executes the activity, so the field is here', "add 'executedBy:' or remove this")]
        : []
    }
    const found: Problem[] = []
    if (field.store !== 'elsewhere') {
      found.push(at('store', 'the activity is executed elsewhere, so nothing is kept here', "write 'store: elsewhere'"))
    }
    if (field.input !== 'none') {
      found.push(at('input', 'the activity is executed elsewhere, so nobody is asked here', "write 'input: none'"))
    }
    if (field.lookup) {
      found.push(at('lookup', 'the activity is executed elsewhere, so nothing is found here', "remove 'lookup:'"))
    }
    return found
  })

/** Here no feature names the triggers, so it is the words that show whether one is meant. */
const checkTriggers = ({ yaml, activity }: LoadedActivity): Problem[] =>
  activity.retention.flatMap(({ id, trigger }, index) =>
    triggerWord(trigger, 'after') && triggerWord(trigger, 'atOnce')
      ? []
      : [
          yaml.at(
            ['retention', index, 'trigger'],
            `retention.${id}: the program has no words for ${trigger}`,
            `add them to src/register/locales/*.json under 'trigger', or write another trigger`,
          ),
        ],
  )

/** Asking for erasure here ends what this software stores. What lies elsewhere, no page of it can erase. */
const checkErasure = ({ yaml, activity }: LoadedActivity): Problem[] =>
  activity.retention.flatMap(({ id, trigger }, index) =>
    trigger === erasureRequested
      ? [
          yaml.at(
            ['retention', index, 'trigger'],
            `retention.${id}: ${trigger} is asked of this software, and nothing here erases what is executed elsewhere`,
            'write a trigger that happens there, or remove the rule',
          ),
        ]
      : [],
  )

/** An activity that somebody else executes is described here and done there: nothing of it may touch this software. */
export const checkExternal = (loaded: LoadedActivity): Problem[] => {
  const { yaml, activity } = loaded
  if (!activity.executedBy) return checkPlaces(loaded)
  const found = [...checkPlaces(loaded), ...checkTriggers(loaded), ...checkErasure(loaded)]
  if (activity.consent) {
    found.push(
      yaml.at(
        ['consent'],
        'consent: the activity is executed elsewhere, so this software neither asks nor notes a withdrawal',
        'remove the block; consent is asked where the activity is executed',
      ),
    )
  }
  return found
}
