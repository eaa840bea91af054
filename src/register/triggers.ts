import { ownedWord } from '#platform/i18n/translate.ts'
import type { Word } from '#platform/i18n/words.ts'

type Form = 'after' | 'atOnce'

type SaidIn<F extends Form, W = Word> = W extends `${string}.trigger.${infer Trigger}.${F}` ? Trigger : never

/** What sets a period going, e.g. `appointment.ended`: whoever reports it has words for it, under `trigger` in its own. One
 *  without words for both forms does not compile. */
export type Trigger = SaidIn<'after'> & SaidIn<'atOnce'>

/** What the feature that works under an activity says of it in a notice, under `activity` in its words: of the link by which
 *  people have it erased (`erase`), and of what that means besides (`erasing`). Null where it says nothing. */
export const activityWord = (id: string, what: 'erase' | 'erasing'): Word | null => ownedWord(`activity.${id}.${what}`)

/** The words for a period that begins with a trigger: when it is over, or, of no length, at once. Null where nobody has
 *  words for it. */
export const triggerWord = (trigger: string, form: Form): Word | null => ownedWord(`trigger.${trigger}.${form}`)
