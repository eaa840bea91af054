import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchArrival } from './arrival.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const second = 1000

/** A request of which so many bytes come a second, and how many seconds it is waited for; null where it is never cut. */
const waitedFor = (
  { bytes, isLarge }: { bytes: number; isLarge: boolean },
  until: (request: EventEmitter & { complete: boolean }, seconds: number) => void = () => {},
): number | null => {
  const socket = { bytesRead: 500 }
  const headers = { 'content-length': '1000000' }
  const request = Object.assign(new EventEmitter(), { headers, socket, complete: false })
  let cut = false
  watchArrival(request as unknown as IncomingMessage, { isLarge }, () => {
    cut = true
  })
  for (let seconds = 1; seconds <= 600; seconds++) {
    socket.bytesRead += bytes
    until(request, seconds)
    vi.advanceTimersByTime(second)
    if (cut) return seconds
  }
  return null
}

test('a form is waited for half a minute, however fast it comes', () => {
  expect(waitedFor({ bytes: 100, isLarge: false })).toBe(30)
  expect(waitedFor({ bytes: 10_000, isLarge: false })).toBe(30)
})

test('a file is waited for as long as it comes, at a kilobyte a second', () => {
  expect(waitedFor({ bytes: 1000, isLarge: true })).toBe(null)
  expect(waitedFor({ bytes: 999, isLarge: true })).toBe(30)
})

test('what is there is waited for no longer, whether somebody has read it or not', () => {
  const arrives = (request: EventEmitter & { complete: boolean }, seconds: number) => {
    if (seconds === 20) request.complete = true
  }
  expect(waitedFor({ bytes: 100, isLarge: false }, arrives)).toBe(null)
  const isRead = (request: EventEmitter, seconds: number) => void (seconds === 20 && request.emit('end'))
  expect(waitedFor({ bytes: 100, isLarge: false }, isRead)).toBe(null)
  expect(vi.getTimerCount()).toBe(0)
})

test('what comes over no connection is there at once, and is not waited for', () => {
  const request = Object.assign(new EventEmitter(), { headers: { 'content-length': '9' }, socket: {}, complete: false })
  watchArrival(request as unknown as IncomingMessage, { isLarge: false }, () => expect.unreachable())
  expect(vi.getTimerCount()).toBe(0)
})
