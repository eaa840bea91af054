import { type Fact, type Verdict, verdicts } from './facts.ts'

/* docs/promises.md: what the notices promise and how each promise is kept. Made of the facts and of what one run of all
   tests showed, and of nothing else, so that the same tests give the same page. */

/** A passed test that showed a fact: where it is, and its name with those of what surrounds it. */
export type Witness = { file: string; name: string }

/** Tests that showed a fact, by its id. */
export type Shown = ReadonlyMap<string, readonly Witness[]>

export type Notice = { tenant: string; name: string; facts: readonly Fact[]; isRunning: boolean }

const verdictWords: Record<Verdict, string> = {
  keep: 'kept',
  improve: 'kept, and better',
  text: 'explained',
  vendor: 'replaced',
  defect: 'wrong in the notice',
}

const meanings: Record<Verdict, string> = {
  keep: 'done here exactly so',
  improve: 'done here better, or with less data',
  text: 'an explanation, which the notice made here gives too',
  vendor: 'about a product that this one replaces',
  defect: 'wrong, unlawful or missing in the published notice; `tenant check` has to say so',
}

const inCell = (text: string): string => text.replace(/[|\\<*_`[\]]/g, '\\$&').replace(/\s+/g, ' ')

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const byName = (a: Witness, b: Witness): number => (`${a.file} ${a.name}` < `${b.file} ${b.name}` ? -1 : 1)

const shownBy = (witnesses: readonly Witness[]): string => {
  const [first, ...more] = witnesses.toSorted(byName)
  if (!first) return ''
  const others = more.length > 0 ? `, and ${more.length} more` : ''
  return `[${inCell(first.name)}](../${first.file})${others}`
}

const standing = ({ facts, isRunning }: Notice, shown: Shown) => {
  const isShown = ({ id }: Fact) => shown.has(id)
  const [defects, others] = [
    facts.filter(({ verdict }) => verdict === 'defect'),
    facts.filter(({ verdict }) => verdict !== 'defect' && verdict !== 'vendor'),
  ]
  return {
    shown: others.filter(isShown).length,
    missing: isRunning ? others.filter((fact) => !isShown(fact)).length : 0,
    found: defects.filter(isShown).length,
    unfound: defects.filter((fact) => !isShown(fact)).length,
    toCome: isRunning ? 0 : others.filter((fact) => !isShown(fact)).length,
    replaced: facts.filter(({ verdict }) => verdict === 'vendor').length,
  }
}

const withSums = (rows: (readonly [string, ...number[]])[]): (readonly (string | number)[])[] => {
  const [, ...first] = rows[0] ?? ['']
  const sums = first.map((_, column) => rows.reduce((sum, [, ...numbers]) => sum + (numbers[column] ?? 0), 0))
  return rows.length > 1 ? [...rows, ['all', ...sums]] : rows
}

const howKept = (fact: Fact, isRunning: boolean, isShown: boolean): string => {
  if (fact.note) return inCell(fact.note)
  if (fact.verdict === 'vendor') return isRunning ? 'not part of this product' : ''
  if (fact.verdict === 'keep' && isShown) return 'as promised'
  return ''
}

const stateOf = (fact: Fact, notice: Notice, shown: Shown): string => {
  const witnesses = shown.get(fact.id)
  if (witnesses) return shownBy(witnesses)
  if (fact.verdict === 'vendor') return ''
  if (fact.verdict === 'defect') return 'not found yet'
  return notice.isRunning ? '**not shown**' : 'to come: this Jobcenter does not run here yet'
}

const section = (notice: Notice, shown: Shown): string =>
  [
    `## ${notice.name}`,
    table(
      ['Fact', 'What the notice says', 'Verdict', 'How it is kept, what is better, what is wrong', 'Shown by'],
      notice.facts.map((fact) => [
        fact.id,
        inCell(fact.claim),
        verdictWords[fact.verdict],
        howKept(fact, notice.isRunning, shown.has(fact.id)),
        stateOf(fact, notice, shown),
      ]),
    ),
  ].join('\n\n')

/** The page, as Markdown. */
export const promisesPage = (notices: readonly Notice[], shown: Shown): string => {
  const all = notices.reduce((sum, { facts }) => sum + facts.length, 0)
  const counted = notices.map((notice) => ({ notice, standing: standing(notice, shown) }))
  return `${[
    '# What five notices promise, and how each promise is kept',
    `Five Jobcenters publish privacy notices; read sentence by sentence, they make ${all} statements that can be checked, listed here in our words. A statement counts as shown only when a test that passed asserted it on the running product of that Jobcenter; a run of all tests writes this page (\`npm run promises\`), and \`npm test\` fails when it no longer says what the run showed.`,
    '## What was found',
    table(
      ['Notice', ...verdicts.map((verdict) => verdictWords[verdict]), 'statements'],
      withSums(
        notices.map(({ name, facts }) => [
          name,
          ...verdicts.map((verdict) => facts.filter((fact) => fact.verdict === verdict).length),
          facts.length,
        ]),
      ),
    ),
    verdicts.map((verdict) => `- **${verdictWords[verdict]}**: ${meanings[verdict]}`).join('\n'),
    '## What a run of all tests showed',
    table(
      ['Notice', 'shown', 'not shown', 'to come', 'defects found', 'not found yet', 'replaced'],
      withSums(
        counted.map(({ notice, standing: { shown, missing, toCome, found, unfound, replaced } }) => [
          notice.name,
          shown,
          missing,
          toCome,
          found,
          unfound,
          replaced,
        ]),
      ),
    ),
    `"To come" is what a notice promises of a Jobcenter that does not run here yet. ${running(notices)}`,
    ...notices.map((notice) => section(notice, shown)),
  ].join('\n\n')}\n`
}

const running = (notices: readonly Notice[]): string => {
  const names = notices.filter(({ isRunning }) => isRunning).map(({ name }) => name)
  return `${names.length > 0 ? names.join(', ') : 'None'} of the ${notices.length} ${names.length > 1 ? 'run' : 'runs'}.`
}
