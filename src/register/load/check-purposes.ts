import { type ActivityNeeds, type LookReason, opensFor, type Problem } from '../register.ts'
import type { LoadedActivity } from './shared.ts'

const asks = ({ activity, purposes = [] }: ActivityNeeds, id: string, { purpose, actor }: LookReason): boolean =>
  activity === id && purposes.some((one) => one.purpose === purpose && one.actor === actor)

/** Purposes for which the software opens records and that do not say so. */
const checkMissing = ({ yaml, activity }: LoadedActivity, due: readonly ActivityNeeds[]): Problem[] =>
  due
    .filter((need) => need.activity === activity.id)
    .flatMap(({ purposes = [] }) => purposes)
    .filter((access) => !opensFor(activity, access))
    .map(({ purpose, actor }) => {
      const index = activity.purposes.findIndex(({ id }) => id === purpose)
      return index < 0
        ? yaml.at(
            ['purposes'],
            `purposes: '${purpose}' is missing; the software opens records for it`,
            `declare this purpose, with 'opens: [${actor}]'`,
          )
        : yaml.at(
            ['purposes', index],
            `purposes.${purpose}.opens: '${actor}' is missing; the software opens records for it`,
            `add 'opens: [${actor}]'`,
          )
    })

const whereInWords = ({ activity, field }: NonNullable<ActivityNeeds['where']>): string =>
  field === undefined ? `a file declares ${activity}` : `${activity} declares the field '${field}'`

/** Purposes that say that records are opened for them, where the software opens none. */
const checkUnused = ({ yaml, activity }: LoadedActivity, { due, needs }: Needs): Problem[] =>
  activity.purposes.flatMap(({ id: purpose, opens = [] }, index) =>
    opens.flatMap((actor, at) => {
      const access = { purpose, actor }
      if (due.some((need) => asks(need, activity.id, access))) return []
      const where = needs.find((need) => asks(need, activity.id, access))?.where
      return [
        yaml.at(
          ['purposes', index, 'opens', at],
          where
            ? `purposes.${purpose}.opens: the software opens records for it only where ${whereInWords(where)}`
            : `purposes.${purpose}.opens: the software opens no record for it as '${actor}'`,
          where
            ? `declare ${where.field === undefined ? 'that activity' : 'that field'}, or remove this purpose`
            : `take '${actor}' out; without anybody left, remove 'opens:'`,
        ),
      ]
    }),
  )

type Needs = {
  /** What features need here, and what they would need if the tenant declared more. */
  due: readonly ActivityNeeds[]
  needs: readonly ActivityNeeds[]
}

/** For each purpose that opens records there is a feature that does it, and the other way round. */
export const checkPurposes = (loaded: LoadedActivity, all: Needs): Problem[] =>
  loaded.activity.executedBy
    ? checkUnused(loaded, all)
    : [...checkMissing(loaded, all.due), ...checkUnused(loaded, all)]
