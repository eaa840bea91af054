import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepBooking } from '../helpers/bookings.ts'
import { eventually } from '../helpers/installation.ts'
import { buildLanded, whyNoLanded } from '../helpers/landed.ts'
import { type Node, type Nodes, openNodes, type Program } from '../helpers/nodes.ts'

/* Several nodes behind nginx, as docs/operating.md sets them up, while people book: what they notice of a restart, of a new
 * version, of a node that dies, and of a database that goes away. Nothing. */

const people = 3
const missing = whyNoLanded()

let nodes: Nodes
let landed: Program | null = null
let current: Program
const running = new Map<string, Node>()
beforeAll(async () => {
  nodes = await openNodes(process.env.TEST_POSTGRES_BIN ?? '')
  current = nodes.program(process.cwd())
  if (missing === null) landed = nodes.program(buildLanded())
  const first = landed ?? current
  nodes.migrate(first)
  await nodes.grant()
  await start(1, first)
  await start(2, first)
})
afterAll(async () => {
  await nodes?.[Symbol.asyncDispose]()
})

/** Starts the web node and the worker of this number, and resolves when both are ready. */
const start = async (number: number, program: Program): Promise<void> => {
  const both = (['anlaufstelle-web', 'anlaufstelle-worker'] as const).map((name) => {
    const node = nodes.start(name, number, program)
    running.set(`${name}@${number}`, node)
    return node
  })
  for (const node of both) await isReady(node)
}

