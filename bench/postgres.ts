import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'

// Linux: `stat` counts in hundredths of a second, `schedstat` in nanoseconds.
const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // ended between two looks
  }
}

/** The fields of /proc/<pid>/stat from `state` on; the name before them may hold blanks. */
const statOf = (pid: number | string): string[] => {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const parentOf = (pid: number | string): number => Number(statOf(pid)[1])

const runTime = (pid: number | string): number => Number(read(`/proc/${pid}/schedstat`).split(' ')[0]) / 1e6

const endedChildren = (pid: number): number => {
  const fields = statOf(pid)
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** CPU seconds that a process has used so far. NaN where the system does not tell (anything but Linux). */
export const cpuOf = (pid: number): number => {
  const fields = statOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The most memory that a process has had, in MB. */
export const peakOf = (pid: number): number => Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]) / 1024

/** CPU milliseconds that a whole PostgreSQL has used, background processes and ended connections included. Null where
 *  the system does not tell (anything but Linux). */
export const cpuOfPostgres = async (client: pg.Client): Promise<() => number | null> => {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = parentOf(rows[0]?.pid ?? 0)
  return () => {
    if (!postmaster) return null
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster)
    return (
      endedChildren(postmaster) + [postmaster, ...children].reduce<number>((sum, pid) => sum + (runTime(pid) || 0), 0)
    )
  }
}
