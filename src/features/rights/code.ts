import { timingSafeEqual } from 'node:crypto'
import type { LetterKind } from '#features/contribution.ts'
import type { Context, Deps } from '#features/feature.ts'
import { queueMail, renderLetter, senderOf } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { readNote, signNote } from '#platform/http/form-token.ts'
import { formatTime } from '#platform/i18n/format.ts'
import { translator } from '#platform/i18n/translate.ts'
import type { Job } from '#platform/jobs/jobs.ts'
import { countedBy, type LimitPlace } from '#platform/limits/limits.ts'
import { comparableAddress } from '#platform/mail/address.ts'
import { integerBelow, type Random, uuid } from '#platform/random.ts'
import { findRunning, spokenBy } from '#register/register.ts'
import { readCode } from '#shared/text/digits.ts'
import { activityId, looking } from './purposes.ts'
import { type Code, insertCode, listCodes, lockUnsent, takeCode, updateSent } from './sql.ts'
import { codeWord } from './words.ts'

/*
 * Proof that somebody reads a mailbox: a code of twelve digits goes there and comes back through a form.
 *
 * A code belongs to its mailbox, not to who asked: it opens every form that was asked for with this address, on any
 * device. A mailbox gets a new one when the last is half an hour old or used, two in an hour at most, and each is good for
 * an hour. So whoever is told to look into the mailbox finds one that opens, however many strangers ask, unless they have
 * used two themselves within the hour. Wrong codes count against the form they came through and never against the code.
 * With five tries for a form and twenty forms for a caller in a quarter of an hour, ten thousand callers who do nothing
 * else find one of two codes of 10^12 with a chance of one in 125,000 an hour.
 *
 * Asking never tells whether the mailbox is known: the request does the same work either way, and only the job that runs
 * later looks whether anything is stored for it. Nor does a wrong code: codes that were not sent are opened, too.
 *
 * A code opens one form. Whoever comes back to the page behind it, or loads that again, sends the same form with the same
 * code, and that stays right for as long as the first answer's proof lasts; with any other form the code is spent. It is
 * remembered as a place of a limit, which says neither form nor code nor mailbox.
 */

export const codeLetter: LetterKind = { kind: 'rights.code', activity: activityId, purpose: 'code' }
const jobName = 'rights.sendCode'

/** Tries for one form. */
const triesPerForm = 5
/** Forms one caller gets within a quarter of an hour. */
const formsPerCaller = 20
/** A mailbox gets one new code in this time, unless the last is used; half of what `rights.code` declares as the life of
 *  a code. */
const codeEvery = { minutes: 30 }
/** Codes that a mailbox gets in an hour, used ones included. */
const codesPerHour = 2
const hour = { hours: 1 }
/** How long a form takes codes: as long as a code is good that was sent when it was asked for. */
const formLasts = { hours: 1 }
/** How long a proof serves after the code was right, and how long its form opens the same page again. */
const proofLasts = { minutes: 15 }
/** How often it does: each time leaves a line in the access trail, and finding makes links. */
const againPerForm = 20

const sixDigits = (random: Random): string => String(integerBelow(random, 1_000_000)).padStart(6, '0')
const newCode = (random: Random): string => sixDigits(random) + sixDigits(random)

const inGroups = (code: string): string => code.replace(/(\d{4})(?=\d)/g, '$1 ')

/** The form for a code: which mailbox it is about. Signed, so that tries are counted for it and nobody makes one up. */
type Form = { id: string; email: string; until: string }

const formPurpose = ({ running }: Context) => `code for ${running.tenant.slug}`

const readForm = (context: Context, sealed: string | undefined): Form | null => {
  const note = readNote(context.formKeys, formPurpose(context), sealed)
  if (note === null) return null
  const form = JSON.parse(note) as Form
  return Temporal.Instant.compare(context.now, form.until) < 0 ? form : null
}

