import type { FastifyRequest } from 'fastify'
import type { Context } from '#features/feature.ts'
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
): Pick<Context, 'deps' | 'running' | 'place' | 'language' | 't' | 'inTenant' | 'now' | 'params' | 'caller'> => {
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
    caller: callerOf(ip),
  }
}
