/** The files of the catalogue, by path: those of `src/register/catalogue`, and what features declare of their own in
 *  `catalogue/` of their folders. In a module of its own, as tests have one that also knows the features of `test/fixtures`
 *  (test/helpers/feature-files.ts). */
export const catalogueFiles = import.meta.glob<string>(
  ['/src/register/catalogue/**/*.yaml', '/src/features/*/catalogue/**/*.yaml'],
  { eager: true, query: '?raw', import: 'default' },
)
