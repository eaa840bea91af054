import { eventually, type Installation } from '#test/helpers/installation.ts'

/* What the tests of codes, and of what they open, share. */

/** Waits until every job is done: no mail is on its way any more. */
export const quiet = ({ admin }: Installation): Promise<unknown> =>
  eventually(
    async () =>
      (await admin.query(`select from jobs.job where state in ('created', 'retry', 'active')`)).rowCount === 0,
    'an empty queue',
  )

/** Waits until every job is done, and leaves nobody an appointment, a code, a mail or a place of a limit. */
export const clear = async (installation: Installation): Promise<void> => {
  await quiet(installation)
  await installation.wipe(`delete from cell where appointment_id is not null; delete from appointment;
    delete from vault.record; delete from mail_delivery; delete from access_code; delete from app.limit_place;
    delete from consent_record; delete from jobs.job`)
  await installation.sweep()
  installation.mailbox.clear()
}
