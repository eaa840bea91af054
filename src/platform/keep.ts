/** Gives what stands under a key, made when it is first asked for. */
export type Keep<T> = (key: string, make: () => T) => T

/** Keeps what costs more to make than to keep: of different keys the `most` that were asked for last. A key has to name
 *  everything that the value depends on. */
export const keepNewest = <T>(most: number): Keep<T> => {
  const kept = new Map<string, { value: T }>()
  return (key, make) => {
    const found = kept.get(key) ?? { value: make() }
    kept.delete(key)
    kept.set(key, found) // behind all others
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
    return found.value
  }
}
