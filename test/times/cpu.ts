import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** What Linux says of a process: whose child it is, and its CPU seconds with those of the children it has waited for. */
type Seen = { pid: number; parent: number; born: string; name: string; seconds: number }

const tick = 100 // of /proc/<pid>/stat, in a second

const look = (pid: number): Seen[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = text.lastIndexOf(')') // the name may hold blanks and brackets
    const fields = text.slice(end + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
    const name = text.slice(text.indexOf('(') + 1, end)
    return [{ pid, parent: Number(fields[1]), born: fields[19] ?? '', name, seconds: ticks / tick }]
  } catch {
    return [] // it has ended
  }
}

const processes = (): Seen[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => look(Number(pid)))

/** Reads CPU seconds of this process and of everything it has started, what has ended included: of one whose parent went
 *  first, what it had used when it was last seen, so whoever reads should read often. `database`: the share of processes
 *  called postgres that run. @throws where there is no /proc, which only Linux has. */
export const cpuMeter = () => {
  if (!existsSync('/proc/self/stat')) throw new Error('Only Linux says how much CPU time each process has used.')
  const known = new Map<string, Seen>()
  let lost = 0
  const keyOf = ({ pid, born }: Seen): string => `${pid} ${born}`

  const ours = (all: readonly Seen[]): Seen[] => {
    const children = Map.groupBy(all, ({ parent }) => parent)
    const below = (one: Seen): Seen[] => [one, ...(children.get(one.pid) ?? []).flatMap(below)]
    const tops = all.filter((one) => one.pid === process.pid || known.has(keyOf(one)))
    return [...new Map(tops.flatMap(below).map((one) => [one.pid, one])).values()]
  }

  return (): { all: number; database: number } => {
    const alive = ours(processes())
    const keys = new Set(alive.map(keyOf))
    const before = new Set([...known.values()].map(({ pid }) => pid))
    for (const [key, one] of known) {
      if (keys.has(key)) continue
      known.delete(key)
      // Whoever had a parent among us was waited for by it.
      if (!before.has(one.parent)) lost += one.seconds
    }
    for (const one of alive) known.set(keyOf(one), one)
    const sum = (some: readonly Seen[]) => some.reduce((total, { seconds }) => total + seconds, 0)
    return { all: lost + sum(alive), database: sum(alive.filter(({ name }) => name === 'postgres')) }
  }
}
