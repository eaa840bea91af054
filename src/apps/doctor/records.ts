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
    const declared = activity.fields
      .filter(({ store }) => store === 'vault' || store === 'blob')
      .map((field) => field.id)
    return fields
      .filter((field) => !declared.includes(field))
      .map((field) => ({
        file,
        line: 1,
        message: `fields: records of ${id} hold '${field}', which is not declared`,
        remedy: `keep it declared, with 'input: none' and 'necessity: optional' so that nobody is asked, ${untilInWords(until)}`,
      }))
  })

/** For what records of one activity have been opened, and when the last of them is erased. */
export type LookedAt = { activity: string; purpose: string; until: Temporal.Instant | null }

/** What versions wrote that had words of their own for why they looked; these lines go with their records. */
const wordsBefore = [
  ...['manage', 'reminder', 'waiting', 'appointment.displaced'],
  ...['rights.access', 'rights.code', 'mail.delivery'],
]

/** Looks at records for purposes that nobody was told of. */
export const compareLooks = (folder: string, running: RunningTenant, looks: readonly LookedAt[]): Problem[] =>
  looks
    .filter(({ purpose }) => !wordsBefore.includes(purpose))
    .filter(({ activity, purpose }) => !running.activities.get(activity)?.purposes.some(({ id }) => id === purpose))
    .map(({ activity, purpose, until }) => ({
      file: `${folder}/${activity.replaceAll('.', '-')}.yaml`,
      line: 1,
      message: `purposes: records of ${activity} were opened for '${purpose}', which is not declared`,
      remedy: `find out what opened them, as this program does not; keep the purpose declared ${untilInWords(until)}`,
    }))
