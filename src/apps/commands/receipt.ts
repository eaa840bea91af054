import { readFileSync } from 'node:fs'
import { findJws, readKeys, type Verdict, verifyReceipt } from '#shared/receipt/jws.ts'
import type { PublicKeys, Receipt } from '#shared/receipt/receipt.ts'
import { momentInWords } from '#shared/receipt/words.ts'
import { type Command, options, say, UsageError } from '../command.ts'

const largest = 1_000_000

/** @throws UsageError when the file cannot be read, or is none of ours by its size. */
const readText = (path: string): string => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Name a file.`)
  }
  if (text.length > largest) throw new UsageError(`${path} is larger than any receipt or list of keys.`)
  return text
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The keys to check with, and whether they came with the receipt: then they prove only that both belong together.
 *  @throws UsageError when there are none. */
const keysFor = (receipt: string, path: string | undefined): { keys: PublicKeys; fromFile: boolean } => {
  if (path !== undefined) {
    const keys = readKeys(parse(readText(path)))
    if (!keys || keys.keys.length === 0) throw new UsageError(`${path} holds no Ed25519 key. It has to be a JWK Set.`)
    return { keys, fromFile: false }
  }
  const given = (parse(receipt) ?? {}) as { keys?: unknown }
  const keys = readKeys(given.keys)
  if (!keys || keys.keys.length === 0)
    throw new UsageError('this file holds a receipt without keys: name the keys of its Jobcenter with --keys')
  return { keys, fromFile: true }
}

const refusals: Record<Exclude<Verdict['kind'], 'valid'>, string> = {
  unreadable: 'This is no receipt',
  wrongSignature: 'Not genuine: it was altered, or the key it names never signed it',
  afterRetirement: 'Not genuine: it says it was made after its key had been retired',
  unknownKey: 'Not proven: it was signed with a key that is not among these keys',
  otherTenant: 'Not genuine: it names another Jobcenter than its key belongs to',
  unsupported: 'This Node.js knows no Ed25519',
}
const reasons = {
  empty: 'the file is empty',
  tooLong: 'it is too long',
  form: 'it is not complete, or something else',
  algorithm: 'it is not signed like a receipt',
  content: 'what is signed is not what a receipt says',
}

const factLines = (receipt: Receipt): string[] => {
  const at = (instant: string) => `${momentInWords(instant, 'en-GB', receipt.timeZone)} (${receipt.timeZone})`
  return [
    ['what', receipt.act],
    ['appointment', at(receipt.startsAt)],
    ['until', at(receipt.endsAt)],
    ...(receipt.movedFrom ? [['before that', at(receipt.movedFrom)]] : []),
    ...(receipt.services ? [['matter', receipt.services.map(({ title }) => title).join(', ')]] : []),
    ...(receipt.place ? [['place', receipt.place]] : []),
    ['reference', receipt.reference],
    ['done', at(receipt.doneAt)],
    ['issued', at(receipt.issuedAt)],
    ['by', `${receipt.name}, ${receipt.issuer}`],
  ].map(([name = '', value]) => `  ${name.padEnd(12)} ${value}`)
}

const asText = (verdict: Verdict, fromFile: boolean): string[] => {
  if (verdict.kind !== 'valid') {
    const reason = verdict.kind === 'unreadable' ? `: ${reasons[verdict.why]}` : ''
    return [`${refusals[verdict.kind]}${reason}.`]
  }
  const { receipt, kid, retired } = verdict
  return [
    fromFile ? 'Unaltered, by the keys that came with it:' : 'Genuine, by these keys:',
    ...factLines(receipt),
    `  ${'key'.padEnd(12)} ${kid}${retired ? `, retired ${retired}` : ''}`,
    'A later move or cancellation does not show in it.',
    ...(fromFile
      ? [
          'The keys came in the same file, so this does not show who issued it. Compare the key above with those the Jobcenter publishes (jwks.json, see docs/receipts.md), or check with --keys.',
        ]
      : []),
  ]
}

const verify = async (args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { keys: { type: 'string' }, json: { type: 'boolean' } })
  const [what, path, ...more] = positionals
  if (what !== 'verify' || path === undefined || more.length > 0)
    throw new UsageError('say: receipt verify <file> [--keys <file>] [--json]')
  const text = readText(path)
  const { keys, fromFile } = keysFor(text, values.keys)
  const verdict = await verifyReceipt(findJws(text), keys)
  if (values.json) say(JSON.stringify({ ...verdict, keysFrom: fromFile ? 'receipt' : 'option' }, null, 2))
  else for (const line of asText(verdict, fromFile)) say(line)
  return verdict.kind === 'valid' ? 0 : 1
}

export const receipt: Command = {
  name: 'receipt',
  usage: 'receipt verify <file> [--keys <file>] [--json]',
  about: 'check a receipt, offline: the saved file or its bare text; --keys: the published keys of its Jobcenter',
  details: 'Exit codes: 0 good, 1 refused, 2 nothing to check with. Asks neither database nor network.',
  run: (_config, args) => verify(args),
}
