import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import * as sql from './sql.ts'

/* The list of free starts, held against a plain reckoning over all cells. */

const siteId = 'rathausplatz'
let installation: Installation
let tenantId: string
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
  tenantId = installation.deps.register.running.get('musterstadt')?.tenant.id ?? ''
})
afterAll(() => installation.close())

type Cell = { desk: number; at: number }

const freeCells = async (): Promise<Cell[]> => {
  const { rows } = await installation.admin.query<{ desk_id: number; starts_at: Date }>(
    `select desk_id, starts_at from cell where tenant_id = $1 and site_id = $2 and audience = 'public'`,
    [tenantId, siteId],
  )
  return rows.map(({ desk_id, starts_at }) => ({ desk: desk_id, at: starts_at.getTime() }))
}

const step = 10 * 60_000
const timeZone = 'Europe/Berlin'

const isOnGrid = (at: number, everyMinutes: number): boolean => {
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
  return (hour * 60 + minute) % everyMinutes === 0
}

test('the list names each start once at which some desk is free throughout, and no other', async () => {
  // A quarter of the cells is gone, so that visits of several cells fit here and there.
  await installation.admin.query(
    `delete from cell where tenant_id = $1 and appointment_id is null and hashtext(desk_id::text || starts_at) % 4 = 0`,
    [tenantId],
  )
  const cells = await freeCells()
  const free = new Set(cells.map(({ desk, at }) => `${desk} ${at}`))
  const monday = Date.parse('2026-11-23T23:00:00Z')
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(10, 20, 30, 40),
      fc.integer({ min: 0, max: 40 * 144 }),
      fc.integer({ min: 0, max: 7 * 144 }),
      async (length, everyMinutes, after, days) => {
        const [from, until] = [monday + after * step, monday + (after + days) * step]
        const fits = ({ desk, at }: Cell) =>
          Array.from({ length }, (_, i) => at + i * step).every((each) => each < until && free.has(`${desk} ${each}`))
        const expected = cells.filter((cell) => cell.at >= from && isOnGrid(cell.at, everyMinutes) && fits(cell))
        const wanted = {
          siteId,
          cells: length,
          stepMinutes: 10,
          freeBefore: Temporal.Instant.from('2026-11-23T08:00:00Z'),
          own: null,
        }
        const instant = Temporal.Instant.fromEpochMilliseconds
        const span = { from: instant(from), until: instant(until) }
        const found = await installation.deps.db.inTenant(tenantId, (tx) =>
          sql.listFreeStarts(tx, wanted, span, { everyMinutes, timeZone }),
        )
        const starts = [...new Set(expected.map(({ at }) => at))].sort((a, b) => a - b)
        expect(found.map(({ epochMilliseconds }) => epochMilliseconds)).toEqual(starts)
      },
    ),
    { numRuns: process.env.SLOW ? 300 : 40 },
  )
})
