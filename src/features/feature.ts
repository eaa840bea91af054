import type { z } from 'zod'
import type { Clock } from '#platform/clock.ts'
import type { Config } from '#platform/config.ts'
import type { DeclaredTables } from '#platform/db/columns.ts'
import type { Db, InTenant, TenantTx } from '#platform/db/db.ts'
import type { ApiProblemKind, Refusal } from '#platform/http/api-problem.ts'
import type { Caller } from '#platform/http/caller.ts'
import type { FormKeys } from '#platform/http/form-token.ts'
import type { PageCounts } from '#platform/http/page-counts.ts'
import type { Method, PageOptions } from '#platform/http/page-options.ts'
import type { Response } from '#platform/http/response.ts'
import type { Place, RoutePath } from '#platform/http/routes.ts'
import type { Language, Translate } from '#platform/i18n/translate.ts'
import type { Word } from '#platform/i18n/words.ts'
import type { Job, Jobs } from '#platform/jobs/jobs.ts'
import type { Limits } from '#platform/limits/limits.ts'
import type { Log } from '#platform/log.ts'
import type { Mailer } from '#platform/mail/mailer.ts'
import type { Random } from '#platform/random.ts'
import type { Assets } from '#platform/ui/assets.ts'
import type { IconName } from '#platform/ui/icon.tsx'
import type { TenantAddition } from '#register/addition.ts'
import type { ActivityNeeds, Register, RunningTenant } from '#register/register.ts'
import type { Destination } from '#register/schema.ts'
import type { OpenRecord, Vault } from '#vault/index.ts'
import type { AccountOwner, Actor, Holder, StaffMember, Visitor } from './actor.ts'
import type { Ending, EndingWords, Entry, Greeting, Horizon, LetterKind, NoticeLink, PageLink } from './contribution.ts'
import type { Duty, Measure, Restored, Sweep } from './work.ts'

/** What every handler and job may use. Made once, in `apps/compose.ts`. */
export type Deps = {
  config: Config
  register: Register
  db: Db
  vault: Vault
  clock: Clock
  random: Random
  jobs: Jobs
  mailer: Mailer
  log: Log
  assets: Assets
  /** What signs each tenant's forms, and what travels through them, by slug; known once the tenants are prepared. */
  formKeys: Map<string, FormKeys>
  /** Does work of a tenant that connects to what this tenant declares for such a use, and to nothing else beyond this
   *  machine. `secret`: what proves there who we are; null where none is declared.
   *  @throws when the tenant declares no such destination, or its secret cannot be read. */
  reach: <T>(
    running: RunningTenant,
    use: Destination['for'],
    work: (found: { host: string; secret: string | null }) => Promise<T>,
  ) => Promise<T>
  /** Counts what one caller has, over all servers, under a name that is good for a day. */
  limits: Limits
  /** Counts page views until they are stored as numbers. */
  pageCounts: PageCounts
  /** The version of the notice that each tenant's files make, by slug. A tenant is in here from the moment its files are put
   *  into force, when its pages open; until then it is starting. */
  inForce: Map<string, { hash: string; effectiveFrom: string }>
  /** What each feature brings for the others to ask for. */
  contributed: readonly Contribution[]
  /** When a tenant's pages were last found to agree with its register; null when nothing has compared them yet. */
  checkedAt: (slug: string) => Temporal.Instant | null
}

/** No variable part, or none that is known here. */
export type NoParams = Record<never, string>

/** One request to a tenant's page, already checked: the tenant runs, what changes something comes from one of our forms, and who asks may.
 *  `P`: the variable parts of its address. `A`: who may ask for it. */
