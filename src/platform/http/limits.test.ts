import { expect, test } from 'vitest'
import { memoryLimits } from './limits.ts'

const start = Temporal.Instant.from('2026-11-23T08:00:00Z')
const limitsAt = () => {
  let now = start
  return {
    limits: memoryLimits(() => now),
    after: (seconds: number) => {
      now = start.add({ seconds })
    },
  }
}

test('as many places as there are can be taken, by each caller', () => {
  const { limits } = limitsAt()
  const take = (name: string) => limits.take(name, 2, 15)
  expect([take('one'), take('one'), take('one'), take('other'), take('one')]).toEqual([true, true, false, true, false])
})

test('a place is free again after its time, each after its own', () => {
  const { limits, after } = limitsAt()
  limits.take('one', 2, 1)
  after(30)
  limits.take('one', 2, 1)
  after(59)
  expect(limits.take('one', 2, 1)).toBe(false)
  after(60)
  expect(limits.take('one', 2, 1)).toBe(true)
  expect(limits.take('one', 2, 1)).toBe(false)
  after(90)
  expect(limits.take('one', 2, 1)).toBe(true)
})

test('being refused costs nothing more', () => {
  const { limits, after } = limitsAt()
  limits.take('one', 1, 1)
  for (const second of [10, 20, 59]) {
    after(second)
    expect(limits.take('one', 1, 1)).toBe(false)
  }
  after(60)
  expect(limits.take('one', 1, 1)).toBe(true)
})

test('callers that are swept out of memory lose nothing that still counts', () => {
  const { limits, after } = limitsAt()
  limits.take('long', 1, 60)
  limits.take('short', 1, 1)
  after(600)
  expect(limits.take('somebody', 1, 1)).toBe(true)
  expect(limits.take('long', 1, 60)).toBe(false)
  expect(limits.take('short', 1, 1)).toBe(true)
})

test('a place that is given back can be taken again, and nobody gets more by giving back what they have not', () => {
  const { limits } = limitsAt()
  limits.take('one', 1, 15)
  limits.giveBack('one')
  limits.giveBack('one')
  limits.giveBack('nobody')
  expect([limits.take('one', 1, 15), limits.take('one', 1, 15)]).toEqual([true, false])
})

test('a place that is taken for longer stays one place, the others end when they did', () => {
  const { limits, after } = limitsAt()
  limits.take('one', 2, 1)
  after(30)
  limits.take('one', 2, 1)
  after(50)
  limits.renew('one', 1)
  expect(limits.take('one', 2, 1)).toBe(false)
  after(60)
  expect(limits.take('one', 2, 1)).toBe(false) // the first one would be free by now
  after(90)
  expect([limits.take('one', 2, 1), limits.take('one', 2, 1)]).toEqual([true, false])
})
