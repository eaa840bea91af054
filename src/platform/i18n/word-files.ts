/** Texts by their keys. */
export type Texts = { readonly [key: string]: string | Texts }

/** The words of everybody who has some: `<owner>/locales/<language>.json`. In a module of its own, as tests have one that also
 *  knows the features of `test/fixtures` (test/helpers/feature-files.ts). */
export const wordFiles = import.meta.glob<Texts>('/src/**/locales/*.json', { eager: true, import: 'default' })
