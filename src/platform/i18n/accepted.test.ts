import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acceptedLanguage } from './accepted.ts'
import { languages } from './translate.ts'

test.each([
  [undefined, 'de'],
  ['', 'de'],
  ['en', 'en'],
  ['en-GB,en;q=0.9,de;q=0.8', 'en'],
  ['de;q=0.8, EN ; q=0.9', 'en'],
  ['fr, tr;q=0.9', 'de'],
  ['en;q=0', 'de'],
  ['en;q=x, de;q=0.1', 'de'],
  ['*', 'de'],
])('who accepts %s is answered in %s', (header, language) => {
  expect(acceptedLanguage(header)).toBe(language)
})

test('whatever is sent, the answer is in a language that is spoken', () => {
  fc.assert(fc.property(fc.string(), (header) => languages.includes(acceptedLanguage(header))))
})

test('who likes Arabic best gets it only where it is spoken, and otherwise what comes next', () => {
  const header = 'ar-SY, en;q=0.5'
  expect(acceptedLanguage(header)).toBe('ar')
  expect(acceptedLanguage(header, ['de', 'en'])).toBe('en')
  expect(acceptedLanguage('ar', ['de', 'en'])).toBe('de')
})
