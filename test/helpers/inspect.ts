import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { RunOptions } from 'axe-core'
import { HtmlValidate } from 'html-validate'
import type { BrowserContext, Page } from 'playwright-core'

/* What is looked at on every page. Each function returns what is wrong, in words; nothing when all is well. */

declare global {
  var axe: typeof import('axe-core')
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Brings axe into the pages of a context, past their Content-Security-Policy. */
export const bringAxe = (context: BrowserContext) => context.addInitScript({ content: axeSource })

const guidelines = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const axeFinds = async (page: Page, options: RunOptions): Promise<string[]> => {
  const { violations } = await page.evaluate(
    (given) => globalThis.axe.run(document, { ...given, resultTypes: ['violations'] }),
    options,
  )
  return violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

/** What colours are to rules: the same in every language, and most of what axe computes. */
const ofColours = ['color-contrast', 'link-in-text-block']

/** Everything axe knows; of colours only with `colours`, in light and in dark. */
export const accessibility = async (page: Page, colours: boolean): Promise<string[]> => {
  const without = Object.fromEntries(ofColours.map((rule) => [rule, { enabled: false }]))
  const inLight = await axeFinds(page, { runOnly: guidelines, rules: colours ? {} : without })
  if (!colours) return inLight
  await page.emulateMedia({ colorScheme: 'dark' })
  const inDark = await axeFinds(page, { runOnly: ofColours })
  await page.emulateMedia({ colorScheme: 'light' })
  return [...inLight, ...inDark.map((finding) => `dark: ${finding}`)]
}

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {
    // How Preact writes; the HTML standard allows it: <br/>, disabled="", no order of attributes.
    'void-style': 'off',
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'doctype-style': 'off',
    'require-sri': 'off', // scripts and styles come from our own server alone, as the policy demands
    // The summary of errors stands before the title of the page, as its pattern has it.
    'heading-level': ['error', { minInitialRank: 'h2' }],
    // Boxes of one question share a name, as the HTML standard has it; only its array notation is known to the rule.
    'form-dup-name': ['error', { shared: ['radio', 'button', 'reset', 'submit', 'checkbox'] }],
    'no-trailing-whitespace': 'off', // in what somebody typed or mailed
    'long-title': 'off', // a title holds what the page asks and the name of the authority, however long
  },
})

/** Whether the document, as the server sent it, is valid HTML. */
export const markup = async (html: string): Promise<string[]> => {
  const report = await validator.validateString(html)
  return report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector }) => `html ${ruleId}: ${message} at ${selector}`),
  )
}

/** What a screen reader says first: one h1, a title that begins with the error, the focus where the errors are. */
export const announcement = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const wrong: string[] = []
    const headings = [...document.querySelectorAll('h1')].filter((each) => each.checkVisibility())
    if (headings.length !== 1) wrong.push(`${headings.length} h1`)
    const summary = document.querySelector('[data-error-summary]')
    const prefix = { de: 'Fehler: ', en: 'Error: ', ar: 'خطأ: ' }[document.documentElement.lang] ?? '?'
    if (document.title.startsWith(prefix) !== Boolean(summary)) wrong.push(`title "${document.title}"`)
    if (summary && document.activeElement !== summary) wrong.push(`focus is on ${document.activeElement?.tagName}`)
    for (const link of summary?.querySelectorAll('a') ?? []) {
      if (!document.querySelector(link.hash)) wrong.push(`the error summary links to ${link.hash}, which is not there`)
    }
    const seen = document.querySelectorAll('main ~ main, header ~ header, footer ~ footer')
    if (seen.length > 0) wrong.push('a landmark twice')
    return wrong
  })

