import type { Language } from '#platform/i18n/translate.ts'
import { type AddressOf, type Notice, withAddresses } from '#register/notice/notice.ts'

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
      sections: withAddresses(notice.sections, addressOf),
    },
    null,
    2,
  )}\n`
