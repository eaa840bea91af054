import { Details, Heading, List, Paragraph, SummaryList, Table } from '#platform/ui/components.tsx'
import type { Block, Section } from '#register/blocks.ts'

const One = ({ block }: { block: Block }) => {
  switch (block.kind) {
    case 'paragraph':
      return <Paragraph>{block.text}</Paragraph>
    case 'subheading':
      return <Heading level={3}>{block.text}</Heading>
    case 'list':
      return <List items={block.items} />
    case 'facts':
      return <SummaryList rows={block.rows} />
    case 'table':
      return <Table caption={block.caption} columns={block.columns.map((label) => ({ label }))} rows={block.rows} />
    case 'link':
      return (
        <Paragraph>
          <a href={block.href} data-address={block.printed}>
            {block.text}
          </a>
        </Paragraph>
      )
    default:
      return block satisfies never
  }
}

export const Blocks = ({ blocks }: { blocks: readonly Block[] }) => (
  <>
    {blocks.map((block, index) => (
      <One key={index} block={block} />
    ))}
  </>
)

/** A table of contents: the anchors of these sections. */
export const Contents = ({ label, sections }: { label: string; sections: readonly Section<unknown>[] }) => (
  <nav aria-label={label}>
    <List
      items={sections.map((section) => (
        <a href={`#${section.id}`} key={section.id}>
          {section.heading}
        </a>
      ))}
    />
  </nav>
)

/** Of which sections only the beginning stands open, and what to call the rest: for a page that is read on a phone. */
export type Folding = (section: Section<unknown>) => string | null

/** The sections of a notice or a paper, as pages and files show them. */
export const Sections = ({ sections, folded }: { sections: readonly Section[]; folded?: Folding | undefined }) => (
  <>
    {sections.map((section) => {
      const label = folded?.(section) ?? null
      const first = section.blocks.findIndex(({ kind }) => kind === 'subheading')
      const open = label === null || first < 0 ? section.blocks.length : first
      return (
        <section key={section.id}>
          <Heading id={section.id}>{section.heading}</Heading>
          <Blocks blocks={section.blocks.slice(0, open)} />
          {label !== null && open < section.blocks.length && (
            <Details summary={label}>
              <Blocks blocks={section.blocks.slice(open)} />
            </Details>
          )}
        </section>
      )
    })}
  </>
)
