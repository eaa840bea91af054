import type pg from 'pg'
import type { Part } from './html.ts'
import { eventually } from './installation.ts'
import { formsOn, type Person, type Seen } from './person.ts'

/* What programs that check mails do: they follow the links in them and what these lead to, and some press every button. */

/** The buttons of a form: what each sends besides, and where to, if not to where the form goes. */
const buttonsOf = (form: Part): { to: string | undefined; adds: Record<string, string> }[] =>
  form.all('button[type=submit]').map((button) => {
    const name = button.attribute('name')
    return {
      to: button.attribute('formaction') ?? undefined,
      adds: name ? { [name]: button.attribute('value') ?? '' } : {},
    }
  })

const linksOn = ({ all }: Seen): string[] => all('a[href]').map((link) => link.attribute('href') ?? '')

/** An address by what it does, whatever the values in it: of two lists of days a robot learns no more than of one. */
const kindOf = (url: string, fields: Record<string, string> = {}): string => {
  const [path = '', query = ''] = url.split('?')
  return [path, ...new URLSearchParams(query).keys(), '-', ...Object.keys(fields)].join(' ')
}

/** Follows a mailed link, then every link and every form as it stands with each of its buttons, as deep as they go, on all
 *  pages whose address has `token` in it. Returns how many pages it has seen and how many forms it has sent. */
export const letLoose = async (who: Person, link: string, token: string): Promise<{ seen: number; sent: number }> => {
  const known = new Set<string>()
  const isNew = (kind: string) => !known.has(kind) && known.add(kind)
  let sent = 0
  const waiting: (() => Promise<Seen>)[] = [() => who.open(link)]
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const page = await next()
    for (const url of linksOn(page)) {
      if (url.includes(token) && isNew(kindOf(url))) waiting.push(() => who.open(url))
    }
    for (const { action, method, form: part, fields } of formsOn(page)) {
      for (const { to = action, adds } of [{ to: action, adds: {} }, ...buttonsOf(part)]) {
        const form = { ...fields, ...adds }
        if (!to.includes(token) || !isNew(kindOf(`${method} ${to}`, form))) continue
        sent += 1
        waiting.push(() => (method === 'get' ? who.open(`${to}?${new URLSearchParams(form)}`) : who.post(to, form)))
      }
    }
  }
  return { seen: known.size - sent, sent }
}

/** Waits until every mail is out. */
export const mailsAreOut = async (admin: pg.Client): Promise<unknown> =>
  eventually(
    async () => (await admin.query("select from mail_delivery where status = 'queued'")).rowCount === 0,
    'the mails',
  )

/** Every row that says something about appointments or leads to one, as text. Who looked at a record is not among them:
 *  looking leaves a line. */
export const rowsOf = async (admin: pg.Client): Promise<string> => {
  const tables = [
    ...['appointment', 'wish', 'offer', 'consent_record', 'mail_delivery', 'visit_count'],
    ...['vault.record', 'vault.blind_index'],
  ]
  const all: unknown[] = []
  for (const table of tables) all.push((await admin.query(`select t::text from ${table} t order by 1`)).rows)
  all.push((await admin.query('select c::text from cell c where appointment_id is not null order by 1')).rows)
  return JSON.stringify(all, null, 1)
}

/** The same, once what sends mails has nothing left to do. */
export const everything = async (admin: pg.Client): Promise<string> => {
  await mailsAreOut(admin)
  return rowsOf(admin)
}
