import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { type Config, ConfigError } from '#platform/config.ts'

/** What a listener needs to speak TLS itself: 1.2 at least (BSI TR-02102-2, RFC 8996).
 *  @throws ConfigError if a file cannot be read or the two do not belong together. */
export const tlsOptions = ({ certificateFile, keyFile }: NonNullable<Config['tls']>): SecureContextOptions => {
  try {
    const options = { cert: readFileSync(certificateFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' } as const
    createSecureContext(options)
    return options
  } catch (error) {
    throw new ConfigError(
      `TLS_CERTIFICATE_FILE, TLS_KEY_FILE: not a certificate with its key in PEM (${error instanceof Error ? error.message : 'unreadable'})`,
    )
  }
}
