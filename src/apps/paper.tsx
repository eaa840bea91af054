import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Sections } from '#features/blocks.tsx'
import { directionOf } from '#platform/i18n/direction.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { loadAssets } from '#platform/ui/assets.ts'
import { PageTitle, Paragraph } from '#platform/ui/components.tsx'
import { renderDocument } from '#platform/ui/document.tsx'
import { plainText } from '#register/blocks.ts'
import type { Paper } from '#register/papers/paper.ts'
import { clientDir } from './compose.ts'

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
          <Sections sections={sections} />
        </main>
      </body>
    </html>,
  )

/** A paper as a page that stands alone, to print, or as plain text. @throws if the styles have not been built. */
export const printPaper = (paper: Paper, format: 'html' | 'text', language: Language): string =>
  format === 'html' ? `${paperHtml(paper, language)}\n` : plainText(paper)