export type Context<P = NoParams, A extends Actor = Actor, B = unknown> = {
  deps: Deps
  running: RunningTenant
  place: Place
  language: Language
  t: Translate
  /** Runs in one transaction of this tenant. */
  inTenant: InTenant
  /** The instant of the request; read once, so that one page knows one time. */
  now: Temporal.Instant
  method: Method
  params: P
  /** Who asks. */
  actor: A
  query: Record<string, string>
  /** What the form sent; the first value of each name. */
  form: Record<string, string>
  /** What was sent beside a form: the files of a multipart form, what JSON says, the bytes. */
  body: B
  /** Every value of a name, of the form or else of the address: what several ticked boxes send. */
  all: (name: string) => readonly string[]
  /** What the browser sent of the cookies this tenant declares. */
  cookies: Readonly<Record<string, string>>
  /** Whoever sent the request, for limits only. Gives its address to nobody. */
  caller: Caller
  /** What signs and proves this tenant's forms. */
  formKeys: FormKeys
  /** What a form carries in a hidden field so that its POST is accepted. */
  formToken: string
  /** Path and query of this request, for the language switch. */
  path: string
}

export type Handler<P = NoParams, A extends Actor = Actor, B = unknown> = (
  context: Context<P, A, B>,
) => Promise<Response>

/** Lets somebody in and runs the rest of their request with what was found (`go`), or answers in its place. What one
 *  transaction has to do, check and act, it may do around `go`. */
type Guard<C, Found, Answer> = (context: C, go: (found: Found) => Promise<Answer>) => Promise<Answer>

/** A capability of a feature: who has it may act on one thing. `name` is what its feature calls it; `admit` is the one
 *  check of it, and makes what handlers act on. */
export type Link<P = never, Proof = unknown> = {
  kind: 'link'
  name: string
  admit: Guard<Context<P, Visitor>, Proof, Response>
}

/** Who may ask for a page: anybody, who has a capability, who has signed in, or who of the staff has a right. */
export type Access = 'public' | Link | 'account' | { kind: 'staff'; right: string }

/** What lets signed-in people in; a feature that knows their sessions brings it, for its kind. */
export type Guards = {
  account?: Guard<Context, AccountOwner, Response>
  /** Who has signed in; whether they have the right of the page is looked at after it. */
  staff?: Guard<Context, StaffMember, Response>
}

/** Who asks for a page of this access, once its guard has let them in. */
export type ActorOf<A> = A extends 'public'
  ? Visitor
  : A extends { kind: 'link'; admit: Guard<never, infer Proof, Response> }
    ? Holder<Proof>
    : A extends 'account'
      ? AccountOwner
      : StaffMember

/** One method of one address. Made in `addresses.ts`. */
export type Page = PageOptions & {
  method: Method
  route: RoutePath
  access: Access
  /** Tenants that have this page; all, where nothing is said. */
  where?: ((running: RunningTenant) => boolean) | undefined
  /** The address to which this one leads whoever opens it, as it only answers a form. */
  elsewhere?: string
  handler: Handler
}

/** One request of a program to a tenant. `language` is the one it likes best. */
export type ApiContext<P = NoParams, A extends Actor = Actor> = Pick<
  Context<P, A>,
  'deps' | 'running' | 'place' | 'language' | 't' | 'inTenant' | 'now' | 'params' | 'actor' | 'caller' | 'formKeys'
> & {
  /** What stands after `Authorization: Bearer`. */
  bearer: string | undefined
}

/** The same as `Link` for programs: the key or token comes as `Authorization: Bearer`. `given`: the request as it was
 *  read. */
export type BearerLink<P = never, Given = never, Proof = unknown> = {
  kind: 'link'
  name: 'holdKey' | 'manageToken'
  admit: <T>(
    context: ApiContext<P, Visitor>,
    given: Given,
    go: (found: Proof) => Promise<T | Refusal>,
  ) => Promise<T | Refusal>
}

/** What other programs may ask, under `/<slug>` and `apiBase`. Requests are parsed by these schemas, answers described by
 *  them. */
export type Endpoint<
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
> = {
  method: 'GET' | 'POST' | 'DELETE'
  route: RoutePath
  /** Name in the description, e.g. `holdTime`. */
  id: string
  /** Under what the description lists it. */
  tag: { name: string; description: string }
  /** What it does, in a few words. */
  summary: string
  /** What its caller has to know besides; CommonMark. */
  description: string
  /** What the variable parts of its address mean, by name. */
  parts?: Readonly<Record<string, string>>
  /** Who may ask: anybody, or who bears a capability. No program acts for an account. */
  access: 'public' | BearerLink
  query: Q
  /** null: it takes none. */
  body: B | null
  status: 200 | 201 | 204
  answer: A
  /** What it refuses, beside what any of them may refuse. */
  refuses: readonly ApiProblemKind[]
  handler: (context: ApiContext, given: { query: z.output<Q>; body: z.output<B> }) => Promise<z.input<A> | Refusal>
}

