import { once } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { eventually } from '#test/helpers/installation.ts'
import { answers } from './stopping.ts'

/** A server that is being ended while it works on one answer, which the test has in its hands. */
const aServerThatEnds = async (
  times: { notice: number; finish: number },
  before: (port: number) => Promise<unknown> = async () => {},
) => {
  const ending = new AbortController()
  const answering = answers(ending.signal, times)
  const server = createServer()
  const asked = Promise.withResolvers<ServerResponse>()
  server.on('request', (_request, response) => {
    answering.watch(response)
    asked.resolve(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const answer = new Promise<string>((resolve) => {
    get({ port, agent: false }, (response) => {
      response.on('error', () => resolve('cut'))
      response.on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`))
      response.resume()
    }).on('error', () => resolve('cut'))
  })
  const response = await asked.promise
  await before(port)
  ending.abort()
  return { server, response, answer, ended: answering.end(server) }
}

test('what is under way is finished, on the last answer of its connection', async () => {
  const { server, response, answer, ended } = await aServerThatEnds({ notice: 10, finish: 30_000 })
  await eventually(() => !server.listening, 'a closed port')
  response.end('done')
  expect(await answer).toBe('200 close')
  await ended
})

test('what does not finish in time is cut', async () => {
  const { answer, ended } = await aServerThatEnds({ notice: 10, finish: 200 })
  await ended
  expect(await answer).toBe('cut')
})

test('who is connected and says nothing, or half a request, does not hold it up', async () => {
  let gone: Promise<unknown>[] = []
  const others = async (port: number) => {
    const [silent, half] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    gone = [silent, half].map((socket) => once(socket.on('error', () => {}).resume(), 'close'))
    await Promise.all([silent, half].map((socket) => once(socket, 'connect')))
    half.write('GET / HTTP/1.1\r\nHost: ')
  }
  const { response, answer, ended } = await aServerThatEnds({ notice: 100, finish: 3_600_000 }, others)
  response.end()
  expect(await answer).toBe('200 close')
  await ended
  await Promise.all(gone)
})
