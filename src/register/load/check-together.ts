import { restsOnConsent } from '../law/norms.ts'
import { type ActivityNeeds, fieldsOfForm, isOfRecord, type Problem } from '../register.ts'
import type { Catalogue } from './catalogue.ts'
import { checkDevices } from './check-device.ts'
import { checkNeeds, type Needs } from './check-needs.ts'
import { checkPurposes } from './check-purposes.ts'
import type { LoadedActivity } from './shared.ts'
import type { YamlFile } from './yaml.ts'

/** All activities of a tenant: `declared` also names those that do not fit the schema. */
export type Activities = {
  /** As people see it, e.g. `tenants/segeberg/activities`. */
  folder: string
  declared: readonly { yaml: YamlFile; id: string }[]
  loaded: readonly LoadedActivity[]
  catalogue: Catalogue
}

const checkMissing = ({ folder, declared, catalogue }: Activities, needs: Needs): Problem[] =>
  [...needs]
    .filter(([, group]) => !group.every(({ optional = false }) => optional))
    .map(([id]) => id)
    .filter((id) => !declared.some((one) => one.id === id))
    .map((id) => ({
      file: `${folder}/${id.replaceAll('.', '-')}.yaml`,
      line: 1,
      message: `no file declares the activity ${id}`,
      remedy: `add this file with 'extends: ${catalogue.newest(id) ?? id}' and a version of its own`,
    }))

const checkDeclared = ({ declared }: Activities, needs: Needs): Problem[] =>
  declared.flatMap(({ yaml, id }, index) => {
    const first = declared.findIndex((other) => other.id === id)
    if (first !== index) {
      const other = declared[first]?.yaml.file.split('/').at(-1)
      return [yaml.at(['id'], `id: ${other} declares ${id} too`, 'remove one of the two files')]
    }
    return needs.has(id) || isExternal(yaml)
      ? []
      : [
          yaml.at(
            ['id'],
            `id: no feature works under ${id}, so nothing would enforce it`,
            "remove the file, correct its id, or name who executes it elsewhere in 'executedBy:'",
          ),
        ]
  })

/** Asked of the file and not of the activity, so that a fault in it does not look like a second one. */
const isExternal = ({ data }: YamlFile): boolean =>
  (data as { executedBy?: unknown } | null | undefined)?.executedBy !== undefined

/** Who reads of an activity reads of what happens along with it: what is told to staff alone, nobody else would find. */
const checkTold = ({ loaded }: Activities): Problem[] =>
  loaded.flatMap(({ yaml, activity }) =>
    activity.includes.flatMap((id, index) => {
      const other = loaded.find((each) => each.activity.id === id)
      return activity.notice === 'citizens' && other?.activity.notice === 'staff'
        ? [
            yaml.at(
              ['includes', index],
              `includes: ${id} is told of to staff alone`,
              "remove it here, or remove 'notice: staff' there",
            ),
          ]
        : []
    }),
  )

const checkLinks = ({ declared, loaded }: Activities): Problem[] =>
  loaded.flatMap(({ yaml, activity }) =>
    activity.includes.flatMap((id, index) =>
      declared.some((one) => one.id === id)
        ? []
        : [yaml.at(['includes', index], `includes: there is no activity ${id}`, 'declare it or remove it here')],
    ),
  )

/** Whether a file asks for the consent that this activity rests on: itself, or as one whose consent covers it. Asked of the
 *  file and not of the activity, so that a fault in it does not look like a second one. */
const asksFor = ({ yaml, id: own }: Activities['declared'][number], id: string): boolean => {
  const { consent } = (yaml.data ?? {}) as { consent?: { covers?: unknown } | null }
  return consent !== undefined && (own === id || (Array.isArray(consent?.covers) && consent.covers.includes(id)))
}

