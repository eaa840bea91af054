import type { Config } from '#platform/config.ts'
import { type Destination, hostOf, isDeclared } from '#platform/outbound.ts'
import type { Difference } from './difference.ts'

/** Hosts that the settings name and the operator does not declare. */
export const compareHosts = (config: Config, destinations: readonly Destination[]): Difference[] =>
  (
    [
      ['SMTP_URL', config.smtpUrl, 'mail'],
      ['DATABASE_URL', config.databaseUrl, 'database'],
      ['DATABASE_OWNER_URL', config.databaseOwnerUrl, 'database'],
    ] as const
  ).flatMap(([name, url, use]) => {
    const host = url === null ? null : hostOf(url)
    const declared = destinations.filter((destination) => destination.for === use)
    if (host === null || isDeclared(host, declared)) return []
    return [
      {
        message: `${name}: the host ${host} is not declared in operator.yaml`,
        remedy: `add '- { host: ${host}, for: ${use} }' under 'hosts:' there, or correct ${name}`,
      },
    ]
  })
