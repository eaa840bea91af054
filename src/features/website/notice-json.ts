import type { Language } from '#platform/i18n/translate.ts'
import type { AddressOf, Block, Notice } from '#register/notice/notice.ts'

const withAddress = (block: Block, addressOf: AddressOf) =>
  block.kind === 'link' ? { kind: block.kind, text: block.text, href: addressOf(block.target) } : block

/** The notice for programs; docs/notice.md describes its shape. `addressOf` gives complete addresses. */
export const noticeJson = (notice: Notice, of: { tenant: string; language: Language }, addressOf: AddressOf): string =>
  `${JSON.stringify(
    {
      ...of,
      title: notice.title,
      effectiveFrom: notice.effectiveFrom,
      replacedOn: notice.replacedOn ?? null,
      hash: notice.hash,
      checkedAt: notice.checkedAt?.toString({ timeZoneName: 'never', smallestUnit: 'second' }) ?? null,
      sections: notice.sections.map(({ id, heading, blocks }) => ({
        id,
        heading,
        blocks: blocks.map((block) => withAddress(block, addressOf)),
      })),
    },
    null,
    2,
  )}\n`
