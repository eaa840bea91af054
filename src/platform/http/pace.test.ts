import { expect, test } from 'vitest'
import { keepPace } from './pace.ts'

const paceAt = (nodes = () => 1) => {
  let now = 1_000_000
  const isInPace = keepPace(() => now, nodes)
  return {
    count: (caller: string, kind: 'read' | 'write' | 'file' | 'atOnce', tries: number) =>
      Array.from({ length: tries }, () => isInPace(caller, kind)).filter(Boolean).length,
    after: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

test('many may come at once, and a steady few after that, each caller for themselves', () => {
  const { count, after } = paceAt()
  expect(count('one', 'read', 1000)).toBe(300)
  expect(count('other', 'read', 1)).toBe(1)
  after(1)
  expect(count('one', 'read', 1000)).toBe(20)
  after(0.5)
  expect(count('one', 'read', 1000)).toBe(10)
})

test('what is to be done is counted apart from what is looked at, and so are the files of the look', () => {
  const { count, after } = paceAt()
  expect(count('one', 'write', 1000)).toBe(100)
  expect([count('one', 'read', 1), count('one', 'file', 1000)]).toEqual([1, 600])
  after(1)
  expect([count('one', 'write', 1000), count('one', 'file', 1000)]).toEqual([4, 60])
})

test('whoever was quiet for a while has all of it again, and never more', () => {
  const { count, after } = paceAt()
  count('one', 'read', 1000)
  after(10_000)
  count('other', 'read', 1) // the one is forgotten here
  expect(count('one', 'read', 1000)).toBe(300)
})

test('being refused costs nothing more', () => {
  const { count, after } = paceAt()
  count('one', 'write', 100_000)
  after(0.25)
  expect(count('one', 'write', 1)).toBe(1)
})

test('servers divide it as they come and go, but for what each does without waiting', () => {
  let servers = 2
  const { count, after } = paceAt(() => servers)
  expect([count('one', 'write', 1000), count('one', 'atOnce', 1000)]).toEqual([50, 12])
  after(1)
  expect(count('one', 'write', 1000)).toBe(2)
  servers = 4
  after(10)
  expect(count('one', 'write', 1000)).toBe(10)
  after(1000)
  expect(count('one', 'write', 1000)).toBe(25)
})
