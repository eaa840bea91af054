/** Counts page views of tenants in memory until somebody takes them. Knows addresses of pages, no caller. */
export type PageCounts = {
  add(slug: string, page: string): void
  /** What was counted since the last time, by page; begins at nothing again. */
  take(slug: string): ReadonlyMap<string, number>
}

export const memoryPageCounts = (): PageCounts => {
  const counts = new Map<string, Map<string, number>>()
  return {
    add: (slug, page) => {
      const pages = counts.get(slug) ?? new Map<string, number>()
      pages.set(page, (pages.get(page) ?? 0) + 1)
      counts.set(slug, pages)
    },
    take: (slug) => {
      const pages = counts.get(slug) ?? new Map()
      counts.delete(slug)
      return pages
    },
  }
}
