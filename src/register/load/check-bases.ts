import { allowsNothing, foreignAct, isPointOfSix, neededBeside, ownAct } from '../law/bases.ts'
import { givesTask, laysDuty } from '../law/tasks.ts'
import type { Problem } from '../register.ts'
import type { Tenant } from '../schema-tenant.ts'
import type { LoadedActivity } from './shared.ts'

const besides = {
  task: {
    lays: givesTask,
    remedy: "name the law that gives the task, e.g. '§ 67c(1) SGB X' for social data",
  },
  duty: {
    lays: laysDuty,
    remedy:
      "name the law that imposes the duty, e.g. '§ 14 SGB I' for advice or 'Art. 15 GDPR' for a right; one that only allows, such as '§ 67c(1) SGB X', goes with 'Art. 6(1)(e) GDPR'",
  },
}

/** A point of Art. 6(1) or 9(2) GDPR among what allows nothing: the rights that it brings would not be told, nor consent asked. */
const checkConditions = ({ yaml, activity: { conditions } }: LoadedActivity): Problem[] =>
  conditions.flatMap(({ norm }, index) =>
    norm.endsWith(' GDPR') && !allowsNothing(norm)
      ? [
          yaml.at(
            ['conditions', index, 'norm'],
            `conditions: '${norm}' allows`,
            "move it to 'legalBasis', or remove it",
          ),
        ]
      : [],
  )

const checkLegalBasis = ({ yaml, activity }: LoadedActivity): Problem[] => {
  const norms = activity.legalBasis.map(({ norm }) => norm)
  const onDuty = norms.some((norm) => neededBeside(norm) === 'duty')
  const found = norms.flatMap((norm, index) => {
    const at = (message: string, remedy: string) => [yaml.at(['legalBasis', index, 'norm'], message, remedy)]
    // Rights that people use are conditions, and beside Art. 6(1)(c) the duty itself: Art. 6(3)(a) GDPR.
    if (allowsNothing(norm) && !(onDuty && laysDuty(norm))) {
      const message = `legalBasis: '${norm}' allows nothing`
      return at(message, "move it to 'conditions', and name what allows this, e.g. 'Art. 6(1)(e) GDPR' with its law")
    }
    const needed = neededBeside(norm)
    if (needed === null || norms.some(besides[needed].lays)) return []
    const message = `legalBasis: no law of the Union or of Germany that lays down the ${needed} stands beside '${norm}' (Art. 6(3) GDPR)`
    return at(message, besides[needed].remedy)
  })
  if (norms.some(isPointOfSix)) return found
  const message = 'legalBasis: no point of Art. 6(1) GDPR stands here, and nothing else makes processing lawful'
  return [...found, yaml.at(['legalBasis'], message, "add one, e.g. 'Art. 6(1)(e) GDPR' with the law of the task")]
}

/** What an activity names as allowing it, and does not: an article that only shapes or defines, or a duty or task without
 *  the law that lays it down, in whatever order they stand; and where no point of Art. 6(1) GDPR allows it at all. What allows
 *  stands nowhere else. */
export const checkBases = (loaded: LoadedActivity): Problem[] => [
  ...checkLegalBasis(loaded),
  ...checkConditions(loaded),
]

/** Acts that bind other bodies than this Jobcenter, wherever the activity cites them. */
export const checkActs = ({ yaml, activity }: LoadedActivity, tenant: Tenant): Problem[] =>
  (['legalBasis', 'conditions'] as const).flatMap((key) =>
    activity[key].flatMap(({ norm }, index) => {
      const act = foreignAct(norm, tenant)
      if (act === null) return []
      const own = ownAct(tenant)
      return [
        yaml.at(
          [key, index, 'norm'],
          `${key}: the ${act} does not bind a Jobcenter of kind ${tenant.kind} in ${tenant.land}`,
          own === null
            ? `name the Social Code; this software does not know the data protection act of ${tenant.land} yet, so it cannot be cited before somebody adds it to the catalogue of laws`
            : `name the ${own}, or the Social Code`,
        ),
      ]
    }),
  )
