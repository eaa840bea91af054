import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { cutStalled, whenOver } from './outflow.ts'

/** One server-sent event. `name`: what the page listens to; `message` where nothing is said. */
export type ServerEvent = { data: string; name?: string; id?: string }

/** Sends events until nobody listens any more. `ended` is aborted when the listener is gone, the session is over or the
 *  server ends; what it returns is waited for before the answer ends. */
export type RunEvents = (send: (event: ServerEvent) => void, ended: AbortSignal) => Promise<void>

/** Milliseconds between signs of life: fewer than any proxy waits for an answer to go on. */
const heartbeat = 15_000
/** After how many milliseconds a browser that has lost its connection makes a new one. */
const again = 5000
/** Bytes that may wait for a reader. More means that it has stopped reading: it is cut, and begins anew if it wants to. */
const mostWaiting = 64 * 1024

const oneLine = (text: string): string => {
  if (/[\r\n\0]/.test(text)) throw new Error('the name or id of an event is more than a line')
  return text
}

const textOf = ({ data, name, id }: ServerEvent): string =>
  [
    ...(name === undefined ? [] : [`event: ${oneLine(name)}`]),
    ...(id === undefined ? [] : [`id: ${oneLine(id)}`]),
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
    '\n',
  ].join('\n')

/** Answers with server-sent events (WHATWG HTML 9.2), past whatever frames other answers.
 *  @param headers what the answer carries besides
 *  @param ends each ends it when aborted */
export const sendEvents = async (
  answer: ServerResponse,
  headers: OutgoingHttpHeaders,
  run: RunEvents,
  ends: readonly AbortSignal[],
): Promise<void> => {
  const gone = new AbortController()
  const ended = AbortSignal.any([gone.signal, ...ends])
  whenOver(answer, () => gone.abort())
  answer.on('error', () => gone.abort())
  // nginx holds answers back otherwise.
  answer.writeHead(200, { ...headers, 'x-accel-buffering': 'no' })
  const write = (text: string): void => {
    if (ended.aborted || answer.destroyed) return
    answer.write(text)
    if (answer.writableLength <= mostWaiting) return
    gone.abort()
    answer.destroy()
  }
  write(`retry: ${again}\n\n`)
  cutStalled(answer)
  const beat = setInterval(() => write(':\n\n'), heartbeat)
  const stop = () => {
    clearInterval(beat)
    if (!answer.destroyed) answer.end()
  }
  ended.addEventListener('abort', stop)
  try {
    if (!ended.aborted) await run((event) => write(textOf(event)), ended)
  } finally {
    gone.abort()
    stop()
  }
}
