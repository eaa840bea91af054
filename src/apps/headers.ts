import helmet from 'helmet'
import type { Config } from '#platform/config.ts'

/** What every page may load, and where it may send. No activity can declare a source elsewhere, so there is none. */
const policy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
}

/** What no page ever asks a device for. */
const refusedPermissions = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
const permissionsPolicy = refusedPermissions.map((name) => `${name}=()`).join(', ')

/** What every answer tells the browser it may do with it, by name: of the server, of the door, on the port of the numbers,
 *  and on a bare connection. `publicUrl`: how people reach us. What it has to be is written out in `doctor/policy.ts`. */
export const protectiveHeaders = ({ publicUrl }: Pick<Config, 'publicUrl'>): Readonly<Record<string, string>> => {
  const secure = publicUrl.startsWith('https:')
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    // The path of a page can hold a capability: other pages and proxies' logs learn the origin at most.
    referrerPolicy: { policy: 'strict-origin' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
  })
  // Of a request it looks at nothing, and of an answer it needs this much.
  const headers: Record<string, string> = { 'permissions-policy': permissionsPolicy }
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
