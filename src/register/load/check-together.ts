import { restsOnConsent } from '../law/norms.ts'
import {
  type Activity,
  type ActivityNeeds,
  type CookieNeed,
  type FieldNeed,
  fieldsOfForm,
  isOfRecord,
  type Problem,
  type RemainsNeed,
} from '../register.ts'
import type { Catalogue } from './catalogue.ts'
import { checkUnasked } from './check-bases.ts'
import { checkDevices } from './check-device.ts'
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

type Need = Exclude<FieldNeed, string>
type RecipientNeed = NonNullable<ActivityNeeds['recipients']>[number]
const toNeed = (need: FieldNeed): Need => (typeof need === 'string' ? { id: need } : need)

type Needs = ReadonlyMap<string, readonly ActivityNeeds[]>

/** What all features together need of this activity; some of it depends on whether it asks for consent. */
const unionOf = (group: readonly ActivityNeeds[], { consent }: Activity) => {
  const parts = group.flatMap((need) => [need, (consent ? need.withConsent : need.withoutConsent) ?? []].flat())
  const fields = parts.flatMap(({ fields = [] }) => fields.map(toNeed))
  return {
    fields: [...new Map(fields.map((need) => [JSON.stringify(need), need])).values()],
    triggers: new Set<string>(parts.flatMap(({ triggers = [] }) => triggers)),
    recipients: group.flatMap(({ recipients = [] }) => recipients),
    cookies: group.flatMap(({ cookies = [] }) => cookies),
    device: group.flatMap(({ device = [] }) => device),
    remains: group.flatMap(({ remains = [] }) => remains),
  }
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

/** Whether a field that the software works with is there and stored as it needs it: a link that cannot be found again,
 *  or can be read back, would break a promise without a sound. */
const checkFieldNeed = (
  { yaml, activity }: LoadedActivity,
  { id, store = 'vault', lookup = false, optional = false }: Need,
): Problem[] => {
  const index = activity.fields.findIndex((field) => field.id === id)
  const field = activity.fields[index]
  if (!field && optional) return []
  if (!field) return [yaml.at(['fields'], `fields: '${id}' is missing; the software writes it`, 'declare this field')]
  const found: Problem[] = []
  if (field.store !== store) {
    found.push(
      yaml.at(
        ['fields', index, 'store'],
        `fields.${id}.store: the software keeps it as '${store}', not as '${field.store}'`,
        store === 'vault' ? "remove 'store:'" : `write 'store: ${store}'`,
      ),
    )
  }
  if (lookup && !field.lookup) {
    found.push(
      yaml.at(
        ['fields', index, 'lookup'],
        `fields.${id}.lookup: without it nobody's records are found by this field`,
        "write 'lookup: true'",
      ),
    )
  }
  return found
}

/** Fields that would have to be filled in, and that nobody fills in. */
const checkUnwritten = ({ yaml, activity }: LoadedActivity, needs: readonly Need[]): Problem[] =>
  activity.fields.flatMap((field, index) =>
    field.input === 'none' &&
    field.necessity === 'required' &&
    field.store !== 'trail' &&
    !needs.some(({ id }) => id === field.id)
      ? [
          yaml.at(
            ['fields', index, 'id'],
            `fields.${field.id}: required, but neither asked for nor written by the software`,
            "give it an 'input:', set 'necessity: optional', or remove it",
          ),
        ]
      : [],
  )

/** Whether somebody whom the software hands data to is declared, with all of them and the way they travel. */
const checkRecipientNeed = (
  { yaml, activity }: LoadedActivity,
  { id, transport, fields }: RecipientNeed,
): Problem[] => {
  const index = activity.recipients.findIndex((recipient) => recipient.id === id)
  const recipient = activity.recipients[index]
  if (!recipient) {
    return [
      yaml.at(
        ['recipients'],
        `recipients: '${id}' is missing; the software hands data to it`,
        'declare this recipient',
      ),
    ]
  }
  const handed = fields.filter((field) => activity.fields.some((declared) => declared.id === field))
  const unnamed = recipient.fields === 'all' ? [] : handed.filter((field) => !recipient.fields.includes(field))
  return [
    ...(recipient.transport === transport
      ? []
      : [
          yaml.at(
            ['recipients', index, 'transport'],
            `recipients.${id}.transport: the software uses '${transport}', not '${recipient.transport}'`,
            `write 'transport: ${transport}'`,
          ),
        ]),
    ...unnamed.map((field) =>
      yaml.at(
        ['recipients', index, 'fields'],
        `recipients.${id}.fields: '${field}' is missing; the software hands it over`,
        `add '${field}'`,
      ),
    ),
  ]
}

/** Cookies that the software sets and nobody declares, or that are declared and never set, or as something that they are
 *  not: where one may differ from person to person, the doctor holds it against no other. */
const checkCookieNeeds = ({ yaml, activity: { cookies } }: LoadedActivity, needs: readonly CookieNeed[]): Problem[] => {
  const needed = needs.map((need) => (typeof need === 'string' ? { id: need, content: 'same' } : need))
  return [
    ...needed
      .filter(({ id }) => !cookies.some(({ name }) => name === id))
      .map(({ id }) =>
        yaml.at(['cookies'], `cookies: '${id}' is missing; the software sets it`, "declare it under 'cookies:'"),
      ),
    ...cookies.flatMap(({ name, content }, index) => {
      const need = needed.find(({ id }) => id === name)
      if (!need) {
        return [yaml.at(['cookies'], `cookies.${name}: nothing sets it`, 'remove this entry or correct its name')]
      }
      if (need.content === content) return []
      const message = `cookies.${name}.content: the software sets it as '${need.content}', not as '${content}'`
      const remedy = need.content === 'same' ? "remove 'content:'" : `write 'content: ${need.content}'`
      return [yaml.at(['cookies', index, 'content'], message, remedy)]
    }),
  ]
}

/** The same of what scripts keep: that no server sees, so it is told by who writes the script. */
const checkDeviceNeeds = (
  { yaml, activity: { device } }: LoadedActivity,
  needs: NonNullable<ActivityNeeds['device']>,
): Problem[] => [
  ...needs
    .filter(({ id, kind }) => !device.some((each) => each.name === id && each.kind === kind))
    .map(({ id, kind }) =>
      yaml.at(
        ['device'],
        `device: '${id}' is missing; a script keeps it`,
        `declare it under 'device:' with 'kind: ${kind}'`,
      ),
    ),
  ...device
    .map(({ name, kind }, index) => ({ name, kind, index }))
    .filter(({ name, kind }) => !needs.some((need) => need.id === name && need.kind === kind))
    .map(({ name, index }) =>
      yaml.at(['device', index], `device.${name}: no script keeps it`, 'remove this entry or correct its name'),
    ),
]

/** Erasing a record leaves a line in the ledger, and a consent leaves its proof; features name what else stays behind.
 *  All of it is declared, and nothing that does not stay. */
const checkRemains = ({ yaml, activity }: LoadedActivity, ofFeatures: readonly RemainsNeed[]): Problem[] => {
  const stores = activity.fields.some(isOfRecord)
  const expected: RemainsNeed[] = [
    ...(stores ? [{ id: 'ledger', period: false }] : []),
    ...(activity.consent ? [{ id: 'consentProof', period: true }] : []),
    ...ofFeatures,
  ]
  const missing = expected.flatMap(({ id, period, from }) => {
    const index = activity.remains.findIndex((one) => one.id === id)
    const found = activity.remains[index]
    if (!found) {
      const remedy = `add '- id: ${id}' with a text${period ? ", 'period: P3Y'" : ''}${from ? ` and 'from: ${from}'` : ''}; see parts/remains.yaml of the catalogue`
      return [yaml.at(['remains'], `remains: '${id}' stays when a record is erased, and nobody is told`, remedy)]
    }
    if (found.from !== from) {
      const remedy = from ? `add 'from: ${from}'` : "remove 'from:'"
      return [yaml.at(['remains', index], `remains.${id}.from: its period does not run from there`, remedy)]
    }
    if (period === (found.period !== undefined)) return []
    const at = ['remains', index, ...(period ? [] : ['period'])]
    return period
      ? [yaml.at(at, `remains.${id}: no period ends it`, "add 'period: P3Y': nothing may be stored for ever")]
      : [yaml.at(at, `remains.${id}.period: the software does not erase it`, "remove 'period:'")]
  })
  const left = activity.remains.flatMap(({ id }, index) =>
    expected.some((one) => one.id === id)
      ? []
      : [yaml.at(['remains', index], `remains.${id}: nothing of this kind stays`, 'remove it or correct its id')],
  )
  return [...missing, ...left]
}

const checkNeeds = (loaded: LoadedActivity, needs: Needs): Problem[] => {
  const { yaml, activity } = loaded
  const group = needs.get(activity.id)
  if (!group) return []
  if (activity.executedBy) {
    return [yaml.at(['executedBy'], `executedBy: this software itself works under ${activity.id}`, 'remove the block')]
  }
  const need = unionOf(group, activity)
  const heard = new Set(activity.retention.map(({ trigger }) => trigger))
  return [
    ...need.fields.flatMap((field) => checkFieldNeed(loaded, field)),
    ...checkUnwritten(loaded, need.fields),
    ...need.recipients.flatMap((recipient) => checkRecipientNeed(loaded, recipient)),
    ...checkCookieNeeds(loaded, need.cookies),
    ...checkDeviceNeeds(loaded, need.device),
    ...checkRemains(loaded, need.remains),
    ...checkUnasked(loaded, group),
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
