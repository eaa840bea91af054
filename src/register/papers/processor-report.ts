import { translator } from '#platform/i18n/translate.ts'
import type { Block } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import type { RunningTenant } from '../register.ts'
import type { Paper } from './paper.ts'
import { caveat, measureBlocks } from './register-paper.ts'
import { dayInWords, subProcessorList } from './register-statements.ts'
import type { WrittenRegister } from './written-register.ts'

type Written = WrittenRegister['activities'][number]
type Recipient = Written['recipients'][number]

/** What one processor does: the activities in which it is one, and what it receives there. */
type Commission = { activity: Written; recipient: Recipient }[]

const commissionOf = ({ activities }: WrittenRegister, id: string): Commission =>
  activities.flatMap((activity) =>
    activity.recipients
      .filter((recipient) => recipient.role === 'processor' && recipient.id === id)
      .map((recipient) => ({ activity, recipient })),
  )

/** Ids of the processors of a tenant, in the order of its files. */
export const processorsOf = ({ activities }: WrittenRegister): string[] => [
  ...new Set(
    activities.flatMap(({ recipients }) => recipients.filter(({ role }) => role === 'processor').map(({ id }) => id)),
  ),
]

const whoRows = (commission: Commission, register: WrittenRegister) => {
  const t = translator(register.language)
  const all = (pick: (recipient: Recipient) => string | undefined) =>
    [...new Set(commission.flatMap(({ recipient }) => pick(recipient) ?? []))].join(t('platform.listSemicolon'))
  return [
    { label: t('register.paper.processor.name'), value: all(({ name }) => name) },
    {
      label: t('register.paper.processor.address'),
      value: all(({ address }) => address) || t('register.paper.processor.addressMissing'),
    },
    { label: t('register.paper.processor.country'), value: all(({ country }) => country.name) },
    {
      label: t('register.paper.processor.contract'),
      value: all(
        ({ contract }) =>
          contract &&
          t('register.paper.processor.contractOf', {
            contract: contract.text,
            date: dayInWords(contract.concluded, register.language),
          }),
      ),
    },
  ]
}

const dataBlocks = (commission: Commission, register: WrittenRegister): Block[] => {
  const t = translator(register.language)
  return commission.flatMap(({ activity: { title, fields, dataSubjects }, recipient }): Block[] => [
    { kind: 'subheading', text: t('register.paper.processor.dataOf', { title }) },
    {
      kind: 'list',
      items: fields
        .filter(({ id }) => recipient.fields.includes(id))
        .map(({ label, specialCategory }) =>
          specialCategory === 'possible' ? `${label} (${t('register.paper.processor.special')})` : label,
        ),
    },
    { kind: 'subheading', text: t('register.paper.processor.subjectsOf', { title }) },
    { kind: 'list', items: dataSubjects },
  ])
}

const subBlock = (commission: Commission, register: WrittenRegister): Block => {
  const lists = commission.map(({ recipient }) => subProcessorList(recipient.subProcessors)).filter(Boolean)
  const t = translator(register.language)
  return lists.length === 0
    ? { kind: 'paragraph', text: t('register.paper.processor.subNone') }
    : { kind: 'list', items: [...new Set(lists)] }
}

/** The report that § 80(1) SGB X demands before a processor is commissioned, point by point; null when the tenant has no
 *  processor of this id. What the register cannot know is left open by name. */
export const processorReport = (running: RunningTenant, register: WrittenRegister, id: string): Paper | null => {
  const commission = commissionOf(register, id)
  const [first] = commission
  if (!first) return null
  const { language, name, controller, representedBy, hash } = register
  const t = translator(language)
  const section = (key: 'who' | 'measures' | 'data' | 'task' | 'sub', blocks: Block[]) => ({
    id: key,
    heading: t(`register.paper.processor.${key}`),
    blocks,
  })
  const open = (key: 'instructions' | 'premises'): Block => ({
    kind: 'paragraph',
    text: t(`register.paper.processor.${key}`),
  })
  return {
    title: t('register.paper.processor.title', { name: first.recipient.name }),
    lead: [
      ...caveat(running, language),
      t('register.paper.processor.basis', { norm: citeNorm('§ 80(1) SGB X', language), hash }),
      t('register.paper.processor.to', { name }),
    ],
    sections: [
      {
        id: 'from',
        heading: t('register.paper.processor.from'),
        blocks: [
          {
            kind: 'facts',
            rows: [
              { label: t('register.paper.kind.controller'), value: `${controller.name}, ${controller.address}` },
              { label: t('register.paper.kind.representative'), value: representedBy },
            ],
          },
        ],
      },
      section('who', [{ kind: 'facts', rows: whoRows(commission, register) }]),
      section('measures', [...measureBlocks(register).slice(0, 2), open('premises'), open('instructions')]),
      section('data', dataBlocks(commission, register)),
      section(
        'task',
        commission.flatMap(({ activity: { title, purposes } }): Block[] => [
          { kind: 'subheading', text: title },
          { kind: 'list', items: purposes.map(({ text }) => text) },
        ]),
      ),
      section('sub', [subBlock(commission, register)]),
      { id: 'signature', heading: t('register.paper.processor.signature'), blocks: [] },
    ],
  }
}
