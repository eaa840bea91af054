/*
 * What the register says to people, as blocks in sections: the public notice and the authority's papers alike. A page or
 * a text is made of them in one place each: src/features/blocks.tsx and below.
 */

export type Row = { label: string; value: string }

type Table = { kind: 'table'; caption: string; columns: readonly string[]; rows: readonly (readonly string[])[] }

/** `facts` are names with what is said of each. Versions of the notice are kept, hashed and published with these words
 *  for `kind` (docs/notice.md), so the words stay. */
export type PlainBlock =
  | { kind: 'paragraph'; text: string }
  | { kind: 'subheading'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'facts'; rows: readonly Row[] }

export type Block =
  | PlainBlock
  | Table
  /** `printed` is the whole address, to stand beside the link on paper. */
  | { kind: 'link'; text: string; href: string; printed?: string | undefined }

/** `id` is the anchor that leads to it. */
export type Section<B = Block> = { id: string; heading: string; blocks: readonly B[] }

const width = 78

/** Breaks text at blanks. A word longer than a line stays whole: an address has to stay usable. */
const wrap = (text: string, first = '', rest = first): string => {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line].join('\n')
}

const underlined = (text: string, mark: string): string => {
  const wrapped = wrap(text)
  const longest = Math.max(...wrapped.split('\n').map((line) => line.length))
  return `${wrapped}\n${mark.repeat(longest)}`
}

/** The name of each column is said with its cell: text has no width for a table. */
const tableText = ({ caption, columns, rows }: Table): string =>
  [
    wrap(`${caption}:`),
    ...rows.map(([head = '', ...cells]) =>
      [wrap(head, '* ', '  '), ...cells.map((cell, at) => wrap(`${columns[at + 1]}: ${cell}`, '    ', '      '))].join(
        '\n',
      ),
    ),
  ].join('\n')

const blockText = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
      return wrap(block.text)
    case 'subheading':
      return wrap(`${block.text}:`)
    case 'list':
      return block.items.map((item) => wrap(item, '- ', '  ')).join('\n')
    case 'facts':
      return block.rows
        .map(({ label, value }) => `${wrap(label, '* ', '  ')}${value ? `\n${wrap(value, '    ')}` : ''}`)
        .join('\n')
    case 'link':
      return `${wrap(`${block.text}:`)}\n${block.href}`
    case 'table':
      return tableText(block)
  }
}

type Text = { title: string; lead?: readonly string[]; sections: readonly Section[] }

/** Plain text of at most 78 columns; only a longer word, such as an address, sticks out. */
export const plainText = ({ title, lead = [], sections }: Text): string => {
  const parts = sections.map(({ heading, blocks }) => [underlined(heading, '-'), ...blocks.map(blockText)].join('\n\n'))
  return `${[underlined(title, '='), ...lead.map((text) => wrap(text)), ...parts].join('\n\n')}\n`
}
