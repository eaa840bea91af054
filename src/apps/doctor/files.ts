import type { RunningTenant } from '#register/register.ts'
import type { AppDeps } from '../deps.ts'
import type { Difference } from './difference.ts'

/** Files in the vault that are not as it leaves them. Nobody reads a part of one; but somebody has to know. */
export const compareFiles = async (
  { db, keeper }: Pick<AppDeps, 'db' | 'keeper'>,
  { tenant }: RunningTenant,
): Promise<Difference[]> => {
  const { withoutRecord, withoutFile, incomplete } = await db.inTenant(tenant.id, keeper.brokenFiles)
  const say = (count: number, what: string, remedy: string): Difference[] =>
    count > 0 ? [{ message: `${tenant.slug}: ${count} ${what}`, remedy }] : []
  return [
    ...say(withoutRecord, 'files belong to no record', 'delete them from vault.blob, and put its foreign key back'),
    ...say(withoutFile, 'chunks belong to no file', 'delete them from vault.blob_chunk, and put its foreign key back'),
    ...say(
      incomplete,
      'files lack chunks, or have too many',
      'restore them from a backup; until then they do not open',
    ),
  ]
}
