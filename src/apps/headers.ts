import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/** What every page may load, and where it may send. No activity can declare a source elsewhere, so there is none. */
const policy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The same as a header. What it has to be is written out in `doctor/policy.ts`. */
export const contentSecurityPolicy = Object.entries(policy)
  .map(([name, values]) => [kebab(name), ...values].join(' '))
  .join(';')

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

/** Sends with every answer what the browser may do with it. `secure`: whether people reach us by https. */
export const addHeaders = async (app: FastifyInstance, secure: boolean): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    // The path of a page can hold a capability: other pages and proxies' logs learn the origin at most.
    referrerPolicy: { policy: 'strict-origin' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('permissions-policy', permissionsPolicy)
  })
}
