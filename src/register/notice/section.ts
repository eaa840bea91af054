/** The section of the notice about an activity. Links lead to it, so it follows from the activity's id alone and stays
 *  the same over versions and languages. */
export const sectionId = (activity: string): string => activity.replaceAll('.', '-')
