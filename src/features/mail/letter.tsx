import { renderToString } from 'preact-render-to-string'
import { directionOf } from '#platform/i18n/direction.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { markUntranslated } from '#platform/ui/untranslated.ts'

/** A mail as its author sees it; `renderLetter` makes the text and the HTML of it, with the same words. */
export type Letter = {
  language: Language
  heading: string
  paragraphs: readonly string[]
  facts: readonly (readonly [label: string, value: string])[]
  /** One thing to do, as a link of its own. */
  action?: { label: string; url: string }
  /** What is good to know besides, behind the action, so that this is not a long way down. */
  more?: Letter['facts']
  /** A link to keep for later, quieter than the action: its address may be long. */
  proof?: { label: string; url: string }
  closing: readonly string[]
}

// Mail programs know no style sheets: the few styles stand in the markup. System fonts, no picture, nothing loaded.
const styles = {
  body: 'margin:0;padding:24px 12px;background:#f4f5f8;color:#171a2b;font-family:system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif;font-size:17px;line-height:1.5',
  card: 'max-width:560px;margin:0 auto;padding:28px 24px;background:#ffffff;border:1px solid #d4d7e3;border-radius:8px',
  heading: 'margin:0 0 16px;font-size:24px;line-height:1.25',
  fact: 'padding:8px 0;text-align:start;border-top:1px solid #e3e5ee',
  label: 'display:block;color:#4b5069;font-size:15px',
  value: 'font-weight:600',
  button:
    'display:block;padding:13px 16px;background:#2044aa;color:#ffffff;text-align:center;text-decoration:none;border-radius:4px;font-weight:600',
  small: 'margin:12px 0 0;color:#4b5069;font-size:15px',
}

const Facts = ({ facts }: Pick<Letter, 'facts'>) =>
  facts.length === 0 ? null : (
    <table role="presentation" style="width:100%;border-collapse:collapse;margin:0 0 20px">
      {facts.map(([label, value]) => (
        <tr key={label}>
          <td style={styles.fact}>
            <span style={styles.label}>{label}</span> <bdi style={styles.value}>{value}</bdi>
          </td>
        </tr>
      ))}
    </table>
  )

const html = (letter: Letter): string =>
  `<!doctype html>${renderToString(
    <html lang={letter.language} dir={directionOf(letter.language)}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{letter.heading}</title>
      </head>
      <body style={styles.body}>
        {/* Mail programs often throw html and body away, and with them the direction. */}
        <div style={styles.card} lang={letter.language} dir={directionOf(letter.language)}>
          <h1 style={styles.heading}>{letter.heading}</h1>
          {letter.paragraphs.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <Facts facts={letter.facts} />
          {letter.action && (
            <p>
              <a href={letter.action.url} style={styles.button}>
                {letter.action.label}
              </a>
            </p>
          )}
          <Facts facts={letter.more ?? []} />
          {letter.proof && (
            <p>
              <a href={letter.proof.url}>{letter.proof.label}</a>
            </p>
          )}
          {letter.closing.map((text) => (
            <p key={text} style={styles.small}>
              {text}
            </p>
          ))}
        </div>
      </body>
    </html>,
  )}`

const factLines = (facts: Letter['facts']): string[] =>
  facts.length === 0 ? [] : [...facts.map(([label, value]) => `${label}: ${value}`), '']

const text = (letter: Letter): string =>
  [
    letter.heading,
    '',
    ...letter.paragraphs.flatMap((paragraph) => [paragraph, '']),
    ...factLines(letter.facts),
    ...(letter.action ? [`${letter.action.label}:`, letter.action.url, ''] : []),
    ...factLines(letter.more ?? []),
    ...(letter.proof ? [`${letter.proof.label}:`, letter.proof.url, ''] : []),
    ...letter.closing.flatMap((paragraph) => [paragraph, '']),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')

export const renderLetter = (letter: Letter): { text: string; html: string } => ({
  text: text(letter),
  html: markUntranslated(html(letter)),
})
