import type { LetterKind } from '#features/contribution.ts'
import { contributed, type Deps, type Feature } from '#features/feature.ts'
import type { Duty, Measure, Restored } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { type Job, RetryLater } from '#platform/jobs/jobs.ts'
import type { Mail, Outcome } from '#platform/mail/mailer.ts'
import { uuid } from '#platform/random.ts'
import { findRunning, getActivity, inLanguage, opensFor, type RunningTenant, remainsFor } from '#register/register.ts'
import type { OpenRecord } from '#vault/index.ts'
import { decideAttempt, decideUnclear } from './attempt.ts'
import { activityId, sendingFor } from './purposes.ts'
import {
  countDeliveries,
  endOfEnvelopes,
  expireWithoutEnvelope,
  findQueued,
  insertDelivery,
  isOvertaken,
  listQueued,
  noteHandingOver,
  noteUnclear,
  shorten,
  supersede,
  updateAttempt,
  updateEnded,
} from './sql.ts'
import { mailTables } from './tables.ts'

export { type Letter, renderLetter } from './letter.tsx'
export { needOfLetter } from './purposes.ts'
export { mailsNameTimes, senderOf } from './sender.ts'
export { findMissing, listOpenDeliveries, type Missing } from './sql.ts'

const jobName = 'mail.deliver'

/** What a mail says, and to whom. Carries no social data: who reads over a shoulder learns of an appointment at most. */
export type Envelope = {
  kind: LetterKind
  /** What it is about, e.g. an appointment's id: an older mail about the same that still waits is not sent any more. */
  about?: string
  /** The id its envelope gets, where the caller has kept one: by it the ledger tells later that this mail is over. */
  recordId?: string
  to: string
  subject: string
  text: string
  html: string
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string }
}

/** @throws for a kind that no feature declares: nobody would have been told what it is for */
const declaredKind = (deps: Pick<Deps, 'contributed'>, kind: string): LetterKind => {
  const found = contributed(deps, 'letters').find((letter) => letter.kind === kind)
  if (!found) throw new Error(`no feature declares the letter ${kind}`)
  return found
}

/** @throws for a kind that no feature declares, or for whose purpose this tenant sends none */
const sendable = (deps: Pick<Deps, 'contributed'>, running: RunningTenant, { kind }: LetterKind): LetterKind => {
  const letter = declaredKind(deps, kind)
  const access = sendingFor(letter)
  if (!opensFor(getActivity(running, activityId), access))
    throw new Error(`${running.tenant.slug} declares no purpose ${access.purpose} for the letter ${kind}`)
  return letter
}

/** Queues a mail within the caller's transaction. Address and words go into a sealed envelope of their own, which
 *  outlives the record the mail is about, but not the mail server's word that it has it.
 *  @throws for a kind that no feature declares, or whose purpose the tenant does not */
export const queueMail = async (tx: TenantTx, deps: Deps, envelope: Envelope): Promise<void> => {
  const now = deps.clock()
  const running = findRunning(deps.register, tx.tenantId)
  if (!running) throw new Error(`no running tenant ${tx.tenantId}`)
  const { kind } = sendable(deps, running, envelope.kind)
  if (envelope.about) {
    for (const older of await supersede(tx, envelope.about, now)) {
      await deps.vault.happened(tx, older, 'mail.superseded', now)
    }
  }
  const recordId = await deps.vault.put(
    tx,
    activityId,
    {
      email: envelope.to,
      subject: envelope.subject,
      bodyText: envelope.text,
      bodyHtml: envelope.html,
      ...(envelope.calendar ? { calendar: JSON.stringify(envelope.calendar) } : {}),
    },
    { 'mail.queued': now },
    envelope.recordId,
  )
  const id = uuid(deps.random)
  await insertDelivery(tx, {
    id,
    kind,
    about: envelope.about ?? null,
    recordId,
    queuedAt: now,
    keptFor: remembered(running),
  })
  await deps.jobs.enqueue(tx, jobName, id)
}

const toMail = (
  fields: Readonly<Record<string, string>>,
  id: string,
  running: RunningTenant,
  publicUrl: string,
): Mail => ({
  from: running.tenant.mailFrom,
  fromName: inLanguage(running.tenant.name, 'de'),
  to: fields.email ?? '',
  subject: fields.subject ?? '',
  text: fields.bodyText ?? '',
  html: fields.bodyHtml ?? '',
  ...(fields.calendar ? { calendar: JSON.parse(fields.calendar) as NonNullable<Mail['calendar']> } : {}),
  messageId: `<${id}@${new URL(publicUrl).hostname}>`,
})

/** Thrown when a server is ready for a mail, but somebody else has it in hand by now, or nobody wants it any more. */
class NotOursError extends RetryLater {}

/** The mail as it lies in its envelope; null when it is over. One that is due already is not there any more: a mail as late
 *  as this is not sent. @throws RetryLater while its time has not come */
const takeUp = async (tx: TenantTx, deps: Deps, id: string): Promise<OpenRecord | null> => {
  const now = deps.clock()
  const queued = await findQueued(tx, id)
  if (!queued) return null
  const attempt = decideAttempt(queued, now)
  switch (attempt.kind) {
    case 'send':
      return deps.vault.open(tx, attempt.recordId, sendingFor(declaredKind(deps, queued.kind)))
    case 'expired':
      await updateEnded(tx, id, 'expired', now)
      return null
    case 'unanswered':
      await noteNoAnswer(tx, deps, { id, recordId: attempt.recordId, before: queued.unclearAt })
      return null
    case 'later':
      throw new RetryLater('not yet')
    default:
      return attempt satisfies never
  }
}

