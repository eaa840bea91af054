import type { Page } from 'playwright-core'

/** Where the focus is, and whether one can see that. */
const focus = (page: Page): Promise<{ text: string; wrong: string[] }> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const label = (element as HTMLInputElement).labels?.[0]
    const text = (element.getAttribute('type') !== 'submit' && label?.textContent) || element.textContent || ''
    const wrong: string[] = []
    const hasRing = (of: Element, pseudo?: string) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(of, pseudo)
      const outline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && outlineColor !== 'transparent'
      return outline || boxShadow !== 'none'
    }
    const marked = label ? [element, label] : [element]
    if (!marked.some((each) => hasRing(each) || hasRing(each, '::after'))) wrong.push('has no ring')
    const box = (label && element.matches('[type=radio], [type=checkbox]') ? label.parentElement : null) ?? element
    const [line] = box.getClientRects()
    if (!line) return { text, wrong: [...wrong, 'is not laid out'] }
    // Of a large text area, browsers show the line that is written in.
    const bottom = element.tagName === 'TEXTAREA' ? line.top + 48 : line.bottom
    if (line.top < 0 || bottom > innerHeight || line.left < 0 || line.right > innerWidth) wrong.push('is out of sight')
    const top = document.elementFromPoint(line.x + line.width / 2, (line.top + bottom) / 2)
    if (!top || !(box.contains(top) || top.contains(box))) wrong.push(`is covered by ${top?.outerHTML.slice(0, 80)}`)
    return { text: text.replace(/\s+/g, ' ').trim(), wrong }
  })

/** A person who has nothing but the keyboard. Every step is checked: the focus is seen, on the screen and not covered.
 *  @throws when it is not, or when the focus never comes to what is looked for. */
export const keyboard = (page: Page) => {
  const look = async (): Promise<string> => {
    const { text, wrong } = await focus(page)
    if (wrong.length > 0) throw new Error(`focus on "${text}" at ${page.url()}: ${wrong.join(', ')}`)
    return text
  }
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  return {
    press,
    look,
    type: (text: string) => page.keyboard.type(text),
    /** Goes forward with the tabulator to the first thing with this text (its label, for a field). */
    tabTo: async (text: string) => {
      const seen: string[] = []
      while (seen.length < 60) {
        await press('Tab')
        const found = await look()
        if (found.startsWith(text)) return
        seen.push(found)
      }
      throw new Error(`"${text}" cannot be reached at ${page.url()}, only: ${seen.join(' · ')}`)
    },
  }
}
