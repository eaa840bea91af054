/*
 * Figures about people leave the program through here. A count of one is that one person's visit again, so small numbers
 * are hidden, and with them whatever would give them away: a further part of the same sum, or the sum itself, and all parts
 * of what is hidden. Figures are given for whole months that are over, and for nothing else: two answers that overlapped
 * would tell by their difference what neither says.
 */

/** Numbers from this one on are shown; so is zero, which is about nobody. */
export const smallest = 5

/** A count and what it is the sum of; without parts, it is not divided any further. What is no part counts as zero, and
 *  readers may know so. */
export type Sum = { key: string; count: number; parts: readonly Sum[] }

/** The same as it may be seen; null: hidden. */
export type Shown = { key: string; count: number | null; parts: readonly Shown[] }

/** A count that is part of no sum, as it may be seen; null: hidden. */
export const shownAlone = (count: number): number | null => (count > 0 && count < smallest ? null : count)

/** A count in steps of `smallest`, rounded up: for numbers that are asked for again and again, where each change by one would
 *  tell that somebody has just done something. Zero stays zero, so that an alarm on anything but zero still rings. */
export const inSteps = (count: number): number => Math.ceil(count / smallest) * smallest

/** Whether hidden parts stay unknown to who knows what they add up to, and this rule: one of them at least is large, nobody
 *  can tell which, and all together are enough for the small ones to be several numbers. */
const areSafe = (hidden: readonly Sum[]): boolean => {
  const total = hidden.reduce((sum, { count }) => sum + count, 0)
  const isAnyLarge = hidden.some(({ count }) => count >= smallest)
  return hidden.length === 0 || (hidden.length > 1 && isAnyLarge && total >= 2 * smallest)
}

const mustHide = (sum: Sum): boolean =>
  shownAlone(sum.count) === null || (sum.parts.length > 0 && hiddenParts(sum) === null)

/** Which parts are hidden while their sum is shown: those that have to be, and as many others as it takes to keep them
 *  unknown; null where all together do not suffice. Others are taken as they stand, never by their size: compared with
 *  what is still shown, that would tell how large they are. */
const hiddenParts = ({ parts }: Sum): ReadonlySet<Sum> | null => {
  const hidden = parts.filter(mustHide)
  const others = parts.filter((part) => part.count > 0 && !hidden.includes(part))
  while (!areSafe(hidden)) {
    const next = others.shift()
    if (!next) return null
    hidden.push(next)
  }
  return new Set(hidden)
}

const hide = ({ key, parts }: Sum): Shown => ({ key, count: null, parts: parts.map(hide) })

const show = (sum: Sum): Shown => {
  const hidden = hiddenParts(sum)
  return { ...sum, parts: sum.parts.map((part) => (hidden?.has(part) ? hide(part) : show(part))) }
}

const check = ({ key, count, parts }: Sum): void => {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${key}: ${count} is no count`)
  const total = parts.reduce((sum, part) => sum + part.count, 0)
  if (parts.length > 0 && total !== count) throw new RangeError(`${key}: ${count}, but its parts add up to ${total}`)
  parts.forEach(check)
}

/** A sum as it may be seen, with its parts. At the top the sum is hidden rather than a part that need not be: nothing else
 *  depends on it. Shown with any part hidden, it could tell that part to who knows the rule: of 13, a hidden leaf and a sum
 *  that is hidden because its own parts are few can only be 4 and 9.
 *  @throws RangeError where parts do not add up, or a count is none. */
export const protect = (sum: Sum): Shown => {
  check(sum)
  if (shownAlone(sum.count) === null) return hide(sum)
  const hidden = sum.parts.filter(mustHide)
  return {
    key: sum.key,
    count: hidden.length === 0 ? sum.count : null,
    parts: sum.parts.map((part) => (hidden.includes(part) ? hide(part) : show(part))),
  }
}

/** The newest month of which figures are given on this day. */
export const lastMonth = (today: Temporal.PlainDate): Temporal.PlainYearMonth =>
  today.toPlainYearMonth().subtract({ months: 1 })

/** Whether a month is over on this day, so that its figures do not change any more. */
export const isOver = (month: Temporal.PlainYearMonth, today: Temporal.PlainDate): boolean =>
  Temporal.PlainYearMonth.compare(month, lastMonth(today)) <= 0
