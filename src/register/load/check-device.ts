import type { Problem } from '../register.ts'
import type { LoadedActivity } from './shared.ts'

/** What the service cannot do without, and what a person has agreed to. */
const grounds = { strictlyNecessary: '§ 25(2) No 2 TDDDG', optional: '§ 25(1) TDDDG' } as const

/** All that an activity puts on a device, with where it stands in the file. */
const allOf = ({ cookies, device }: LoadedActivity['activity']) => [
  ...cookies.map((each, index) => ({ ...each, kind: 'cookie' as const, key: 'cookies', index })),
  ...device.map((each, index) => ({ ...each, key: 'device', index })),
]

type Kept = ReturnType<typeof allOf>[number]

const checkOne = ({ yaml, activity }: LoadedActivity, each: Kept, isTwice: boolean): Problem[] => {
  const { key, index, name, kind, field, rule, lifetime } = each
  const at = (where: string, message: string, remedy: string) =>
    yaml.at([key, index, where], `${key}.${name}: ${message}`, remedy)
  const found: Problem[] = []
  if (!activity.fields.some(({ id, store }) => id === field && store === 'device'))
    found.push(at('field', `holds '${field}', which is no field on the device`, "declare it with 'store: device'"))
  if (rule !== undefined && !activity.retention.some(({ id }) => id === rule))
    found.push(at('rule', `no rule '${rule}' ends it`, "name a rule of 'retention'; its period is the lifetime"))
  if ((rule === undefined) === (lifetime === undefined))
    found.push(at('rule', 'one end is needed', "write 'rule:' with a rule of 'retention', or 'lifetime: session'"))
  if (kind === 'opfs' && lifetime !== undefined)
    found.push(at('lifetime', 'files stay when the browser is closed', "write 'rule:' with a rule of 'retention'"))
  if ((each.strictlyNecessary === undefined) === (each.optional === undefined)) {
    const remedy = "write why the service cannot do without under 'strictlyNecessary:', or else 'optional:'"
    found.push(at('strictlyNecessary', 'strictly necessary or optional?', remedy))
  }
  if ('prefix' in each && each.prefix && !/^[A-Za-z0-9]+$/.test(name))
    found.push(at('name', `with the prefix ${each.prefix} it has letters and digits only`, 'the slug follows a dash'))
  if (isTwice) found.push(at('name', 'occurs twice', 'rename or remove one of the two'))
  return found
}

const checkGrounds = ({ yaml, activity }: LoadedActivity, all: readonly Kept[]): Problem[] =>
  (['strictlyNecessary', 'optional'] as const).flatMap((ground) => {
    const first = all.find((each) => each[ground] !== undefined)
    if (!first) return []
    const found: Problem[] = []
    if (!activity.legalBasis.some(({ norm }) => norm === grounds[ground])) {
      const optional = ground === 'optional' ? 'optional ' : ''
      const message = `${first.key}: nothing ${optional}is put on a device without ${grounds[ground]}`
      const remedy = `add '${grounds[ground]}' to legalBasis${ground === 'optional' ? '' : ', saying why the service needs it'}`
      found.push(yaml.at([first.key], message, remedy))
    }
    if (ground === 'optional' && !activity.consent) {
      const message = `${first.key}.${first.name}: optional, and nobody is asked whether they agree`
      found.push(yaml.at([first.key, first.index], message, "add 'consent:' to this activity, or do without it"))
    }
    return found
  })

/** Faults between activities: a name stands for one thing on a device, whichever activity put it there. */
export const checkDevices = (loaded: readonly LoadedActivity[]): Problem[] => {
  const owners = new Map<string, string>()
  return loaded.flatMap(({ yaml, activity }) =>
    allOf(activity).flatMap(({ kind, name, key, index }) => {
      const owner = owners.get(`${kind} ${name}`) ?? activity.id
      owners.set(`${kind} ${name}`, owner)
      if (owner === activity.id) return []
      const message = `${key}.${name}: ${owner} has that name on the device, too`
      return [yaml.at([key, index, 'name'], message, 'rename one of the two')]
    }),
  )
}

/** Faults of what an activity puts on a person's device: each field there is held by something, each of that has its field,
 *  its end and its ground. */
export const checkDevice = (loaded: LoadedActivity): Problem[] => {
  const { yaml, activity } = loaded
  const all = allOf(activity)
  const without = activity.fields.filter(
    ({ id, store }) => store === 'device' && !all.some(({ field }) => field === id),
  )
  return [
    ...all.flatMap((each, place) =>
      checkOne(loaded, each, all.findIndex(({ name, kind }) => name === each.name && kind === each.kind) !== place),
    ),
    ...without.map(({ id }) =>
      yaml.at(
        ['fields'],
        `fields.${id}: on the device, but nothing there holds it`,
        "add an entry under 'cookies:' or 'device:'",
      ),
    ),
    ...checkGrounds(loaded, all),
  ]
}
