import { type Activity, type LookReason, opensFor, type RunningTenant } from '#register/register.ts'

/** A purpose for which the activity opens no record, or which it did not have when the record was made. A fault of the
 *  code or of the register, never of the person. */
export class UndeclaredPurposeError extends Error {}

const inWords = ({ purpose, actor }: LookReason): string => `for '${purpose}' by '${actor}'`

/** Art. 5(1)(b) GDPR: a record is opened for what was declared when it was made and still is. `made`: the purposes of
 *  then; null for a record of a version of this program that did not note them. @throws UndeclaredPurposeError */
export const refusePurpose = (activity: Activity, made: readonly string[] | null, access: LookReason): void => {
  if (!opensFor(activity, access))
    throw new UndeclaredPurposeError(`activity ${activity.id} opens no record ${inWords(access)}`)
  if (made !== null && !made.includes(access.purpose))
    throw new UndeclaredPurposeError(
      `activity ${activity.id} had no purpose '${access.purpose}' when the record was made`,
    )
}

/** The activities whose records are opened for this purpose. @throws UndeclaredPurposeError when there is none */
export const openedFor = ({ activities, tenant }: RunningTenant, access: LookReason): string[] => {
  const found = [...activities.values()].filter((activity) => opensFor(activity, access)).map(({ id }) => id)
  if (found.length === 0)
    throw new UndeclaredPurposeError(`no activity of ${tenant.slug} opens records ${inWords(access)}`)
  return found
}
