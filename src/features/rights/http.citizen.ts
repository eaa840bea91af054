import type { Ending } from '#features/contribution.ts'
import type { Context } from '#features/feature.ts'
import { fieldValue } from '#features/fields.tsx'
import type { TenantTx } from '#platform/db/db.ts'
import { file } from '#platform/http/response.ts'
import { endingsOf, getActivity, type RunningTenant } from '#register/register.ts'
import type { OpenRecord } from '#vault/index.ts'
import { mailboxWay, type ProvenHandler } from './mailbox.ts'
import { looking } from './purposes.ts'
import { endedBy } from './subjects.ts'
import { dataPage, donePage, endingPage, noConsentPage } from './view.citizen.tsx'
import { mailboxPage } from './view.mailbox.tsx'
import { ways } from './ways.ts'

/** Everything in use that is stored for a mailbox, codes left out, as nothing opens them for this: they are spent with
 *  this request. */
const recordsOf = (tx: TenantTx, context: Context, email: string): Promise<OpenRecord[]> =>
  context.deps.vault.findBySubject(tx, 'email', email, looking.rights)

/** The same with what is only kept any more because of a legal hold: the person has a right to see it (Art. 15 GDPR). */
const allRecordsOf = async (tx: TenantTx, context: Context, email: string): Promise<OpenRecord[]> => [
  ...(await recordsOf(tx, context, email)),
  ...(await context.deps.vault.findRestricted(tx, 'email', email, looking.rights)),
]

/** Values as they are stored; what was chosen in words, as its id says little outside this software. */
const plainFields = (context: Context, { activity, fields }: OpenRecord) => {
  const chosen = getActivity(context.running, activity).fields.filter(
    ({ id, input }) => (input === 'choice' || input === 'check') && fields[id] !== undefined,
  )
  return {
    ...fields,
    ...Object.fromEntries(chosen.map((field) => [field.id, fieldValue(field, fields[field.id] ?? '', context)])),
  }
}

const plain = (context: Context, record: OpenRecord) => ({
  activity: record.activity,
  storedAt: record.createdAt.toString(),
  erasedAt: record.legalHold ? null : (record.due?.at.toString() ?? null),
  legalHold: record.legalHold && {
    reason: record.legalHold.reason,
    since: record.legalHold.since.toString(),
    restrictedSince: record.legalHold.restrictedSince?.toString() ?? null,
  },
  openedBefore: { times: record.looks.count, last: record.looks.last?.toString() ?? null },
  fields: plainFields(context, record),
})

const exportData: ProvenHandler = async (context) => {
  const { email } = context.actor.proves
  const records = await context.inTenant((tx) => allRecordsOf(tx, context, email))
  const content = {
    controller: context.running.tenant.name.de,
    asOf: context.now.toString(),
    records: records.map((record) => plain(context, record)),
  }
  return file('application/json; charset=utf-8', `${JSON.stringify(content, null, 2)}\n`, 'meine-daten.json')
}

/** Withdraws or erases, as it is here: all that the mailbox has of each kind, in one transaction. */
const endAll =
  (way: Ending): ProvenHandler =>
  async (context) => {
    const { email } = context.actor.proves
    const done = await context.inTenant(async (tx) => {
      const records = await recordsOf(tx, context, email)
      const all = []
      for (const subject of endedBy(context, way)) {
        const own = records.filter(({ activity }) => activity === subject.activity)
        all.push({ subject, ...(await subject.ending.end(tx, context, own, way)) })
      }
      return { all, records }
    })
    return donePage(context, way, done)
  }

/** Of the two ways to end what is stored a tenant has the one that fits what its services rest on. */
const has = (way: Ending) => (running: RunningTenant) => endingsOf(running)[way]

const endingWay = (way: Ending) => ({
  ...mailboxWay(ways[way], {
    find: recordsOf,
    shown: (context, records, proof) => endingPage(context, way, records, proof),
  }),
  where: has(way),
  do: endAll(way),
})

export const data = { ...mailboxWay(ways.data, { find: allRecordsOf, shown: dataPage }), export: exportData }
export const withdrawal = {
  ...endingWay('withdrawal'),
  /** Who was told of a consent finds out here that there is none; where nothing can be ended, there is nothing to say. */
  whereAsked: (running: RunningTenant) => has('withdrawal')(running) || has('erasure')(running),
  ask: async (context: Context) =>
    has('withdrawal')(context.running) ? mailboxPage(context, ways.withdrawal) : noConsentPage(context),
}
export const erasure = endingWay('erasure')