/** From when on this form's mailbox gets a code in any case, whatever came before it was asked for; null when the form is
 *  none any more. It says nothing of what the mailbox has had: strangers ask, too. Two minutes are for the mail's way. */
export const nextCodeAt = (context: Context, sealed: string): Temporal.Instant | null => {
  const form = readForm(context, sealed)
  return form && Temporal.Instant.from(form.until).add({ minutes: 2 })
}

/** The place of one of the codes that a mailbox gets in an hour: it stays when the code is used, and around midnight. */
const placeOfMail = (id: string, now: Temporal.Instant) => ({
  id: `mail of ${id}`,
  until: now.add(hour),
  overMidnight: true,
})

/** Whether this mailbox may have a new code now; if so, the code has its places. */
const takePlaces = async (tx: TenantTx, { deps, now }: Context, email: string, id: string): Promise<boolean> => {
  const { limits } = deps
  const mailbox = countedBy('mailbox', comparableAddress(email))
  const isTaken = async (place: LimitPlace) => (await limits.take(tx, mailbox, place)).kind === 'taken'
  if (!(await isTaken({ id, labels: { code: { most: 1 } }, until: now.add(codeEvery), overMidnight: true })))
    return false
  if (await isTaken({ ...placeOfMail(id, now), labels: { mail: { most: codesPerHour } } })) return true
  await limits.giveBack(tx, id)
  return false
}

/** The codes of a mailbox, the newest last. */
const codesOf = async (tx: TenantTx, { deps }: Context, email: string): Promise<Code[]> => {
  const records = await deps.vault.listBySubject(tx, 'email', email)
  const ids = records.filter(({ activity }) => activity === activityId).map(({ id }) => id)
  return listCodes(tx, ids)
}

/** Sees to it that this mailbox has a code, and returns what the form for it carries; null when this caller has asked too
 *  often. */
export const requestCode = async (tx: TenantTx, context: Context, email: string): Promise<string | null> => {
  const { deps, now, language, caller } = context
  const { limits, random } = deps
  const quarter = now.add({ minutes: 15 })
  const form: Form = { id: uuid(random), email, until: now.add(formLasts).toString() }
  const ofCaller = { id: form.id, labels: { code: { most: formsPerCaller } }, until: quarter }
  if ((await limits.take(tx, caller.counted, ofCaller)).kind === 'full') return null
  const id = uuid(random)
  if (await takePlaces(tx, context, email, id)) {
    const fields = { email, code: newCode(random), language }
    const recordId = await deps.vault.put(tx, activityId, fields, { 'code.created': now })
    await insertCode(tx, { id, recordId, at: now })
    await deps.jobs.enqueue(tx, jobName, id)
  } else {
    // Perhaps there was nothing stored for this mailbox when the code was made, and is now.
    const last = (await codesOf(tx, context, email)).at(-1)
    if (last) await deps.jobs.enqueue(tx, jobName, last.id)
  }
  return signNote(context.formKeys, formPurpose(context), JSON.stringify(form))
}

