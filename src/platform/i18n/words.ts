import type { Language } from './languages.ts'

/** All words, by whose they are: a feature's, or a layer's. Each owner keeps `locales/<language>.json` in its folder and adds
 *  them here in the `words.ts` beside. */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by those who have words
export interface Words {}

/** The end of a key that stands for a plural, by its name in CLDR. */
type Plural = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other'

/** What is asked for: of a text in several plurals, the key without them. */
type Asked<K> = K extends `${infer Start}_${Plural}` ? Start : K

/** What another language needs: each text that German has. Which plurals differs; every language has `other`. */
type Like<T> = {
  [K in keyof T as K extends `${infer Start}_${Plural}` ? `${Start}_other` : K]: T[K] extends string
    ? string
    : Like<T[K]>
}

/** The words of one owner. A text that one of the languages lacks is an error of the compiler. */
export type Translated<T extends { readonly de: object } & { readonly [L in Exclude<Language, 'de'>]: Like<T['de']> }> =
  T['de']

type KeysOf<T, Start extends string> = {
  [K in keyof T & string]: T[K] extends string ? `${Start}.${Asked<K>}` : KeysOf<T[K], `${Start}.${K}`>
}[keyof T & string]

/** The places in the words that hold a text of this name: `appointments.mail.booked` holds a `subject`. */
export type PlaceOf<Name extends string, W = Word> = W extends `${infer Place}.${Name}` ? Place : never

/** The key of a text, which begins with whose it is: `appointments.times.title`. */
export type Word = { [Owner in keyof Words]: KeysOf<Words[Owner], Owner> }[keyof Words]
