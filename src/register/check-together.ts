import type { LoadedActivity } from './check-activity.ts'
import { restsOnConsent } from './norms.ts'
import type { ActivityNeeds, Problem } from './register.ts'
import type { YamlFile } from './yaml.ts'

/** All activities of a tenant: `declared` also names those that do not fit the schema. */
export type Activities = {
  /** As people see it, e.g. `tenants/segeberg/activities`. */
  folder: string
  declared: readonly { yaml: YamlFile; id: string }[]
  loaded: readonly LoadedActivity[]
}

type Needs = ReadonlyMap<string, { fields: ReadonlySet<string>; triggers: ReadonlySet<string> }>

/** What all features together need of each activity. */
const unionOf = (needs: readonly ActivityNeeds[]): Needs =>
  new Map(
    [...Map.groupBy(needs, ({ activity }) => activity)].map(([activity, group]) => [
      activity,
      {
        fields: new Set(group.flatMap(({ fields }) => fields)),
        triggers: new Set(group.flatMap(({ triggers }) => triggers)),
      },
    ]),
  )

const checkMissing = ({ folder, declared }: Activities, needs: Needs): Problem[] =>
  [...needs.keys()]
    .filter((id) => !declared.some((one) => one.id === id))
    .map((id) => ({
      file: `${folder}/${id.replaceAll('.', '-')}.yaml`,
      line: 1,
      message: `no file declares the activity ${id}`,
      remedy: `add this file with 'id: ${id}'; take another tenant's as an example`,
    }))

const checkDeclared = ({ declared }: Activities, needs: Needs): Problem[] =>
  declared.flatMap(({ yaml, id }, index) => {
    const first = declared.findIndex((other) => other.id === id)
    if (first !== index) {
      const other = declared[first]?.yaml.file.split('/').at(-1)
      return [yaml.at(['id'], `id: ${other} declares ${id} too`, 'remove one of the two files')]
    }
    return needs.has(id)
      ? []
      : [
          yaml.at(
            ['id'],
            `id: no feature works under ${id}, so nothing would enforce it`,
            'remove the file or correct its id',
          ),
        ]
  })

const checkNeeds = ({ yaml, activity }: LoadedActivity, needs: Needs): Problem[] => {
  const need = needs.get(activity.id)
  if (!need) return []
  const declared = new Set(activity.fields.map(({ id }) => id))
  const heard = new Set(activity.retention.map(({ trigger }) => trigger))
  return [
    ...[...need.fields.difference(declared)].map((field) =>
      yaml.at(['fields'], `fields: '${field}' is missing; the software writes it`, 'declare this field'),
    ),
    ...[...need.triggers.difference(heard)].map((trigger) =>
      yaml.at(
        ['retention'],
        `retention: nothing follows from ${trigger}`,
        `add a rule with 'trigger: ${trigger}' and a period`,
      ),
    ),
    ...activity.retention.flatMap((rule, index) =>
      need.triggers.has(rule.trigger)
        ? []
        : [
            yaml.at(
              ['retention', index, 'trigger'],
              `retention.${rule.id}: ${rule.trigger} never happens, so this rule would erase nothing`,
              `write one of ${[...need.triggers].join(', ')}`,
            ),
          ],
    ),
  ]
}

const checkLinks = ({ declared, loaded }: Activities): Problem[] =>
  loaded.flatMap(({ yaml, activity }) =>
    activity.includes.flatMap((id, index) =>
      declared.some((one) => one.id === id)
        ? []
        : [yaml.at(['includes', index], `includes: there is no activity ${id}`, 'declare it or remove it here')],
    ),
  )

/** Consent is asked where it stands, or by an activity that brings this one along. */
const checkConsent = ({ loaded }: Activities): Problem[] =>
  loaded.flatMap(({ yaml, activity }) => {
    const asked = loaded.some(
      ({ activity: other }) => other.consent && (other.id === activity.id || other.includes.includes(activity.id)),
    )
    if (!restsOnConsent(activity) || asked) return []
    const index = activity.legalBasis.findIndex(({ norm }) => norm.startsWith('Art. 6(1)(a) GDPR'))
    return [
      yaml.at(
        ['legalBasis', index, 'norm'],
        'legalBasis: rests on consent that nobody is asked for',
        "add a 'consent:' block here, or list this activity under 'includes' of the one that asks",
      ),
    ]
  })

/** Faults between activities, and between them and the features that work under them. */
export const checkTogether = (activities: Activities, needs: readonly ActivityNeeds[]): Problem[] => {
  const union = unionOf(needs)
  return [
    ...checkMissing(activities, union),
    ...checkDeclared(activities, union),
    ...activities.loaded.flatMap((loaded) => checkNeeds(loaded, union)),
    ...checkLinks(activities),
    ...checkConsent(activities),
  ]
}
