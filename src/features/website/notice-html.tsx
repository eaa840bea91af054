import { Contents, Sections } from '#features/blocks.tsx'
import { directionOf } from '#platform/i18n/direction.ts'
import { formatDate } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { renderDocument } from '#platform/ui/document.tsx'
import { type AddressOf, type Notice, withAddresses } from '#register/notice/notice.ts'

// Complete in itself: it is mailed, filed and printed where nothing of ours is at hand.
const style = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
body { max-inline-size: 44rem; margin: 2rem auto; padding-inline: 1rem }
h1, h2, h3 { line-height: 1.25; break-after: avoid; hyphens: auto; overflow-wrap: anywhere }
h1 { font-size: 1.75rem }
h2 { margin-block-start: 2.5rem }
p, li, dt, dd { overflow-wrap: anywhere }
dl > div { padding-block: 0.5rem; border-block-end: 1px solid; break-inside: avoid }
dt { font-weight: 600 }
dd { margin: 0 }
@media print {
  :root { font-size: 10pt }
  body { max-inline-size: none; margin: 0; padding: 0 }
  nav { display: none }
  a { color: inherit }
  a[data-address]::after { content: ' (' attr(data-address) ')' }
}`

/** The notice as one HTML file that needs no other. `addressOf` gives complete addresses. */
export const noticeHtml = (notice: Notice, language: Language, addressOf: AddressOf): string => {
  const t = translator(language)
  const here: AddressOf = (target) => ('section' in target ? `#${target.section}` : addressOf(target))
  return `${renderDocument(
    <html lang={language} dir={directionOf(language)}>
      <head>
        <meta charset="utf-8" />
        <title>{notice.title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <main>
          <h1>{notice.title}</h1>
          <p>
            {t('website.notice.effective', {
              date: formatDate(Temporal.PlainDate.from(notice.effectiveFrom), language),
              hash: notice.hash.slice(0, 12),
            })}
          </p>
          {notice.replacedOn && (
            <p>
              {t('register.notice.version.replacedOn')}:{' '}
              {formatDate(Temporal.PlainDate.from(notice.replacedOn), language)}
            </p>
          )}
          <Contents label={t('website.notice.contents')} sections={notice.sections} />
          <Sections sections={withAddresses(notice.sections, here, addressOf)} />
        </main>
      </body>
    </html>,
  )}\n`
}
