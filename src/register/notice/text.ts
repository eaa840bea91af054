import type { AddressOf, Block, Notice } from './notice.ts'

const width = 78

/** Breaks text at blanks. A word longer than a line stays whole: an address has to stay usable. */
export const wrap = (text: string, first = '', rest = first): string => {
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

export const underlined = (text: string, mark: string): string => {
  const wrapped = wrap(text)
  const longest = Math.max(...wrapped.split('\n').map((line) => line.length))
  return `${wrapped}\n${mark.repeat(longest)}`
}

const blockText = (block: Block, addressOf: AddressOf): string => {
  switch (block.kind) {
    case 'paragraph':
      return wrap(block.text)
    case 'subheading':
      return wrap(`${block.text}:`)
    case 'list':
      return block.items.map((item) => wrap(item, '- ', '  ')).join('\n')
    case 'facts':
      return block.rows.map(({ label, value }) => `${wrap(label, '* ', '  ')}\n${wrap(value, '    ')}`).join('\n')
    case 'link':
      return `${wrap(`${block.text}:`)}\n${addressOf(block.target)}`
  }
}

/** The notice as plain text of at most 78 columns (an address may be longer). `addressOf` gives the
 *  tenant's pages in the notice's language, as full addresses. */
export const noticeText = (notice: Notice, addressOf: AddressOf): string => {
  const sections = notice.sections.map(({ heading, blocks }) =>
    [underlined(heading, '-'), ...blocks.map((block) => blockText(block, addressOf))].join('\n\n'),
  )
  return `${[underlined(notice.title, '='), ...sections].join('\n\n')}\n`
}
