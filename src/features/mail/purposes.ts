import type { LetterKind } from '#features/contribution.ts'
import type { ActivityNeeds, LookReason } from '#register/register.ts'

/** The activity under which mails lie, sealed, until they are sent. */
export const activityId = 'mail.delivery'

/** For what an envelope is opened: to send the mail that is in it, for the purpose of its kind and no other. */
export const sendingFor = ({ purpose }: Pick<LetterKind, 'purpose'>): LookReason => ({ purpose, actor: 'mail' })

/** What a tenant that sends letters of this kind has to declare. */
export const needOfLetter = (letter: LetterKind): ActivityNeeds => ({
  activity: activityId,
  where: { activity: letter.activity, ...(letter.field === undefined ? {} : { field: letter.field }) },
  purposes: [sendingFor(letter)],
})
