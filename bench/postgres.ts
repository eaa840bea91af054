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

/** A process's share of the memory in use now, in MB: what several share is divided among them. */
export const shareOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]) / 1024

/** The processes of the PostgreSQL that this client is connected to. */
const processesOf = async (client: pg.Client): Promise<() => number[]> => {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = parentOf(rows[0]?.pid ?? 0)
  return () =>
    postmaster
      ? [
          postmaster,
          ...readdirSync('/proc')
            .filter((name) => /^\d+$/.test(name))
            .map(Number),
        ].filter((pid) => pid === postmaster || parentOf(pid) === postmaster)
      : []
}

/** Memory that a whole PostgreSQL has in use, in MB, and how many processes it is. */
export const memoryOfPostgres = async (client: pg.Client): Promise<{ megabytes: number; processes: number }> => {
  const processes = (await processesOf(client))()
  return { megabytes: processes.reduce((sum, pid) => sum + shareOf(pid), 0), processes: processes.length }
}

/** CPU milliseconds that a whole PostgreSQL has used, background processes and ended connections included. Null where
 *  the system does not tell (anything but Linux). */
export const cpuOfPostgres = async (client: pg.Client): Promise<() => number | null> => {
  const processes = await processesOf(client)
  return () => {
    const running = processes()
    const [postmaster] = running
    if (postmaster === undefined) return null
    return endedChildren(postmaster) + running.reduce((sum, pid) => sum + (runTime(pid) || 0), 0)
  }
}
