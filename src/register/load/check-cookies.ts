import type { Problem } from '../register.ts'
import type { LoadedActivity } from './shared.ts'

/** § 25(2) No 2 TDDDG: the only ground on which anything is put on a device here. */
const ground = '§ 25(2) No 2 TDDDG'

/** Faults of what an activity puts on a person's device: each such field has its cookie, each cookie its field, its end
 *  and its ground. */
export const checkCookies = ({ yaml, activity }: LoadedActivity): Problem[] => {
  const { cookies, fields, retention, legalBasis } = activity
  const onDevice = fields.filter(({ store }) => store === 'device').map(({ id }) => id)
  const found = cookies.flatMap((cookie, index) => {
    const at = (key: string, message: string, remedy: string) =>
      yaml.at(['cookies', index, key], `cookies.${cookie.name}: ${message}`, remedy)
    return [
      ...(onDevice.includes(cookie.field)
        ? []
        : [at('field', `holds '${cookie.field}', which is no field on the device`, "declare it with 'store: device'")]),
      ...(retention.some(({ id }) => id === cookie.rule)
        ? []
        : [at('rule', `no rule '${cookie.rule}' ends it`, "name a rule of 'retention'; its period is the lifetime")]),
      ...(cookies.findIndex(({ name }) => name === cookie.name) === index
        ? []
        : [at('name', 'occurs twice', 'rename or remove one of the two')]),
    ]
  })
  const without = onDevice.filter((id) => !cookies.some(({ field }) => field === id))
  return [
    ...found,
    ...without.map((id) =>
      yaml.at(['fields'], `fields.${id}: on the device, but in no cookie`, "add an entry under 'cookies:'"),
    ),
    ...(cookies.length > 0 && !legalBasis.some(({ norm }) => norm === ground)
      ? [
          yaml.at(
            ['cookies'],
            `cookies: nothing is put on a device without ${ground}`,
            `add '${ground}' to legalBasis, saying why the service needs it`,
          ),
        ]
      : []),
  ]
}
