import { dump, findTraces, readFilesBelow } from './dump.ts'
import type { Installation } from './installation.ts'

/** Notes what lies in the database of a record, and returns how to ask where any of it still is: itself, its key, check
 *  values, trail, and its sealed bytes wherever they may have been copied to. Nothing, once it is erased; a record that is
 *  only hidden is found. What names nobody stays: its id in ledger and proof. */
export const watchRecord = async ({ admin, folder }: Pick<Installation, 'admin' | 'folder'>, id: string) => {
  const ofRecord = {
    'vault.record': 'id',
    'vault.key': 'record_id',
    'vault.blind_index': 'record_id',
    'vault.access': 'record_id',
    appointment: 'record_id',
  }
  const rows = async (): Promise<string[]> => {
    const found: string[] = []
    for (const [table, column] of Object.entries(ofRecord))
      if (((await admin.query(`select from ${table} where ${column} = $1`, [id])).rowCount ?? 0) > 0) found.push(table)
    return found
  }
  const { rows: parts } = await admin.query<{ sealed: Buffer; wrapped: Buffer }>(
    'select r.sealed, k.wrapped from vault.record r join vault.key k on k.record_id = r.id where r.id = $1',
    [id],
  )
  const [part] = parts
  if (!part) throw new Error(`there is no record ${id} to watch`)
  // The names of the fields stand in front of what is sealed, and are the same in every record.
  const values = { sealed: part.sealed.subarray(-32), key: part.wrapped.subarray(-32) }
  return async (): Promise<string[]> => {
    const everywhere = new Map([...readFilesBelow(folder), ...(await dump(admin))])
    return [...(await rows()), ...findTraces(everywhere, values)]
  }
}
