import type { Holder } from '#features/actor.ts'
import {
  addressAfter,
  bookable,
  activityId as booking,
  eraseBooked,
  findOwnOfRecord,
  newFoundLink,
  type Own,
  renewLink,
  withdrawBooked,
} from '#features/appointments/index.ts'
import type { Context, Handler, Link, NoParams } from '#features/feature.ts'
import { fieldValue } from '#features/fields.tsx'
import type { TenantTx } from '#platform/db/db.ts'
import { file, type Response, redirect } from '#platform/http/response.ts'
import { countedBy } from '#platform/limits/limits.ts'
import { comparableAddress, parseEmailAddress } from '#platform/mail/address.ts'
import { uuid } from '#platform/random.ts'
import { endingsOf, getActivity, type RunningTenant } from '#register/register.ts'
import { foreignCharacter, readAddress, suggestAddress } from '#shared/text/address.ts'
import { isVisible } from '#shared/text/typed.ts'
import type { OpenRecord } from '#vault/index.ts'
import { openProof, proveMailbox, requestCode, sealProof } from './code.ts'
import { looking } from './purposes.ts'
import { routes } from './routes.ts'
import {
  codePage,
  dataPage,
  donePage,
  type Ending,
  endingPage,
  mailboxPage,
  noConsentPage,
  proofGonePage,
  type Way,
} from './view.citizen.tsx'
import { type Found, foundPage, tooManyLinksPage } from './view.found.tsx'

/** Everything in use that is stored for a mailbox, codes left out, as nothing opens them for this: they are spent with
 *  this request. */
const recordsOf = (tx: TenantTx, context: Context, email: string): Promise<OpenRecord[]> =>
  context.deps.vault.findBySubject(tx, 'email', email, looking.rights)

/** The same with what is only kept any more because of a legal hold: the person has a right to see it (Art. 15 GDPR). */
const allRecordsOf = async (tx: TenantTx, context: Context, email: string): Promise<OpenRecord[]> => [
  ...(await recordsOf(tx, context, email)),
  ...(await context.deps.vault.findRestricted(tx, 'email', email, looking.rights)),
]

const ask =
  (way: Way): Handler =>
  async (context) =>
    mailboxPage(context, way)

/** Proof that somebody reads a mailbox, sealed into the form behind a right code: it opens what that form asks for. */
type Proven = { email: string }

type ProvenHandler = Handler<NoParams, Holder<Proven>>

const mailboxProof = (way: Way): Link<NoParams, Proven> => ({
  kind: 'link',
  name: 'mailboxProof',
  admit: async (context, go) => {
    const email = openProof(context, context.form.nachweis)
    return email === null ? proofGonePage(context, way) : go({ email })
  },
})

/** Why no code goes to what was typed. */
const problemOf = (typed: string) => {
  const character = foreignCharacter(typed)
  if (character !== null) return { problem: 'character', character } as const
  return { problem: isVisible(typed) ? 'invalid' : 'missing' } as const
}

const send =
  (way: Way): Handler =>
  async (context) => {
    const typed = readAddress(context.form.email ?? '')
    const email = parseEmailAddress(typed)
    if (email === null) return mailboxPage(context, way, { typed, ...problemOf(typed) })
    const form = await context.inTenant((tx) => requestCode(tx, context, email))
    return form === null
      ? mailboxPage(context, way, { typed, problem: 'tooMany' })
      : codePage(context, way, { form, meant: suggestAddress(email) })
  }

const show =
  <T>(
    way: Way,
    find: (tx: TenantTx, context: Context, email: string) => Promise<T>,
    shown: (context: Context, found: T, proof: string) => Response,
  ): Handler =>
  async (context) => {
    const { form } = context
    const { vorgang = '', code = '' } = form
    const proof = await context.inTenant((tx) => proveMailbox(tx, context, vorgang, code))
    if (proof === null) return codePage(context, way, { form: vorgang, wrong: true })
    const found = await context.inTenant((tx) => find(tx, context, proof.email))
    return shown(context, found, sealProof(context, proof))
  }

/** The appointments of a mailbox that are not over yet, the next one first. What is only kept any more because of a legal
 *  hold is none: it was cancelled. */
const toComeOf = async (tx: TenantTx, context: Context, email: string): Promise<Own[]> => {
  const found: Own[] = []
  for (const record of await context.deps.vault.findBySubject(tx, 'email', email, looking.find)) {
    const own = record.activity === booking ? await findOwnOfRecord(tx, context, record) : null
    if (own && Temporal.Instant.compare(context.now, own.appointment.endsAt) < 0) found.push(own)
  }
  return found.sort((a, b) => Temporal.Instant.compare(a.appointment.startsAt, b.appointment.startsAt))
}

