import type { TenantTx } from '#platform/db/db.ts'
import type { RunningTenant } from '#register/register.ts'

/* What a feature does by itself, without anybody asking. `D`: what it may use. */

/** Work that runs for every tenant twice a minute and finds by itself what there is to do. */
export type Sweep<D> = {
  name: string
  run: (deps: D, running: RunningTenant, now: Temporal.Instant) => Promise<void>
  /** True where it tends files of the machine, so that a node without a worker runs it, too. */
  onEveryNode?: boolean
  /** Since when something of this machine lies there that `run` should have cleared; null when all is in order. */
  overdueSince?: (deps: D, running: RunningTenant) => Temporal.Instant | null
}

/** What a feature owes in time, to every tenant there has ever been: a promise does not end with a fault in a tenant's
 *  files. What takes no tenant's files to be known is a duty, everything else a sweep. */
export type Duty = {
  /** What `/readyz` calls it when it is late, e.g. `consent proofs`. */
  name: string
  /** Does what is due; twice a minute. `running` is null for a tenant that does not run: then what was promised when a row
   *  was made is all there is to go by. Without this, a job does it. */
  keep?: (tx: TenantTx, now: Temporal.Instant, running: RunningTenant | null) => Promise<void>
  /** When the first of it is due, or was; null when nothing is. Cheap enough to be asked all day. */
  firstDue?: (tx: TenantTx) => Promise<Temporal.Instant | null>
}

/** A number for whoever watches over the installation. Never about a person: labels are kinds and states, and `/metrics`
 *  shows it in steps, so that no change tells what somebody has just done. */
export type Measure = { name: string; about: string; labels: Readonly<Record<string, string>>; value: number }

/** What a feature does when a backup has been restored, once for each tenant, before any server opens. */
export type Restored<D> = {
  /** Records of the backup that were erased after it was made; called just before they go again, in that transaction.
   *  `trigger` is what had happened, null when that is not known any more. */
  erased?: (
    deps: D,
    tx: TenantTx,
    erased: { records: readonly string[]; trigger: string | null; at: Temporal.Instant },
  ) => Promise<void>
  /** The same of a record that stayed because of a legal hold: it is restricted again by then. */
  restricted?: (
    deps: D,
    tx: TenantTx,
    restricted: { records: readonly string[]; trigger: string; at: Temporal.Instant },
  ) => Promise<void>
  /** All of that is over. The queue is empty: jobs are in no backup. */
  ended?: (deps: D, tx: TenantTx) => Promise<void>
}
