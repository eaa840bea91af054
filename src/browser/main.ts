// What the pages can do better with JavaScript. Each of them works without.
import './style/main.scss'
import { lengthOf } from '#shared/text/typed.ts'

const secondClick = 5000 // long enough for a slow answer, short enough to try again when the network is gone

focusErrorSummary()
showPrintButtons()
for (const link of document.querySelectorAll<HTMLElement>('[data-keep]')) offerKeeping(link)
for (const area of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-max]')) countCharacters(area)
for (const section of document.querySelectorAll<HTMLElement>('[data-seconds]')) countDown(section)
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-draft]')) keepTyped(form)
document.addEventListener('submit', holdBackSecondSubmit)
// A page taken from the browser's memory comes back as it was left: with its buttons held back.
addEventListener('pageshow', (event) => event.persisted && document.querySelectorAll('form').forEach(release))

function focusErrorSummary() {
  document.querySelector<HTMLElement>('[data-error-summary]')?.focus()
}

function showPrintButtons() {
  for (const button of document.querySelectorAll<HTMLElement>('[data-print]')) {
    button.hidden = false
    button.addEventListener('click', () => print())
  }
}

/** Copies a link, or hands it to another program where the browser can. */
function offerKeeping(section: HTMLElement) {
  const link = section.querySelector<HTMLElement>('[data-link]')
  const [copy, share] = [
    section.querySelector<HTMLElement>('[data-copy]'),
    section.querySelector<HTMLElement>('[data-share]'),
  ]
  const said = section.querySelector('[role=status]')
  if (!link || !copy || !share || !said) return
  const url = link.textContent.trim()
  copy.hidden = false
  copy.addEventListener('click', async () => {
    getSelection()?.selectAllChildren(link)
    said.textContent = ((await isCopied(url)) ? section.dataset.copied : section.dataset.marked) ?? ''
  })
  share.hidden = !('share' in navigator)
  share.addEventListener('click', () => navigator.share({ url }).catch(() => {})) // given up, or done: the person knows
}

/** Puts a text on the clipboard; false where the page may not, as on one without TLS. */
async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Swallows the second of two quick submits. The button stays in place and keeps its focus: not `disabled`. */
function holdBackSecondSubmit(event: SubmitEvent) {
  const form = event.target as HTMLFormElement
  if (form.dataset.sent) {
    event.preventDefault()
    return
  }
  form.dataset.sent = 'true'
  event.submitter?.setAttribute('aria-disabled', 'true')
  setTimeout(() => release(form), secondClick)
}

function release(form: HTMLFormElement) {
  delete form.dataset.sent
  for (const button of form.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled')
}

const pauseInTyping = 2000 // milliseconds after the last key: one short request for a field or two

/** Has what is typed kept before the form is sent: after a pause, and when the page is put away, as phones throw away pages
 *  that nobody sees. The answer only sets the cookie that keeps it; what cannot be sent now is sent with the form. */
function keepTyped(form: HTMLFormElement) {
  let pause: ReturnType<typeof setTimeout>
  let isNew = false
  let sending = new AbortController()
  const keep = () => {
    // Once the form is on its way, the answer to it says what is kept; unless none comes, as in a tunnel.
    if (!isNew || form.dataset.sent) return
    isNew = false
    sending = new AbortController()
    const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>)
    const options = { method: 'POST', body, redirect: 'manual', keepalive: true, signal: sending.signal } as const
    fetch(form.dataset.draft ?? '', options).catch(() => {
      isNew = true // tried again after the next key, or when the page is put away
    })
  }
  form.addEventListener('input', () => {
    isNew = true
    clearTimeout(pause)
    pause = setTimeout(keep, pauseInTyping)
  })
  document.addEventListener('visibilitychange', () => document.hidden && keep())
  form.addEventListener('submit', () => sending.abort())
}

/** Says below a text area how much room is left: at once for the eye, after a pause in typing for screen readers. */
function countCharacters(area: HTMLTextAreaElement) {
  const count = document.getElementById(`${area.id}-count`)
  if (!count) return
  const max = Number(area.dataset.max)
  const plural = new Intl.PluralRules(document.documentElement.lang)
  const spoken = document.createElement('p')
  spoken.className = 'a-hidden'
  spoken.setAttribute('role', 'status')
  count.after(spoken)
  let pause: ReturnType<typeof setTimeout>
  const update = () => {
    const left = max - lengthOf(area.value)
    const texts = JSON.parse((left < 0 ? count.dataset.over : count.dataset.remaining) ?? '{}')
    count.textContent = String(texts[plural.select(Math.abs(left))]).replace('{n}', String(Math.abs(left)))
    count.classList.toggle('a-error', left < 0)
    clearTimeout(pause)
    pause = setTimeout(() => {
      spoken.textContent = count.textContent
    }, 1000)
  }
  area.addEventListener('input', update)
  if (area.value) update()
}

const nearEnd = 120 // seconds before the end at which a screen reader is told, as WCAG 2.2.1 asks for a warning

/** Shows how many minutes are left. Counts by the machine's own running time: its clock may be wrong. */
function countDown(section: HTMLElement) {
  const { seconds, left = '', soon = '', over = '' } = section.dataset
  const shown = section.querySelector('.a-countdown-left')
  const said = section.querySelector('.a-countdown-news')
  if (!shown || !said) return
  const minutes = new Intl.NumberFormat(document.documentElement.lang, {
    style: 'unit',
    unit: 'minute',
    unitDisplay: 'long',
    numberingSystem: 'latn',
  } as Intl.NumberFormatOptions)
  const end = performance.now() + Number(seconds) * 1000
  let isWarned = false
  const update = () => {
    const rest = (end - performance.now()) / 1000
    const words = minutes.format(Math.ceil(rest / 60))
    shown.textContent = rest > 0 ? left.replace('{n}', words) : ''
    if (rest <= 0) {
      clearInterval(timer)
      said.textContent = over
    } else if (rest <= nearEnd && !isWarned) {
      isWarned = true
      said.textContent = soon.replace('{n}', words)
    }
  }
  const timer = setInterval(update, 5000)
  update()
}
