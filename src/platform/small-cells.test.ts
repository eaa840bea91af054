import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inSteps, isOver, lastMonth, protect, type Shown, type Sum, shownAlone, smallest } from './small-cells.ts'

const leaf = (key: string, count: number): Sum => ({ key, count, parts: [] })
const sumOf = (key: string, parts: readonly Sum[]): Sum => ({
  key,
  count: parts.reduce((total, part) => total + part.count, 0),
  parts,
})
const counts = ({ parts }: Shown) => parts.map(({ count }) => count)

describe('a sum with its parts', () => {
  test.each<[string, number[], number | null, (number | null)[]]>([
    ['large ones and zero are shown', [0, 5, 40], 45, [0, 5, 40]],
    ['a small one takes the sum along', [3, 40], null, [null, 40]],
    ['so do several', [4, 4, 40], null, [null, null, 40]],
    ['a small sum shows nothing, zero included', [0, 1, 2], null, [null, null, null]],
  ])('at the top: %s', (_, parts, count, shown) => {
    const protectedSum = protect(
      sumOf(
        'all',
        parts.map((each, index) => leaf(`${index}`, each)),
      ),
    )
    expect([protectedSum.count, counts(protectedSum)]).toEqual([count, shown])
  })

  test.each<[string, number[], number | null, (number | null)[]]>([
    ['a second part is hidden with a small one, as they stand', [40, 9, 3], 52, [null, 9, null]],
    ['and a third until they are enough', [1, 1, 5, 40, 50], 97, [null, null, null, null, 50]],
    ['two small ones alone do not hide each other', [4, 4, 40], 48, [null, null, null]],
    ['where no choice suffices, the part is hidden as if it were small', [2, 3], null, [null, null]],
  ])('below it: %s', (_, parts, count, shown) => {
    const site = sumOf(
      'site',
      parts.map((each, index) => leaf(`${index}`, each)),
    )
    const [first] = protect(sumOf('all', [site, leaf('other', 100)])).parts
    expect([first?.count, first && counts(first)]).toEqual([count, shown])
  })

  test('that does not add up is refused: its difference would be a number that nobody has looked at', () => {
    expect(() => protect({ key: 'all', count: 9, parts: [leaf('a', 6), leaf('b', 2)] })).toThrow(/add up to 8/)
    expect(() => protect(leaf('all', -1))).toThrow(RangeError)
    expect(() => protect(leaf('all', 1.5))).toThrow(RangeError)
  })
})

/* What somebody can find out who has only what is shown, knows which parts there are, and reckons. */

type Bounds = { low: number; high: number }
type Known = Bounds & { key: string; isHidden: boolean; parts: Known[] }

/** Hidden counts are at least 1 each, as zero would be shown; below a hidden one, where all is hidden, at least 0. */
const unknown = ({ key, count, parts }: Shown, belowHidden = false): Known => ({
  key,
  isHidden: count === null,
  low: count ?? (belowHidden ? 0 : 1),
  high: count ?? Number.POSITIVE_INFINITY,
  parts: parts.map((part) => unknown(part, count === null && part.count === null)),
})

const lows = (parts: readonly Known[]) => parts.reduce((sum, { low }) => sum + low, 0)
const highs = (parts: readonly Known[]) => parts.reduce((sum, { high }) => sum + high, 0)

/** Narrows what is known until nothing follows any more; true where something did. On a tree, what is left is exact. */
const narrow = (known: Known): boolean => {
  if (known.parts.length === 0) return false
  const set = (bounds: Bounds, low: number, high: number): boolean => {
    const before = [bounds.low, bounds.high]
    bounds.low = Math.max(bounds.low, low)
    bounds.high = Math.min(bounds.high, high)
    return before[0] !== bounds.low || before[1] !== bounds.high
  }
  let changed = set(known, lows(known.parts), highs(known.parts))
  for (const part of known.parts) {
    const others = known.parts.filter((other) => other !== part)
    changed = set(part, known.low - highs(others), known.high - lows(others)) || changed
    changed = narrow(part) || changed
  }
  return changed
}

const all = (known: Known): Known[] => [known, ...known.parts.flatMap(all)]
const allShown = (shown: Shown): Shown[] => [shown, ...shown.parts.flatMap(allShown)]
const allSums = (sum: Sum): Sum[] => [sum, ...sum.parts.flatMap(allSums)]