/** Under load from elsewhere a start takes long; nobody waits for it but this test. */
const isReady = async (node: Node): Promise<void> => {
  for (let tries = 0; ; tries++) {
    try {
      await eventually(node.isReady, 'a node that is ready')
      return
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

const stop = async (number: number): Promise<void> => {
  for (const name of ['anlaufstelle-web', 'anlaufstelle-worker']) await running.get(`${name}@${number}`)?.stop()
}

const query = async <T extends pg.QueryResultRow>(text: string): Promise<T[]> => {
  const client = new pg.Client({ connectionString: nodes.superuser })
  await client.connect()
  try {
    return (await client.query<T>(text)).rows
  } finally {
    await client.end()
  }
}

const count = async (what: string): Promise<number> =>
  (await query<{ n: number }>(`select count(*)::int as n from ${what}`))[0]?.n ?? 0

const bookings = () => count(`appointment where status = 'booked'`)

/** Appointments that lack any of what belongs to one. */
const halves = () =>
  count(`(select
    (select count(*) from vault.record r join vault.key k on k.record_id = r.id where r.id = a.record_id) as record,
    (select count(*) from consent_record c where c.record_id = a.record_id) as consent,
    (select count(*) from cell c where c.appointment_id = a.id and c.free_from = 'infinity') as cells
    from appointment a where a.status = 'booked') as part where (record, consent, cells) <> (1, 1, 3)`)

/** Resolves when as many have booked since as there are people. */
const moreBookings = async ({ booked }: ReturnType<typeof keepBooking>): Promise<void> => {
  const so = booked.length
  await eventually(() => booked.length >= so + people, 'more bookings')
}

/** Lets people book while `work` goes on, and for a while before and after. */
const whileBooking = async (work: (life: ReturnType<typeof keepBooking>) => Promise<void>) => {
  const before = await bookings()
  const life = keepBooking(nodes.proxy.port, people)
  try {
    await eventually(() => life.booked.length >= people, 'bookings before')
    await work(life)
    await moreBookings(life)
  } finally {
    await life.stop()
  }
  return { ...life, made: (await bookings()) - before, all: life.sent.length }
}

/** Each acknowledged booking is there once, opens by its link, and has brought one mail. */
const expectKept = async ({ booked }: Pick<Awaited<ReturnType<typeof whileBooking>>, 'booked'>): Promise<void> => {
  expect(new Set(booked.map(({ manage }) => manage)).size).toBe(booked.length)
  const life = keepBooking(nodes.proxy.port, 0)
  for (const { manage } of booked) expect((await life.visit(manage)).status, manage).toBe(200)
  expect(await halves()).toBe(0)
  expect(await count(`mail_delivery where kind = 'appointment.booked'`)).toBe(await bookings())
  const mailsTo = (mailbox: string) => nodes.recipients.filter((recipient) => recipient === mailbox).length
  await eventually(() => booked.every(({ mailbox }) => mailsTo(mailbox) > 0), 'the mails')
  expect(booked.filter(({ mailbox }) => mailsTo(mailbox) !== 1)).toEqual([])
}

const said = (what: string, { all, booked }: { all: number; booked: readonly unknown[] }): void =>
  console.log(`${what}: ${all} requests, ${booked.length} bookings`)

describe('nobody who books notices', () => {
  test('a new version that takes the place of the landed one, with the migrations that it brings', async () => {
    if (missing !== null) throw new Error(`no landed version to upgrade from: ${missing}`)
    const life = await whileBooking(async (people) => {
      // The landed nodes go on, on a database that is ahead of them.
      nodes.migrate(current)
      await moreBookings(people)
      for (const number of [1, 2]) {
        await stop(number)
        await start(number, current)
        await moreBookings(people)
      }
    })
    said('upgrade', life)
    expect(life.failed()).toEqual([])
    expect([life.unclear, life.made]).toEqual([[], life.booked.length])
    await expectKept(life)
  }, 400_000)

  test('a restart of one node after the other', async () => {
    const life = await whileBooking(async () => {
      for (const number of [1, 2]) {
        await stop(number)
        await start(number, current)
      }
    })
    said('restart', life)
    expect(life.failed()).toEqual([])
    expect([life.unclear, life.made]).toEqual([[], life.booked.length])
    await expectKept(life)
  })
})

test('a node that is killed takes its own requests with it and nothing else, and none of them is half done', async () => {
  let goneAt = 0
  const life = await whileBooking(async () => {
    const node = running.get('anlaufstelle-web@1') as Node
    await node.kill()
    goneAt = performance.now()
    await isReady(node)
    expect(node.deaths()).toBeGreaterThanOrEqual(1)
  })
  said(`kill -9, ${life.failed().length} failed`, life)
  expect(life.failed().filter(({ from }) => from > goneAt)).toEqual([])
  // Nobody waits longer than a node that is there needs, and no more get lost than people ask at once.
  expect(life.failed().length).toBeLessThanOrEqual(people)
  expect(life.made - life.booked.length).toBeGreaterThanOrEqual(0)
  expect(life.made - life.booked.length).toBeLessThanOrEqual(life.unclear.length)
  await expectKept(life)
})

test('when PostgreSQL is restarted, all is back within three seconds, and no process has ended', async () => {
  const deaths = () => [...running.values()].reduce((sum, node) => sum + node.deaths(), 0)
  const listening = () => count(`pg_stat_activity where query ~* '^listen |pg_listening_channels'`)
  const [deathsBefore, listeningBefore] = [deaths(), await listening()]
  expect(listeningBefore).toBeGreaterThanOrEqual(2)
  let upAt = 0
  const life = await whileBooking(async ({ failed }) => {
    await nodes.cluster.stop()
    await eventually(() => failed().length >= people, 'people who notice')
    await nodes.cluster.start()
    upAt = performance.now()
    await eventually(async () => (await listening()) >= listeningBefore, 'the queues to be told of jobs again')
  })
  const late = life.failed().map(({ until }) => Math.round(until - upAt))
  said(`PostgreSQL restarted, last failure ${Math.max(...late)} ms after it was up`, life)
  expect(late.filter((after) => after > 3000)).toEqual([])
  expect(deaths()).toBe(deathsBefore)
  expect(life.made - life.booked.length).toBeGreaterThanOrEqual(0)
  expect(life.made - life.booked.length).toBeLessThanOrEqual(life.unclear.length)
  await expectKept(life)
})

test('a form whose commit breaks is sent to one node only, and its sender is told that it may have been stored', async () => {
  // Like a connection that is cut in the moment of the commit. A sequence counts on whatever becomes of a transaction.
  await query(`create sequence tries;
    create function cut() returns trigger language plpgsql security definer as $$
      begin perform nextval('tries'), pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create constraint trigger cut after insert on appointment deferrable initially deferred for each row execute function cut()`)
  try {
    const life = keepBooking(nodes.proxy.port, 1)
    await eventually(() => life.failed().some(({ answer }) => answer !== 'none'), 'a form that was cut')
    await query('drop function cut cascade')
    await life.stop()
    const answers = life.failed().map(({ what, answer }) => `${what} ${answer}`)
    expect(answers).toEqual(answers.map(() => 'POST /segeberg/termin/vormerken 504'))
    expect(await query('select last_value::int as n from tries where is_called')).toEqual([{ n: answers.length }])
  } finally {
    await query('drop function if exists cut cascade; drop sequence tries')
  }
})
