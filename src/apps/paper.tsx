import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Language } from '#platform/i18n/translate.ts'
import { loadAssets } from '#platform/ui/assets.ts'
import { Heading, List, PageTitle, Paragraph, SummaryList, Table } from '#platform/ui/components.tsx'
import { directionOf, renderDocument } from '#platform/ui/document.tsx'
import { type Paper, type PaperBlock, paperText } from '#register/papers/paper.ts'
import { clientDir } from './compose.ts'

const Block = ({ block }: { block: PaperBlock }) => {
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
    default:
      return block satisfies never
  }
}

// The file is opened from a disk, years later: its look comes along inside it.
const inlineStyles = (): string =>
  loadAssets(clientDir)
    .styles.map((href) => readFileSync(join(clientDir, 'assets', basename(href)), 'utf8'))
    .join('\n')

const paperHtml = ({ title, lead, sections }: Paper, language: Language): string =>
  renderDocument(
    <html lang={language} dir={directionOf(language)}>
      <head>
        <meta charset="utf-8" />
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <style dangerouslySetInnerHTML={{ __html: inlineStyles() }} />
      </head>
      <body>
        <main class="a-main a-wide">
          <PageTitle>{title}</PageTitle>
          {lead.map((text) => (
            <Paragraph key={text}>{text}</Paragraph>
          ))}
          {sections.map(({ id, heading, blocks }) => (
            <section key={id}>
              <Heading id={id}>{heading}</Heading>
              {blocks.map((block, index) => (
                <Block key={index} block={block} />
              ))}
            </section>
          ))}
        </main>
      </body>
    </html>,
  )

/** A paper as a page that stands alone, to print, or as plain text. @throws if the styles have not been built. */
export const printPaper = (paper: Paper, format: 'html' | 'text', language: Language): string =>
  format === 'html' ? `${paperHtml(paper, language)}\n` : paperText(paper)
