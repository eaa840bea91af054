import { z } from 'zod'
import { tenantAddition } from '#register/addition.ts'
import { Text } from '#register/schema-words.ts'

/** The activity of the register under which a browser remembers that somebody agreed. */
export const activityId = 'web.terms'

/** Terms of use to agree to before booking, for a tenant that has some. */
export const agreeable = tenantAddition({
  activity: activityId,
  keys: {
    tenant: { terms: z.strictObject({ version: z.string().regex(/^[\w.-]{1,20}$/), points: z.array(Text).min(1) }) },
    site: {},
    hours: {},
  },
  cases: [],
  check: () => [],
})
