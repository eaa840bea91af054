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
import type { Claims } from '#register/addition.ts'
import { erasureRequested } from '#register/register.ts'
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

/** What a feature says that it reports because somebody asks, and nothing of it ends what they ask for. */
const unended = ({ needs, subjects = [] }: Feature): string[] =>
  needs
    .filter(({ activity }) => !subjects.some((subject) => subject.activity === activity && subject.ending))
    .flatMap(({ triggers = [], withConsent, withoutConsent }) => [
      ...triggers,
      ...(withConsent?.triggers ?? []),
      ...(withoutConsent?.triggers ?? []),
    ])
    .filter((trigger) => trigger === erasureRequested)

/** What these features bring into the register.
 *  @throws where one reports that erasure is asked for, and erases nothing: its tenants would promise what nobody does */
export const claimsOf = (features: readonly Feature[]): Claims => {
  for (const feature of features.filter((each) => unended(each).length > 0))
    throw new Error(`the feature ${feature.name} reports ${erasureRequested} and contributes no subject that ends`)
  return {
    needs: features.flatMap(({ needs, letters = [], subjects = [] }) => [
      ...needs,
      ...letters.map(needOfLetter),
      ...subjects.map(needOfSubject),
    ]),
    additions: features.flatMap(({ addition }) => addition ?? []),
  }
}

/** The same of the product as it is. */
export const claims = claimsOf(features)
