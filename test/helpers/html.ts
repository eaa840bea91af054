import { is, selectAll } from 'css-select'
import { Parser, parseDocument } from 'htmlparser2'

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
  /** What people read of it. */
  text: string
  /** As it stands in the page. */
  html: string
  is: (selector: string) => boolean
  /** The first of its elements that a selector of CSS means. @throws where there is none. */
  find: (selector: string) => Part
  all: (selector: string) => Part[]
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

const partOf = (html: string, tag: Tag): Part => ({
  name: tag.name,
  attribute: (name) => tag.attribs[name] ?? null,
  get html() {
    return html.slice(tag.startIndex ?? 0, (tag.endIndex ?? 0) + 1)
  },
  get text() {
    return textOf(this.html).trim()
  },
  is: (selector) => is(tag, selector),
  ...lookingIn(html, tag),
})

type Looking = Pick<Part, 'find' | 'all'>

const lookingIn = (html: string, root: Root | Tag): Looking => {
  const all = (selector: string): Part[] => (selectAll(selector, root) as Tag[]).map((tag) => partOf(html, tag))
  return {
    all,
    find: (selector) => {
      const [first] = all(selector)
      if (!first) throw new Error(`no ${selector} in ${textOf(html).slice(0, 300)}`)
      return first
    },
  }
}

/** The same for a page, or a piece of one. */
export const look = (html: string): Looking => {
  let root: Root | null = null
  const parsed = (): Looking => {
    root ??= parseDocument(html, { withStartIndices: true, withEndIndices: true })
    return lookingIn(html, root)
  }
  return { all: (selector) => parsed().all(selector), find: (selector) => parsed().find(selector) }
}
