import { queueMail, renderLetter } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { formatDay, formatTime } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { inLanguage, spokenBy } from '#register/register.ts'
import { placeInWords } from '../booking/mails.ts'
import { routes } from '../routes.ts'
import type { Scene } from '../scene.ts'
import type { Offer } from './sql.ts'
import type { Waiting } from './wish.ts'

const moment = (at: Temporal.Instant, language: Language, timeZone: string): string =>
  translator(language)('waiting.moment', {
    day: formatDay(at, language, timeZone),
    time: formatTime(at, language, timeZone),
  })

/** Tells somebody who waits that an earlier time is kept for them, and until when. */
export const mailOffer = async (
  tx: TenantTx,
  scene: Scene,
  about: { offer: Offer; waiting: Waiting; fields: Readonly<Record<string, string>>; token: string },
): Promise<void> => {
  const { offer, waiting, fields, token } = about
  const { tenant } = scene.running
  const language = spokenBy(scene.running, fields.language)
  const t = translator(language)
  const inWords = (at: Temporal.Instant) => moment(at, language, tenant.timeZone)
  const path = routes.offer.href({ slug: tenant.slug, language }, { token, offer: offer.id })
  const until = inWords(offer.until)
  await queueMail(tx, scene.deps, {
    kind: 'appointment.offer',
    about: offer.id,
    to: fields.email ?? '',
    subject: t('waiting.mail.subject', { until: formatTime(offer.until, language, tenant.timeZone) }),
    ...renderLetter({
      language,
      heading: t('waiting.mail.heading'),
      paragraphs: [t('waiting.mail.text', { until })],
      facts: [
        [t('waiting.newTime'), inWords(offer.startsAt)],
        [t('appointments.place'), placeInWords(scene, waiting, language)],
        [t('waiting.until'), until],
        [t('waiting.yourTime'), inWords(waiting.startsAt)],
        [t('appointments.reference'), fields.reference ?? ''],
      ],
      action: { label: t('waiting.mail.action'), url: scene.deps.config.publicUrl + path },
      closing: [
        t('waiting.mail.otherwise'),
        t('appointments.mail.keepLink'),
        t('appointments.mail.help', {
          phone: tenant.helpline.phone,
          hours: inLanguage(tenant.helpline.hours, language),
        }),
        inLanguage(tenant.name, language),
      ],
    }),
  })
}
