import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type pg from 'pg'

/*
 * `COPY` as streams. `pg` has no function for it, but sends whatever knows its protocol, and hands over what comes.
 * Neither direction holds more than a few pieces in memory, however long the table is.
 */

/** The part of pg's connection that copying needs; its types leave it out. */
type Wire = {
  stream: Socket
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

const pieceSize = 64 * 1024

/** What `COPY … TO STDOUT` gives, in pieces of whole rows. PostgreSQL waits while nobody takes them. `onRow` is called for
 *  each row. */
export const copyOut = (client: pg.Client, statement: string, onRow: () => void = () => {}): Readable => {
  let wire: Wire | undefined
  let rows: Buffer[] = []
  let size = 0
  const stream = new Readable({
    highWaterMark: 4 * pieceSize,
    read: () => void wire?.stream.resume(),
    destroy: (error, done) => {
      wire?.stream.resume() // what is still to come has to get past, or the connection cannot even be closed
      done(error)
    },
  })
  const flush = (): void => {
    if (size > 0 && !stream.destroyed && !stream.push(Buffer.concat(rows))) wire?.stream.pause()
    rows = []
    size = 0
  }
  client.query({
    submit: (connection: unknown) => {
      wire = connection as Wire
      wire.query(statement)
    },
    handleCopyData: ({ chunk }: { chunk: Buffer }) => {
      onRow()
      rows.push(Buffer.from(chunk)) // the parser uses its memory again
      size += chunk.length
      if (size >= pieceSize) flush()
    },
    handleCommandComplete: flush,
    handleReadyForQuery: () => void (stream.destroyed || stream.push(null)),
    handleError: (error: Error) => stream.destroy(error),
  } as unknown as pg.Submittable)
  return stream
}

/** Feeds `COPY … FROM STDIN` and resolves when PostgreSQL has taken everything.
 *  @throws PostgreSQL's error, or the one of the source; nothing is copied then. */
export const copyIn = (client: pg.Client, statement: string, source: AsyncIterable<Buffer>): Promise<void> =>
  new Promise((resolve, reject) => {
    const over = new AbortController()
    let failure: unknown
    const fail = (error: unknown): void => {
      over.abort()
      reject(failure ?? error)
    }
    const pump = async (wire: Wire): Promise<void> => {
      try {
        for await (const piece of source) {
          if (over.signal.aborted) return
          wire.sendCopyFromChunk(piece)
          if (wire.stream.writableNeedDrain) await once(wire.stream, 'drain', { signal: over.signal })
        }
        wire.endCopyFrom()
      } catch (error) {
        if (over.signal.aborted) return
        failure = error // PostgreSQL answers with an error of its own, which says less
        wire.sendCopyFail('the source failed')
      }
    }
    client.query({
      submit: (connection: unknown) => (connection as Wire).query(statement),
      handleCopyInResponse: (connection: unknown) => void pump(connection as Wire),
      handleCommandComplete: () => {},
      handleReadyForQuery: () => resolve(),
      handleError: fail,
    } as unknown as pg.Submittable)
  })
