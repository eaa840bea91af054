import { formatDate } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import type { Block } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import type { RunningTenant } from '../register.ts'
import type { Paper } from './paper.ts'
import { backupSentence, registerStatements, type Statement } from './register-statements.ts'
import type { WrittenRegister } from './written-register.ts'

/** What has a name as name and text, the rest as sentences. */
const blockOf = (group: readonly Statement[]): Block => {
  const [first, ...more] = group
  if (group.some(({ name }) => name !== '')) {
    return { kind: 'facts', rows: group.map(({ name, text }) => ({ label: name, value: text })) }
  }
  return first && more.length === 0
    ? { kind: 'paragraph', text: first.text }
    : { kind: 'list', items: group.map(({ text }) => text) }
}

const blocksOf = (statements: readonly Statement[], language: Language): Block[] =>
  [...Map.groupBy(statements, ({ kind }) => kind)].flatMap(([kind, group]) => [
    { kind: 'subheading', text: translator(language)(`register.paper.kind.${kind}`) },
    blockOf(group),
  ])

/** The sentence over a paper of a tenant that is a demonstration or invented; none over a real one. */
export const caveat = ({ tenant }: RunningTenant, language: Language): string[] =>
  tenant.fictional
    ? [translator(language)('register.paper.fictional')]
    : tenant.demonstration
      ? [translator(language)('register.paper.demonstration')]
      : []

/** What the software does, and where that ends. */
export const measureBlocks = (register: WrittenRegister): Block[] => {
  const t = translator(register.language)
  const elsewhere = register.activities.filter(({ executedBy }) => executedBy).map(({ title }) => title)
  return [
    { kind: 'paragraph', text: t('register.paper.measuresHere') },
    { kind: 'facts', rows: register.measures.map(({ title, text }) => ({ label: title, value: text })) },
    ...(elsewhere.length > 0
      ? [
          {
            kind: 'paragraph',
            text: t('register.paper.measuresElsewhere', { list: elsewhere.join(t('platform.listComma')) }),
          } as const,
        ]
      : []),
  ]
}

/** The register to print: the record of processing activities (Art. 30 GDPR). */
export const registerPaper = (running: RunningTenant, register: WrittenRegister): Paper => {
  const { language, name, hash } = register
  const t = translator(language)
  const date = formatDate(Temporal.PlainDate.from(register.effectiveFrom), language)
  const statements = registerStatements(register)
  return {
    title: t('register.paper.title', { name }),
    lead: [
      ...caveat(running, language),
      t('register.paper.basis', { norm: citeNorm('Art. 30(1) GDPR', language), date, hash }),
    ],
    sections: [
      {
        id: 'controller',
        heading: t('register.paper.responsible'),
        blocks: blocksOf(
          statements.filter(({ activity, kind }) => activity === '' && kind !== 'measure' && kind !== 'backup'),
          language,
        ),
      },
      ...register.activities.map(({ id, title }) => ({
        id: id.replaceAll('.', '-'),
        heading: title,
        blocks: blocksOf(
          statements.filter(({ activity }) => activity === id),
          language,
        ),
      })),
      {
        id: 'backups',
        heading: t('register.paper.kind.backup'),
        blocks: [{ kind: 'paragraph', text: backupSentence(register) }],
      },
      {
        id: 'measures',
        heading: t('register.paper.measures'),
        blocks: [...measureBlocks(register), { kind: 'paragraph', text: t('register.paper.measuresMissing') }],
      },
    ],
  }
}
