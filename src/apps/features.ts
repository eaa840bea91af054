import { accessLog } from '#features/access-log/index.ts'
import { appointments } from '#features/appointments/index.ts'
import { consent } from '#features/consent/index.ts'
import type { Feature } from '#features/feature.ts'
import { limits } from '#features/limits/index.ts'
import { mail, needOfLetter } from '#features/mail/index.ts'
import { needOfSubject, rights } from '#features/rights/index.ts'
import { statistics } from '#features/statistics/index.ts'
import { terms } from '#features/terms/index.ts'
import { website } from '#features/website/index.ts'
import type { Claims } from '#register/part.ts'
import { vaultKept } from './ledger.ts'

/** The product, by feature. A new one is a folder in `src/features` and a line here. */
export const features: readonly Feature[] = [
  website,
  accessLog,
  limits,
  appointments,
  consent,
  terms,
  rights,
  mail,
  statistics,
  vaultKept,
]

/** What these features bring into the register. */
export const claimsOf = (features: readonly Feature[]): Claims => ({
  needs: features.flatMap(({ needs, letters = [], subjects = [] }) => [
    ...needs,
    ...letters.map(needOfLetter),
    ...subjects.map(needOfSubject),
  ]),
  parts: features.flatMap(({ part }) => part ?? []),
})

/** The same of the product as it is. */
export const claims = claimsOf(features)
