import { vi } from 'vitest'
import type { Command } from '#apps/command.ts'
import { deletionConcept } from '#apps/commands/deletion-concept.ts'
import { processorNotice } from '#apps/commands/processor-notice.ts'
import { record } from '#apps/commands/record.ts'
import { eventually, type Installation, startInstallation } from './installation.ts'
import { bookAppointment, codeIn, type Person, person, type Seen } from './person.ts'

/* What people and authorities get to read of the shipped tenants. This file is run in two versions of the product, so it
 * uses only what both have: installation, person, and the command line. */

/** Everything read, by what it is called. */
export type Renderings = Record<string, string>

const slugs = ['duesseldorf', 'musterstadt', 'segeberg', 'viersen'] as const
const languages = ['de', 'en', 'ar'] as const
type Slug = (typeof slugs)[number]
type Language = (typeof languages)[number]

/** What chance, the build or the host puts into a text, made the same for both. Values under one name differ or agree in
 *  both alike: each gets the number in which it came. */
const settled = (text: string): string => {
  const numbers = new Map<string, number>()
  const numbered = (kind: string) => (value: string) => {
    if (!numbers.has(value)) numbers.set(value, numbers.size + 1)
    return `[${kind} ${numbers.get(value)}]`
  }
  return text
    .replace(/\r\n /g, '') // a calendar breaks long lines
    .replace(/\/assets\/[\w.-]+/g, '[file]')
    .replace(/name="formToken" value="[^"]*"/g, '[form token]')
    .replace(/ d="[Mm][^"]*"/g, ' d="[path]"')
    .replace(/[\w-]{40,}\.[\w-]{20,}(\.[\w-]{40,})?/g, numbered('signed'))
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, numbered('id'))
    .replace(/\b[A-Z2-9]{4}-[A-Z2-9]{4}\b/g, numbered('reference'))
    .replace(/\b\d{4} \d{4} \d{4}\b/g, numbered('code'))
    .replace(/(verwalten|angebot|b)\/[\w-]{22}\b/g, (_, folder: string) => `${folder}/[link]`)
    .replace(/value="[\w.-]{22,}"/g, 'value="[value]"')
}

