import { allowsNothing, foreignAct, givesTask, needsNationalLaw } from '../law/bases.ts'
import type { Problem } from '../register.ts'
import type { Tenant } from '../schema.ts'
import type { LoadedActivity } from './shared.ts'

/** Whether the law that Art. 6(3) GDPR asks for stands beside the basis at this place: before the next basis of Art. 6. */
const hasLawBeside = (norms: readonly string[], index: number): boolean => {
  const after = norms.slice(index + 1)
  const next = after.findIndex((norm) => norm.startsWith('Art. 6('))
  return after.slice(0, next < 0 ? undefined : next).some(givesTask)
}

/** What an activity names as allowing it, and does not: an article that only shapes or defines, or a duty or task without
 *  the law that lays it down. */
export const checkBases = ({ yaml, activity }: LoadedActivity): Problem[] => {
  const norms = activity.legalBasis.map(({ norm }) => norm)
  return norms.flatMap((norm, index) => {
    const at = (message: string, remedy: string) => [yaml.at(['legalBasis', index, 'norm'], message, remedy)]
    if (allowsNothing(norm)) {
      const message = `legalBasis: '${norm}' allows nothing`
      return at(message, "move it to 'conditions', and name what allows this, e.g. 'Art. 6(1)(e) GDPR' with its law")
    }
    if (!needsNationalLaw(norm) || hasLawBeside(norms, index)) return []
    return at(
      `legalBasis: no national law stands beside '${norm}' (Art. 6(3) GDPR)`,
      "name behind it the law that lays down the task or the duty, e.g. '§ 67c(1) SGB X' for social data",
    )
  })
}

/** Data protection acts that bind other bodies than this Jobcenter. */
export const checkActs = ({ yaml, activity }: LoadedActivity, tenant: Tenant): Problem[] =>
  activity.legalBasis.flatMap(({ norm }, index) => {
    const act = foreignAct(norm, tenant)
    if (act === null) return []
    const own = tenant.kind === 'gE' ? 'the BDSG' : `the data protection act of ${tenant.land}`
    return [
      yaml.at(
        ['legalBasis', index, 'norm'],
        `legalBasis: the ${act} does not bind a Jobcenter of kind ${tenant.kind} in ${tenant.land}`,
        `name ${own}, or the Social Code`,
      ),
    ]
  })
