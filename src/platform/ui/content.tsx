import type { ComponentChildren } from 'preact'
import { directionOf } from '#platform/i18n/direction.ts'
import { Icon, type IconName } from '#platform/ui/icon.tsx'

type Children = { children: ComponentChildren }

/** The h1 of a page; `caption` stands above it, e.g. the name of the service. */
export const PageTitle = ({ caption, children }: Children & { caption?: string | undefined }) => (
  <>
    {caption && <p class="a-caption">{caption}</p>}
    <h1 class="a-title">{children}</h1>
  </>
)

export const Heading = ({ level = 2, id, children }: Children & { level?: 2 | 3 | 4; id?: string }) => {
  const Tag = `h${level}` as const
  return (
    <Tag class={`a-heading a-heading-${level}`} id={id}>
      {children}
    </Tag>
  )
}

export const Paragraph = ({ muted = false, children }: Children & { muted?: boolean }) => (
  <p class={muted ? 'a-text a-muted' : 'a-text'}>{children}</p>
)

/** The first, larger paragraph of a page. */
export const Lead = ({ children }: Children) => <p class="a-lead">{children}</p>

/** A list; `ordered` where the order matters, e.g. what happens next. */
export const List = ({ items, ordered = false }: { items: readonly ComponentChildren[]; ordered?: boolean }) => {
  const Tag = ordered ? 'ol' : 'ul'
  return (
    <Tag class="a-list">
      {items.map((item, index) => (
        <li key={index}>{item}</li>
      ))}
    </Tag>
  )
}

/** A code or number to be read out or copied; kept left to right in every script. */
export const Reference = ({ children }: Children) => <bdi class="a-reference">{children}</bdi>

type Kind = 'info' | 'success' | 'warning' | 'error'
type CalloutProps = Children & { kind?: Kind; icon?: IconName; title: string; level?: 2 | 3 }

/** Something people must not miss. The title names it, for eyes and screen readers alike: colour says nothing alone.
 *  Errors of a form belong in `ErrorSummary`; `error` here is for what went wrong otherwise. Its
 *  classes are older than its name: pages are compared letter by letter with those of the version before. */
export const Callout = ({ kind = 'info', icon = kind, title, level = 2, children }: CalloutProps) => {
  const Title = `h${level}` as const
  return (
    <section class={`a-notice a-notice-${kind}`} aria-label={title} role={kind === 'error' ? 'alert' : undefined}>
      <Title class="a-notice-title">
        <Icon name={icon} />
        <span>{title}</span>
      </Title>
      <div class="a-notice-body">{children}</div>
    </section>
  )
}

type PanelProps = { title: string; label?: string; reference?: string; children?: ComponentChildren }

/** It worked: the h1 of a confirmation, with the number to keep. */
export const Panel = ({ title, label, reference, children }: PanelProps) => (
  <div class="a-panel">
    <Icon name="success" />
    <h1 class="a-title">{title}</h1>
    {reference && (
      <p class="a-panel-reference">
        {label} <Reference>{reference}</Reference>
      </p>
    )}
    {children && <div class="a-panel-body">{children}</div>}
  </div>
)

/** More for those who want it, folded away by the browser itself. */
export const Details = ({ summary, open = false, children }: Children & { summary: string; open?: boolean }) => (
  <details class="a-details" open={open}>
    <summary class="a-summary">{summary}</summary>
    <div class="a-details-body">{children}</div>
  </details>
)

type StepsProps = { current: number; total: number; label: string }

/** How far one has come. `label` says it ("Schritt 2 von 5"), the bar repeats it for the eye. */
export const Steps = ({ current, total, label }: StepsProps) => (
  <div class="a-steps">
    <p class="a-steps-label">{label}</p>
    <div class="a-steps-bar" aria-hidden="true">
      {Array.from({ length: total }, (_, step) => (
        <span class={step < current ? 'a-step a-step-done' : 'a-step'} key={step} />
      ))}
    </div>
  </div>
)

type CountdownProps = Children & {
  title: string
  /** Seconds left when the page was made. */
  seconds: number
  /** What the script makes of it, `{n}` being a number of minutes in words: always there, said once near the end, at the
   *  end. */
  left: string
  soon: string
  over: string
  /** Has just happened. */
  news?: string | undefined
}

/** Time that runs out, quietly: the minutes go down for the eye; a screen reader hears of it once near the end. */
export const Countdown = ({ title, seconds, left, soon, over, news, children }: CountdownProps) => (
  <section
    class="a-countdown"
    aria-label={title}
    data-seconds={Math.floor(seconds)}
    data-left={left}
    data-soon={soon}
    data-over={over}
  >
    <p class="a-countdown-title">
      <Icon name="clock" />
      <span>
        {title}
        <span class="a-countdown-left" />
      </span>
    </p>
    <p class="a-countdown-news" role="status">
      {news}
    </p>
    {children}
  </section>
)

/** The state of a thing in a word. */
export const Tag = ({ kind = 'neutral', children }: Children & { kind?: Kind | 'neutral' }) => (
  <strong class={`a-tag a-tag-${kind}`}>{children}</strong>
)

/** What this page stores, quietly, near the place where it is asked for. */
export const DataNote = ({ title, children }: Children & { title: string }) => (
  <div class="a-data">
    <Icon name="lock" />
    <div class="a-data-text">
      <p class="a-data-title">{title}</p>
      {children}
    </div>
  </div>
)

/** A number to call, and when somebody answers. */
export const Helpline = ({ phone, hours }: { phone: string; hours: string }) => (
  <p>
    <a href={`tel:${phone.replace(/[^+\d]/g, '')}`} dir="ltr">
      {phone.replaceAll(' ', '\u00a0')}
    </a>
    <br />
    {hours}
  </p>
)

type CardProps = { title: string; level?: 2 | 3; href?: string; icon?: IconName; children?: ComponentChildren }

/** One thing among several, e.g. a service. With `href` all of it can be tapped; the link's name is the title. */
export const Card = ({ title, level = 2, href, icon, children }: CardProps) => {
  const Title = `h${level}` as const
  return (
    <div class={['a-card', href && 'a-card-link', icon && 'a-card-drawn'].filter(Boolean).join(' ')}>
      {icon && (
        <span class="a-card-icon">
          <Icon name={icon} />
        </span>
      )}
      <Title class="a-card-title">{href ? <a href={href}>{title}</a> : title}</Title>
      {children && <div class="a-card-body">{children}</div>}
    </div>
  )
}

/** Side by side where there is room, below each other where there is not. */
export const Columns = ({ children }: Children) => <div class="a-columns">{children}</div>

type BesideProps = {
  /** Heading of the original, which says what it is to the translation. */
  title: string
  /** BCP 47, of the original. */
  language: string
  original: ComponentChildren
  children: ComponentChildren
}

/** A translation with its original: side by side where there is room, the original below where there is not. */
export const Beside = ({ title, language, original, children }: BesideProps) => (
  <div class="a-beside">
    <div>{children}</div>
    <section class="a-beside-original" aria-label={title}>
      <p class="a-beside-title">{title}</p>
      <div lang={language} dir={directionOf(language)}>
        {original}
      </div>
    </section>
  </div>
)
