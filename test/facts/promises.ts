import { coming, type Fact, type Row, type Verdict, verdicts } from './facts.ts'

/* docs/promises.md: what the notices promise and how each promise is kept. Made of the facts and of what one run of all
   tests showed, and of nothing else, so that the same tests give the same page. */

/** A passed test that showed a fact: where it is, and its name with those of what surrounds it. */
export type Witness = { file: string; name: string }

/** Tests that showed a fact, by its id. */
export type Shown = ReadonlyMap<string, readonly Witness[]>

export type Notice = {
  tenant: string
  name: string
  facts: readonly Fact[]
  isRunning: boolean
  /** Ids of facts about something that does not run here yet. */
  toCome: ReadonlySet<string>
}

const verdictWords: Record<Verdict, string> = {
  keep: 'as it says',
  improve: 'better',
  text: 'explained',
  vendor: 'replaced',
  defect: 'wrong',
}

const meanings: Record<Verdict, string> = {
  keep: 'a Jobcenter that runs here does exactly this',
  improve: 'one that runs here does it better, or with less data',
  text: 'an explanation, which the notice made here gives too',
  vendor: 'about a product that this one replaces',
  defect: 'wrong, unlawful or missing in the published notice; `tenant check` has to say so',
}

const inCell = (text: string): string => text.replace(/[|\\<*_`[\]]/g, '\\$&').replace(/\s+/g, ' ')

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const byName = (a: Witness, b: Witness): number => (`${a.file} ${a.name}` < `${b.file} ${b.name}` ? -1 : 1)

const shownBy = ({ id, claim, note }: Fact, witnesses: readonly Witness[]): string => {
  const [first, ...more] = witnesses.toSorted(byName)
  if (!first) return ''
  // A table's test ends with the statement itself, which stands in the same line already.
  const name = [claim, note].reduce<string>((text, end) => text.replace(` > ${id}: ${end}`, ''), first.name)
  const others = more.length > 0 ? `, and ${more.length} more` : ''
  return `[${inCell(name)}](../${first.file})${others}`
}

/** Where in the register, or in the notice made of it, a table looked. */
const place = (fact: Fact): string => {
  switch (fact.check === undefined ? 'behaviour' : fact.shownBy) {
    case 'field': {
      const { check } = fact as Row<'field'>
      return 'field' in check
        ? `field \`${check.field}\` of \`${check.activity}\``
        : `\`${check.activity}\` includes \`${check.includes}\``
    }
    case 'period': {
      const { activity, rule, period } = (fact as Row<'period'>).check
      return `rule \`${rule}\` of \`${activity}\`: ${period}`
    }
    case 'party': {
      const { check } = fact as Row<'party'>
      if ('absent' in check) return 'named on no page here'
      return 'section' in check
        ? `section \`${check.section}\``
        : `${check.role} of \`${check.activity}\`, ${check.country}`
    }
    case 'basis': {
      const { activity, norms } = (fact as Row<'basis'>).check
      return `\`${activity}\`: ${Object.keys(norms).join(', ')}`
    }
    case 'notice': {
      const { check } = fact as Row<'notice'>
      return 'section' in check
        ? `section \`${check.section}\``
        : `purposes of \`${check.activity}\`: ${check.purposes.join(', ')}`
    }
    default:
      return ''
  }
}

const standing = ({ facts, toCome }: Notice, shown: Shown) => {
  const isShown = ({ id }: Fact) => shown.has(id)
  const [defects, others] = [
    facts.filter(({ verdict }) => verdict === 'defect'),
    facts.filter(({ verdict }) => verdict !== 'defect' && verdict !== 'vendor'),
  ]
  return {
    shown: others.filter(isShown).length,
    missing: others.filter((fact) => !isShown(fact) && !toCome.has(fact.id)).length,
    found: defects.filter(isShown).length,
    unfound: defects.filter((fact) => !isShown(fact)).length,
    toCome: others.filter((fact) => !isShown(fact) && toCome.has(fact.id)).length,
    replaced: facts.filter(({ verdict }) => verdict === 'vendor').length,
  }
}

const withSums = (rows: (readonly [string, ...number[]])[]): (readonly (string | number)[])[] => {
  const [, ...first] = rows[0] ?? ['']
  const sums = first.map((_, column) => rows.reduce((sum, [, ...numbers]) => sum + (numbers[column] ?? 0), 0))
  return rows.length > 1 ? [...rows, ['all', ...sums]] : rows
}

const howKept = (fact: Fact): string => [fact.note && inCell(fact.note), place(fact)].filter(Boolean).join('; ')

const stateOf = (fact: Fact, notice: Notice, shown: Shown): string => {
  const witnesses = shown.get(fact.id)
  if (witnesses) return shownBy(fact, witnesses)
  if (fact.verdict === 'vendor') return ''
  if (fact.verdict === 'defect') return 'not found yet'
  if (!notice.toCome.has(fact.id)) return '**not shown**'
  return notice.isRunning && fact.comesWith ? `to come, with ${coming[fact.comesWith]}` : 'to come'
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
        howKept(fact),
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
    `"To come" is what a Jobcenter promises that does not run here yet, or about a service that it does not have here yet. Running: ${running(notices)}.`,
    ...notices.map((notice) => section(notice, shown)),
  ].join('\n\n')}\n`
}

const running = (notices: readonly Notice[]): string => {
  const names = notices.filter(({ isRunning }) => isRunning).map(({ name }) => name)
  return names.length > 0 ? names.join(', ') : 'none'
}
