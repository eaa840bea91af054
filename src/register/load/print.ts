import { Document, isMap, isScalar, isSeq, Scalar, visit } from 'yaml'

const isLong = 100

/** Writes data as YAML, in the style of the tenants' files: short entries and lists of words on one line. */
export const printYaml = (data: unknown): string => {
  const document = new Document(data, { version: '1.2', schema: 'core' })
  visit(document, {
    Map: (_key, map, path) => {
      const isEntry = isSeq(path.at(-1)) && !map.has('de')
      const length = map.items.reduce((sum, { key, value }) => sum + String(key).length + String(value).length + 4, 0)
      map.flow = isEntry && length < isLong && map.items.every(({ value }) => isScalar(value))
    },
    Seq: (_key, list) => {
      list.flow = list.items.every((item) => isScalar(item))
    },
    // Without the quotes it would look like what takes an entry away.
    Scalar: (_key, scalar) => {
      if (scalar.value === 'off') scalar.type = Scalar.QUOTE_SINGLE
    },
  })
  const isSection = ({ value }: { value: unknown }) => (isSeq(value) && !value.flow) || isMap(value)
  if (isMap(document.contents)) {
    for (const pair of document.contents.items)
      if (isScalar(pair.key) && isSection(pair)) pair.key.spaceBefore = pair !== document.contents.items[0]
  }
  // The library puts blanks into both kinds of brackets or into none.
  return document.toString({ lineWidth: 0, singleQuote: true }).replace(/^( *(?:- )?(?:\w+: )?)\[ (.*) \]$/gm, '$1[$2]')
}
