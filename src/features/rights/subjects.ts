import type { Ending } from '#features/contribution.ts'
import { type Context, contributed, type Endable, type Subject } from '#features/feature.ts'
import { type ActivityNeeds, erasesOnRequest, erasureRequested, getActivity } from '#register/register.ts'
import { activityId as codes, looking } from './purposes.ts'

/** What this tenant stores about people, of what features bring. */
export const subjectsOf = ({ deps, running }: Pick<Context, 'deps' | 'running'>): Subject[] =>
  contributed(deps, 'subjects').filter(({ activity }) => running.activities.has(activity))

/** Of it, what a person can end at all: what they came for. */
export const endableOf = (context: Pick<Context, 'deps' | 'running'>): Endable[] =>
  subjectsOf(context).filter((subject): subject is Endable => subject.ending !== undefined)

/** Of it, what a person ends this way: by withdrawing what rests on consent, by asking for erasure of the rest. */
export const endedBy = (context: Pick<Context, 'deps' | 'running'>, way: Ending): Endable[] =>
  endableOf(context).filter(({ activity: id }) => {
    const activity = getActivity(context.running, id)
    return way === 'withdrawal' ? activity.consent !== undefined : erasesOnRequest(activity)
  })

/** The activity whose part of the notice a page about records leads to: of those shown, the first that features bring. */
export const mainOf = (subjects: readonly Pick<Subject, 'activity'>[]): string => subjects[0]?.activity ?? codes

/** What a tenant that stores such records has to declare. */
export const needOfSubject = ({ activity, ending }: Subject): ActivityNeeds => ({
  activity,
  where: { activity },
  fields: [{ id: 'email', lookup: true }],
  purposes: [looking.rights],
  ...(ending && { withoutConsent: { triggers: [erasureRequested] } }),
  ...(ending?.words.withdrawal && { withConsent: { triggers: ['consent.withdrawn'] } }),
  ...(ending && !ending.words.withdrawal && { neverConsent: true }),
})

/** Ends records with which nothing else ends. */
export const eraseEach: Endable['ending']['end'] = async (tx, { deps, now }, records) => {
  const ended = { erased: 0, restricted: 0 }
  for (const { id } of records) {
    const end = await deps.vault.happened(tx, id, erasureRequested, now)
    if (end !== 'kept') ended[end]++
  }
  return ended
}
