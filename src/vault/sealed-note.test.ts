import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { systemRandom } from '#platform/random.ts'
import { openNote, sealNote } from './sealed-note.ts'

const key = createSecretKey(Buffer.alloc(32, 1))
const newKey = createSecretKey(Buffer.alloc(32, 2))
const purpose = 'draft for segeberg'
const text = 'Erika Markerfrau'
const note = sealNote([key], purpose, text, systemRandom)

test('a note opens for its purpose, also while the key is rotated, and shows nothing of what it says', () => {
  expect(openNote([newKey, key], purpose, note)).toBe(text)
  expect(Buffer.from(note, 'base64url').toString()).not.toContain('Erika')
  expect(sealNote([key], purpose, text, systemRandom)).not.toBe(note)
})

test('a note for another purpose, under another key, cut anywhere or with any byte changed is none', () => {
  expect(openNote([key], 'draft for musterstadt', note)).toBeNull()
  expect(openNote([newKey], purpose, note)).toBeNull()
  const sealed = Buffer.from(note, 'base64url')
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed)
    altered[at] = (altered[at] ?? 0) ^ 1
    for (const other of [altered, sealed.subarray(0, at)])
      expect(openNote([key], purpose, other.toString('base64url')), `byte ${at}`).toBeNull()
  }
  for (const none of [undefined, '', 'x', '%00']) expect(openNote([key], purpose, none)).toBeNull()
})
