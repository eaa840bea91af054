import type { FormKeys } from '#platform/http/form-token.ts'
import type { RunningTenant } from '#register/register.ts'
import type { AppDeps } from './deps.ts'

/** Reads the keys of a tenant's forms, so that they are at hand without the database: also the page that reports an
 *  outage carries a signed form. Done at the start, twice a minute, and for a form that none of the known keys signed; a
 *  new key is announced for longer than that before anybody signs with it. */
export const learnFormKeys = async (
  { db, keeper, formKeys }: Pick<AppDeps, 'db' | 'keeper' | 'formKeys'>,
  { tenant }: RunningTenant,
): Promise<FormKeys> => {
  const keys = await db.inTenant(tenant.id, (tx) => keeper.formKeys(tx))
  formKeys.set(tenant.slug, keys)
  return keys
}

/** @throws for a tenant that has not been prepared. */
export const formKeysOf = ({ formKeys }: Pick<AppDeps, 'formKeys'>, slug: string): FormKeys => {
  const keys = formKeys.get(slug)
  if (!keys) throw new Error(`tenant ${slug} is not prepared`)
  return keys
}