/** The same, each with a link of its own: of the links that there are only check values are stored. */
const withLinks = async (tx: TenantTx, context: Context, email: string): Promise<Found[]> => {
  const found: Found[] = []
  for (const own of await toComeOf(tx, context, email))
    found.push({ own, token: await newFoundLink(tx, context, own.record.id) })
  return found
}

/** Links that can be made anew for one mailbox within a quarter of an hour, as each of them sends a mail. */
const newLinksPerMailbox = 5

/** Whether this mailbox may have a new link now. */
const takesNewLink = async (tx: TenantTx, { deps, now }: Context, email: string): Promise<boolean> => {
  const mailbox = countedBy('mailbox', comparableAddress(email))
  const labels = { link: { most: newLinksPerMailbox } }
  const place = { id: uuid(deps.random), labels, until: now.add({ minutes: 15 }), overMidnight: true }
  return (await deps.limits.take(tx, mailbox, place)).kind === 'taken'
}

/** Makes a new link to one appointment of the proven mailbox and ends those it had; the page of the appointment says so. */
const renew: ProvenHandler = async (context) => {
  const { email } = context.actor.proves
  return context.inTenant(async (tx) => {
    const all = await toComeOf(tx, context, email)
    const own = all.find(({ record }) => record.fields.reference === context.form.termin)
    if (!own) return redirect(routes.find.href(context.place, {}))
    if (!(await takesNewLink(tx, context, email))) return tooManyLinksPage(context)
    const token = await renewLink(tx, context, own)
    return redirect(addressAfter(context.place, token, 'newLink'))
  })
}

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
  erasedAt: record.hold ? null : (record.due?.at.toString() ?? null),
  legalHold: record.hold && {
    reason: record.hold.reason,
    since: record.hold.since.toString(),
    restrictedSince: record.hold.restrictedSince?.toString() ?? null,
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

/** The bookings of a mailbox, the last appointment first: so no time that one of them gives up is offered to another of
 *  them, as who waits is offered earlier times only. */
const bookingsOf = async (tx: TenantTx, context: Context, email: string): Promise<Own[]> => {
  const found: Own[] = []
  for (const record of await recordsOf(tx, context, email)) {
    const own = record.activity === booking ? await findOwnOfRecord(tx, context, record) : null
    if (own) found.push(own)
  }
  return found.sort((a, b) => Temporal.Instant.compare(b.appointment.startsAt, a.appointment.startsAt))
}

/** Withdraws or erases, as it is here; each booking of the mailbox in the same transaction. */
const endAll =
  (way: Ending): ProvenHandler =>
  async (context) => {
    const { email } = context.actor.proves
    const end = way === 'withdrawal' ? withdrawBooked : eraseBooked
    const count = await context.inTenant(async (tx) => {
      const ended = { erased: 0, restricted: 0 }
      for (const own of await bookingsOf(tx, context, email)) {
        const { restricted } = await end(tx, context, own)
        ended[restricted ? 'restricted' : 'erased']++
      }
      return ended
    })
    return donePage(context, way, count)
  }

/** Of the two ways to end what is stored a tenant has the one that fits what its services rest on. */
const has = (way: Ending) => (running: RunningTenant) => endingsOf(running)[way]

const endingWay = (way: Ending) => ({
  proof: mailboxProof(way),
  where: has(way),
  send: send(way),
  show: show(way, recordsOf, (context, records, proof) => endingPage(context, way, records, proof)),
  do: endAll(way),
})

/** Only a tenant with appointments has some to find. */
const hasBookings = (running: RunningTenant): boolean => bookable.of(running) !== null

export const found = {
  where: hasBookings,
  proof: mailboxProof('find'),
  ask: ask('find'),
  send: send('find'),
  show: show('find', withLinks, foundPage),
  renew,
}
export const data = {
  proof: mailboxProof('data'),
  ask: ask('data'),
  send: send('data'),
  show: show('data', allRecordsOf, dataPage),
  export: exportData,
}
export const withdrawal = {
  ...endingWay('withdrawal'),
  /** Who was told of a consent finds out here that there is none. */
  whereAsked: (running: RunningTenant) => has('withdrawal')(running) || hasBookings(running),
  ask: async (context: Context) =>
    has('withdrawal')(context.running) ? mailboxPage(context, 'withdrawal') : noConsentPage(context),
}
export const erasure = { ...endingWay('erasure'), ask: ask('erasure') }
