/** How long the keys of a backup are kept: what was erased could come back from a backup for this long at the most. An
 *  ISO 8601 period of days. The one place to take it from. */
export const backupWindow = (): string => 'P7D'
