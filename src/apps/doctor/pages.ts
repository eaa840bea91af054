import { Parser } from 'htmlparser2'
import type { RunningTenant } from '#register/register.ts'
import type { Difference } from './difference.ts'

/** Elements that a browser loads by itself, or that send a form. */
const loads = new Set(['script', 'link', 'img', 'iframe', 'form', 'source', 'audio', 'video', 'object', 'embed'])

/** Sources of a page that a browser would load by itself, or send a form to. */
const sourcesIn = (html: string): string[] => {
  const found: string[] = []
  const parser = new Parser({
    onopentag: (name, { src, href, action, data }) => {
      if (loads.has(name)) found.push(...[src, href, action, data].filter((each) => each !== undefined))
    },
  })
  parser.end(html)
  return found
}

const isOwn = (address: string): boolean =>
  (address.startsWith('/') && !address.startsWith('//')) || address.startsWith('data:')

/** `right`: the status that the page itself gave; null when something else answered in its place. `dropped`: names of
 *  cookies that the server kept back, as nobody declares them. */
export type Answer = {
  url: string
  status: number
  right: number | null
  dropped: readonly string[]
  html: string
  /** What its caller should have had, where the page was reached without it; else null. */
  letIn: string | null
  /** What is wrong with its headers, its cookies and what it repeats of the request; nothing where no server was around
   *  the page. */
  around: readonly Difference[]
}

/** Whether this is no answer at all: a page that was not reached has not been looked at, and "too many requests" says
 *  nothing about it. */
const isNotAsked = ({ status, right }: Answer): boolean => status !== right || status === 429

const isOutage = (status: number): boolean => status >= 503

/** What is said of an answer that is a fault of the server, or none. */
export const failed = (url: string, status: number): Difference =>
  isOutage(status)
    ? {
        message: `${url} answers with ${status} and was not looked at`,
        remedy: 'start again when database and machine are well; the fault stands on standard error',
        isOutage: true,
      }
    : { message: `${url} answers with ${status}`, remedy: 'see the fault on standard error' }

const compareStatus = (answer: Answer): Difference[] => {
  const { url, status } = answer
  if (status >= 500) return [failed(url, status)]
  return isNotAsked(answer)
    ? [
        {
          message: `${url} was not asked: in its place came ${status}`,
          remedy: 'start again; if it stays so, find out what answers instead of the page',
        },
      ]
    : []
}

/** Whether it may be another one a moment later: an outage of the database, a machine that is too busy. */
export const mayPass = ({ status }: Pick<Answer, 'status'>): boolean => isOutage(status) || status === 429

/** What is said of a page that was reached by who has nothing. */
export const unguarded = (url: string, needed: string): Difference => ({
  message: `${url} is for who has ${needed}, and lets in who has not`,
  remedy: `see what admits ${needed}`,
})

export const compareAnswer = (running: RunningTenant, answer: Answer): Difference[] => {
  const { url, dropped, html, around, letIn } = answer
  return [
    ...compareStatus(answer),
    ...(letIn === null ? [] : [unguarded(url, letIn)]),
    ...dropped.map((name) => ({
      message: `${url} sets the cookie ${name}, which ${running.tenant.slug} does not declare`,
      remedy: 'declare it under an activity, or remove what sets it',
    })),
    ...(isNotAsked(answer) ? [] : around),
    ...sourcesIn(html)
      .filter((address) => !isOwn(address))
      .map((address) => ({
        message: `${url} loads from or sends to ${address}, and no recipient is declared for that`,
        remedy: 'serve it from this installation, or remove it',
      })),
  ]
}
