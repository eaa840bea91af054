import { createSecretKey } from 'node:crypto'
import { systemRandom, uuid } from '#platform/random.ts'
import { newRecordKey, newTenantKey, openTenantKey } from '#vault/keys.ts'
import { blindIndex, sealFields } from '#vault/seal.ts'
import { median, printTable, say } from './print.ts'
import { tenantId } from './stage.ts'

const budget = 80 // µs
const rounds = 60
const perRound = 500

const fields = {
  name: 'Annegret Musterfrau-Beispiel',
  birthDate: '1984-08-12',
  customerOrBgNumber: '131A0990815',
  email: 'annegret.musterfrau@example.org',
  freeText:
    'Ich habe Fragen zum Antrag auf Weiterbewilligung und bringe den Mietvertrag, die letzten drei Kontoauszüge und die Nebenkostenabrechnung des Vermieters mit. Bitte im Erdgeschoss, ich komme mit dem Kinderwagen und brauche den Aufzug, falls er wieder geht.',
  service: 'beratung-vor-ort',
  place: 'kaltenkirchen',
  appointmentAt: '2026-12-01T09:30:00Z',
  bookedAt: '2026-11-23T08:00:00.123Z',
  consentGivenAt: '2026-11-23T08:00:00.123Z',
  reference: 'QK7M-2XHD',
  language: 'de',
}
const manageLink = 'Zk3v9QmT1sB8nLx0aWcYeg'

/** What storing one booking's record costs in cryptography: a key of its own, wrapped; the fields, sealed; two blind
 *  indexes. */
export const measureSeal = async (): Promise<boolean> => {
  const master = createSecretKey(systemRandom(32))
  const keys = openTenantKey(master, tenantId, newTenantKey(master, tenantId, systemRandom))
  const sealOne = () => {
    const recordId = uuid(systemRandom)
    const { key } = newRecordKey(keys, tenantId, recordId, systemRandom)
    const place = { tenantId, recordId, activity: 'appointments.booking', registerVersion: '1@0123456789ab' }
    sealFields(key, fields, place, systemRandom)
    blindIndex(keys.index, 'email', fields.email)
    blindIndex(keys.index, 'manageLink', manageLink)
  }
  const round = () => {
    const begun = process.cpuUsage()
    for (let i = 0; i < perRound; i++) sealOne()
    const { user, system } = process.cpuUsage(begun)
    return (user + system) / perRound
  }
  for (let i = 0; i < 10; i++) round()
  const times = Array.from({ length: rounds }, round).sort((a, b) => a - b)
  const bytes = Buffer.byteLength(Object.values(fields).join(''))
  const middle = median(times)
  const micro = (value: number | undefined) => `${(value ?? 0).toFixed(1)} µs`
  say(`## seal: a record of ${bytes} bytes with its own key and two blind indexes, CPU time`)
  say()
  printTable(
    ['', 'median', 'fastest round', 'slowest round', 'budget'],
    [['seal one record', micro(middle), micro(times[0]), micro(times.at(-1)), `${budget} µs`]],
  )
  return middle <= budget
}
