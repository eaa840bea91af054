import type { TenantTx } from '#platform/db/db.ts'
import type { OpenRecord } from '#vault/index.ts'
import type { Appointment } from '../appointment.ts'
import { visitOfRecord } from '../counts/counts.ts'
import { looking } from '../purposes.ts'
import type { Scene } from '../scene.ts'
import { linkFields } from './later-link.ts'
import * as sql from './sql.ts'

/** An appointment together with the person's record. */
export type Own = { appointment: Appointment; record: OpenRecord }

/** The appointment a manage link leads to, locked; null when its record is gone. */
export const findOwn = async (tx: TenantTx, scene: Scene, token: string): Promise<Own | null> => {
  for (const field of linkFields) {
    const [record] = await scene.deps.vault.findBySubject(tx, field, token, looking.change)
    if (record) return findOwnOfRecord(tx, scene, record)
  }
  return null
}

/** The appointment of an opened record, locked; when its day is over, what the record itself knows of it. Null when somebody
 *  has just ended it. */
export const findOwnOfRecord = async (
  tx: TenantTx,
  { deps }: Pick<Scene, 'deps'>,
  record: OpenRecord,
): Promise<Own | null> => {
  const row = await sql.lockAppointmentOfRecord(tx, record.id)
  if (row) return { appointment: row, record }
  const appointment = (await deps.vault.lock(tx, record.id)) ? visitOfRecord(record) : null
  return appointment && { appointment, record }
}
