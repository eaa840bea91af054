import type { LightMyRequestResponse } from 'fastify'
import type { Cache, Needs, PageOptions } from '#platform/http/page-options.ts'
import type { Difference } from './difference.ts'

/* What every answer tells the browser, written out. Nothing here is taken from the server that is held against it: whoever
 * loosens something there has to loosen it here as well, where it is seen. */

/** The content policy of a page: the strict one, and what the page declares. */
const contentPolicy = ({ workers, blobImages, wasmInWorker }: Needs): string =>
  [
    "default-src 'none'",
    `script-src 'self'${wasmInWorker ? " 'wasm-unsafe-eval'" : ''}`,
    "style-src 'self'",
    `img-src 'self' data:${blobImages ? ' blob:' : ''}`,
    "connect-src 'self'",
    ...(workers ? ["worker-src 'self'"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${workers ?? "'none'"}`,
  ].join(';')

const permissions = ({ camera, microphone }: Needs): string =>
  `camera=(${camera ? 'self' : ''}), display-capture=(), geolocation=(), microphone=(${microphone ? 'self' : ''}), ` +
  'midi=(), payment=(), serial=(), usb=()'

const cacheOf = ({ scope, seconds, immutable }: Cache): string =>
  `${scope}, max-age=${seconds}${immutable ? ', immutable' : ''}`

const always: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'strict-origin',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
}

/** Headers that an answer may have besides, and what may stand in them: nothing that came with the request. */
const besides: Readonly<Record<string, RegExp>> = {
  allow: /^[A-Z, ]+$/,
  connection: /^(close|keep-alive)$/,
  'content-disposition': /^attachment; filename=([\w.-]+|"[^"]+"; filename\*=UTF-8''[\w.%~-]+)$/,
  'content-encoding': /^(br|gzip)$/,
  'content-language': /^(ar|de|en)$/,
  'content-length': /^\d+$/,
  'content-type': /^[a-z/.+-]+(; (charset|version)=[\w.-]+)*$/,
  date: /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/,
  'keep-alive': /^timeout=\d+$/,
  location: /^\/(?!\/)/,
  'retry-after': /^\d+$/,
  'set-cookie': /^/, // cookies.ts looks at these
  'transfer-encoding': /^chunked$/,
  vary: /^accept-(encoding|language)(, accept-(encoding|language))*$/i,
  'www-authenticate': /^Bearer$/,
  'x-accel-buffering': /^no$/,
  'x-download-options': /^noopen$/,
  'x-xss-protection': /^0$/,
}

/** A file of the look: the only thing that a cache may keep, and that has an ETag, made of its size and date. */
const ofFile: Readonly<Record<string, RegExp>> = {
  'accept-ranges': /^bytes$/,
  etag: /^W\/"[0-9a-f]+-[0-9a-f]+"$/,
  'last-modified': /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/,
}

/** What an answer is, as far as its headers depend on it. */
export type Kind = 'answer' | 'file'

type Told = { kind: Kind; https: boolean; options?: PageOptions; status?: number }

const cachedAs = ({ kind, options, status }: Told): string => {
  if (kind === 'file') return 'public, max-age=31536000, immutable'
  return options?.cache && status === 200 ? cacheOf(options.cache) : 'no-store'
}

const expected = (told: Told): Readonly<Record<string, string | null>> => ({
  ...always,
  'content-security-policy': contentPolicy(told.options?.needs ?? {}),
  'permissions-policy': permissions(told.options?.needs ?? {}),
  'cache-control': cachedAs(told),
  'strict-transport-security': told.https ? 'max-age=63072000' : null,
})

/** Holds the headers of one answer against what every answer has to carry, and may. `https`: whether people reach the
 *  installation by it. `options`: what its page declares. */
export const compareHeaders = (url: string, headers: LightMyRequestResponse['headers'], told: Told): Difference[] => {
  const wanted = expected(told)
  const mayHave = told.kind === 'file' ? { ...besides, ...ofFile } : besides
  const textOf = (name: string): string | null => {
    const value = headers[name]
    return value === undefined ? null : [value].flat().join(', ')
  }
  return [
    ...Object.entries(wanted)
      .filter(([name, value]) => textOf(name) !== value)
      .map(([name, value]) => ({
        message: `${url} answers with ${name}: ${textOf(name) ?? 'nothing'}`,
        remedy: `expected: ${value ?? 'no such header'}`,
      })),
    ...Object.keys(headers)
      .filter((name) => !(name in wanted) && !mayHave[name]?.test(textOf(name) ?? ''))
      .map((name) => ({
        message: `${url} answers with a header ${name} that is not expected there, or not with what stands in it`,
        remedy: 'remove what sets it, or write it into src/apps/doctor/policy.ts',
      })),
  ]
}
