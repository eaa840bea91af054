import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { openStreams } from './open-streams.ts'
import { cutStalled } from './outflow.ts'

/* Answers that take long: how many there may be, and when one is given up. */

const open: { close: () => unknown }[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

/** An answer larger than what lies between two programs, to a reader on the same machine. */
const largeAnswer = async (reads: boolean): Promise<{ isCut: Promise<boolean> }> => {
  const answered = Promise.withResolvers<ServerResponse>()
  const server = createServer((_request, response) => {
    cutStalled(response, 600)
    Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(64 * 1024))).pipe(response)
    answered.resolve(response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  open.push({ close: () => socket.destroy() }, server)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  if (reads) socket.resume()
  else socket.pause()
  const response = await answered.promise
  return { isCut: new Promise((resolve) => response.once('close', () => resolve(!response.writableFinished))) }
}

test('a reader who has stopped reading is cut, one who reads is not', async () => {
  expect(await (await largeAnswer(false)).isCut).toBe(true)
  expect(await (await largeAnswer(true)).isCut).toBe(false)
})

test('so many answers of one caller are open at a time, and so many of all; a place is given back once', () => {
  const streams = openStreams({ ofCaller: 2, ofAll: 3 })
  const first = streams.take('a')
  expect([first, streams.take('a'), streams.take('b')].every((place) => place !== null)).toBe(true)
  expect([streams.take('a'), streams.take('b'), streams.take('c')]).toEqual([null, null, null])
  first?.()
  first?.()
  expect([streams.take('c') !== null, streams.take('c')]).toEqual([true, null])
})
