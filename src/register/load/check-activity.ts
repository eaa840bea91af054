import { mostCharacters } from '#platform/http/body.ts'
import { allowsSocialData, outside } from '../law/countries.ts'
import type { Day } from '../law/laws.ts'
import { allowsSpecialCategories, faultOfNorm, restsOnConsent } from '../law/norms.ts'
import { isOfRecord, type Problem } from '../register.ts'
import type { Field, Recipient } from '../schema.ts'
import { checkBases } from './check-bases.ts'
import { checkContract } from './check-contract.ts'
import { checkDevice } from './check-device.ts'
import { checkExternal } from './check-external.ts'
import { operatorId } from './operator.ts'
import { duplicates, type LoadedActivity } from './shared.ts'

const compiles = (regex: string): boolean => {
  try {
    // `v` is how browsers read the attribute `pattern` of an input, `u` how the server reads it.
    return ['u', 'v'].every((flag) => new RegExp(`^(?:${regex})$`, flag))
  } catch {
    return false
  }
}

const checkOptions = ({ yaml }: LoadedActivity, { id, input, options }: Field, index: number): Problem[] => {
  const path = ['fields', index, 'options']
  if (input === 'choice') {
    const remedy = "list at least two under 'options:', each with id and label"
    return options
      ? duplicates(yaml, path, options)
      : [yaml.at(['fields', index, 'input'], `fields.${id}.options: nothing to choose from`, remedy)]
  }
  return options
    ? [yaml.at(path, `fields.${id}.options: only 'input: choice' has options`, "write 'input: choice' or remove them")]
    : []
}

/** A form that is filled to the brim has to get through: what is larger than any form is refused unread. */
const checkSize = ({ yaml, activity }: LoadedActivity): Problem[] => {
  const characters = activity.fields.reduce(
    (sum, { input, maxLength }) => (input === 'none' ? sum : sum + maxLength),
    0,
  )
  return characters <= mostCharacters
    ? []
    : [
        yaml.at(
          ['fields'],
          `fields: ${characters} characters fit into this form, which takes ${mostCharacters} at most`,
          "write a smaller 'maxLength:', or ask for less",
        ),
      ]
}

const isAskedWith = ({ fields }: LoadedActivity['activity'], field: Field): boolean => {
  const other = fields.find(({ id }) => id === field.needs)
  return Boolean(
    other && other.id !== field.id && other.input !== 'none' && [undefined, field.when].includes(other.when),
  )
}

/** Bytes of files that one record may have in a field: with the record they go in one statement, which has 15 seconds. */
const bytesOfOneRecord = 256 * 1024 * 1024

/** A file is neither typed into the form nor looked for. */
const checkBlob = ({ yaml }: LoadedActivity, { id, store, blob, input, lookup }: Field, index: number): Problem[] => {
  const at = (key: string, message: string, remedy: string) => [yaml.at(['fields', index, key], message, remedy)]
  if (store !== 'blob') {
    return blob ? at('blob', `fields.${id}.blob: only a file has it`, "write 'store: blob', or remove it") : []
  }
  if (!blob)
    return at('store', `fields.${id}.blob: how large it may be is missing`, "add 'blob:' with maxBytes and unfinished")
  if (blob.maxBytes * blob.most > bytesOfOneRecord)
    return at('blob', `fields.${id}.blob: more than 256 MB for one record`, "write a smaller 'maxBytes:' or 'most:'")
  return input === 'none' && !lookup
    ? []
    : at('store', `fields.${id}: a file is neither typed nor found by its value`, "write 'input: none', no 'lookup:'")
}

/** Fields that a form would ask for in the same words, e.g. of one part that was taken twice. */
const checkAskedTwice = ({ yaml, activity: { fields } }: LoadedActivity): Problem[] => {
  const asked = fields.map((field, index) => ({ ...field, index })).filter(({ input }) => input !== 'none')
  return asked.flatMap((field, place) => {
    const first = asked
      .slice(0, place)
      .find(({ label, when }) => label.de === field.label.de && (!when || !field.when || when === field.when))
    if (!first) return []
    const message = `fields.${field.id}: asks in the same words as '${first.id}'`
    return [
      yaml.at(['fields', field.index, 'label'], message, 'give it a label of its own, or take one of the two away'),
    ]
  })
}

const checkFields = (loaded: LoadedActivity): Problem[] =>
  loaded.activity.fields.flatMap((field, index) => {
    const { yaml, activity } = loaded
    const found: Problem[] = checkOptions(loaded, field, index)
    if (field.pattern && !compiles(field.pattern.regex)) {
      found.push(
        yaml.at(
          ['fields', index, 'pattern', 'regex'],
          `fields.${field.id}.pattern: '${field.pattern.regex}' is no regular expression`,
          'correct it; between [ and ] write \\/ and \\- for slash and dash',
        ),
      )
    }
    found.push(...checkBlob(loaded, field, index))
    if (field.partial && (field.input !== 'date' || field.dataCategory !== 'pd:BirthDate')) {
      found.push(
        yaml.at(
          ['fields', index, 'partial'],
          `fields.${field.id}.partial: only a birth date may be known in part`,
          "remove it, or write 'input: date' and 'dataCategory: pd:BirthDate'",
        ),
      )
    }
    if (field.needs !== undefined && !isAskedWith(activity, field)) {
      found.push(
        yaml.at(
          ['fields', index, 'needs'],
          `fields.${field.id}.needs: '${field.needs}' is not asked for wherever this field is`,
          'name another field of this form that is asked in the same cases',
        ),
      )
    }
    if (field.specialCategory === 'possible' && !allowsSpecialCategories(activity)) {
      found.push(
        yaml.at(
          ['fields', index, 'specialCategory'],
          `fields.${field.id}: special categories of data without a ground of Art. 9(2) GDPR`,
          "add a legal basis such as 'Art. 9(2)(a) GDPR', or set 'specialCategory: no'",
        ),
      )
    }
    return found
  })

