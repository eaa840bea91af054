import type { FastifyRequest } from 'fastify'
import type { Visitor } from '#features/actor.ts'
import type { ApiContext, NoParams } from '#features/feature.ts'
import { callerOf } from '#platform/http/caller.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import type { RunningTenant } from '#register/register.ts'
import type { AppDeps } from './deps.ts'

/** What every request to a tenant brings, whoever sends it. */
export const commonContext = (
  deps: AppDeps,
  running: RunningTenant,
  { params, ip }: Pick<FastifyRequest, 'params' | 'ip'>,
  language: Language,
): Omit<ApiContext<NoParams, Visitor>, 'formKeys' | 'bearer'> => {
  const { tenant: slug = '', ...others } = params as Record<string, string>
  return {
    deps,
    running,
    place: { slug, language },
    language,
    t: translator(language),
    inTenant: (work) => deps.db.inTenant(running.tenant.id, work),
    now: deps.clock(),
    params: others,
    actor: { kind: 'visitor' },
    caller: callerOf(ip),
  }
}
