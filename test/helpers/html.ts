import { is, selectAll } from 'css-select'
import { Parser, parseDocument } from 'htmlparser2'
import { keepNewest } from '#platform/keep.ts'

/*
 * Pages as tests look at them: parsed once, and only when something asks for a part of them.
 */

type Root = ReturnType<typeof parseDocument>
type Child = Root['children'][number]
type Tag = Extract<Child, { attribs: unknown }>

/** An element of a page. */
export type Part = {
  name: string
  /** What an attribute says, without the escapes; null where it is not there. */
  attribute: (name: string) => string | null
  attributes: Readonly<Record<string, string>>
  /** What people read of it. */
  text: string
  /** The text in it that stands in no further element, blanks and all. */
  content: string
  /** What a field sends as it stands; null where it is a box or a choice that is not ticked. */
  value: string | null
  /** As it stands in the page. */
  html: string
  is: (selector: string) => boolean
  /** The first of its elements that a selector of CSS means. @throws where there is none. */
  find: (selector: string) => Part
  all: (selector: string) => Part[]
  /** What the first field of this name holds, ticked or not; empty where there is none. */
  field: (name: string) => string
}

const read = (html: string): string => html.replace(/\s+/g, ' ')

/** What people read of a page or a part of it. */
export const textOf = (html: string): string => {
  let text = ''
  const open: string[] = []
  let unread = 0
  const isUnread = (name: string): boolean => ['head', 'style', 'script'].includes(name)
  const parser = new Parser({
    ontext: (piece) => {
      if (unread === 0) text += piece
    },
    onopentag: (name, { translate }) => {
      // Stands in the middle of a sentence.
      const blank = name === 'span' && translate === 'no' ? '' : ' '
      if (isUnread(name)) unread += 1
      else text += blank
      open.push(blank)
    },
    onclosetag: (name) => {
      const blank = open.pop() ?? ''
      if (isUnread(name)) unread -= 1
      else text += blank
    },
  })
  parser.end(html)
  return read(text)
}

const textIn = ({ children }: Tag): string => children.map((child) => ('data' in child ? child.data : '')).join('')

const chosenIn = (tag: Tag): Tag | undefined => {
  const options = selectAll('option', tag) as Tag[]
  return options.find(({ attribs }) => 'selected' in attribs) ?? options[0]
}

const sentBy = (tag: Tag): string | null => {
  const { type = '', value = '', ...others } = tag.attribs
  if (tag.name === 'textarea') return textIn(tag)
  if (tag.name === 'select') return chosenIn(tag)?.attribs.value ?? ''
  return ['radio', 'checkbox'].includes(type) && !('checked' in others) ? null : value
}

const partOf = (html: string, tag: Tag): Part => ({
  name: tag.name,
  attribute: (name) => tag.attribs[name] ?? null,
  attributes: tag.attribs,
  get html() {
    return html.slice(tag.startIndex ?? 0, (tag.endIndex ?? 0) + 1)
  },
  get text() {
    return textOf(this.html).trim()
  },
  get content() {
    return textIn(tag)
  },
  get value() {
    return sentBy(tag)
  },
  is: (selector) => is(tag, selector),
  ...lookingIn(html, tag),
})

type Looking = Pick<Part, 'find' | 'all' | 'field'>

const lookingIn = (html: string, root: Root | Tag): Looking => {
  const all = (selector: string): Part[] => (selectAll(selector, root) as Tag[]).map((tag) => partOf(html, tag))
  return {
    all,
    find: (selector) => {
      const [first] = all(selector)
      if (!first) throw new Error(`no ${selector} in ${textOf(html).slice(0, 300)}`)
      return first
    },
    field: (name) => all(`[name="${name}"]`)[0]?.attribute('value') ?? '',
  }
}

// Whoever looks at a page looks more than once.
const parsed = keepNewest<Looking>(8)

/** The same for a page, or a piece of one. Parsed when first asked. */
export const look = (html: string): Looking => {
  const looking = (): Looking =>
    parsed(html, () => lookingIn(html, parseDocument(html, { withStartIndices: true, withEndIndices: true })))
  return {
    all: (selector) => looking().all(selector),
    find: (selector) => looking().find(selector),
    field: (name) => looking().field(name),
  }
}

/** All of a page but what its fields hold: what must not tell one answer from another. */
export const skeletonOf = (html: string): string =>
  JSON.stringify([
    textOf(html),
    look(html)
      .all('*')
      .map(({ name, attributes: { value: _, ...others } }) => [name, others]),
  ])
