import { queueMail, renderLetter } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { spokenBy } from '#register/register.ts'
import { closingOf, ofTimes } from '../letter.ts'
import { letters } from '../letters.ts'
import { routes } from '../routes.ts'
import type { Scene } from '../scene.ts'
import { dayAndTime, momentInWords, placeInWords } from '../words.ts'
import type { Offer } from './sql.ts'
import type { Waiting } from './wish.ts'

type About = { offer: Offer; waiting: Waiting; fields: Readonly<Record<string, string>>; token: string }

const factsOf = (scene: Scene, { offer, waiting, fields }: About, language: Language) => {
  const t = translator(language)
  return [
    ...ofTimes(scene, [
      [t('appointments.waiting.newTime'), momentInWords(scene, offer.startsAt, language)],
      [t('appointments.place'), placeInWords(scene, waiting, language)],
    ]),
    [t('appointments.waiting.until'), momentInWords(scene, offer.until, language)] as const,
    ...ofTimes(scene, [[t('appointments.waiting.yourTime'), momentInWords(scene, waiting.startsAt, language)]]),
    [t('appointments.reference'), fields.reference ?? ''] as const,
  ]
}

/** Tells somebody who waits that an earlier time is kept for them, and until when. */
export const mailOffer = async (tx: TenantTx, scene: Scene, about: About): Promise<void> => {
  const { offer, fields, token } = about
  const language = spokenBy(scene.running, fields.language)
  const t = translator(language)
  const path = routes.offer.href({ slug: scene.running.tenant.slug, language }, { token, offer: offer.id })
  await queueMail(tx, scene.deps, {
    kind: letters.offer,
    about: offer.id,
    to: fields.email ?? '',
    subject: t('appointments.waiting.mail.subject', { until: dayAndTime(scene, offer.until, language).time }),
    ...renderLetter({
      language,
      heading: t('appointments.waiting.mail.heading'),
      paragraphs: [t('appointments.waiting.mail.text', { until: momentInWords(scene, offer.until, language) })],
      facts: factsOf(scene, about, language),
      action: { label: t('appointments.waiting.mail.action'), url: scene.deps.config.publicUrl + path },
      closing: [
        t('appointments.waiting.mail.otherwise'),
        t('appointments.mail.keepLink'),
        ...closingOf(scene, language),
      ],
    }),
  })
}
