import type { TenantTx } from '#platform/db/db.ts'
import { base } from '#platform/http/routes.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { spokenBy } from '#register/register.ts'
import { signReceipt } from '#shared/receipt/jws.ts'
import type { Act, Receipt } from '#shared/receipt/receipt.ts'
import type { Appointment } from '../appointment.ts'
import { routes } from '../routes.ts'
import type { Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { placeInWords } from '../words.ts'

/*
 * Receipts are made when somebody asks for one, of what is in the database at that moment, and stored nowhere.
 */

/** A receipt and its JWS. */
export type Issued = { receipt: Receipt; jws: string }

export type Done = {
  act: Act
  appointment: Appointment
  reference: string
  /** When it was done, which is not when somebody asks for the receipt. */
  doneAt: Temporal.Instant
  /** For a mail: says no more than the mail itself, so neither the service nor the place of what does not take place. */
  byMail?: boolean
}

/** What a receipt says of something that was done. */
export const receiptOf = (scene: Scene, { act, appointment, reference, doneAt, byMail = false }: Done): Receipt => {
  const tenant = bookableOf(scene.running)
  const local = (at: Temporal.Instant) =>
    at.toZonedDateTimeISO(tenant.timeZone).toString({ timeZoneName: 'never', smallestUnit: 'second' })
  const services = tenant.services.filter(({ id }) => appointment.serviceIds.includes(id))
  const takesPlace = act === 'booked' || act === 'moved'
  return {
    version: 1,
    act,
    tenant: tenant.slug,
    name: tenant.name.de,
    issuer: scene.deps.config.publicUrl + base({ slug: tenant.slug, language: 'de' }),
    reference,
    ...(services.length > 0 && !byMail ? { services: services.map(({ id, title }) => ({ id, title: title.de })) } : {}),
    ...(takesPlace || !byMail ? { place: placeInWords(scene, appointment, 'de') } : {}),
    startsAt: local(appointment.startsAt),
    endsAt: local(appointment.endsAt),
    ...(act === 'moved' && appointment.moved ? { movedFrom: local(appointment.moved.from) } : {}),
    timeZone: tenant.timeZone,
    doneAt: doneAt.toString({ smallestUnit: 'second' }),
    issuedAt: scene.now.toString({ smallestUnit: 'second' }),
  }
}

/** What was last done to an appointment that stands: it was moved, or else booked. */
export const lastDone = (appointment: Appointment, fields: Readonly<Record<string, string>>): Done => ({
  act: appointment.moved ? 'moved' : 'booked',
  appointment,
  reference: fields.reference ?? '',
  doneAt: appointment.moved?.at ?? Temporal.Instant.from(fields.bookedAt ?? ''),
})

/** Makes a receipt and signs it with the tenant's key. */
export const issueReceipt = async (tx: TenantTx, scene: Scene, done: Done): Promise<Issued> => {
  const receipt = receiptOf(scene, done)
  return { receipt, jws: signReceipt(receipt, await scene.deps.vault.signer(tx)) }
}

/** The address at which a receipt is checked. What it says stands behind the `#`, which no browser sends to a server. */
export const receiptAddress = (scene: Scene, jws: string, language: Language = 'de'): string =>
  `${scene.deps.config.publicUrl}${routes.verify.href({ slug: scene.running.tenant.slug, language }, {})}#${jws}`

/** The link that a mail about this carries; none where no mail goes out. */
export const receiptForMail = async (
  tx: TenantTx,
  scene: Scene,
  done: Done,
  fields: Readonly<Record<string, string>>,
): Promise<string | null> => {
  if (!fields.email) return null
  const { jws } = await issueReceipt(tx, scene, { ...done, byMail: true })
  return receiptAddress(scene, jws, spokenBy(scene.running, fields.language))
}