const isSame = (right: string, given: string): boolean => {
  const [a, b] = [Buffer.from(right), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A proven mailbox, and until when it counts as proven. */
export type Proof = { email: string; until: Temporal.Instant }

/** What stands for a form and the code that was right in it. */
const placeOfRight = (form: Form, given: string): string => `right ${form.id} ${given}`

/** The proof that this form and this code have brought already, while it lasts. */
const provenBefore = async (tx: TenantTx, { deps }: Context, form: Form, given: string): Promise<Proof | null> => {
  const until = await deps.limits.endOf(tx, placeOfRight(form, given))
  if (until === null) return null
  const place = { id: uuid(deps.random), labels: { again: { most: againPerForm } }, until, overMidnight: true }
  const isTaken = (await deps.limits.take(tx, countedBy('form', form.id), place)).kind === 'taken'
  return isTaken ? { email: form.email, until } : null
}

/** Uses up the code of this mailbox that was typed; false when it has none such. */
const useCode = async (tx: TenantTx, context: Context, email: string, given: string): Promise<boolean> => {
  const { deps, now } = context
  let isRight = false
  for (const each of await codesOf(tx, context, email)) {
    const record = await deps.vault.open(tx, each.recordId, looking.prove)
    if (!record?.fields.email || !isSame(record.fields.code ?? '', given)) continue
    if (!each.isSent || !(await takeCode(tx, each.id))) continue
    await deps.vault.happened(tx, record.id, 'code.used', now)
    await deps.limits.giveBack(tx, each.id)
    isRight = true
  }
  return isRight
}

/** The mailbox that this code proves; null when it is wrong. Every call counts as a try of the form, whatever it finds,
 *  but for the one that sends again what was right. A right code cannot be used again with another form. */
export const proveMailbox = async (
  tx: TenantTx,
  context: Context,
  sealed: string | undefined,
  code: string,
): Promise<Proof | null> => {
  const { deps, now } = context
  const form = readForm(context, sealed)
  if (!form) return null
  const given = readCode(code)
  const before = await provenBefore(tx, context, form, given)
  if (before) return before
  const who = countedBy('form', form.id)
  const tries = { labels: { try: { most: triesPerForm } }, until: now.add(formLasts), overMidnight: true }
  if ((await deps.limits.take(tx, who, { id: uuid(deps.random), ...tries })).kind === 'full') return null
  // Pressed twice: the other request has used the code while this one waited for its try.
  if (!(await useCode(tx, context, form.email, given))) return provenBefore(tx, context, form, given)
  const until = now.add(proofLasts)
  const labels = { right: { most: triesPerForm } }
  await deps.limits.take(tx, who, { id: placeOfRight(form, given), labels, until, overMidnight: true })
  return { email: form.email, until }
}

const purposeOf = (context: Context) => `mailbox proven ${context.running.tenant.slug}`

/** A signed note for the next form that this mailbox has been proven. */
export const sealProof = (context: Context, { email, until }: Proof): string =>
  signNote(context.formKeys, purposeOf(context), JSON.stringify([email, until.toString()]))

/** The mailbox a form has proven; null when the note is forged, from another tenant, or too old. */
export const openProof = (context: Context, sealed: string | undefined): string | null => {
  const note = readNote(context.formKeys, purposeOf(context), sealed)
  if (note === null) return null
  const [email = '', until = ''] = JSON.parse(note) as string[]
  return Temporal.Instant.compare(context.now, until) < 0 ? email : null
}

/** Sends the code, if anything is stored for the mailbox and it has not been sent yet. */
export const sendCode: Job<Deps> = {
  name: jobName,
  run: async (deps, { tenantId, id }) => {
    const running = findRunning(deps.register, tenantId)
    if (!running) return
    await deps.db.inTenant(tenantId, async (tx) => {
      const recordId = await lockUnsent(tx, id)
      const record = recordId ? await deps.vault.open(tx, recordId, looking.sendCode) : null
      if (!record?.fields.email) return
      const known = await deps.vault.listBySubject(tx, 'email', record.fields.email)
      if (known.every((each) => each.activity === activityId)) return
      const language = spokenBy(running, record.fields.language)
      const t = translator(language)
      const until = record.due ? formatTime(record.due.at, language, running.tenant.timeZone) : ''
      const letter = renderLetter({
        language,
        heading: t('rights.mail.heading'),
        paragraphs: [t(codeWord({ deps, running }), { until })],
        facts: [[t('rights.mail.code'), inGroups(record.fields.code ?? '')]],
        closing: [t('rights.mail.notYou'), ...senderOf({ deps, running }, language)],
      })
      await queueMail(tx, deps, {
        kind: codeLetter,
        to: record.fields.email,
        subject: t('rights.mail.subject'),
        ...letter,
      })
      await updateSent(tx, id, deps.clock())
      // Two in an hour are two from when they are sent.
      await deps.limits.renew(tx, placeOfMail(id, deps.clock()))
    })
  },
}
