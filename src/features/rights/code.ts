import { timingSafeEqual } from 'node:crypto'
import type { Context, Deps } from '#features/feature.ts'
import { queueMail, renderLetter } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { readNote, signNote } from '#platform/http/form-token.ts'
import { translator } from '#platform/i18n/translate.ts'
import type { Job } from '#platform/jobs/jobs.ts'
import { integerBelow, type Random, uuid } from '#platform/random.ts'
import { endingsOf, findRunning, inLanguage, spokenBy } from '#register/register.ts'
import { looking } from './purposes.ts'
import { countAttempt, findCode, insertCode, updateSent } from './sql.ts'

/*
 * Proof that somebody reads a mailbox: a code of eight digits goes there and comes back through the form. Asking
 * never tells whether the mailbox is known: the request does the same work either way, and only the job that runs
 * later looks whether anything is stored for it.
 */

export const activityId = 'rights.code'
export const jobName = 'rights.sendCode'

/** Tries for one code: 5 of 10^8. */
const triesPerCode = 5
/** Codes that one mailbox gets while they are valid, the first ones; with the tries, what bounds guessing. */
const codesPerMailbox = 6
/** Of these, what one caller can ask for: a stranger alone cannot use them all up and so lock the owner out. */
export const codesPerCallerAndMailbox = 3
/** How long a proof serves after the code was right. */
const proofLasts = { minutes: 15 }

const newCode = (random: Random): string => String(integerBelow(random, 100_000_000)).padStart(8, '0')

/** Puts a code for this mailbox on its way and returns the id by which the form names it. */
export const requestCode = async (tx: TenantTx, context: Context, email: string): Promise<string> => {
  const { deps, now, language } = context
  const recordId = await deps.vault.put(
    tx,
    activityId,
    { email, code: newCode(deps.random), language },
    { 'code.created': now },
  )
  const id = uuid(deps.random)
  await insertCode(tx, { id, recordId, at: now })
  await deps.jobs.enqueue(tx, jobName, id)
  return id
}

/** Whether the code is right. Every call counts as a try, whatever it finds. A right code cannot be used again. */
export const proveMailbox = async (
  tx: TenantTx,
  context: Context,
  id: string,
  code: string,
): Promise<string | null> => {
  const { deps, now } = context
  const recordId = await countAttempt(tx, id, triesPerCode)
  const record = recordId ? await deps.vault.open(tx, recordId, looking.prove) : null
  if (!record?.fields.email) return null
  const right = Buffer.from(record.fields.code ?? '')
  const given = Buffer.from(code.replace(/\D/g, ''))
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null
  await deps.vault.happened(tx, record.id, 'code.used', now)
  return record.fields.email
}

const purposeOf = (context: Context) => `mailbox proven ${context.running.tenant.slug}`

/** A signed note for the next form that this mailbox has been proven, valid for a quarter of an hour. */
export const sealProof = (context: Context, email: string): string =>
  signNote(context.formKeys, purposeOf(context), JSON.stringify([email, context.now.add(proofLasts).toString()]))

/** The mailbox a form has proven; null when the note is forged, from another tenant, or too old. */
export const openProof = (context: Context, sealed: string | undefined): string | null => {
  const note = readNote(context.formKeys, purposeOf(context), sealed)
  if (note === null) return null
  const [email = '', until = ''] = JSON.parse(note) as string[]
  return Temporal.Instant.compare(context.now, until) < 0 ? email : null
}

/** Sends the code, if anything is stored for the mailbox and it is not being flooded. */
export const sendCode: Job<Deps> = {
  name: jobName,
  run: async (deps, { tenantId, id }) => {
    const running = findRunning(deps.register, tenantId)
    if (!running) return
    await deps.db.inTenant(tenantId, async (tx) => {
      const recordId = (await findCode(tx, id))?.recordId
      const record = recordId ? await deps.vault.open(tx, recordId, looking.sendCode) : null
      if (!record?.fields.email) return
      const known = await deps.vault.listBySubject(tx, 'email', record.fields.email)
      const codes = known.filter((each) => each.activity === activityId)
      const isAmongFirst = codes.slice(0, codesPerMailbox).some((each) => each.id === record.id)
      if (codes.length === known.length || !isAmongFirst) return
      const language = spokenBy(running, record.fields.language)
      const t = translator(language)
      const code = record.fields.code ?? ''
      const letter = renderLetter({
        language,
        heading: t('rights.mail.heading'),
        paragraphs: [t(endingsOf(running).withdrawal ? 'rights.mail.text' : 'rights.mail.textErasure')],
        facts: [[t('rights.mail.code'), `${code.slice(0, 4)} ${code.slice(4)}`]],
        closing: [t('rights.mail.notYou'), inLanguage(running.tenant.name, language)],
      })
      await queueMail(tx, deps, {
        kind: 'rights.code',
        to: record.fields.email,
        subject: t('rights.mail.subject'),
        ...letter,
      })
      await updateSent(tx, id, deps.clock())
    })
  },
}
