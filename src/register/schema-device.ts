import { z } from 'zod'
import { Id, Text } from './schema-words.ts'

/*
 * What is put on a person's device. § 25 TDDDG knows two grounds: the service asked for cannot do without (§ 25(2) No 2),
 * or the person has agreed (§ 25(1)). `load/check-device.ts` holds each to its ground.
 */

const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'a name of letters, digits, dashes')

const kept = {
  name: Name,
  /** The field that it holds. */
  field: Id,
  /** The rule that ends it: its period is for how long it stays. */
  rule: Id.optional(),
  /** Instead of a rule: it stays until the browser, or of what pages keep the window, is closed. */
  lifetime: z.literal('session').optional(),
  /** Why the service cannot do without. Making it more pleasant is no reason. */
  strictlyNecessary: Text.optional(),
  /** Instead: what it is good for, where it is put there only after the person has agreed to this activity. */
  optional: Text.optional(),
  /** `same`: the same value for everybody, so that it tells nobody apart. `own`: what its person has typed; in a cookie
   *  sealed, so that this installation alone can read it. */
  content: z.enum(['same', 'own']).default('same'),
}

export const Cookie = z.strictObject({
  ...kept,
  /** Bound to this host by its name, which browsers hold it to (RFC 6265bis): for what opens something, such as a session. */
  prefix: z.literal('__Host-').optional(),
})
export type Cookie = z.infer<typeof Cookie>

/** What scripts of our pages keep: in the browser's storage, or in files that our pages alone can read (OPFS). */
export const KeptByPages = z.strictObject({ ...kept, kind: z.enum(['local', 'opfs']) })
