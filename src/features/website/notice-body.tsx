import { Heading, List, Paragraph, SummaryList } from '#platform/ui/components.tsx'
import type { AddressOf, Block, Section } from '#register/notice.ts'

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

/** The sections of a notice, as pages and files show them. */
export const Sections = ({ sections, ...addresses }: Addresses & { sections: readonly Section[] }) => (
  <>
    {sections.map((section) => (
      <section key={section.id}>
        <Heading id={section.id}>{section.heading}</Heading>
        <Blocks blocks={section.blocks} {...addresses} />
      </section>
    ))}
  </>
)
