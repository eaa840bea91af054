import { formatDate } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import type { Block } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import type { RunningTenant } from '../register.ts'
import type { Paper } from './paper.ts'
import type { ProcessingRecord } from './record.ts'
import { backupSentence, recordStatements, type Statement } from './record-statements.ts'

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
  [...Map.groupBy(statements, ({ part }) => part)].flatMap(([part, group]) => [
    { kind: 'subheading', text: translator(language)(`register.record.part.${part}`) },
    blockOf(group),
  ])

/** The sentence over a paper of a tenant that is a demonstration or invented; none over a real one. */
export const caveat = ({ tenant }: RunningTenant, language: Language): string[] =>
  tenant.fictional
    ? [translator(language)('register.record.fictional')]
    : tenant.demonstration
      ? [translator(language)('register.record.demonstration')]
      : []

/** What the software does, and where that ends. */
export const measureBlocks = (record: ProcessingRecord): Block[] => {
  const t = translator(record.language)
  const elsewhere = record.activities.filter(({ executedBy }) => executedBy).map(({ title }) => title)
  return [
    { kind: 'paragraph', text: t('register.record.measuresHere') },
    { kind: 'facts', rows: record.measures.map(({ title, text }) => ({ label: title, value: text })) },
    ...(elsewhere.length > 0
      ? [
          {
            kind: 'paragraph',
            text: t('register.record.measuresElsewhere', { list: elsewhere.join(t('platform.listComma')) }),
          } as const,
        ]
      : []),
  ]
}

/** The record of processing activities, to print. */
export const recordPaper = (running: RunningTenant, record: ProcessingRecord): Paper => {
  const { language, name, hash } = record
  const t = translator(language)
  const date = formatDate(Temporal.PlainDate.from(record.effectiveFrom), language)
  const statements = recordStatements(record)
  return {
    title: t('register.record.title', { name }),
    lead: [
      ...caveat(running, language),
      t('register.record.basis', { norm: citeNorm('Art. 30(1) GDPR', language), date, hash }),
    ],
    sections: [
      {
        id: 'controller',
        heading: t('register.record.responsible'),
        blocks: blocksOf(
          statements.filter(({ activity, part }) => activity === '' && part !== 'measure' && part !== 'backup'),
          language,
        ),
      },
      ...record.activities.map(({ id, title }) => ({
        id: id.replaceAll('.', '-'),
        heading: title,
        blocks: blocksOf(
          statements.filter(({ activity }) => activity === id),
          language,
        ),
      })),
      {
        id: 'backups',
        heading: t('register.record.part.backup'),
        blocks: [{ kind: 'paragraph', text: backupSentence(record) }],
      },
      {
        id: 'measures',
        heading: t('register.record.measures'),
        blocks: [...measureBlocks(record), { kind: 'paragraph', text: t('register.record.measuresMissing') }],
      },
    ],
  }
}
