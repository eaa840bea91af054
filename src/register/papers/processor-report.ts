import { translator } from '#platform/i18n/translate.ts'
import type { Block } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import type { RunningTenant } from '../register.ts'
import type { Paper } from './paper.ts'
import type { ProcessingRecord } from './record.ts'
import { caveat, measureBlocks } from './record-paper.ts'
import { dayInWords, subProcessorList } from './record-statements.ts'

type Recorded = ProcessingRecord['activities'][number]
type Recipient = Recorded['recipients'][number]

/** What one processor does: the activities in which it is one, and what it receives there. */
type Commission = { activity: Recorded; recipient: Recipient }[]

const commissionOf = ({ activities }: ProcessingRecord, id: string): Commission =>
  activities.flatMap((activity) =>
    activity.recipients
      .filter((recipient) => recipient.role === 'processor' && recipient.id === id)
      .map((recipient) => ({ activity, recipient })),
  )

/** Ids of the processors of a tenant, in the order of its files. */
export const processorsOf = ({ activities }: ProcessingRecord): string[] => [
  ...new Set(
    activities.flatMap(({ recipients }) => recipients.filter(({ role }) => role === 'processor').map(({ id }) => id)),
  ),
]

const whoRows = (commission: Commission, record: ProcessingRecord) => {
  const t = translator(record.language)
  const all = (pick: (recipient: Recipient) => string | undefined) =>
    [...new Set(commission.flatMap(({ recipient }) => pick(recipient) ?? []))].join(t('platform.listSemicolon'))
  return [
    { label: t('register.record.processor.name'), value: all(({ name }) => name) },
    {
      label: t('register.record.processor.address'),
      value: all(({ address }) => address) || t('register.record.processor.addressMissing'),
    },
    { label: t('register.record.processor.country'), value: all(({ country }) => country.name) },
    {
      label: t('register.record.processor.contract'),
      value: all(
        ({ contract }) =>
          contract &&
          t('register.record.processor.contractOf', {
            contract: contract.text,
            date: dayInWords(contract.concluded, record.language),
          }),
      ),
    },
  ]
}

const dataBlocks = (commission: Commission, record: ProcessingRecord): Block[] => {
  const t = translator(record.language)
  return commission.flatMap(({ activity: { title, fields, dataSubjects }, recipient }): Block[] => [
    { kind: 'subheading', text: t('register.record.processor.dataOf', { title }) },
    {
      kind: 'list',
      items: fields
        .filter(({ id }) => recipient.fields.includes(id))
        .map(({ label, specialCategory }) =>
          specialCategory === 'possible' ? `${label} (${t('register.record.processor.special')})` : label,
        ),
    },
    { kind: 'subheading', text: t('register.record.processor.subjectsOf', { title }) },
    { kind: 'list', items: dataSubjects },
  ])
}

const subBlock = (commission: Commission, record: ProcessingRecord): Block => {
  const lists = commission.map(({ recipient }) => subProcessorList(recipient.subProcessors)).filter(Boolean)
  const t = translator(record.language)
  return lists.length === 0
    ? { kind: 'paragraph', text: t('register.record.processor.subNone') }
    : { kind: 'list', items: [...new Set(lists)] }
}

/** The report that § 80(1) SGB X demands before a processor is commissioned, point by point; null when the tenant has no
 *  processor of this id. What the register cannot know is left open by name. */
export const processorReport = (running: RunningTenant, record: ProcessingRecord, id: string): Paper | null => {
  const commission = commissionOf(record, id)
  const [first] = commission
  if (!first) return null
  const { language, name, controller, representedBy, hash } = record
  const t = translator(language)
  const section = (key: 'who' | 'measures' | 'data' | 'task' | 'sub', blocks: Block[]) => ({
    id: key,
    heading: t(`register.record.processor.${key}`),
    blocks,
  })
  const open = (key: 'instructions' | 'premises'): Block => ({
    kind: 'paragraph',
    text: t(`register.record.processor.${key}`),
  })
  return {
    title: t('register.record.processor.title', { name: first.recipient.name }),
    lead: [
      ...caveat(running, language),
      t('register.record.processor.basis', { norm: citeNorm('§ 80(1) SGB X', language), hash }),
      t('register.record.processor.to', { name }),
    ],
    sections: [
      {
        id: 'from',
        heading: t('register.record.processor.from'),
        blocks: [
          {
            kind: 'facts',
            rows: [
              { label: t('register.record.part.controller'), value: `${controller.name}, ${controller.address}` },
              { label: t('register.record.part.representative'), value: representedBy },
            ],
          },
        ],
      },
      section('who', [{ kind: 'facts', rows: whoRows(commission, record) }]),
      section('measures', [...measureBlocks(record).slice(0, 2), open('premises'), open('instructions')]),
      section('data', dataBlocks(commission, record)),
      section(
        'task',
        commission.flatMap(({ activity: { title, purposes } }): Block[] => [
          { kind: 'subheading', text: title },
          { kind: 'list', items: purposes.map(({ text }) => text) },
        ]),
      ),
      section('sub', [subBlock(commission, record)]),
      { id: 'signature', heading: t('register.record.processor.signature'), blocks: [] },
    ],
  }
}
