import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { problemStatus } from './problem.ts'

export type Unreadable = 'headersTooLong' | 'tooSlow' | 'malformed'

const kindOf = (code: string | undefined): Unreadable => {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headersTooLong'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'tooSlow' : 'malformed'
}

/** Answers on the bare connection what Node could not read as a request, or not in time, and ends the connection. `pageOf`
 *  makes the page, `headers` are what every answer carries. */
export const answerUnreadable =
  (pageOf: (kind: Unreadable) => string, headers: Readonly<Record<string, string>>) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const kind = kindOf(error.code)
    const page = pageOf(kind)
    const status = problemStatus[kind]
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: text/html; charset=utf-8',
      `content-length: ${Buffer.byteLength(page)}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'cache-control: no-store',
      'connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${page}`, () => socket.destroy())
  }
