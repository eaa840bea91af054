import { issueReceipt, lastDone } from '../../receipts/receipt.ts'
import type { OwnHandler } from './guard.ts'
import { receiptPage } from './view.receipt.tsx'

export const showReceipt: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  return receiptPage(context, await issueReceipt(tx, context, lastDone(own.appointment, own.record.fields)), token)
}
