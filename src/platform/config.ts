import { join, resolve } from 'node:path'
import { z } from 'zod'
import { isNetwork } from './http/trusted.ts'
import { isThisMachine } from './outbound.ts'

/** Everything the environment decides. Parsed once, then total: nothing else reads `process.env`. */
export type Config = {
  port: number
  host: string
  dataDir: string
  tenantsDir: string
  keyFile: string
  /** Where the tenants' secrets lie, one file each: `<secretsDir>/<slug>/<name>`. */
  secretsDir: string
  /** Where each erasure is written down outside the database, to be repeated after a restore. */
  ledgerFile: string
  /** Where people reach this installation; the start of every link in a mail. No slash at the end. */
  publicUrl: string
  /** null: the embedded PostgreSQL in `dataDir`, which makes this a demonstration. */
  databaseUrl: string | null
  /** Role that owns the tables and migrates them; null: the one of `databaseUrl`. */
  databaseOwnerUrl: string | null
  /** null: mails stay in the local mailbox. */
  smtpUrl: string | null
  /** Certificate and key (PEM) with which the web server itself speaks TLS; null: plain HTTP, behind a proxy that does. */
  tls: { certificateFile: string; keyFile: string } | null
  /** Addresses or networks of reverse proxies whose `X-Forwarded-*` headers are believed. */
  trustedProxies: string[]
  /** Whoever sends it may read `/metrics`; null: nobody on the main port. */
  metricsToken: string | null
  /** Where `/metrics` has a listener of its own; null: nowhere. */
  metricsPort: number | null
}

/** A wrong or missing variable. The command line prints it and exits with code 78 (EX_CONFIG, sysexits.h). */
export class ConfigError extends Error {}

/** Something that the program will not do as things stand. The message says why, and what would help; exit code 1. */
export class RefusedError extends Error {}

const optionalUrl = (protocols: string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: `an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    })
    .optional()

const port = z.string().regex(/^\d{1,5}$/, 'a port number, e.g. 3000')

const networks = 'addresses or networks, separated by commas, e.g. 10.0.0.1, fd00::/64'

const Environment = z.object({
  PORT: port.default('3000'),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  TENANTS_DIR: z.string().min(1).default('tenants'),
  ANLAUFSTELLE_KEY_FILE: z.string().min(1).optional(),
  SECRETS_DIR: z.string().min(1).optional(),
  ANLAUFSTELLE_LEDGER_FILE: z.string().min(1).optional(),
  PUBLIC_URL: optionalUrl(['http:', 'https:']),
  DATABASE_URL: optionalUrl(['postgres:', 'postgresql:']),
  DATABASE_OWNER_URL: optionalUrl(['postgres:', 'postgresql:']),
  SMTP_URL: optionalUrl(['smtp:', 'smtps:']),
  TLS_CERTIFICATE_FILE: z.string().min(1).optional(),
  TLS_KEY_FILE: z.string().min(1).optional(),
  TRUSTED_PROXY: z
    .string()
    .default('')
    .refine((text) => text === '' || /[^,\s]/.test(text), networks)
    .transform((text) => text.split(/[,\s]+/).filter(Boolean))
    .refine((parts) => parts.every(isNetwork), networks),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'at least 16 characters without blanks, e.g. from: openssl rand -hex 32')
    .optional(),
  METRICS_PORT: port.optional(),
})

/** Reads the environment; an empty variable counts as not set.
 *  @throws ConfigError naming every variable that is wrong and what is expected. */
export const parseConfig = (environment: Record<string, string | undefined>): Config => {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: expected ${issue.message}`).join('\n'),
    )
  }
  const env = parsed.data
  const port = portOf('PORT', env.PORT)
  const metricsPort = env.METRICS_PORT === undefined ? null : portOf('METRICS_PORT', env.METRICS_PORT)
  if (metricsPort === port) throw new ConfigError('METRICS_PORT: expected another port than PORT')
  if (metricsPort !== null && env.METRICS_TOKEN === undefined && !isThisMachine(env.HOST)) {
    throw new ConfigError(
      'METRICS_TOKEN: expected, as METRICS_PORT listens on HOST, which others reach, too; make one: openssl rand -hex 32',
    )
  }
  const dataDir = resolve(env.DATA_DIR)
  const { TLS_CERTIFICATE_FILE: certificate, TLS_KEY_FILE: key } = env
  if ((certificate === undefined) !== (key === undefined)) {
    throw new ConfigError(
      `TLS_${certificate ? 'KEY' : 'CERTIFICATE'}_FILE: expected too, as one does not work without the other`,
    )
  }
  const tls = certificate && key ? { certificateFile: resolve(certificate), keyFile: resolve(key) } : null
  return {
    port,
    host: env.HOST,
    dataDir,
    tenantsDir: resolve(env.TENANTS_DIR),
    keyFile: env.ANLAUFSTELLE_KEY_FILE ? resolve(env.ANLAUFSTELLE_KEY_FILE) : join(dataDir, 'master.key'),
    secretsDir: env.SECRETS_DIR ? resolve(env.SECRETS_DIR) : join(dataDir, 'secrets'),
    ledgerFile: env.ANLAUFSTELLE_LEDGER_FILE ? resolve(env.ANLAUFSTELLE_LEDGER_FILE) : join(dataDir, 'erasures.jsonl'),
    publicUrl: (env.PUBLIC_URL ?? `${tls ? 'https' : 'http'}://localhost:${port}`).replace(/\/+$/, ''),
    databaseUrl: env.DATABASE_URL ?? null,
    databaseOwnerUrl: env.DATABASE_OWNER_URL ?? null,
    smtpUrl: env.SMTP_URL ?? null,
    tls,
    trustedProxies: env.TRUSTED_PROXY,
    metricsToken: env.METRICS_TOKEN ?? null,
    metricsPort,
  }
}

const portOf = (name: string, text: string): number => {
  if (Number(text) > 65535) throw new ConfigError(`${name}: expected a port number up to 65535`)
  return Number(text)
}
