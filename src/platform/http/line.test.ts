import { expect, test, vi } from 'vitest'
import { waitingLine } from './line.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one is worked on at a time, and callers take turns, however much one of them asks', async () => {
  const line = waitingLine()
  const begun: string[] = []
  const ends: (() => void)[] = []
  for (const caller of ['a', 'a', 'a', 'b', 'a', 'b'])
    line.enter(caller).then((end) => {
      begun.push(caller)
      if (end) ends.push(end)
    })
  for (let turn = 1; turn <= 6; turn++) {
    await settled()
    expect(begun).toHaveLength(turn)
    ends.at(-1)?.()
  }
  expect(begun.join('')).toBe('aababa')
})

test('a turn that ends twice lets one go on, and not two', async () => {
  const line = waitingLine()
  const end = await line.enter('a')
  let begun = 0
  for (const caller of ['b', 'c']) line.enter(caller).then(() => begun++)
  end?.()
  end?.()
  await settled()
  expect(begun).toBe(1)
})

test('who asks much goes on when no person is served, or after a pause', async () => {
  const line = waitingLine(20)
  const [endOne, endOther] = [line.serve(), line.serve()]
  let begun = 0
  const count = () => begun++
  const first = line.enter('a')
  first.then(count)
  await settled()
  expect(begun).toBe(0)
  endOne()
  endOne()
  await settled()
  expect(begun).toBe(0)
  endOther()
  await settled()
  expect(begun).toBe(1)
  const endAgain = line.serve()
  line.enter('b').then(count)
  ;(await first)?.()
  await settled()
  expect(begun).toBe(1)
  await vi.waitFor(() => expect(begun).toBe(2), { timeout: 10_000 })
  endAgain()
})

test('whoever has a hundred waiting is told to come later, others are not', async () => {
  const line = waitingLine()
  await line.enter('a')
  for (let i = 0; i < 100; i++) void line.enter('a')
  expect(await line.enter('a')).toBeNull()
  let isNull = false
  line.enter('b').then((end) => {
    isNull = end === null
  })
  await settled()
  expect(isNull).toBe(false)
})
