import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { formKeysOf } from '#apps/form-keys.ts'
import { formToken } from '#platform/http/form-token.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { look, type Part, textOf } from './html.ts'
import type { Installation } from './installation.ts'
import { publicUrl } from './installation.ts'

/** A page as a browser without JavaScript sees it. */
export type Seen = {
  status: number
  url: string
  html: string
  text: string
  title: string
  headers: Record<string, unknown>
  /** The first element that a selector of CSS means. @throws where there is none. */
  find: (selector: string) => Part
  all: (selector: string) => Part[]
  /** What the first field of this name holds; empty where there is none. */
  field: (name: string) => string
}

export { textOf }

/** The fields a form would send as it stands: hidden, filled-in and checked ones. */
const fieldsOf = (form: Part): Record<string, string> =>
  Object.fromEntries(
    form.all('input, select, textarea').flatMap((field) => {
      const [name, value] = [field.attribute('name'), field.value]
      return name === null || value === null ? [] : [[name, value]]
    }),
  )

/** The boxes that ask whether somebody means it, ticked. */
const sureOn = (of: Pick<Part, 'all'>): Record<string, string> =>
  Object.fromEntries(of.all('input[type=checkbox][name^=sicher]').map((box) => [box.attribute('name') ?? '', 'yes']))

/** The forms of a page, each with what it would send as it stands. */
export const formsOn = ({ html }: Pick<Seen, 'html'>) =>
  look(html)
    .all('form')
    .map((form) => ({
      action: form.attribute('action') ?? '',
      method: form.attribute('method') ?? 'get',
      form,
      get body() {
        return form.html
      },
      get fields() {
        return fieldsOf(form)
      },
    }))

/** Read and parsed when somebody looks at it. */
const seen = (url: string, { statusCode, body, headers }: LightMyRequestResponse): Seen => {
  const looking = look(body)
  let text: string | undefined
  return {
    status: statusCode,
    url,
    html: body,
    get text() {
      text ??= textOf(body)
      return text
    },
    get title() {
      return looking.all('title')[0]?.text ?? ''
    },
    headers,
    ...looking,
  }
}

/** What answers requests: a server, or several behind one address. */
type Answering = { app: { inject: (request: InjectOptions) => Promise<LightMyRequestResponse> } }

/** What a form sends; as a list where a name comes more than once. */
type Form = Record<string, string> | string[][]

let people = 0

/** Somebody with a connection of their own, unless `headers` name one: no test uses up another's limits. Their browser
 *  keeps no cookies, unless `jar` is there to keep them. */