const endMail = async (
  tx: TenantTx,
  deps: Deps,
  { id, recordId }: { id: string; recordId: string },
  how: 'accepted' | 'refused' | 'superseded' | 'unclear',
): Promise<void> => {
  const now = deps.clock()
  await updateEnded(tx, id, how, now)
  await deps.vault.happened(tx, recordId, `mail.${how}`, now)
}

/** A server had all of a mail and gave no answer: once that is noted it is tried again later, or it is over. */
const noteNoAnswer = async (
  tx: TenantTx,
  deps: Deps,
  { before, ...mail }: { id: string; recordId: string; before: Temporal.Instant | null },
): Promise<void> => {
  const next = decideUnclear(before, await isOvertaken(tx, mail.id))
  if (next !== 'again') return endMail(tx, deps, mail, next)
  await noteUnclear(tx, mail.id, deps.clock())
  await deps.jobs.enqueue(tx, jobName, mail.id)
}

const noteOutcome = async (
  tx: TenantTx,
  deps: Deps,
  mail: { id: string; recordId: string },
  outcome: Outcome,
): Promise<void> => {
  if (outcome.kind === 'accepted') return endMail(tx, deps, mail, 'accepted')
  const queued = await findQueued(tx, mail.id)
  if (!queued) return
  await updateAttempt(tx, mail.id, String(outcome.code ?? 'refused'))
  // What became of it is of no interest where a newer one about the same waits.
  if (outcome.kind === 'refused')
    return endMail(tx, deps, mail, (await isOvertaken(tx, mail.id)) ? 'superseded' : 'refused')
  if (outcome.kind === 'unclear') return noteNoAnswer(tx, deps, { ...mail, before: queued.unclearAt })
}

/** Hands one mail to the mail server. May run twice, and at two workers at once: only one gets to hand it over, and what a
 *  server may have already it gets again once at most. */
const deliverMail: Job<Deps> = {
  name: jobName,
  // A mail server may take minutes.
  sideBySide: true,
  run: async (deps, { tenantId, id }) => {
    const running = findRunning(deps.register, tenantId)
    if (!running) throw new RetryLater('the tenant does not run')
    const inTenant = <T>(work: (tx: TenantTx) => Promise<T>) => deps.db.inTenant(tenantId, work)
    const record = await inTenant((tx) => takeUp(tx, deps, id))
    if (!record) return
    const outcome = await deps.mailer.send(toMail(record.fields, id, running, deps.config.publicUrl), async () => {
      if (!(await inTenant((tx) => noteHandingOver(tx, id, deps.clock())))) throw new NotOursError()
    })
    await inTenant((tx) => noteOutcome(tx, deps, { id, recordId: record.id }, outcome))
    // Throwing tells the queue to come back later, with growing pauses.
    if (outcome.kind === 'unreachable') throw new RetryLater(outcome.code)
  },
}

/** How long `mail status` remembers that and how a mail ended: its kind, its times, a code. */
const remembered = (running: RunningTenant): string => remainsFor(getActivity(running, activityId), 'delivery')

const deliveries: Duty = {
  name: 'mail deliveries',
  keep: async (tx, now, running) => {
    await expireWithoutEnvelope(tx, now)
    if (running) await shorten(tx, remembered(running))
    await deleteEnded(tx, 'mail_delivery', now)
  },
  firstDue: (tx) => firstEnd(tx, 'mail_delivery'),
}

const measure = async (deps: Deps, running: RunningTenant): Promise<Measure[]> => {
  const counts = await deps.db.inTenant(running.tenant.id, countDeliveries)
  // A state without a mail is a zero, so that an alarm on it has a number from the first day on.
  return (['queued', 'refused', 'expired', 'unclear'] as const).map((status) => ({
    name: 'mails',
    about:
      'Mails that have not arrived: on their way, refused for good, given up, or without an answer from the mail server; these are forgotten after a week.',
    labels: { status },
    value: counts.find((each) => each.status === status)?.count ?? 0,
  }))
}

const endBy: Record<string, 'accepted' | 'refused' | 'superseded' | 'unclear'> = {
  'mail.accepted': 'accepted',
  'mail.refused': 'refused',
  'mail.superseded': 'superseded',
  'mail.unclear': 'unclear',
}

/** After a restore: what a mail server had taken since the backup is not sent again; what still waits is. */
const restored: Restored<Deps> = {
  erased: (_deps, tx, { records, trigger, at }) => endOfEnvelopes(tx, records, endBy[trigger ?? ''] ?? 'expired', at),
  ended: async (deps, tx) => {
    for (const id of await listQueued(tx)) await deps.jobs.enqueue(tx, jobName, id)
  },
}

export const mail: Feature = {
  name: 'mail',
  needs: [
    {
      activity: activityId,
      fields: [{ id: 'email', lookup: true }, 'subject', 'bodyText', 'bodyHtml', { id: 'calendar', optional: true }],
      triggers: ['mail.queued', 'mail.accepted', 'mail.refused', 'mail.superseded', 'mail.unclear'],
      recipients: [
        {
          id: 'mailboxProvider',
          transport: 'smtp',
          fields: ['email', 'subject', 'bodyText', 'bodyHtml', 'calendar'],
        },
      ],
      remains: [{ id: 'delivery', period: true }],
    },
  ],
  tables: mailTables,
  pages: [],
  subjects: [{ activity: activityId }],
  jobs: [deliverMail],
  duties: [deliveries],
  measures: measure,
  restored,
}
