import type { Problem, RunningTenant } from '#register/register.ts'

/** What stands in a tenant's vault: names of fields by activity, and the last date by which such a record is erased. */
export type StoredFields = { activity: string; fields: readonly string[]; until: Temporal.Instant | null }

const untilInWords = (until: Temporal.Instant | null): string =>
  until ? `until its last record is erased, at ${until.round('second')}` : 'until its last record is erased'

/** Records that hold what the tenant does not declare (any more): the notice would be silent about data that are there. */
export const compareRecords = (folder: string, running: RunningTenant, stored: readonly StoredFields[]): Problem[] =>
  stored.flatMap(({ activity: id, fields, until }) => {
    const activity = running.activities.get(id)
    const file = `${folder}/${id.replaceAll('.', '-')}.yaml`
    if (!activity) {
      return [
        {
          file,
          line: 1,
          message: `records are stored under ${id}, which is not declared`,
          remedy: `keep the activity declared ${untilInWords(until)}`,
        },
      ]
    }
    const declared = activity.fields.filter(({ store }) => store === 'vault').map((field) => field.id)
    return fields
      .filter((field) => !declared.includes(field))
      .map((field) => ({
        file,
        line: 1,
        message: `fields: records of ${id} hold '${field}', which is not declared`,
        remedy: `keep it declared, with 'input: none' and 'necessity: optional' so that nobody is asked, ${untilInWords(until)}`,
      }))
  })
