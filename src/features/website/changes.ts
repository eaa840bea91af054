import { diffArrays, diffWordsWithSpace } from 'diff'
import type { LinkTarget, NoticeBlock, NoticeContent, NoticeSection } from '#register/notice/notice.ts'

export type Piece = { kind: 'same' | 'added' | 'removed'; text: string }

/** A line of the notice that changed. `under` is the subheading it stands below. */
export type LineChange = { under: string | null; pieces: Piece[] }

export type SectionChange = {
  id: string
  heading: string
  kind: 'added' | 'removed' | 'changed'
  lines: LineChange[]
}

// A mark that no text holds keeps a line of one subheading apart from the same words below another.
const separator = '\u0000'

const addressOf = (target: LinkTarget): string =>
  'url' in target ? ` (${target.url})` : 'route' in target ? ` (${target.route})` : ''

const linesOf = (block: NoticeBlock): readonly string[] => {
  switch (block.kind) {
    case 'paragraph':
    case 'subheading':
      return [block.text]
    case 'list':
      return block.items
    case 'facts':
      return block.rows.map(({ label, value }) => `${label}: ${value}`)
    case 'link':
      return [block.text + addressOf(block.target)]
    default:
      return block satisfies never
  }
}

const flat = ({ heading, blocks }: NoticeSection): string[] => {
  let under = ''
  return [
    `${separator}${heading}`,
    ...blocks.flatMap((block) => {
      if (block.kind === 'subheading') under = block.text
      return linesOf(block).map((line) => `${block.kind === 'subheading' ? '' : under}${separator}${line}`)
    }),
  ]
}

const split = (line: string) => {
  const [under = '', text = ''] = line.split(separator)
  return { under: under || null, text }
}

const whole = (kind: 'added' | 'removed', line: string): LineChange => {
  const { under, text } = split(line)
  return { under, pieces: [{ kind, text }] }
}

/** Blanks between two changed words belong to the change: whole phrases are easier to read than every other word. */
const words = (before: string, after: string): Piece[] => {
  const pieces: Piece[] = []
  const changed = { removed: '', added: '' }
  const flush = () => {
    const blank = /\s*$/.exec(changed.removed)?.[0] ?? ''
    const shared = changed.added.endsWith(blank) ? blank.length : 0
    for (const kind of ['removed', 'added'] as const) {
      const text = changed[kind].slice(0, changed[kind].length - shared)
      if (text !== '') pieces.push({ kind, text })
      changed[kind] = ''
    }
    if (shared > 0) pieces.push({ kind: 'same', text: blank })
  }
  for (const { removed, added, value } of diffWordsWithSpace(before, after)) {
    const isBlank = value.trim() === '' && changed.removed + changed.added !== ''
    if (removed || added) changed[removed ? 'removed' : 'added'] += value
    else if (isBlank) {
      changed.removed += value
      changed.added += value
    } else {
      flush()
      pieces.push({ kind: 'same', text: value })
    }
  }
  flush()
  return pieces
}

/** The words of a line that changed, within those that did not. */
const reworded = (before: string, after: string): LineChange => ({
  under: split(after).under,
  pieces: words(split(before).text, split(after).text),
})

const changedLines = (before: readonly string[], after: readonly string[]): LineChange[] => {
  const runs = diffArrays([...before], [...after])
  return runs.flatMap((run, index) => {
    if (run.added) {
      const old = runs[index - 1]
      const pairs = old?.removed && old.value.length === run.value.length ? old.value : null
      return run.value.map((line, at) => {
        const was = pairs?.[at]
        return was !== undefined ? reworded(was, line) : whole('added', line)
      })
    }
    const next = runs[index + 1]
    const told = run.removed && next?.added && next.value.length === run.value.length
    return run.removed && !told ? run.value.map((line) => whole('removed', line)) : []
  })
}

/** What changed between two versions of a notice in one language, section by section in the order of the newer one;
 *  sections that are gone come last. */
export const noticeChanges = (before: NoticeContent, after: NoticeContent): SectionChange[] => {
  const old = new Map(before.sections.map((section) => [section.id, section]))
  const found = after.sections.flatMap((section): SectionChange[] => {
    const { id, heading } = section
    const was = old.get(id)
    old.delete(id)
    if (!was)
      return [
        {
          id,
          heading,
          kind: 'added',
          lines: flat(section)
            .slice(1)
            .map((line) => whole('added', line)),
        },
      ]
    const lines = changedLines(flat(was), flat(section))
    return lines.length > 0 ? [{ id, heading, kind: 'changed', lines }] : []
  })
  const gone = [...old.values()].map(
    (section): SectionChange => ({
      id: section.id,
      heading: section.heading,
      kind: 'removed',
      lines: flat(section)
        .slice(1)
        .map((line) => whole('removed', line)),
    }),
  )
  const title = changedLines([`${separator}${before.title}`], [`${separator}${after.title}`])
  const ofTitle: SectionChange[] =
    title.length > 0 ? [{ id: 'title', heading: after.title, kind: 'changed', lines: title }] : []
  return [...ofTitle, ...found, ...gone]
}