/** Whether anything sticks out of the page or of its own box, as it is laid out now. */
const overflow = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const name = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.className} "${element.textContent?.trim().slice(0, 40)}"`
    // Said to screen readers only.
    const isClipped = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).clipPath === 'inset(50%)' || isClipped(element.parentElement))
    const width = document.documentElement.clientWidth
    const wrong: string[] = []
    if (document.documentElement.scrollWidth > width) {
      wrong.push(`the page is ${document.documentElement.scrollWidth} wide`)
    }
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      const style = getComputedStyle(element)
      const isUnseen = !element.checkVisibility() || element.closest('.a-skip, svg') || isClipped(element)
      if (isUnseen || style.display.startsWith('inline')) continue
      const box = element.getBoundingClientRect()
      if (box.right > width + 1 || box.left < -1) wrong.push(`sticks out: ${name(element)}`)
      else if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
        wrong.push(`is cut off: ${name(element)}`)
      }
    }
    return wrong
  })

/** Whether everything can be hit: 24 px for anything (WCAG 2.5.8), 44 px for what is a button or a field. */
const targets = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const wrong: string[] = []
    const all = document.querySelectorAll<HTMLElement>('a[href], button, summary, input:not([type=hidden]), textarea')
    for (const element of all) {
      if (!element.checkVisibility() || element.closest('.a-skip')) continue
      const isLinkInText = element.tagName === 'A' && getComputedStyle(element).display === 'inline'
      if (isLinkInText) continue // an exception of WCAG 2.5.8: the line decides
      // A box or dot is hit by its label, which covers the whole card.
      const label = (element as HTMLInputElement).labels?.[0]
      const isChoice = ['radio', 'checkbox'].includes((element as HTMLInputElement).type)
      const box = (isChoice ? (label?.parentElement ?? element) : element).getBoundingClientRect()
      const least = element.tagName === 'A' && !element.classList.contains('a-button') ? 24 : 44
      if (box.height < least || box.width < least) {
        wrong.push(`${Math.round(box.width)} by ${Math.round(box.height)} px: ${element.outerHTML.slice(0, 100)}`)
      }
    }
    return wrong
  })

const named = (name: string, findings: string[]) => findings.map((finding) => `${name}: ${finding}`)

/** Numbers in groups, such as phone numbers, whose groups are seen in the wrong order: in a text from right to left, one that
 *  nobody kept apart comes out backwards. */
const backwards = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      for (const { 0: number, index } of (text.textContent ?? '').matchAll(/\d+(?:[ \u00a0]\d+)+/g)) {
        const digit = (at: number) => {
          const range = document.createRange()
          range.setStart(text, at)
          range.setEnd(text, at + 1)
          return range.getBoundingClientRect()
        }
        const [first, last] = [digit(index), digit(index + number.length - 1)]
        if (first.top === last.top && first.left > last.left) found.push(`backwards: ${number}`)
      }
    }
    return found
  })

/** The layout on a small and a usual phone, a desktop, with text twice as large, and from right to left. */
export const layout = async (page: Page): Promise<string[]> => {
  const before = page.viewportSize() ?? { width: 360, height: 740 }
  const at = (width: number) => page.setViewportSize({ width, height: 740 })
  const own = await page.evaluate(() => document.documentElement.dir)
  const root = (change: { fontSize?: string; dir?: string }) =>
    page.evaluate(
      ({ fontSize, dir }) => {
        document.documentElement.style.fontSize = fontSize
        document.documentElement.dir = dir
      },
      { fontSize: '', dir: own, ...change },
    )
  const wrong: string[] = []
  await at(360)
  wrong.push(...named('360 px', await overflow(page)), ...named('360 px', await targets(page)))
  await root({ fontSize: '200%' })
  wrong.push(...named('360 px, text 200 %', await overflow(page)))
  await at(320)
  await root({ dir: 'rtl' })
  wrong.push(...named('320 px, right to left', await overflow(page)))
  await root({})
  wrong.push(...named('320 px', await overflow(page)))
  await at(1280)
  wrong.push(...named('1280 px', await overflow(page)), ...(await backwards(page)))
  await page.setViewportSize(before)
  return wrong
}