const aCount = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 60 }))
const keyed = <T>(of: fc.Arbitrary<T>, max: number, make: (key: string, value: T) => Sum) =>
  fc.array(of, { minLength: 1, maxLength: max }).map((values) =>
    sumOf(
      '',
      values.map((value, index) => make(`${index}`, value)),
    ),
  )
const aSite = keyed(aCount, 5, leaf)
const aTree = fc.oneof(
  aSite,
  keyed(aSite, 4, (_, site) => site),
  keyed(
    keyed(aSite, 3, (_, site) => site),
    3,
    (_, area) => area,
  ),
)

describe('whoever reads what is shown', () => {
  test('finds no hidden number: each may be several, and large', () => {
    fc.assert(
      fc.property(aTree, (tree) => {
        const known = unknown(protect(tree))
        while (narrow(known));
        for (const { isHidden, low, high } of all(known)) {
          if (!isHidden) continue
          expect(high - low).toBeGreaterThanOrEqual(1)
          expect(high).toBeGreaterThanOrEqual(smallest)
        }
      }),
      { numRuns: 2000 },
    )
  })

  // Knows the rule, too: another table that would have been shown just so has another number there.
  test.each<[string, number, (values: number[]) => Sum]>([
    [
      'parts of one sum',
      15,
      (values) =>
        sumOf('all', [
          sumOf(
            'site',
            values.map((n, i) => leaf(`${i}`, n)),
          ),
          leaf('b', 50),
        ]),
    ],
    [
      'two sums',
      11,
      ([a = 0, b = 0, c = 0]) => sumOf('all', [sumOf('site', [leaf('a', a), leaf('b', b)]), leaf('c', c)]),
    ],
    [
      'a sum of sums',
      11,
      ([a = 0, b = 0, c = 0]) =>
        sumOf('all', [sumOf('area', [sumOf('site', [leaf('a', a), leaf('b', b)]), leaf('c', c)]), leaf('d', 50)]),
    ],
  ])('finds none by knowing how it was hidden, either: %s', (_, most, treeOf) => {
    const possible = new Map<string, Set<number>[]>()
    const looked = new Set<string>()
    for (let number = 0; number < (most + 1) ** 3; number++) {
      const values = [0, 1, 2].map((digit) => Math.floor(number / (most + 1) ** digit) % (most + 1))
      const tree = treeOf(values)
      const published = JSON.stringify(protect(tree))
      const sums = allSums(tree)
      const seen = possible.get(published) ?? sums.map(() => new Set<number>())
      for (const [index, { count }] of sums.entries()) seen[index]?.add(count)
      possible.set(published, seen)
      if (Math.max(...values) <= most - smallest) looked.add(published) // of larger ones the likes are not all tried
    }
    expect(looked.size).toBeGreaterThan(30)
    for (const published of looked) {
      for (const [index, { count }] of allShown(JSON.parse(published) as Shown).entries())
        if (count === null) expect(possible.get(published)?.[index]?.size, published).toBeGreaterThan(1)
    }
  })

  test('reads no small number, and no wrong one', () => {
    fc.assert(
      fc.property(aTree, (tree) => {
        const sums = allSums(tree)
        for (const [index, { count }] of allShown(protect(tree)).entries()) {
          if (count === null) continue
          expect(count).toBe(sums[index]?.count)
          expect(shownAlone(count)).toBe(count)
        }
      }),
    )
  })

  test('is kept from nothing where no number is small', () => {
    const large = keyed(
      keyed(fc.oneof(fc.constant(0), fc.integer({ min: smallest, max: 60 })), 5, leaf),
      4,
      (_, s) => s,
    )
    fc.assert(
      fc.property(large, (tree) => {
        expect(allShown(protect(tree)).map(({ count }) => count)).toEqual(allSums(tree).map(({ count }) => count))
      }),
    )
  })
})

test('what is asked for again and again changes with every fifth act only, and is zero only when there is nothing', () => {
  expect([0, 1, 4, 5, 6, 10, 11].map(inSteps)).toEqual([0, 5, 5, 5, 10, 10, 15])
})

test('figures are given of months that are over, from the first day after them on', () => {
  const november = Temporal.PlainYearMonth.from('2026-11')
  expect(isOver(november, Temporal.PlainDate.from('2026-11-30'))).toBe(false)
  expect(isOver(november, Temporal.PlainDate.from('2026-12-01'))).toBe(true)
  expect(lastMonth(Temporal.PlainDate.from('2027-01-01')).toString()).toBe('2026-12')
})