const linksOn = ({ html }: Seen): string[] =>
  [...html.matchAll(/ href="([^"#]+)/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'))

/** Of the many pages of times and days, the first of each kind is enough. */
const kindOf = (url: string): string =>
  url.replace(/\b(ab|tag|monat|beginn|von)=[^&]*/g, '$1').replace(/[?&]vormerkung=[^&]*/, '')

/** All pages that can be reached by links from here, below an address. */
const readAll = async (who: Person, from: string, below: string, name: string, into: Renderings): Promise<void> => {
  const waiting = [from]
  const seen = new Set([kindOf(from)])
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    const page = await who.open(url)
    into[`${name} ${settled(kindOf(url))}`] = settled(`${page.status}\n${page.html}`)
    const type = String(page.headers['content-type'])
    for (const link of type.startsWith('text/html') ? linksOn(page) : []) {
      const path = link.replace(/^https?:\/\/[\w.:-]+/, '')
      if (!path.startsWith(below) || seen.has(kindOf(path)) || seen.size > 400) continue
      seen.add(kindOf(path))
      waiting.push(path)
    }
  }
}

const readMails = async (installation: Installation, to: string, count: number, name: string, into: Renderings) => {
  const mails = () => installation.mailbox.messages().filter((mail) => mail.to === to)
  await eventually(() => mails().length >= count, `${count} mails to ${to}`)
  for (const [n, { from, subject, text, html, calendar }] of mails().entries())
    into[`${name} mail ${n + 1}`] = settled([from, subject, text, html, calendar ?? ''].join('\n\n'))
  installation.mailbox.clear()
}

/** An appointment booked, looked at, moved and cancelled, what its person finds by a code, and how they end all there is. */
const readJourney = async (installation: Installation, slug: Slug, language: Language, into: Renderings) => {
  const who = person(installation, {}, new Map())
  const to = `${slug}.${language}@example.org`
  const name = `${slug} ${language}`
  const base = `/${slug}${language === 'de' ? '' : `/${language}`}`
  const keep = (step: string, page: Seen) => {
    into[`${name} ${step}`] = settled(`${page.status}\n${page.html}`)
    return page
  }
  const other = person(installation)
  const times = await other.open(`${base}/termin/zeit?leistung=beratung-vor-ort`)
  const held = await other.send(times, { beginn: other.starts(times)[0] ?? '' })
  keep('details with faults', await other.send(held, { 'f.email': 'x@', 'f.name': '' }))
  const journey = await bookAppointment(who, { slug, language, fields: { 'f.email': to } })
  const { details, consent, check, booked, manage } = journey
  for (const [step, page] of Object.entries({ times, details, consent, check, booked })) keep(step, page)
  await readMails(installation, to, 1, `${name} booked`, into)
  await readAll(who, manage, manage, `${name} behind the link`, into)
  const list = await who.open(`${manage}/verschieben`)
  const start = who.starts(list)[1] ?? ''
  keep('moved', await who.send(list, { beginn: start }, 'verschieben'))
  await readMails(installation, to, 1, `${name} moved`, into)
  // A mailbox gets two codes an hour.
  for (const place of ['meine-daten', 'termin/finden']) {
    const page = await who.open(`${base}/${place}`)
    const asked = keep(`${place} asked`, await who.send(page, { email: to }))
    const mail = await eventually(() => installation.mailbox.messages().find((one) => one.to === to), 'the code')
    await readMails(installation, to, 1, `${name} ${place}`, into)
    keep(`${place} found`, await who.send(asked, { code: codeIn(mail.text) }))
  }
  keep('cancelled', await who.send(await who.open(`${manage}/absagen`)))
  await readMails(installation, to, 1, `${name} cancelled`, into)
  keep('gone', await who.open(manage))
  installation.time.move('PT1H')
  await bookAppointment(who, { slug, language, fields: { 'f.email': to } })
  await readMails(installation, to, 1, `${name} booked again`, into)
  // Where there is a consent to withdraw, that page asks for the mailbox.
  const way = (await who.open(`${base}/widerruf`)).html.includes('name="email"') ? 'widerruf' : 'loeschen'
  const ending = keep(`${way} asked`, await who.send(await who.open(`${base}/${way}`), { email: to }))
  const mail = await eventually(() => installation.mailbox.messages().find((one) => one.to === to), 'the code')
  await readMails(installation, to, 1, `${name} ${way}`, into)
  const found = keep(`${way} found`, await who.send(ending, { code: codeIn(mail.text) }))
  keep(`${way} done`, await who.send(found))
  await readMails(installation, to, 1, `${name} ended`, into)
}

/** What a command of the command line prints. */
const printed = async ({ run }: Command, installation: Installation, words: string[]): Promise<string> => {
  const said: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  try {
    await run(installation.config, words)
  } finally {
    write.mockRestore()
  }
  return said.join('').replace(/<style>[\s\S]*?<\/style>/, '')
}

const readPapers = async (installation: Installation, into: Renderings): Promise<void> => {
  for (const slug of slugs)
    for (const language of languages)
      for (const paper of [record, deletionConcept, processorNotice]) {
        const words = [slug, '--lang', language, '--format', 'html']
        into[`${slug} ${language} ${paper.name}`] = await printed(paper, installation, words)
      }
}

export const render = async (): Promise<Renderings> => {
  const into: Renderings = {}
  const installation = await startInstallation({ tenants: slugs })
  // The checksum of the files tells nobody what is promised: the same can be written in another way.
  const checksums = [...installation.deps.register.running.values()].map(({ hash }) => hash)
  const withoutChecksums = (text: string) => checksums.reduce((left, each) => left.replaceAll(each, '[files]'), text)
  try {
    for (const slug of slugs)
      for (const language of languages) {
        const base = `/${slug}${language === 'de' ? '' : `/${language}`}`
        const own = `/${slug}/`
        await readAll(
          person(installation),
          `${base}/`,
          language === 'de' ? own : `${base}/`,
          `${slug} ${language}`,
          into,
        )
        for (const url of [`/${slug}/.well-known/privacy-register.jsonld`, `/${slug}/api/v1/openapi.json`])
          into[url] = settled((await person(installation).open(url)).html)
        await readJourney(installation, slug, language, into)
      }
    await readPapers(installation, into)
  } finally {
    await installation.close()
  }
  return Object.fromEntries(Object.entries(into).map(([name, text]) => [name, withoutChecksums(text)]))
}