export const person = (
  installation: Answering,
  headers: Record<string, string> = {},
  jar: Map<string, string> | null = null,
) => {
  people += 1
  const address = `10.100.${people >> 8}.${people & 255}`
  const see = async (method: 'GET' | 'POST', url: string, form?: Form): Promise<Seen> => {
    const response = await installation.app.inject({
      method,
      url,
      headers: {
        host: new URL(publicUrl).host,
        'user-agent': 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36',
        ...(form
          ? { 'content-type': 'application/x-www-form-urlencoded', origin: publicUrl, 'sec-fetch-site': 'same-origin' }
          : {}),
        'x-forwarded-for': address,
        ...(jar && jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...headers,
      },
      ...(form ? { payload: new URLSearchParams(form).toString() } : {}),
    })
    for (const { name, value, maxAge } of jar ? response.cookies : []) {
      if (maxAge === 0) jar?.delete(name)
      else jar?.set(name, value)
    }
    const { location } = response.headers
    if (response.statusCode === 303 && typeof location === 'string') return see('GET', location)
    return seen(url, response)
  }
  return {
    open: (url: string) => see('GET', url),
    post: (url: string, form: Form) => see('POST', url, form),
    /** Sends the first form of a page, or the one whose action contains `to`, as it stands, with `changes`. A person means
     *  what they press: the box that asks whether they are sure is ticked, and where choosing leads to such a question
     *  first, that is answered, too. */
    send: async (page: Seen, changes: Record<string, string> = {}, to = ''): Promise<Seen> => {
      const found = formsOn(page).find(({ action, body }) => `${action} ${body}`.includes(to))
      if (!found) throw new Error(`no form on ${page.url} (${page.status}): ${page.text.slice(0, 300)}`)
      const { form, method } = found
      const others = to && !found.action.includes(to) ? form.all('[formaction]') : []
      const other = others.map((button) => button.attribute('formaction') ?? '').find((url) => url.includes(to))
      const fields = { ...found.fields, ...sureOn(form), ...changes }
      if (method !== 'get') return see('POST', other ?? found.action, fields)
      const asked = await see('GET', `${other ?? found.action}?${new URLSearchParams(fields)}`)
      const question = formsOn(asked).find(({ fields }) => fields.beginn === changes.beginn && 'beginn' in fields)
      return question ? see('POST', question.action, { ...question.fields, ...sureOn(asked) }) : asked
    },
    /** The starts offered on a page of times. */
    starts: (page: Seen): string[] =>
      page.all('input[type=radio][name=beginn]').map((start) => start.attribute('value') ?? ''),
  }
}

export type Person = ReturnType<typeof person>

/** What a form of this tenant carries so that its POST is accepted. */
export const formTokenOf = ({ deps }: Installation, slug: string): string => formToken(formKeysOf(deps, slug), slug)

/** The booking reference on a page; empty if there is none. */
export const referenceOn = (text: string): string => /[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(text)?.[0] ?? ''

/** The code in a mail, as it stands there; empty if there is none. */
export const codeIn = (text: string): string => /\b\d{4} \d{4} \d{4}\b/.exec(text)?.[0] ?? ''

/** What Erika types; the values are markers that a search for leaks finds again. */
export const erika = {
  'f.name': 'Erika Markerfrau',
  'f.birthDate.day': '12',
  'f.birthDate.month': '8',
  'f.birthDate.year': '1984',
  'f.customerOrBgNumber': '131A0990815',
  'f.email': 'erika.markerfrau@example.org',
  'f.freeText': 'Zetermordio-Markertext',
}

/** What she types at each Jobcenter; every form asks for something else. */
const typedAt: Record<string, Record<string, string>> = {
  viersen: {
    'f.formOfAddress': 'frau',
    'f.name': 'Erika Markerfrau',
    'f.email': 'erika.markerfrau@example.org',
    'f.postalAddress': 'Markerweg 7\n41747 Viersen',
    'f.customerNumber': '131A0990815',
    'f.message': 'Zetermordio-Markertext',
  },
  duesseldorf: {
    'f.givenName': 'Erika',
    'f.familyName': 'Markerfrau',
    'f.customerNumber': '131A0990815',
    'f.email': 'erika.markerfrau@example.org',
  },
}
export const typedFor = (slug: string): Record<string, string> => typedAt[slug] ?? erika

/** The boxes of the consent page; the last one is there for a tenant with terms of use. */
export const agreed = { kenntnis: 'yes', einwilligung: 'yes', bedingungen: 'yes' }

type Booking = {
  slug?: string
  language?: Language
  service?: string
  fields?: Record<string, string>
  start?: string
}

/** Goes the whole way to a booked appointment and returns the page that confirms it, with its manage link's token. */
export const bookAppointment = async (who: Person, booking: Booking = {}) => {
  const { slug = 'segeberg', language = 'de', service = 'beratung-vor-ort', fields = {} } = booking
  const start = `/${slug}${language === 'de' ? '' : `/${language}`}`
  const times = await who.open(`${start}/termin/zeit?leistung=${service}`)
  const chosen = booking.start ?? who.starts(times)[0] ?? ''
  const details = await who.send(times, { beginn: chosen })
  const consent = await who.send(details, { ...typedFor(slug), ...fields })
  const check = await who.send(consent, agreed)
  const first = await who.send(check)
  // Who books more than once with the same details is asked, and means it.
  const booked = first.all('[name=zweiter]').length > 0 ? await who.send(first) : first
  const token = /verwalten\/([\w-]{22})/.exec(booked.url)?.[1] ?? ''
  return { times, details, consent, check, booked, start: chosen, token, manage: `${start}/termin/verwalten/${token}` }
}
