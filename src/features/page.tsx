import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { routes as website } from '#features/website/routes.ts'
import { tokenField } from '#platform/http/form-token.ts'
import type { Response } from '#platform/http/response.ts'
import { base, type Place } from '#platform/http/routes.ts'
import { translator } from '#platform/i18n/translate.ts'
import { DataNote, Helpline, List } from '#platform/ui/components.tsx'
import { Document, renderDocument } from '#platform/ui/document.tsx'
import { markUntranslated } from '#platform/ui/untranslated.ts'
import { onDeviceOf } from '#register/device.ts'
import { areNecessaryCookies } from '#register/notice/cookies.ts'
import { sectionId } from '#register/notice/notice.ts'
import { getActivity, inLanguage, type RunningTenant } from '#register/register.ts'
import { retentionLine } from '#register/retention-text.ts'
import { whoStandsBehind } from './behind.ts'
import { shownTo } from './contribution.ts'
import { type Context, contributed } from './feature.ts'

type PageContent = {
  title: string
  body: ComponentChildren
  status?: number
  hasErrors?: boolean
  wide?: boolean
  /** Islands of the feature on this page, e.g. `appointments/receipt`: what it needs of scripts and styles besides those of
   *  every page. */
  islands?: readonly string[]
  back?: { text: string; href: string } | undefined
  /** What is stored with this page, in sentences; none means nothing but the access line. */
  stores?: readonly string[]
  /** The activity of the service that this page belongs to: the note about data leads to its part of the notice. */
  about?: string
  /** Where this page is found in the other languages; without it, the same path. Pages that a POST shows name the GET
   *  page of their step, so that switching the language asks for nothing that is not there. */
  sibling?: (place: Place) => string
  /** Where the form `journeyForm` shows this page in another language, with everything typed in it. */
  resend?: (place: Place) => string
  /** HTML of `fragment` that takes the place of `Kept` in the body. */
  kept?: string
}

/** Id of the form that holds what a person has typed, on pages that say how to resend it. */
export const journeyForm = 'journey'

/** Where a page takes in what is kept from one request to the next. */
export const Kept = () => <template data-kept />

const placeOfKept = renderToString(<Kept />)

/** What only works as it stands is marked, names of what lies on a device among it. */
const marked = ({ running }: Context, html: string): string =>
  markUntranslated(
    html,
    onDeviceOf(running).map(({ name }) => name),
  )

/** Content as it stands in a page, to be kept: nothing in it may depend on a request. */
export const fragment = (context: Context, content: VNode): string => marked(context, renderToString(content))

/** A page of a tenant, with everything that stands around its content: the only way pages come about. */
export const page = (context: Context, options: PageContent): Response & { kind: 'page' } => {
  const html = marked(context, renderDocument(<TenantPage context={context} {...options} />))
  const { status = 200, kept } = options
  return { kind: 'page', status, html: kept === undefined ? html : html.replace(placeOfKept, () => kept) }
}

/** What every form of ours carries, besides `more`. */
export const hidden = (context: Context, more: Record<string, string> = {}): Record<string, string> => ({
  [tokenField]: context.formToken,
  ...more,
})

/** What this page stores, on every page: what its feature says, and what every request leaves: an access line and a
 *  count. */
const StoredHere = ({ context, lines, about }: { context: Context; lines: readonly string[]; about: string }) => {
  const { t, language, running } = context
  const always = ['web.delivery', 'web.statistics'].map((id) => getActivity(running, id))
  return (
    <DataNote title={t('platform.storedHere')}>
      <List
        items={[
          ...(lines.length > 0 ? lines : [t('platform.storedNothing')]),
          ...always.map(
            (activity) => `${inLanguage(activity.summary, language)} ${retentionLine(activity, language)}.`,
          ),
          <a href={noticeOf(context, about)} key="notice">
            {t('platform.noticePart', { title: inLanguage(getActivity(running, about).title, language) })}
          </a>,
        ]}
      />
    </DataNote>
  )
}

/** Where an activity is told of. */
const noticeOf = ({ running, place }: Context, about: string): string => {
  const part = sectionId(about)
  return getActivity(running, about).notice === 'staff'
    ? `${website.staffNotice.href(place, {})}#${part}`
    : website.noticePart.href(place, { part })
}

const footerNoteOf = (running: RunningTenant) => {
  const all = onDeviceOf(running)
  if (all.length === 0) return 'platform.footerNote'
  return areNecessaryCookies(all) ? 'platform.footerNoteCookies' : 'platform.footerNoteDevice'
}

/** This request's path in another language. */
const samePath = (context: Context) => (place: Place) =>
  base(place) + (context.path.slice(base(context.place).length) || '/')

const TenantPage = ({ context, ...options }: PageContent & { context: Context }) => {
  const { t, place, running, deps } = context
  const { tenant } = running
  const sibling = options.sibling ?? samePath(context)
  const name = inLanguage(tenant.name, context.language)
  return (
    <Document
      language={context.language}
      title={`${options.title} – ${name}`}
      hasErrors={options.hasErrors ?? false}
      errorPrefix={t('platform.errorPrefix')}
      assets={deps.assets}
      islands={options.islands ?? []}
      noindex={tenant.demonstration}
      skipText={t('platform.skip')}
      banner={whoStandsBehind(running, context.language)}
      header={{ jobcenter: name, service: t('platform.service'), href: website.start.href(place, {}) }}
      languageSwitch={{
        label: t('platform.languages'),
        links: tenant.languages.map((language) => ({
          language,
          name: translator(language)('platform.ownName'),
          href: sibling({ slug: place.slug, language }),
          sends: options.resend && { form: journeyForm, action: options.resend({ slug: place.slug, language }) },
          current: language === context.language,
        })),
      }}
      back={options.back}
      wide={options.wide ?? false}
      help={{
        title: t('platform.helpTitle'),
        children: (
          <Helpline phone={tenant.helpline.phone} hours={inLanguage(tenant.helpline.hours, context.language)} />
        ),
      }}
      footer={{
        label: t('platform.footer'),
        links: shownTo(running, contributed(deps, 'footer')).map(({ text, route }) => ({
          text: t(text),
          href: route.href(place, {}),
        })),
        note: t(footerNoteOf(running)),
      }}
    >
      {options.body}
      <StoredHere context={context} lines={options.stores ?? []} about={options.about ?? 'web.delivery'} />
    </Document>
  )
}
