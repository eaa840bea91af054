import { parse } from 'node:querystring'
import { type Readable, Transform } from 'node:stream'

/** Bytes of the largest body: every field of a form at its greatest length, in letters that take twelve bytes each
 *  (`%F0%9F%98%80`, `\ud83d\ude00`), and what goes with them. */
export const largestBody = 128 * 1024
/** Characters that all fields of one form may have together, so that a form filled to the brim can be sent. */
export const mostCharacters = 10_000
/** Fields in one form, boxes that are ticked several times included. */
export const mostFields = 200
const mostKeys = 300
const deepest = 10

/** What a body sent, by name. Has no prototype, so that no name means anything but itself. */
export type Sent = Readonly<Record<string, string | readonly string[] | undefined>>

/** A body that has more in it than any honest one; nothing of it was read. `statusCode` is for the web server. */
export class TooMuchError extends Error {
  readonly statusCode = 413
}

/** JSON of a shape that no body of ours has; nothing of it was read. */
export class ShapeError extends Error {
  readonly statusCode = 400
}

/** A body, or a file in one, of another kind than is taken there. */
export class MediaTypeError extends Error {
  readonly statusCode = 415
}

/** A body that broke off: its sender is gone, or nobody wanted the rest. */
export class CutError extends Error {
  readonly statusCode = 400
}

/** Lets bytes through up to a limit; whoever reads them fails beyond it, and when they break off.
 *  @param most in bytes */
export const upTo = (source: Readable & { complete?: boolean }, most: number): Readable => {
  let size = 0
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length
      if (size > most) done(new TooMuchError('more bytes than allowed'))
      else done(null, chunk)
    },
  })
  counted.on('error', () => {}) // told to who reads it
  // What nobody wants is taken from the connection and dropped.
  counted.once('close', () => source.unpipe(counted).resume())
  source.once('close', () => {
    if (source.complete === false) counted.destroy(new CutError('the connection broke'))
  })
  return source.pipe(counted)
}

/** How often a character comes, as far as it matters whether it is more than `most`. */
const isMoreThan = (text: string, character: string, most: number): boolean => {
  let count = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1))
    if (++count > most) return true
  return false
}

/** Reads a form (`application/x-www-form-urlencoded`). @throws TooMuchError, before anything is read. */
export const parseForm = (body: string): Sent => {
  if (isMoreThan(body, '&', mostFields)) throw new TooMuchError('more fields than any form has')
  return parse(body, '&', '=', { maxKeys: 0 })
}

/** Refuses JSON with more levels or keys than any body of ours, by one look at each character.
 *  @throws ShapeError */
export const boundJson = (text: string): void => {
  let [depth, keys, inText] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (inText && character === '\\') at++
    else if (character === '"') inText = !inText
    else if (!inText && (character === '{' || character === '[')) depth++
    else if (!inText && (character === '}' || character === ']')) depth--
    else if (!inText && (character === ':' || character === ',')) keys++
    if (depth > deepest || keys > mostKeys) throw new ShapeError('deeper or with more keys than any body')
  }
}

/** The values of these names, and of no other, whatever was sent. */
export const pick = (sent: Sent, names: ReadonlySet<string>): Record<string, string[]> =>
  Object.fromEntries(
    [...names].flatMap((name) => {
      const values = Object.hasOwn(sent, name) ? [sent[name] ?? []].flat().map(String) : []
      return values.length > 0 ? [[name, values]] : []
    }),
  )

/** The first value of each name. */
export const firstOf = (picked: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(picked).map(([name, [first = '']]) => [name, first]))
