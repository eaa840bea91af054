import type { Texts } from '#platform/i18n/word-files.ts'

/* What features bring besides code, with those of `test/fixtures/features`: in tests it stands in for `word-files.ts` and
 * `catalogue-files.ts` of the program (vitest.config.ts). So a feature that is no part of the product needs no line outside
 * its folder either. */

export const wordFiles = import.meta.glob<Texts>(
  ['/src/**/locales/*.json', '/test/fixtures/features/*/locales/*.json'],
  { eager: true, import: 'default' },
)

export const catalogueFiles = import.meta.glob<string>(
  [
    '/src/register/catalogue/**/*.yaml',
    '/src/features/*/catalogue/**/*.yaml',
    '/test/fixtures/features/*/catalogue/**/*.yaml',
  ],
  { eager: true, query: '?raw', import: 'default' },
)
