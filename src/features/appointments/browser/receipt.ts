// Checks a receipt in the page itself: what stands behind the `#` of the address, or what is pasted. Once the page is
// there it asks nobody; its keys and texts came along. Without this script the form sends the text to the server.
import { findJws, verifyReceipt } from '#shared/receipt/jws.ts'
import { outcomeOf, slotsOf, type Words } from '#shared/receipt/outcome.ts'
import type { PublicKeys } from '#shared/receipt/receipt.ts'
import { momentInWords } from '#shared/receipt/words.ts'

type Given = { keys: PublicKeys; tenant: string; others: Record<string, string>; locale: string; words: Words }

const root = document.querySelector<HTMLElement>('[data-receipt-check]')
const form = document.querySelector<HTMLFormElement>('#receipt-form')
const area = form?.querySelector('textarea')

if (root && form && area) {
  const given = JSON.parse(root.dataset.receiptCheck ?? '') as Given
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    event.stopPropagation() // nothing is sent, so there is no second time to hold back
    check(root, given, area.value).then((name) => name === 'unsupported' && form.submit())
  })
  const ofAddress = () => {
    if (location.hash.length < 2) return
    area.value = location.hash.slice(1)
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a[hreflang]')) link.hash = location.hash
    check(root, given, area.value)
  }
  addEventListener('hashchange', ofAddress)
  ofAddress()
}

async function check(root: HTMLElement, { keys, tenant, others, locale, words }: Given, text: string) {
  const jws = findJws(text)
  const outcome = outcomeOf(await verifyReceipt(jws, keys, tenant), Object.keys(others))
  const slots = slotsOf(outcome, words, (instant, zone) => momentInWords(instant, locale, zone))
  for (const block of root.querySelectorAll<HTMLElement>('[data-outcome]')) {
    block.hidden = block.dataset.outcome !== outcome.name
    if (!block.hidden) fill(block, slots)
  }
  const link = root.querySelector<HTMLAnchorElement>('[data-elsewhere]')
  if (link && outcome.name === 'elsewhere') link.href = `${others[outcome.tenant]}#${jws}`
  return outcome.name
}

function fill(block: HTMLElement, slots: Record<string, string | null>) {
  for (const place of block.querySelectorAll<HTMLElement>('[data-slot]')) {
    const text = slots[place.dataset.slot ?? ''] ?? null
    place.textContent = text
    const whole = place.closest<HTMLElement>('[data-if]')
    if (whole) whole.hidden = text === null
  }
}