const checkConsent = ({ declared, loaded }: Activities): Problem[] =>
  loaded.flatMap(({ yaml, activity }) => {
    // Of special categories of data, too: each brings withdrawal along.
    const index = activity.legalBasis.findIndex(({ norm }) => /^Art\. (6\(1\)|9\(2\))\(a\) GDPR$/.test(norm))
    if (index < 0) return []
    const at = (message: string, remedy: string) => [yaml.at(['legalBasis', index, 'norm'], message, remedy)]
    if (!declared.some((one) => asksFor(one, activity.id))) {
      return at(
        'legalBasis: rests on consent that nobody is asked for',
        "add a 'consent:' block here, or list this activity under 'covers' of the one that asks; what happens before anybody can agree rests on something else",
      )
    }
    // Withdrawal ends a record, and what is on the device with consent alone. What a log or a number holds, it would not
    // reach.
    if ([...activity.cookies, ...activity.device].some(({ optional }) => optional)) return []
    if (activity.fields.some((field) => isOfRecord(field) || field.store === 'elsewhere')) return []
    return at(
      'legalBasis: rests on consent, and keeps no record that withdrawing it could end',
      "name another basis, e.g. 'Art. 6(1)(e) GDPR' with its law",
    )
  })

/** A consent covers only what is told along with it, and what says that it rests on it. */
const checkCovers = ({ loaded }: Activities): Problem[] =>
  loaded.flatMap(({ yaml, activity: { consent, includes } }) =>
    (consent?.covers ?? []).flatMap((id, index) => {
      const at = (message: string, remedy: string) => [
        yaml.at(['consent', 'covers', index], `consent.covers: ${message}`, remedy),
      ]
      if (!includes.includes(id)) {
        return at(`${id} is not among 'includes', so nobody who agrees is told of it`, "add it to 'includes'")
      }
      const covered = loaded.find(({ activity }) => activity.id === id)
      return covered && !restsOnConsent(covered.activity)
        ? at(`${id} does not rest on consent`, "remove it here, or name 'Art. 6(1)(a) GDPR' there")
        : []
    }),
  )

/** What the device keeps on the way to a form can be all that the form asks, special categories of data too: it is declared
 *  alike, and needs its ground of Art. 9(2) GDPR itself. */
const checkKept = ({ loaded }: Activities): Problem[] =>
  loaded.flatMap(({ activity: form }) => {
    if (!fieldsOfForm(form).some(({ specialCategory }) => specialCategory === 'possible')) return []
    return loaded
      .filter(({ activity: { id } }) => form.includes.includes(id))
      .flatMap(({ yaml, activity: { fields, cookies, device } }) =>
        fields.flatMap(({ id, specialCategory }, index) =>
          specialCategory === 'no' &&
          [...cookies, ...device].some(({ field, content }) => field === id && content === 'own')
            ? [
                yaml.at(
                  ['fields', index],
                  `fields.${id}.specialCategory: ${form.id} asks for what can be special categories of data, and this keeps it`,
                  "write 'specialCategory: possible'",
                ),
              ]
            : [],
        ),
      )
  })

const requires = ({ activity, where, optional = false }: ActivityNeeds, id: string): boolean =>
  activity === id && !optional && !where

/** Whether what a need depends on, an activity or a field of it, is declared. Asked of the file and not of the activity, so that a fault in it
 *  does not look like a second one. */
const isDue = ({ declared }: Activities, { where }: ActivityNeeds, needs: readonly ActivityNeeds[]): boolean => {
  if (!where) return true
  const file = declared.find(({ id }) => id === where.activity)
  // One that has to be declared counts as if it were: that it is missing is a fault of its own.
  if (where.field === undefined) return file !== undefined || needs.some((need) => requires(need, where.activity))
  const { fields } = (file?.yaml.data ?? {}) as { fields?: unknown }
  return Array.isArray(fields) && fields.some((field) => (field as { id?: unknown } | null)?.id === where.field)
}

/** Faults between activities, and between them and the features that work under them. */
export const checkTogether = (activities: Activities, needs: readonly ActivityNeeds[]): Problem[] => {
  const due = needs.filter((need) => isDue(activities, need, needs))
  const byActivity = Map.groupBy(due, ({ activity }) => activity)
  return [
    ...checkMissing(activities, byActivity),
    ...checkDeclared(activities, byActivity),
    ...activities.loaded.flatMap((loaded) => checkNeeds(loaded, byActivity)),
    ...activities.loaded.flatMap((loaded) => checkPurposes(loaded, { due, needs })),
    ...checkLinks(activities),
    ...checkTold(activities),
    ...checkConsent(activities),
    ...checkCovers(activities),
    ...checkKept(activities),
    ...checkDevices(activities.loaded),
  ]
}