/** The vault notes every look at a record, so whoever stores there declares it; elsewhere nothing is noted. */
const checkTrail = ({ yaml, activity }: LoadedActivity): Problem[] => {
  const trails = activity.fields.filter(({ store }) => store === 'trail').length
  const expected = activity.fields.some(isOfRecord) ? 1 : 0
  return trails === expected
    ? []
    : [
        yaml.at(
          ['fields'],
          `fields: ${trails} declared with 'store: trail', ${expected} expected`,
          expected === 1
            ? "declare one, e.g. with 'use: accessTrail@1': each look at a stored record is noted"
            : 'remove it: nothing of this activity is stored as a record',
        ),
      ]
}

const checkCountry = ({ yaml }: LoadedActivity, recipient: Recipient, index: number): Problem[] => {
  const { id, country, role } = recipient
  const at = (message: string, remedy: string) => [
    yaml.at(['recipients', index, 'country'], `recipients.${id}: ${message}`, remedy),
  ]
  if (country === 'chosenByPerson') {
    const allowed = role === 'thirdParty' || role === 'dataSubject'
    return allowed ? [] : at(`a recipient of role ${role} is not chosen by the person`, 'name its country, e.g. DE')
  }
  return allowsSocialData(country) ? [] : at(...outside('country', country))
}

const checkSubProcessors = ({ yaml, activity }: LoadedActivity, index: number): Problem[] => {
  const { id, role, subProcessors = [] } = activity.recipients[index] as Recipient
  const path = ['recipients', index, 'subProcessors']
  if (role !== 'processor' && subProcessors.length > 0) {
    const message = `recipients.${id}.subProcessors: nobody of role ${role} has any`
    return [yaml.at(path, message, 'remove them, or list them as recipients of their own')]
  }
  return [
    ...duplicates(yaml, path, subProcessors),
    ...subProcessors.flatMap(({ id: sub, country }, at) => {
      if (allowsSocialData(country)) return []
      return [yaml.at([...path, at, 'country'], ...outside(`recipients.${id}.subProcessors.${sub}: country`, country))]
    }),
  ]
}

const checkRecipients = (loaded: LoadedActivity, today: Day): Problem[] =>
  loaded.activity.recipients.flatMap((recipient, index) => {
    const { yaml, activity } = loaded
    const declared = new Set(activity.fields.map(({ id }) => id))
    const named = recipient.fields === 'all' ? [] : recipient.fields
    const undeclared = named.flatMap((field, at) =>
      declared.has(field)
        ? []
        : [
            yaml.at(
              ['recipients', index, 'fields', at],
              `recipients.${recipient.id}: receives '${field}', which is no field of this activity`,
              'declare the field or remove it here',
            ),
          ],
    )
    const contractless =
      recipient.role === 'processor' && !recipient.contract
        ? [
            yaml.at(
              ['recipients', index],
              `recipients.${recipient.id}: a processor without contract`,
              "conclude one (Art. 28 GDPR, § 80 SGB X) and add 'contract:' with kind and text",
            ),
          ]
        : []
    const reserved =
      recipient.id === operatorId
        ? [
            yaml.at(
              ['recipients', index, 'id'],
              `recipients.${operatorId}: the operator of the installation is a recipient of every activity without being written here`,
              'remove this entry; the operator stands in operator.yaml, the contract in tenant.yaml',
            ),
          ]
        : []
    const { id, contract } = recipient
    const path = ['recipients', index, 'contract']
    return [
      ...undeclared,
      ...contractless,
      ...(contract ? checkContract(yaml, path, `recipients.${id}.contract`, contract, today) : []),
      ...reserved,
      ...checkCountry(loaded, recipient, index),
      ...checkSubProcessors(loaded, index),
    ]
  })

const checkNorms = ({ yaml, activity }: LoadedActivity, on: Day): Problem[] =>
  (['legalBasis', 'conditions'] as const).flatMap((key) =>
    activity[key].flatMap(({ norm }, index) => {
      const fault = faultOfNorm(norm, on)
      return fault ? [yaml.at([key, index, 'norm'], fault.message, fault.remedy)] : []
    }),
  )

/** Faults within one activity that the schema cannot see, by the law of the day `on`. */
export const checkActivity = (loaded: LoadedActivity, on: Day, today: Day): Problem[] => {
  const { yaml, activity } = loaded
  const found = [
    ...duplicates(yaml, ['fields'], activity.fields),
    ...duplicates(yaml, ['purposes'], activity.purposes),
    ...duplicates(yaml, ['retention'], activity.retention),
    ...duplicates(yaml, ['recipients'], activity.recipients),
    ...duplicates(yaml, ['remains'], activity.remains),
    ...checkSize(loaded),
    ...checkFields(loaded),
    ...checkAskedTwice(loaded),
    ...checkTrail(loaded),
    ...checkExternal(loaded),
    ...checkRecipients(loaded, today),
    ...checkNorms(loaded, on),
    ...checkBases(loaded),
    ...checkDevice(loaded),
  ]
  if (activity.consent && !restsOnConsent(activity)) {
    found.push(
      yaml.at(
        ['consent'],
        'consent: asked for, but no legal basis rests on it',
        "add 'Art. 6(1)(a) GDPR' to legalBasis or remove the block",
      ),
    )
  }
  return found
}
