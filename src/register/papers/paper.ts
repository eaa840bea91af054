import { underlined, wrap } from '../notice/text.ts'

type Row = { label: string; value: string }
type Table = { kind: 'table'; caption: string; columns: readonly string[]; rows: readonly (readonly string[])[] }

export type PaperBlock =
  | { kind: 'paragraph'; text: string }
  | { kind: 'subheading'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'facts'; rows: readonly Row[] }
  | Table

/** A document of the authority's own, made from the register: not for the public, for printing and filing. */
export type Paper = {
  title: string
  lead: readonly string[]
  sections: readonly { id: string; heading: string; blocks: readonly PaperBlock[] }[]
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

const blockText = (block: PaperBlock): string => {
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
    case 'table':
      return tableText(block)
  }
}

/** The paper as plain text of at most 78 columns; only a longer word, such as an address, sticks out. */
export const paperText = ({ title, lead, sections }: Paper): string => {
  const parts = sections.map(({ heading, blocks }) => [underlined(heading, '-'), ...blocks.map(blockText)].join('\n\n'))
  return `${[underlined(title, '='), ...lead.map((text) => wrap(text)), ...parts].join('\n\n')}\n`
}
