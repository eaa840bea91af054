import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const kern = new URL('../../../node_modules/@kern-ux/native/src/scss/core/tokens/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, kern), 'utf8')

const declarations = (css: string): Record<string, string> =>
  Object.fromEntries([...css.matchAll(/^ *--kern-color-([\w-]+): (.+?);/gm)].map(([, name, value]) => [name, value]))

const block = (scss: string, start: string) => scss.slice(scss.indexOf(start), scss.indexOf('\n}', scss.indexOf(start)))

const primitives = declarations(read('primitives/_colors.scss'))
const theme = read('_theme.scss')
const numbers = (colour: string | undefined) => colour?.match(/[\d.]+/g)?.map(Number)

const ourTokens = readFileSync(new URL('_tokens.scss', import.meta.url), 'utf8')
const ours = (map: string) => {
  const start = ourTokens.indexOf(`${map}: (`)
  const text = ourTokens.slice(start, ourTokens.indexOf('\n);', start))
  return [...text.matchAll(/["']([\w-]+)["']: (oklch\(.+?\))/g)]
}

test.each([
  ['$light', '@mixin light-colors'],
  ['$dark', '@mixin dark-colors'],
])('every colour of %s has the value that KERN gives it', (map, mixin) => {
  const kernTheme = declarations(block(theme, mixin))
  const kernValue = (name: string) => primitives[kernTheme[name]?.match(/--kern-color-([\w-]+)/)?.[1] ?? '']
  const colours = ours(map)
  expect(colours.length).toBeGreaterThan(15)
  for (const [, name = '', value] of colours) expect(numbers(value), name).toEqual(numbers(kernValue(name)))
})
