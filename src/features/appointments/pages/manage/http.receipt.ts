import type { Handler } from '#features/feature.ts'
import { issueReceipt, lastDone } from '../../receipts/receipt.ts'
import { withOwn } from './http.manage.ts'
import { receiptPage } from './view.receipt.tsx'

export const showReceipt: Handler = (context) =>
  withOwn(context, async (own, token, tx) =>
    receiptPage(context, await issueReceipt(tx, context, lastDone(own.appointment, own.record.fields)), token),
  )
