/** A PostgreSQL of one's own on Debian's programs, for tests. `url` is its superuser's, over a socket in `folder`. */
export type Cluster = {
  url: string
  folder: string
  /** Starts it where it was stopped. Resolves when it answers. */
  start: () => Promise<void>
  /** Ends it, cutting every connection; resolves when it is gone. */
  stop: () => Promise<void>
  /** Ends it and removes all it had. */
  remove: () => Promise<void>
}

/** Makes one and starts it. `bin` is the folder with its programs. @throws with PostgreSQL's words when it does not start */
export declare const makeCluster: (bin: string) => Promise<Cluster>
