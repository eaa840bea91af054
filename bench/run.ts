import { measureBooking } from './booking.ts'
import { measureDisk } from './disk.ts'
import { measureErasure } from './erasure.ts'
import { measureFiles } from './files.ts'
import { measureFlood } from './flood.ts'
import { measureMaterialise } from './materialise.ts'
import { measureMemory } from './memory.ts'
import { printMachine } from './print.ts'
import { race } from './race.ts'
import { measureSeal } from './seal.ts'
import { runServer, serverWord } from './server.ts'
import { measureStart } from './start.ts'
import { storm } from './storm.ts'
import { measureWeight } from './weight.ts'

/** Each prints what it found and says whether it is as it has to be. */
const benchmarks: Record<string, () => Promise<boolean>> = {
  race,
  storm,
  booking: measureBooking,
  erasure: measureErasure,
  files: measureFiles,
  flood: measureFlood,
  materialise: measureMaterialise,
  seal: measureSeal,
  disk: measureDisk,
  memory: measureMemory,
  weight: measureWeight,
  start: measureStart,
}

const main = async (asked: string[]): Promise<number> => {
  const names = asked.length > 0 ? asked : Object.keys(benchmarks)
  const unknown = names.filter((name) => !(name in benchmarks))
  if (unknown.length > 0) {
    process.stderr.write(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}\n`)
    return 2
  }
  let isStopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isStopped = true
    })
  }
  printMachine()
  let isAsItHasToBe = true
  try {
    for (const name of names) isAsItHasToBe = ((await benchmarks[name]?.()) ?? false) && isAsItHasToBe
  } catch (error) {
    if (!isStopped) throw error
    return 130 // whoever stopped it wants no explanation
  }
  return isAsItHasToBe ? 0 : 1
}

if (process.argv[2] === serverWord) runServer()
else process.exitCode = await main(process.argv.slice(2))
