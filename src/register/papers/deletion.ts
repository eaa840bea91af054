import { formatDate } from '#platform/i18n/format.ts'
import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import type { Block } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import type { RunningTenant } from '../register.ts'
import { remainsSentence } from '../retention-text.ts'
import type { Paper } from './paper.ts'
import { caveat } from './register-paper.ts'
import { backupSentence } from './register-statements.ts'
import type { WrittenRegister } from './written-register.ts'

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

type Rule = WrittenRegister['activities'][number]['retention'][number]

const className = ({ trigger, period }: Rule, language: Language): string =>
  `${translator(language)(`register.paper.deletion.startType.${startTypeOf(trigger)}`)} × ${periodInWords(period, language)}`

/** What stays behind records, without a person in it, and how long. */
const remainsBlocks = (running: RunningTenant, id: string, language: Language): Block[] => {
  const remains = running.activities.get(id)?.remains ?? []
  if (remains.length === 0) return []
  const sentences = remains.map((one) => remainsSentence(one, language))
  return [
    { kind: 'paragraph', text: translator(language)('register.paper.deletion.remains') },
    { kind: 'list', items: sentences },
  ]
}

const ruleBlocks = (running: RunningTenant, register: WrittenRegister): Block[] => {
  const { language } = register
  const t = translator(language)
  return register.activities.flatMap(({ id, title, fields, executedBy, retention, cookies }): Block[] => [
    { kind: 'subheading', text: title },
    {
      kind: 'list',
      items: [
        t('register.paper.deletion.kind', { list: fields.map(({ label }) => label).join(t('platform.listComma')) }),
        t('register.paper.deletion.executor', {
          name: executedBy ? `${executedBy.name}, ${executedBy.url}` : t('register.paper.executedHere'),
        }),
        ...cookies.map(({ name, kind, period }) =>
          t(`register.paper.deletion.${kind ?? 'cookie'}`, {
            name,
            period: period === null ? t('register.paper.onDevice.session') : periodInWords(period, language),
          }),
        ),
      ],
    },
    {
      kind: 'table',
      caption: t('register.paper.deletion.rulesOf', { title }),
      columns: (['rule', 'start', 'period', 'class', 'when'] as const).map((key) =>
        t(`register.paper.deletion.column.${key}`),
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
const matrix = (register: WrittenRegister): Block => {
  const { language, activities } = register
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
    caption: t('register.paper.deletion.matrix'),
    columns: [
      t('register.paper.deletion.column.period'),
      ...startTypes.map((type) => t(`register.paper.deletion.startType.${type}`)),
    ],
    rows: periods.map((period) => [
      periodInWords(period, language),
      ...startTypes.map((type) => inCell(type, period) || t('register.paper.deletion.none')),
    ]),
  }
}

const dutyBlock = (register: WrittenRegister): Block => {
  const t = translator(register.language)
  const processors = register.activities.flatMap(({ recipients }) =>
    recipients.filter(({ role }) => role === 'processor'),
  )
  const executors = register.activities.flatMap(({ executedBy, title }) =>
    executedBy ? `${title}: ${executedBy.name}` : [],
  )
  const operators = [...new Set(processors.map(({ name }) => name))]
  const row = (key: 'controller' | 'officer' | 'software' | 'operator', value: string) => ({
    label: t(`register.paper.deletion.duty.${key}`),
    value,
  })
  return {
    kind: 'facts',
    rows: [
      row('controller', `${register.controller.name}, ${register.representedBy}`),
      row('officer', register.dataProtectionOfficer.name),
      row('software', [t('register.paper.executedHere'), ...executors].join(t('platform.listSemicolon'))),
      row(
        'operator',
        operators.length > 0 ? operators.join(t('platform.listComma')) : t('register.paper.deletion.operatorNone'),
      ),
    ],
  }
}

/** The deletion concept of a tenant, structured after DIN 66398: rules, classes, execution, protocol, exceptions. */
export const deletionConcept = (running: RunningTenant, register: WrittenRegister): Paper => {
  const { language, name, hash } = register
  const t = translator(language)
  const date = formatDate(Temporal.PlainDate.from(register.effectiveFrom), language)
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text })
  const isElsewhere = register.activities.some(({ executedBy }) => executedBy)
  const how = ['earliest', 'atOnce', 'what', 'stricter', ...(isElsewhere ? (['elsewhere'] as const) : [])] as const
  const section = (
    key: 'duties' | 'rules' | 'classes' | 'execution' | 'protocol' | 'holds' | 'backups',
    blocks: Block[],
  ) => ({
    id: key,
    heading: t(`register.paper.deletion.${key}`),
    blocks,
  })
  return {
    title: t('register.paper.deletion.title', { name }),
    lead: [...caveat(running, language), t('register.paper.deletion.basis', { date, hash })],
    sections: [
      section('duties', [dutyBlock(register)]),
      section('rules', ruleBlocks(running, register)),
      section('classes', [paragraph(t('register.paper.deletion.classesText')), matrix(register)]),
      section('execution', [
        { kind: 'list', items: how.map((key) => t(`register.paper.deletion.executionText.${key}`)) },
      ]),
      section('protocol', [paragraph(t('register.paper.deletion.protocolText'))]),
      section('holds', [
        paragraph(t('register.paper.deletion.holdsText', { norm: citeNorm('Art. 17(3) GDPR', language) })),
      ]),
      section('backups', [paragraph(backupSentence(register))]),
    ],
  }
}
