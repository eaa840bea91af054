import { expect, test } from 'vitest'
import { look } from '#test/helpers/html.ts'
import { markUntranslated } from './untranslated.ts'

const marked = (text: string): string[] =>
  look(markUntranslated(text))
    .all('span[translate=no]')
    .map(({ content }) => content)

test.each([
  ['Rufen Sie uns an: 030 23125 001.', ['030 23125 001']],
  ['Rufen Sie uns an: 030\u00a023125\u00a0001 (Zentrale).', ['030\u00a023125\u00a0001']],
  ['<p>\u2068+49 211 38424-0\u2069</p>', ['+49 211 38424-0']],
  ['Ihre Nummer ist K7MP-2QXA.', ['K7MP-2QXA']],
  ['Der Code: 1234 5678 9012', ['1234 5678 9012']],
  ['Schreiben Sie an post@musterstadt.example.', ['post@musterstadt.example']],
  [
    'Hier: https://termine.example/segeberg/termin/verwalten/abc-_1.',
    ['https://termine.example/segeberg/termin/verwalten/abc-_1'],
  ],
  [
    '&quot;https://termine.example/?a=1&amp;b=2&quot; &lt;https://termine.example&lt;',
    ['https://termine.example/?a=1&b=2', 'https://termine.example'],
  ],
])('what only works as it stands is marked as not to be translated: %s', (text, found) => {
  expect(marked(text)).toEqual(found)
})

test.each([
  'Montag, 30. November 2026, 08:20 Uhr',
  '01.12.2026 bis 24.12.2026',
  'Kisdorfer Weg 7a, 01067 Dresden',
  'von 08:00 bis 12:30 und 2026-12-01',
  'Art. 6 DSGVO, § 67b SGB X, 14 Tage, 4000 Zeichen',
  'Montag-Mittwoch',
  '<a href="tel:03023125001" title="030 23125 001">Anrufen</a>',
  '<title>030 23125 001</title><textarea>030 23125 001</textarea><bdi translate="no">K7MP-2QXA</bdi>',
])('everything else may be translated: %s', (text) => {
  expect(markUntranslated(text)).toBe(text)
})

test('a number stays on one line; an address and a link may break', () => {
  const written = markUntranslated(
    '030 23125 / 000 · 1234 5678 9012 · post@musterstadt.example · https://termine.example/0301234567',
  )
  const kept = look(written)
    .all('span.a-number[translate=no]')
    .map(({ text }) => text)
  expect(kept).toEqual(['030 23125 / 000', '1234 5678 9012'])
})
