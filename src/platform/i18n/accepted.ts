import { type Language, languages } from './translate.ts'

/** The language that an `Accept-Language` (RFC 9110, 12.5.4) likes best of those spoken; German where it likes none.
 *  Of what it likes equally, the first. */
export const acceptedLanguage = (header: string | undefined, spoken: readonly Language[] = languages): Language => {
  const liked = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [range = '', weight] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/)
      const quality = weight === undefined ? 1 : Number(weight)
      return { language: spoken.find((each) => each === range.split('-')[0]), quality }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  return liked.find(({ language }) => language)?.language ?? 'de'
}
