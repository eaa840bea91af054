import type { Activity, Field, RunningTenant } from '#register/register.ts'

/** A field that the activity does not declare, or a required one that is missing. A fault of the code or of the
 *  register, never of the person: what a form lacks is found before. */
export class UndeclaredFieldError extends Error {}

/** What a record is sealed under: the activity's version and which files it stood in. */
export const registerVersion = (running: RunningTenant, activity: Activity): string =>
  `${activity.version}@${running.hash.slice(0, 12)}`

/** Whether a field is a secret of which only the check value is stored, so that it has to match to the letter. */
export const isExact = (running: RunningTenant, id: string): boolean =>
  [...running.activities.values()].some(({ fields }) =>
    fields.some((field) => field.id === id && field.store === 'hash'),
  )

/** Whether a value of this field is handed to the vault, to be sealed or indexed. */
const isWritten = (field: Field): boolean => field.store === 'vault' || field.store === 'hash'

/** What is sealed and what is only indexed, after holding the fields against the activity. */
export const sortFields = (activity: Activity, given: Readonly<Record<string, string>>, complete: boolean) => {
  const declared = new Map(activity.fields.map((field) => [field.id, field]))
  const sealed: Record<string, string> = {}
  const indexed: [string, string][] = []
  for (const [id, value] of Object.entries(given)) {
    const field = declared.get(id)
    if (!field || !isWritten(field)) {
      throw new UndeclaredFieldError(`activity ${activity.id} declares no field ${id} to store`)
    }
    if (value === '') continue
    if (field.store === 'vault') sealed[id] = value
    if (field.lookup || field.store === 'hash') indexed.push([id, value])
  }
  if (complete) {
    const missing = activity.fields.filter(
      (field) => field.necessity === 'required' && !field.when && isWritten(field) && !given[field.id],
    )
    if (missing.length > 0) {
      throw new UndeclaredFieldError(`activity ${activity.id} requires ${missing.map((field) => field.id).join(', ')}`)
    }
  }
  return { sealed, indexed }
}

/** Only a field that nobody can read back may get a further value beside the one a record was made with.
 *  @throws UndeclaredFieldError */
export const refuseReadable = (activity: Activity, id: string): void => {
  const field = activity.fields.find((each) => each.id === id)
  if (field?.store !== 'hash' || !field.lookup)
    throw new UndeclaredFieldError(`activity ${activity.id} declares no field ${id} of check values to look up`)
}

/** What a field of files may hold. @throws UndeclaredFieldError when it is none */
export const declaredBlob = (activity: Activity, id: string): NonNullable<Field['blob']> => {
  const field = activity.fields.find((each) => each.id === id)
  if (field?.store !== 'blob' || !field.blob)
    throw new UndeclaredFieldError(`activity ${activity.id} declares no field ${id} of files`)
  return field.blob
}

/** The fields that a correction takes out. @throws UndeclaredFieldError for one that has to be there. */
export const emptied = (activity: Activity, changes: Readonly<Record<string, string>>): string[] => {
  const ids = Object.keys(changes).filter((id) => changes[id] === '')
  const required = activity.fields.filter((field) => ids.includes(field.id) && field.necessity === 'required')
  if (required.length > 0)
    throw new UndeclaredFieldError(`activity ${activity.id} requires ${required.map(({ id }) => id).join(', ')}`)
  return ids
}

export const without = (fields: Readonly<Record<string, string>>, ids: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([id]) => !ids.includes(id)))