/** What a feature stores about people and finds by their mailbox: a field `email` with `lookup`. A person sees it, and takes
 *  it along, once they have proven the mailbox. */
export type Subject = {
  activity: string
  /** How they end it; without this, only its periods do. */
  ending?: {
    /** Its words for each way. Without `withdrawal` its activity asks for no consent: nothing would withdraw it. */
    words: Readonly<{ withdrawal?: EndingWords; erasure: EndingWords }>
    /** Which address is meant, where the mailbox is asked for. */
    mailbox?: Word
    /** What somebody does who gave no address; names the `phone`. */
    without?: Word
    /** One record in a few words, before it is ended. */
    card: (context: Context, record: OpenRecord) => { title: string; text: string; icon: IconName }
    /** Ends these records, all of this activity that the mailbox has, in the caller's transaction. */
    end: (
      tx: TenantTx,
      context: Context,
      records: readonly OpenRecord[],
      way: Ending,
    ) => Promise<{ erased: number; restricted: number }>
    /** Where somebody goes who wants the service again. */
    again: PageLink
    /** For who looks for a consent where there is none to withdraw: why, and what to do instead. */
    noConsent?: { why: Word; instead: Word }
  }
}

/** A kind of record that a person can end. */
export type Endable = Subject & { ending: NonNullable<Subject['ending']> }

/** What a feature brings for others, which ask for it without knowing the feature. Each list is shown in the order of
 *  `apps/features.ts`. */
export type Contribution = {
  entries?: readonly Entry<Context>[]
  greetings?: readonly Greeting[]
  /** So far ahead the start page names days that are different. */
  horizons?: readonly Horizon[]
  /** At the foot of every page. */
  footer?: readonly PageLink[]
  /** On the page about what lies on the person's device. */
  deviceLinks?: readonly PageLink[]
  noticeLinks?: readonly NoticeLink[]
  letters?: readonly LetterKind[]
  subjects?: readonly Subject[]
}

/** A feature, as `apps/features.ts` lists it. */
export type Feature = Contribution & {
  name: string
  needs: readonly ActivityNeeds[]
  /** What it adds to the files of tenants that have it. For a tenant without it, the feature does nothing: it has no page,
   *  no address for programs and no sweep. */
  addition?: TenantAddition
  /** Its tables, of which its `tables.ts` makes their types, too. */
  tables?: DeclaredTables
  pages: readonly Page[]
  /** Lets in who has signed in, where this feature knows that. One feature at most for each kind. */
  guards?: Guards
  /** Names that its forms and addresses carry beside the declared fields of activities; others are never read. */
  inputs?: readonly string[]
  /** What other programs may ask of it, as `/<slug>/api/v1` offers it. */
  endpoints?: readonly Endpoint[]
  jobs?: readonly Job<Deps>[]
  sweeps?: readonly Sweep<Deps>[]
  duties?: readonly Duty[]
  /** What `/metrics` shows of this feature for one tenant; `tenant` is added to the labels. */
  measures?: (deps: Deps, running: RunningTenant) => Promise<Measure[]>
  restored?: Restored<Deps>
}

/** Everything of one sort that features contribute, in the order of their list. */
export const contributed = <K extends keyof Contribution>(
  { contributed }: Pick<Deps, 'contributed'>,
  sort: K,
): NonNullable<Contribution[K]>[number][] =>
  contributed.flatMap((each): readonly NonNullable<Contribution[K]>[number][] => each[sort] ?? [])

/** Whether a feature has anything to do for a tenant. */
export const worksFor = ({ addition }: Feature, running: RunningTenant): boolean =>
  addition === undefined || addition.of(running) !== null
