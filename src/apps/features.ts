import { accessLog } from '#features/access-log/index.ts'
import { appointments } from '#features/appointments/index.ts'
import { consent } from '#features/consent/index.ts'
import type { Feature } from '#features/feature.ts'
import { limits } from '#features/limits/index.ts'
import { mail, needOfLetter } from '#features/mail/index.ts'
import { rights } from '#features/rights/index.ts'
import { statistics } from '#features/statistics/index.ts'
import { terms } from '#features/terms/index.ts'
import { website } from '#features/website/index.ts'
import type { ActivityNeeds } from '#register/register.ts'
import { ledger } from './ledger.ts'

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
  ledger,
]

/** What an activity must declare because the program itself writes or triggers it. */
export const needsOf = (features: readonly Feature[]): ActivityNeeds[] =>
  features.flatMap(({ needs, letters = [] }) => [...needs, ...letters.map(needOfLetter)])

/** The same of the product as it is. */
export const needs = needsOf(features)
