import { Details, Heading, List, Paragraph, SummaryList } from '#platform/ui/components.tsx'
import type { AddressOf, Block, Section } from '#register/notice/notice.ts'

type Addresses = {
  addressOf: AddressOf
  /** Complete addresses: what stands beside a link on paper. */
  onPaper: AddressOf
}

const NoticeBlock = ({ block, addressOf, onPaper }: Addresses & { block: Block }) => {
  switch (block.kind) {
    case 'paragraph':
      return <Paragraph>{block.text}</Paragraph>
    case 'subheading':
      return <Heading level={3}>{block.text}</Heading>
    case 'list':
      return <List items={block.items} />
    case 'facts':
      return <SummaryList rows={block.rows} />
    case 'link': {
      const href = addressOf(block.target)
      return (
        <Paragraph>
          <a href={href} data-address={href.startsWith('#') ? undefined : onPaper(block.target)}>
            {block.text}
          </a>
        </Paragraph>
      )
    }
    default:
      return block satisfies never
  }
}

/** The table of contents of a notice: anchors that are the same in every version and language. */
export const Contents = ({ label, sections }: { label: string; sections: readonly Section[] }) => (
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

export const Blocks = ({ blocks, ...addresses }: Addresses & { blocks: readonly Block[] }) => (
  <>
    {blocks.map((block, index) => (
      <NoticeBlock key={index} block={block} {...addresses} />
    ))}
  </>
)

type SectionsProps = Addresses & {
  sections: readonly Section[]
  /** Sections of which only the beginning stands open, and what to call the rest: for a page that is read on a phone. */
  folded?: (section: Section) => string | null
}

/** The sections of a notice, as pages and files show them. */
export const Sections = ({ sections, folded = () => null, ...addresses }: SectionsProps) => (
  <>
    {sections.map((section) => {
      const label = folded(section)
      const first = section.blocks.findIndex(({ kind }) => kind === 'subheading')
      const open = label === null || first < 0 ? section.blocks.length : first
      return (
        <section key={section.id}>
          <Heading id={section.id}>{section.heading}</Heading>
          <Blocks blocks={section.blocks.slice(0, open)} {...addresses} />
          {label !== null && open < section.blocks.length && (
            <Details summary={label}>
              <Blocks blocks={section.blocks.slice(open)} {...addresses} />
            </Details>
          )}
        </section>
      )
    })}
  </>
)
