import {
  type Activity,
  type ActivityNeeds,
  type CookieNeed,
  type FieldNeed,
  isOfRecord,
  type Problem,
  type RemainsNeed,
} from '../register.ts'
import type { LoadedActivity } from './shared.ts'

type Need = Exclude<FieldNeed, string>
type RecipientNeed = NonNullable<ActivityNeeds['recipients']>[number]
const toNeed = (need: FieldNeed): Need => (typeof need === 'string' ? { id: need } : need)

/** What features need, by the activity under which they work. */
export type Needs = ReadonlyMap<string, readonly ActivityNeeds[]>

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

/** A consent that the software does not ask for would be nobody's. */
const checkUnasked = ({ yaml, activity }: LoadedActivity, needs: readonly ActivityNeeds[]): Problem[] =>
  activity.consent && needs.some(({ neverConsent }) => neverConsent)
    ? [
        yaml.at(
          ['consent'],
          'consent: the software does not ask for it here',
          "remove this block, and name another basis than 'Art. 6(1)(a) GDPR'",
        ),
      ]
    : []

/** Faults between an activity and the features that work under it. */
export const checkNeeds = (loaded: LoadedActivity, needs: Needs): Problem[] => {
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
