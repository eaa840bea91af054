/** Anybody: nothing is known of who asks, and nothing is asked. */
export type Visitor = { kind: 'visitor' }

/** Who has a link, a key or another thing that opens one place and nothing beside it. `proves`: what it stands for, made by
 *  the guard of its capability and by nothing else. */
export type Holder<Proof = unknown> = { kind: 'link'; capability: string; proves: Proof }

/** Aborted when the session of an account is over, by signing out or by time; whatever still runs for it ends with it. */
type Session = { session: AbortSignal }

/** A citizen who has signed in. */
export type AccountOwner = Session & { kind: 'account'; accountId: string }

/** A member of staff who has signed in, and what they may do. */
export type StaffMember = Session & { kind: 'staff'; accountId: string; rights: ReadonlySet<string> }

/** Who calls, as the guard of an address found it. */
export type Actor = Visitor | Holder | AccountOwner | StaffMember
