import { type ComponentChildren, Fragment, type VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { directionOf } from '#platform/i18n/direction.ts'
import type { Assets } from '#platform/ui/assets.ts'
import { Icon } from '#platform/ui/icon.tsx'

type Link = { text: string; href: string }

export type DocumentProps = {
  /** BCP 47, e.g. `de`; the direction of writing follows from it. */
  language: string
  title: string
  /** Set when the page shows errors of a form: stands before the title ("Fehler: "), so that it is heard first. */
  hasErrors?: boolean
  errorPrefix?: string
  assets: Assets
  /** Names of islands: what only this page needs of scripts and styles, besides those of every page. */
  islands?: readonly string[]
  noindex?: boolean
  skipText: string
  /** A strip above all else, e.g. that this is a demonstration. */
  banner?: ComponentChildren
  /** The wordmark: names only, no coat of arms. It leads to the start page. */
  header: { jobcenter: string; service: string; href: string }
  languageSwitch?: {
    label: string
    links: readonly {
      language: string
      name: string
      href: string
      current: boolean
      /** Sends the form with this id to `action` instead of following the link, so that what was typed comes along. */
      sends?: { form: string; action: string } | undefined
    }[]
  }
  back?: Link | undefined
  /** Uses the whole width, e.g. for cards; text and forms are easier to read without. */
  wide?: boolean
  /** How to reach a person, at the same place on every page (WCAG 3.2.6). */
  help?: { title: string; children: ComponentChildren }
  footer: { label: string; links: readonly Link[]; note?: ComponentChildren }
  children: ComponentChildren
}

/** The whole page as text, ready to send. */
export const renderDocument = (node: VNode): string => `<!DOCTYPE html>\n${renderToString(node)}`

/** A citizen page: everything around its content. The content brings the one h1. */
export const Document = (page: DocumentProps) => (
  <html lang={page.language} dir={directionOf(page.language)}>
    <Head {...page} />
    <body>
      <a class="a-skip" href="#main">
        {page.skipText}
      </a>
      <Header {...page} />
      <main class={page.wide ? 'a-main a-wide' : 'a-main'} id="main" tabindex={-1}>
        {page.children}
      </main>
      {page.help && <Help {...page.help} />}
      <Footer {...page.footer} />
    </body>
  </html>
)

// The mark as data: browsers ask for an icon on every page, this way without a request.
const favicon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><path fill="#2044aa" d="M6 0h28a6 6 0 0 1 6 6v28a6 6 0 0 1-6 6H6a6 6 0 0 1-6-6V6a6 6 0 0 1 6-6Z"/><path fill="none" stroke="#fff" stroke-width="3.5" d="M8 31h24M13 31V18a7 7 0 0 1 14 0v13"/></svg>',
)}`

const Head = ({ title, hasErrors = false, errorPrefix = '', assets, islands = [], noindex = false }: DocumentProps) => (
  <head>
    <meta charset="utf-8" />
    <title>{hasErrors ? errorPrefix + title : title}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    {noindex && <meta name="robots" content="noindex" />}
    <link rel="icon" href={favicon} />
    {[assets, ...islands.map(assets.island)].map(({ script, styles }) => (
      <Fragment key={script}>
        {styles.map((href) => (
          <link rel="stylesheet" href={href} key={href} />
        ))}
        <script type="module" src={script} />
      </Fragment>
    ))}
  </head>
)

/** Our own mark: an open door. */
const Mark = () => (
  <svg class="a-mark" viewBox="0 0 40 40" aria-hidden="true">
    <rect width="40" height="40" rx="6" />
    <path d="M8 31h24M13 31V18a7 7 0 0 1 14 0v13" />
  </svg>
)

const Header = ({ banner, header, languageSwitch, back }: DocumentProps) => (
  <header class="a-header">
    {banner && (
      <div class="a-banner">
        <div class="a-width">{banner}</div>
      </div>
    )}
    <div class="a-bar">
      <div class="a-width a-bar-row">
        <a class="a-wordmark" href={header.href}>
          <Mark />
          <span>
            <span class="a-jobcenter">{header.jobcenter}</span> <span class="a-service">{header.service}</span>
          </span>
        </a>
        {languageSwitch && <LanguageSwitch {...languageSwitch} />}
      </div>
    </div>
    {back && (
      <div class="a-width">
        <a class="a-back" href={back.href}>
          {back.text}
        </a>
      </div>
    )}
  </header>
)

const LanguageSwitch = ({ label, links }: NonNullable<DocumentProps['languageSwitch']>) => (
  <nav class="a-languages" aria-label={label}>
    {/* The enter key presses the first button of a form, and these here come before all others: unseen, the form's own. */}
    {links
      .flatMap(({ sends }) => (sends ? [sends.form] : []))
      .slice(0, 1)
      .map((form) => (
        <button type="submit" form={form} key={form} hidden />
      ))}
    <ul>
      {links.map(({ language, name, href, current, sends }) => (
        <li key={language}>
          {current ? (
            <span lang={language} dir={directionOf(language)} aria-current="true">
              {name}
            </span>
          ) : sends ? (
            <button
              type="submit"
              form={sends.form}
              formAction={sends.action}
              lang={language}
              dir={directionOf(language)}
              class="a-language-button"
            >
              {name}
            </button>
          ) : (
            <a href={href} lang={language} dir={directionOf(language)} hreflang={language}>
              {name}
            </a>
          )}
        </li>
      ))}
    </ul>
  </nav>
)

const Help = ({ title, children }: NonNullable<DocumentProps['help']>) => (
  <aside class="a-help" aria-labelledby="help">
    <div class="a-width a-help-row">
      <Icon name="phone" />
      <div class="a-help-text">
        <h2 class="a-help-title" id="help">
          {title}
        </h2>
        {children}
      </div>
    </div>
  </aside>
)

const Footer = ({ label, links, note }: DocumentProps['footer']) => (
  <footer class="a-footer">
    <div class="a-width">
      <nav aria-label={label}>
        <ul>
          {links.map(({ text, href }) => (
            <li key={href}>
              <a href={href}>{text}</a>
            </li>
          ))}
        </ul>
      </nav>
      {note && <p class="a-footer-note">{note}</p>}
    </div>
  </footer>
)
