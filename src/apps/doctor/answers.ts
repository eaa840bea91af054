import type { LightMyRequestResponse } from 'fastify'
import type { Clock } from '#platform/clock.ts'
import type { PageOptions } from '#platform/http/page-options.ts'
import type { RunningTenant } from '#register/register.ts'
import { canariesOn, typed } from './canaries.ts'
import { watchCookies } from './cookies.ts'
import type { Difference } from './difference.ts'
import { compareText } from './log.ts'
import { compareHeaders, type Kind } from './policy.ts'

/** Headers as text. What was asked for behind a link may lead back to that link, and repeats it. */
const textOf = (url: string, headers: LightMyRequestResponse['headers']): string => {
  const text = JSON.stringify(headers)
  const segment = `/${typed.link}`
  return url.includes(segment) && headers.location ? text.replaceAll(segment, '') : text
}

/** Looks at what answers say beside their content, and at what they repeat of the requests: headers, cookies, canaries. */
export const watchAnswers = (https: boolean, clock: Clock) => {
  const compareCookies = watchCookies(https, clock)
  return (
    running: RunningTenant,
    url: string,
    { statusCode, headers, body }: LightMyRequestResponse,
    kind: Kind = 'answer',
    options: PageOptions = {},
  ): Difference[] => [
    // A file that is not given out is a page that says so.
    ...compareHeaders(url, headers, {
      kind: statusCode < 400 ? kind : 'answer',
      https,
      options: statusCode < 400 ? options : {},
      status: statusCode,
    }),
    ...compareCookies(url, running, [headers['set-cookie'] ?? []].flat()),
    ...compareText(`a header of ${url}`, textOf(url, headers)),
    ...canariesOn(body).map((what) => ({
      message: `${url} shows what came with the request beside what was typed: the canary '${what}'`,
      remedy: 'remove what repeats it; src/apps/doctor/canaries.ts sends it',
    })),
  ]
}
