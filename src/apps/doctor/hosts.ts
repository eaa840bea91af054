import type { Config } from '#platform/config.ts'
import { hostOf, isDeclared, type OperatorHost } from '#platform/outbound.ts'
import type { Difference } from './difference.ts'

const settings = (config: Config) =>
  (
    [
      ['SMTP_URL', config.smtpUrl, 'mail'],
      ['DATABASE_URL', config.databaseUrl, 'database'],
      ['DATABASE_OWNER_URL', config.databaseOwnerUrl, 'database'],
    ] as const
  ).flatMap(([name, url, use]) => {
    const host = url === null ? null : hostOf(url)
    return host === null ? [] : [{ name, host, use }]
  })

/** Hosts that the settings name and the operator does not declare. */
export const findUndeclared = (config: Config, destinations: readonly OperatorHost[]): Difference[] =>
  settings(config)
    .filter(
      ({ host, use }) =>
        !isDeclared(
          host,
          destinations.filter((destination) => destination.for === use),
        ),
    )
    .map(({ name, host, use }) => ({
      message: `${name}: the host ${host} is not declared in operator.yaml`,
      remedy: `add '- { host: ${host}, for: ${use} }' under 'hosts:' there, or correct ${name}`,
    }))

/** Hosts that the operator declares and no setting leads to. */
const findUnused = (config: Config, destinations: readonly OperatorHost[]): Difference[] =>
  destinations
    .filter(
      (declared) => !settings(config).some(({ host, use }) => use === declared.for && isDeclared(host, [declared])),
    )
    .map(({ host, for: use }) => ({
      message: `operator.yaml declares the host ${host} for ${use}, and no setting leads there`,
      remedy: "remove it under 'hosts:', or set what should lead there",
    }))

export const compareHosts = (config: Config, destinations: readonly OperatorHost[]): Difference[] => [
  ...findUndeclared(config, destinations),
  ...findUnused(config, destinations),
]
