import helmet from 'helmet'
import type { Page } from '#features/feature.ts'
import type { Config } from '#platform/config.ts'
import type { Cache, Needs } from '#platform/http/page-options.ts'
import type { Response } from '#platform/http/response.ts'

/** What a page may load, and where it may send: nothing but its own server's, and what it says it needs. */
const policyFor = ({ workers, blobImages, wasmInWorker }: Needs) => ({
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'", ...(wasmInWorker ? ["'wasm-unsafe-eval'"] : [])],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', ...(blobImages ? ['blob:'] : [])],
  connectSrc: ["'self'"],
  ...(workers ? { workerSrc: ["'self'"] } : {}),
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: [workers ?? "'none'"],
})

/** What no page asks a device for, unless it says so. */
const refusedPermissions = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
] as const

const permissionsFor = (needs: Needs): string =>
  refusedPermissions.map((name) => `${name}=(${name in needs ? 'self' : ''})`).join(', ')

/** What every answer tells the browser it may do with it, by name: of the server, of the door, on the port of the numbers,
 *  and on a bare connection. `publicUrl`: how people reach us. `needs`: what the page of the answer says it needs beyond
 *  the strict policy. What it has to be is written out in `doctor/policy.ts`. */
export const protectiveHeaders = (
  { publicUrl }: Pick<Config, 'publicUrl'>,
  needs: Needs = {},
): Readonly<Record<string, string>> => {
  const secure = publicUrl.startsWith('https:')
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: policyFor(needs) },
    // The path of a page can hold a capability: other pages and proxies' logs learn the origin at most.
    referrerPolicy: { policy: 'strict-origin' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
  })
  // Of a request it looks at nothing, and of an answer it needs this much.
  const headers: Record<string, string> = { 'permissions-policy': permissionsFor(needs) }
  const answer = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value
    },
    removeHeader: () => {},
  }
  type Handed = Parameters<typeof setHeaders>
  setHeaders({} as Handed[0], answer as unknown as Handed[1], () => {})
  return headers
}

const isScript = (response: Response): boolean =>
  (response.kind === 'file' || response.kind === 'stream') && response.contentType.startsWith('text/javascript')

/** The headers in which the answer of a page differs from every other; none for a page that needs nothing.
 *  @throws when anything but a script would get what only the script of a worker may have */
export const pageHeaders = (config: Pick<Config, 'publicUrl'>) => {
  const known = new WeakMap<Needs, Readonly<Record<string, string>>>()
  return ({ needs, route }: Page, response: Response): Readonly<Record<string, string>> => {
    // A page that says what went wrong needs nothing.
    if (!needs || ('status' in response && response.status >= 400)) return {}
    if (needs.wasmInWorker && response.kind !== 'redirect' && !isScript(response))
      throw new Error(`${route.path} is no script of a worker, and may not run WebAssembly`)
    const headers = known.get(needs) ?? protectiveHeaders(config, needs)
    known.set(needs, headers)
    return headers
  }
}

/** What is wrong with what a page declares of its answers; null when nothing is. */
export const faultOfOptions = ({ access, method, needs = {}, cache }: Page): string | null => {
  const { wasmInWorker, workers = 'none', ...others } = needs
  if (!/^[\w-]+$/.test(workers)) return 'names a Trusted Types policy that has no name'
  if (wasmInWorker && (Object.keys(others).length > 0 || needs.workers))
    return 'is the script of a worker and needs more than WebAssembly'
  if (cache && method !== 'GET') return 'has caches keep what changes something'
  return cache?.scope === 'public' && access !== 'public'
    ? 'has caches keep for everybody what not everybody may see'
    : null
}

export const cacheControl = ({ scope, seconds, immutable }: Cache): string =>
  [scope, `max-age=${seconds}`, ...(immutable ? ['immutable'] : [])].join(', ')
