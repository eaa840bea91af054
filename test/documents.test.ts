import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { look } from './helpers/html.ts'
import { filesBelow } from './helpers/sources.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const decisions = 'docs/decisions'
const documents = [...readdirSync('.').filter((name) => name.endsWith('.md')), ...filesBelow('docs', /\.md$/)]

/** Headings as the anchors that forges make of them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const linksOf = (text: string): string[] => {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '')
  const written = [...prose.matchAll(/\]\(<?([^)\s>]+)>?\)/g), ...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)]
  return written.map(([, target = '']) => target).filter((target) => !/^(https?|mailto):/.test(target))
}

test.each(documents)('every link in %s leads somewhere', (document) => {
  const broken = linksOf(read(document)).filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? document : join(dirname(document), path)
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor)
  })
  expect(broken).toEqual([])
})

test('every image says in words what it shows', () => {
  const images = documents.flatMap((document) => [
    ...[...read(document).matchAll(/!\[([^\]]*)\]/g)].map(([, alt]) => alt),
    ...look(read(document))
      .all('img')
      .map((image) => image.attribute('alt')),
  ])
  expect(images.filter((alt) => !alt || alt.length < 20)).toEqual([])
})

describe('decisions', () => {
  const names = readdirSync(decisions).filter((name) => /^\d{4}-/.test(name))

  test('are numbered without gap or double', () => {
    const numbers = names.map((name) => Number(name.slice(0, 4)))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })

  test('stand in the list, each under its own title', () => {
    const listed = [...read(join(decisions, 'README.md')).matchAll(/^- \[(.*)\]\((\d{4}-[^)]*)\)$/gm)]
    expect(listed.map(([, , name]) => name)).toEqual(names)
    for (const [, title, name = ''] of listed) expect(read(join(decisions, name)).split('\n')[0]).toBe(`# ${title}`)
  })

  test.each(names)('%s has a dated status, a context, a decision and its consequences', (name) => {
    const text = read(join(decisions, name))
    expect(text).toMatch(/^Status: (accepted|superseded by \[.*\]\(.*\)), \d{1,2} [A-Z][a-z]+ 20\d\d$/m)
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Context',
      'Decision',
      'Consequences',
    ])
  })
})

test('every dependency has its line, and no line is left over', () => {
  type Lists = Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json')) as Lists
  const lines = [...read(join(decisions, 'dependencies.md')).matchAll(/^\| `([^`]+)` +\| (.+) \|$/gm)]
  const inUse = [dependencies, optionalDependencies, devDependencies].flatMap(Object.keys)
  expect(lines.map(([, name]) => name).sort()).toEqual(inUse.sort())
  expect(lines.filter(([, , rest = '']) => rest.split(' | ').length !== 3)).toEqual([])
})

describe('the README', () => {
  const readme = read('README.md')

  test('names every command, and none that is not there', () => {
    const program = filesBelow('src/apps/commands', /\.ts$/).flatMap((file) =>
      [...read(file).matchAll(/usage: '([^']+)'/g)].map(([, usage = '']) => usage),
    )
    const table = [...readme.matchAll(/^\| `([a-z][^`]*)` +\|/gm)].map(([, usage = '']) => usage.replaceAll('\\|', '|'))
    expect(table.sort()).toEqual(program.sort())
  })

  test('names every setting, and none that is not there', () => {
    const program = [...read('src/platform/config.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name = '']) => name)
    const tests = ['CHROMIUM_PATH']
    const rows = [...readme.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) +\|/gm)].map(([, names = '']) => names)
    const table = rows.flatMap((names) => [...names.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name))
    expect(table.sort()).toEqual([...program, ...tests].sort())
  })

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = documents.flatMap((document) =>
      [...read(document).matchAll(/(?:`|^)npm (?:run )?([a-z][\w:]*)/gm)].map(([, name = '']) => name),
    )
    expect(named.filter((name) => !(name in scripts) && name !== 'install')).toEqual([])
  })
})

test('the glossary holds words in use', () => {
  const files = [...filesBelow('src', /\.tsx?$/), ...filesBelow('tenants', /\.yaml$/), ...filesBelow('db', /\.sql$/)]
  const all = files.map(read).join('\n')
  const rows = [...read('docs/glossary.md').matchAll(/^\| [^|]+ \| ([^|]+) \|/gm)].map(([, cell = '']) => cell)
  const words = rows
    .flatMap((cell) => [...cell.replace(/not `\w+`/, '').matchAll(/`([\w.]+)`/g)])
    .map(([, word = '']) => word)
  expect(words.length).toBeGreaterThan(40)
  expect(words.filter((word) => !new RegExp(`\\b${RegExp.escape(word)}`, 'i').test(all))).toEqual([])
})

test('the licence is the whole EUPL-1.2', () => {
  const text = read('LICENSE')
  expect(text).toContain('EUROPEAN UNION PUBLIC LICENCE v. 1.2')
  expect([...text.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number))).toEqual(
    Array.from({ length: 15 }, (_, index) => index + 1),
  )
  expect(text).toContain('Appendix')
})

test('names of documents are plain', () => {
  expect(documents.map((path) => basename(path)).filter((name) => !/^[\w-]+\.md$/.test(name))).toEqual([])
})
