import { formatDate } from '#platform/i18n/format.ts'
import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import type { Block } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import type { RunningTenant } from '../register.ts'
import { remainsSentence } from '../retention-text.ts'
import type { Paper } from './paper.ts'
import type { ProcessingRecord } from './record.ts'
import { caveat } from './record-paper.ts'
import { backupSentence } from './record-statements.ts'

/** The three kinds of starting point that DIN 66398 knows. */
const startTypes = ['collected', 'processEnd', 'relationEnd'] as const
export type StartType = (typeof startTypes)[number]

const endOfRelation = new Set(['requested', 'withdrawn'])
const collection = new Set(['agreed', 'collected', 'counted', 'created', 'kept', 'queued', 'received'])

/** The kind of starting point of a trigger, by its verb: `code.created` begins with collection, withdrawing consent, or
 *  asking for erasure, ends the relation, and whatever else happens ends a process. */
export const startTypeOf = (trigger: string): StartType => {
  const verb = trigger.split('.').at(-1) ?? ''
  if (endOfRelation.has(verb)) return 'relationEnd'
  return collection.has(verb) ? 'collected' : 'processEnd'
}

type Rule = ProcessingRecord['activities'][number]['retention'][number]

const className = ({ trigger, period }: Rule, language: Language): string =>
  `${translator(language)(`register.record.deletion.startType.${startTypeOf(trigger)}`)} × ${periodInWords(period, language)}`

/** What stays behind records, without a person in it, and how long. */
const remainsBlocks = (running: RunningTenant, id: string, language: Language): Block[] => {
  const remains = running.activities.get(id)?.remains ?? []
  if (remains.length === 0) return []
  const sentences = remains.map((one) => remainsSentence(one, language))
  return [
    { kind: 'paragraph', text: translator(language)('register.record.deletion.remains') },
    { kind: 'list', items: sentences },
  ]
}

const ruleBlocks = (running: RunningTenant, record: ProcessingRecord): Block[] => {
  const { language } = record
  const t = translator(language)
  return record.activities.flatMap(({ id, title, fields, executedBy, retention, cookies }): Block[] => [
    { kind: 'subheading', text: title },
    {
      kind: 'list',
      items: [
        t('register.record.deletion.kind', { list: fields.map(({ label }) => label).join(t('platform.listComma')) }),
        t('register.record.deletion.executor', {
          name: executedBy ? `${executedBy.name}, ${executedBy.url}` : t('register.record.executedHere'),
        }),
        ...cookies.map(({ name, kind, period }) =>
          t(`register.record.deletion.${kind ?? 'cookie'}`, {
            name,
            period: period === null ? t('register.record.onDevice.session') : periodInWords(period, language),
          }),
        ),
      ],
    },
    {
      kind: 'table',
      caption: t('register.record.deletion.rulesOf', { title }),
      columns: (['rule', 'start', 'period', 'class', 'when'] as const).map((key) =>
        t(`register.record.deletion.column.${key}`),
      ),
      rows: retention.map((rule) => [
        rule.id,
        rule.trigger,
        periodInWords(rule.period, language),
        className(rule, language),
        rule.text,
      ]),
    },
    ...remainsBlocks(running, id, language),
  ])
}

/** Shortest first. Calendar units are compared from a fixed day: a month has 31 days here. */
const byLength = (a: string, b: string): number =>
  Temporal.Duration.compare(a, b, { relativeTo: Temporal.PlainDate.from('2026-01-01') })

/** Start type × period, each cell with the rules that fall into it. */
const matrix = (record: ProcessingRecord): Block => {
  const { language, activities } = record
  const t = translator(language)
  const rules = activities.flatMap(({ title, retention }) => retention.map((rule) => ({ title, rule })))
  // P7D and P1W are one class, as they last equally long.
  const periods = rules
    .map(({ rule }) => rule.period)
    .sort(byLength)
    .filter((period, at, all) => at === 0 || byLength(period, all[at - 1] ?? '') !== 0)
  const inCell = (type: StartType, period: string) =>
    rules
      .filter(({ rule }) => startTypeOf(rule.trigger) === type && byLength(rule.period, period) === 0)
      .map(({ title, rule }) => `${title} (${rule.id})`)
      .join(t('platform.listComma'))
  return {
    kind: 'table',
    caption: t('register.record.deletion.matrix'),
    columns: [
      t('register.record.deletion.column.period'),
      ...startTypes.map((type) => t(`register.record.deletion.startType.${type}`)),
    ],
    rows: periods.map((period) => [
      periodInWords(period, language),
      ...startTypes.map((type) => inCell(type, period) || t('register.record.deletion.none')),
    ]),
  }
}

const dutyBlock = (record: ProcessingRecord): Block => {
  const t = translator(record.language)
  const processors = record.activities.flatMap(({ recipients }) =>
    recipients.filter(({ role }) => role === 'processor'),
  )
  const executors = record.activities.flatMap(({ executedBy, title }) =>
    executedBy ? `${title}: ${executedBy.name}` : [],
  )
  const operators = [...new Set(processors.map(({ name }) => name))]
  const row = (key: 'controller' | 'officer' | 'software' | 'operator', value: string) => ({
    label: t(`register.record.deletion.duty.${key}`),
    value,
  })
  return {
    kind: 'facts',
    rows: [
      row('controller', `${record.controller.name}, ${record.representedBy}`),
      row('officer', record.dataProtectionOfficer.name),
      row('software', [t('register.record.executedHere'), ...executors].join(t('platform.listSemicolon'))),
      row(
        'operator',
        operators.length > 0 ? operators.join(t('platform.listComma')) : t('register.record.deletion.operatorNone'),
      ),
    ],
  }
}

/** The deletion concept of a tenant, structured after DIN 66398: rules, classes, execution, protocol, exceptions. */
export const deletionConcept = (running: RunningTenant, record: ProcessingRecord): Paper => {
  const { language, name, hash } = record
  const t = translator(language)
  const date = formatDate(Temporal.PlainDate.from(record.effectiveFrom), language)
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text })
  const isElsewhere = record.activities.some(({ executedBy }) => executedBy)
  const how = ['earliest', 'atOnce', 'what', 'stricter', ...(isElsewhere ? (['elsewhere'] as const) : [])] as const
  const section = (
    key: 'duties' | 'rules' | 'classes' | 'execution' | 'protocol' | 'holds' | 'backups',
    blocks: Block[],
  ) => ({
    id: key,
    heading: t(`register.record.deletion.${key}`),
    blocks,
  })
  return {
    title: t('register.record.deletion.title', { name }),
    lead: [...caveat(running, language), t('register.record.deletion.basis', { date, hash })],
    sections: [
      section('duties', [dutyBlock(record)]),
      section('rules', ruleBlocks(running, record)),
      section('classes', [paragraph(t('register.record.deletion.classesText')), matrix(record)]),
      section('execution', [
        { kind: 'list', items: how.map((key) => t(`register.record.deletion.executionText.${key}`)) },
      ]),
      section('protocol', [paragraph(t('register.record.deletion.protocolText'))]),
      section('holds', [
        paragraph(t('register.record.deletion.holdsText', { norm: citeNorm('Art. 17(3) GDPR', language) })),
      ]),
      section('backups', [paragraph(backupSentence(record))]),
    ],
  }
}
