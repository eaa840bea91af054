/** Counts page views of tenants in memory until somebody takes them. Knows addresses of pages, no caller. */
export type PageCounts = {
  /** Counts one view, or as many as could not be stored. */
  add(slug: string, page: string, views?: number): void
  /** What was counted since the last time, by page; begins at nothing again. */
  take(slug: string): ReadonlyMap<string, number>
}

export const memoryPageCounts = (): PageCounts => {
  const counts = new Map<string, Map<string, number>>()
  return {
    add: (slug, page, views = 1) => {
      const pages = counts.get(slug) ?? new Map<string, number>()
      pages.set(page, (pages.get(page) ?? 0) + views)
      counts.set(slug, pages)
    },
    take: (slug) => {
      const pages = counts.get(slug) ?? new Map()
      counts.delete(slug)
      return pages
    },
  }
}
