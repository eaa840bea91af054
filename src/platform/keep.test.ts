import { expect, test } from 'vitest'
import { keepNewest } from './keep.ts'

test('what is kept is made once, until others were asked for since', () => {
  const made: string[] = []
  const keep = keepNewest<string>(2)
  const ask = (key: string): string =>
    keep(key, () => {
      made.push(key)
      return key.toUpperCase()
    })
  expect(['a', 'a', 'b', 'a', 'c'].map(ask)).toEqual(['A', 'A', 'B', 'A', 'C'])
  expect(made).toEqual(['a', 'b', 'c'])
  ask('a')
  expect(made).toEqual(['a', 'b', 'c'])
  ask('b')
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})

test('also what is nothing, or nothing yet because making it failed, is asked for rightly', () => {
  let times = 0
  const keep = keepNewest<string | undefined>(2)
  const nothing = () => {
    times += 1
    return undefined
  }
  expect([keep('x', nothing), keep('x', nothing), times]).toEqual([undefined, undefined, 1])
  const fails = () => {
    throw new Error('not now')
  }
  expect(() => keep('y', fails)).toThrow('not now')
  expect(keep('y', () => 'now')).toBe('now')
})
