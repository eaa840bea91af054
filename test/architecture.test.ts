import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import {
  chain,
  filesBelow,
  importsOf,
  type Node,
  readSource,
  readSources,
  type Source,
  textsOf,
} from './helpers/sources.ts'

/*
 * What may know what. A rule here is a sentence of docs/architecture.md; whoever has to break one changes both, with a
 * record in docs/decisions.
 */

const sources = readSources()
const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as { imports: Record<string, string> }

/** Which layers a layer may use besides itself. */
const mayUse: Record<string, readonly string[]> = {
  shared: [],
  platform: ['shared'],
  register: ['platform', 'shared'],
  vault: ['register', 'platform', 'shared'],
  features: ['vault', 'register', 'platform', 'shared', 'browser'],
  apps: ['features', 'vault', 'register', 'platform', 'shared'],
  browser: ['shared'],
}

/** Features that are there to be called by others, by their index.ts. Addresses (routes.ts) are free: see below. */
const callable = ['consent', 'mail', 'rights', 'terms']

type Found = { from: string; to: string; where: string }

/** The path below the project that a specifier of ours means; null for packages and `node:`. */
const resolve = (from: string, specifier: string): string | null => {
  if (specifier.startsWith('.')) return relative('', join(dirname(from), specifier))
  const [alias, target] =
    Object.entries(packageJson.imports).find(([key]) => specifier.startsWith(key.replace('*', ''))) ?? []
  if (!alias || !target) return null
  return relative('', target.replace('*', specifier.slice(alias.length - 1)))
}

const imports: Found[] = sources.flatMap((source) =>
  importsOf(source).flatMap(({ specifier, node }) => {
    const to = resolve(source.path, specifier)
    return to === null ? [] : [{ from: source.path, to, where: `${at(source, node)} imports ${specifier}` }]
  }),
)

const packages = sources.flatMap((source) =>
  importsOf(source)
    .filter(({ specifier }) => resolve(source.path, specifier) === null)
    .map(({ specifier, node }) => ({
      from: source.path,
      specifier,
      where: `${at(source, node)} imports ${specifier}`,
    })),
)

function at(source: Source, node: Node): string {
  return `${source.path}:${source.lineOf(node)}`
}

/** What a feature has for browsers is no less the browser's than what all pages have. */
const layerOf = (path: string): string =>
  /^src\/features\/[\w-]+\/browser\//.test(path) ? 'browser' : (path.split('/')[1] ?? '')

/** The feature a file belongs to; null for what all features share, at the top of their folder. */
const featureOf = (path: string): string | null => {
  const [, layer, name] = path.split('/')
  return layer === 'features' && path.split('/').length > 3 ? (name ?? null) : null
}

/** Where `matches` holds, outside the files that may. */
const found = (mayOwn: (path: string) => boolean, matches: (node: Node) => boolean): string[] =>
  sources
    .filter(({ path }) => !mayOwn(path))
    .flatMap((source) => source.nodes.filter(matches).map((node) => at(source, node)))

test('every file belongs to a layer that is described', () => {
  const layers = readdirSync('src')
  expect(layers.filter((layer) => !(layer in mayUse))).toEqual([])
})

test('a layer uses only the layers below it', () => {
  const breaches = imports.filter(({ from, to }) => {
    const allowed = [layerOf(from), ...(mayUse[layerOf(from)] ?? [])]
    return !to.startsWith('src/') || !allowed.includes(layerOf(to))
  })
  expect(breaches.map(({ where }) => where)).toEqual([])
})

test('no file comes back to itself by what it imports', () => {
  const next = Map.groupBy(imports, ({ from }) => from)
  const done = new Set<string>()
  const circles = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [[...way.slice(way.indexOf(path)), path].join(' → ')]
    if (done.has(path)) return []
    const found = (next.get(path) ?? []).flatMap(({ to }) => circles(to, [...way, path]))
    done.add(path)
    return found
  }
  expect(sources.flatMap(({ path }) => circles(path, []))).toEqual([])
})

/** The room of `folder` that a file below it stands in. Files at the top of a layer belong to none; at the top of a feature
 *  they are its ground, but for the door, which knows all rooms. */
const roomIn = (folder: string, path: string): string | null => {
  if (!path.startsWith(`${folder}/`)) return null
  const [room = '', ...rest] = path.slice(folder.length + 1).split('/')
  if (rest.length > 0) return room
  return featureOf(path) !== null && room !== 'index.ts' ? 'the ground' : null
}

const circlesAmongRooms = (folder: string): string[] => {
  const next = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    const [room, other] = [roomIn(folder, from), roomIn(folder, to)]
    if (room !== null && other !== null && room !== other)
      next.set(room, (next.get(room) ?? new Set<string>()).add(other))
  }
  const circles = (room: string, way: readonly string[]): string[] =>
    way.includes(room)
      ? [`${folder}: ${[...way.slice(way.indexOf(room)), room].join(' → ')}`]
      : [...(next.get(room) ?? [])].flatMap((other) => circles(other, [...way, room]))
  return [...next.keys()].flatMap((room) => circles(room, []))
}

test('rooms that stand side by side do not import each other in a circle', () => {
  const folders = new Set(sources.map(({ path }) => dirname(path)).flatMap((path) => [path, dirname(path)]))
  // Layers and features have rules of their own, above and below.
  const ruled = ['.', 'src', 'src/features']
  const circles = [...folders].filter((folder) => !ruled.includes(folder)).flatMap(circlesAmongRooms)
  expect(circles).toEqual([])
})

test('the rooms of the appointments stand on those before them in the list of docs/architecture.md', () => {
  const folder = 'src/features/appointments'
  const plan = readFileSync('docs/architecture.md', 'utf8').split(`${folder}/\n`)[1]?.split('```')[0] ?? ''
  const rooms = [...plan.matchAll(/^ {2}([\w/]+)\/ /gm)].map(([, room]) => room ?? '')
  const roomOf = (path: string) => {
    const inside = path.slice(folder.length + 1)
    return rooms.findIndex((room) => inside.startsWith(`${room}/`)) // -1: the ground, and the door
  }
  const isInside = (path: string) => path.startsWith(`${folder}/`) && path !== `${folder}/index.ts`
  const upwards = imports.filter(({ from, to }) => isInside(from) && isInside(to) && roomOf(from) < roomOf(to))
  expect(rooms.length).toBeGreaterThan(10)
  expect(upwards.map(({ where }) => where)).toEqual([])
  const folders = new Set(sources.map(({ path }) => dirname(path)).filter((path) => path.startsWith(`${folder}/`)))
  const unlisted = [...folders].filter((path) => !/\/(browser|locales)$/.test(path) && roomOf(`${path}/`) === -1)
  expect(unlisted).toEqual([])
})

test('what judges published notices is asked by its command alone', () => {
  const inside = (path: string) => path.startsWith('src/register/judge/')
  const users = imports.filter(({ from, to }) => inside(to) && !inside(from)).map(({ from }) => from)
  expect(users).toEqual(['src/apps/commands/tenant.ts'])
})

test('what runs in a browser needs nothing of Node', () => {
  const breaches = packages.filter(
    ({ from, specifier }) =>
      ['shared', 'browser'].includes(layerOf(from)) &&
      !(layerOf(from) === 'browser' && /^preact(\/hooks)?$/.test(specifier)),
  )
  expect(breaches.map(({ where }) => where)).toEqual([])
})

test('a feature is entered by its index, or linked to by its routes', () => {
  const breaches = imports.filter(({ from, to }) => {
    const feature = featureOf(to)
    if (feature === null || feature === featureOf(from)) return false
    return !['index.ts', 'routes.ts'].includes(basename(to))
  })
  expect(breaches.map(({ where }) => where)).toEqual([])
})

test('a feature comes into the vault by its index, where nothing of its keeper is', () => {
  const inside = imports.filter(({ from, to }) => layerOf(to) === 'vault' && layerOf(from) === 'features')
  expect(inside.length).toBeGreaterThan(5)
  expect(inside.filter(({ to }) => to !== 'src/vault/index.ts').map(({ where }) => where)).toEqual([])
  // What the index hands on, and what that is made of, never comes to the keeper; nor is it reached past the types.
  const next = Map.groupBy(imports, ({ from }) => from)
  const reached = new Set(['src/vault/index.ts'])
  for (const path of reached) for (const { to } of next.get(path) ?? []) reached.add(to)
  expect([...reached].filter((path) => ['src/vault/keeper.ts', 'src/vault/create.ts'].includes(path))).toEqual([])
  const isKeeper = ({ type, property, properties }: Node) =>
    (type === 'MemberExpression' && chain(property) === 'keeper') ||
    (type === 'ObjectPattern' && (properties as Node[]).some(({ key }) => key !== undefined && chain(key) === 'keeper'))
  expect(found((path) => layerOf(path) !== 'features', isKeeper)).toEqual([])
})

// Pages link to each other in both directions, so addresses are left out of the edges. They carry nothing along: the
// next test holds a routes.ts to the one import that makes addresses.
const calls = imports.filter(({ from, to }) => {
  const [caller, called] = [featureOf(from), featureOf(to)]
  return caller !== null && called !== null && caller !== called && basename(to) === 'index.ts'
})

test('an address file holds addresses only', () => {
  const breaches = [...imports, ...packages].filter(({ from }) => basename(from) === 'routes.ts' && featureOf(from))
  const allowed = /#platform\/http\/routes\.ts$/
  expect(breaches.map(({ where }) => where).filter((where) => !allowed.test(where))).toEqual([])
})

test('features call those only that are there to be called, and none is listed in vain', () => {
  expect([...new Set(calls.map(({ to }) => featureOf(to)))].sort()).toEqual(callable)
})

test('calls between features never come back to where they began', () => {
  const called = Map.groupBy(calls, ({ from }) => featureOf(from))
  const reaches = (from: string | null, seen: readonly (string | null)[]): string[] =>
    seen.includes(from)
      ? [[...seen, from].join(' → ')]
      : [...new Set(called.get(from)?.map(({ to }) => featureOf(to)))].flatMap((to) => reaches(to, [...seen, from]))
  expect(called.size).toBeGreaterThan(1)
  expect([...called.keys()].flatMap((feature) => reaches(feature, []))).toEqual([])
})

const featureFolders = readdirSync('src/features', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'locales')
  .map(({ name }) => name)

/** What names a feature although it belongs to none: the list of them; what every page and every notice needs of the
 *  website; and commands that are about one feature. */
const mayName: Record<string, readonly string[]> = {
  'src/apps/features.ts': featureFolders,
  'src/apps/api/http.ts': ['website'],
  'src/apps/opening.ts': ['website'],
  'src/apps/pages.tsx': ['website'],
  'src/apps/publishing.ts': ['website'],
  'src/apps/surroundings.ts': ['website'],
  'src/features/page.tsx': ['website'],
  'src/apps/commands/mail.ts': ['mail'],
  'src/apps/commands/notice.ts': ['website'],
  'src/apps/commands/record.ts': ['website'],
  'src/apps/commands/statistics.ts': ['appointments', 'statistics'],
  'src/apps/commands/tenant.ts': ['appointments'],
}

test('outside a feature nothing names it, but for the list of them and what is listed here', () => {
  const named = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    const feature = featureOf(to)
    if (feature !== null && featureOf(from) === null) named.set(from, (named.get(from) ?? new Set()).add(feature))
  }
  const sorted = (all: Iterable<readonly [string, Iterable<string>]>) =>
    [...all].map(([path, list]) => `${path}: ${[...list].sort().join(', ')}`).sort()
  expect(sorted(named)).toEqual(sorted(Object.entries(mayName)))
})

test('platform, register, vault and the website hold no word of another feature', () => {
  // Of the other features, other things have the names, too: limits, statistics.
  const others = ['access-log', 'appointments', 'rights', 'terms']
  const word = new RegExp(`^(${others.map((each) => RegExp.escape(each)).join('|')})\\.(?!ts$)`)
  const breaches = sources
    .filter(({ path }) => /^src\/(platform|register|vault|features\/website)\//.test(path))
    .flatMap((source) =>
      textsOf(source, '?')
        .filter(({ text }) => word.test(text))
        .map(({ text, node }) => `${at(source, node)} ${text}`),
    )
  // The order of activities in a notice, by which published versions stand.
  expect(breaches.filter((each) => !each.startsWith('src/register/notice/order.ts'))).toEqual([])
})

test('what features share calls no feature', () => {
  const breaches = imports.filter(
    ({ from, to }) =>
      layerOf(from) === 'features' && featureOf(from) === null && featureOf(to) && !/\/routes\.ts$/.test(to),
  )
  expect(breaches.map(({ where }) => where)).toEqual([])
})

test('SQL and views know nothing of requests', () => {
  const breaches = imports.filter(
    ({ from, to }) => /^(sql|view)\./.test(basename(from)) && /^http\./.test(basename(to)),
  )
  expect(breaches.map(({ where }) => where)).toEqual([])
})

const ownsSql = (path: string): boolean =>
  basename(path) === 'sql.ts' || path.startsWith('src/platform/db/') || path.startsWith('src/platform/jobs/')

test('SQL stands in files named sql.ts, and where the database is opened', () => {
  const libraries = /^(kysely|pg|pg-boss)(\/|$)/
  const builders = ['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'mergeInto', 'executeQuery']
  const breaches = [
    ...packages.filter(({ from, specifier }) => !ownsSql(from) && libraries.test(specifier)).map(({ where }) => where),
    ...found(ownsSql, ({ type, tag }) => type === 'TaggedTemplateExpression' && chain(tag) === 'sql'),
    ...found(ownsSql, ({ type, property }) => type === 'MemberExpression' && builders.includes(chain(property))),
  ]
  expect(breaches).toEqual([])
})

test('counts of visits and views have one way out each, past the module that hides small numbers', () => {
  const exits: Record<string, { table: string; sql: string; reads: string; exit: string }> = {
    visits: {
      table: 'visit_count',
      sql: 'src/features/appointments/counts/sql.ts',
      reads: 'listBookedIn',
      exit: 'src/features/appointments/counts/figures.ts',
    },
    views: {
      table: 'page_count',
      sql: 'src/features/statistics/sql.ts',
      reads: 'listViews',
      exit: 'src/features/statistics/index.ts',
    },
  }
  for (const { table, sql, reads, exit } of Object.values(exits)) {
    const readers = sources.filter((source) =>
      textsOf(source, '?').some(({ text }) => new RegExp(`\\bfrom ${table}\\b`).test(text)),
    )
    expect(readers.map(({ path }) => path)).toEqual([sql])
    const users = found(
      (path) => [sql, exit].includes(path),
      ({ type, name }) => type === 'Identifier' && name === reads,
    )
    expect(users).toEqual([])
    expect(imports.filter(({ from, to }) => from === exit && to === 'src/platform/small-cells.ts')).toHaveLength(1)
  }
})

// What Node brings and what cannot reach beyond the process by itself. Everything else needs its place below: the gate on
// connections (src/platform/outbound.ts) covers TCP in this thread only.
const harmless =
  /^(assert|async_hooks|crypto|events|fs|fs\/promises|os|path|querystring|readline|stream|timers\/promises|url|util|zlib)$/

/** Who may use which of Node's other modules. */
const reachFrom: Record<string, readonly string[]> = {
  child_process: ['src/platform/db/local-postgres-place.ts', 'src/platform/db/local-postgres.ts'],
  http: [
    'src/apps/answering.ts',
    'src/apps/door.ts',
    'src/apps/metrics.ts',
    'src/apps/stopping.ts',
    'src/platform/http/arrival.ts',
    'src/platform/http/events.ts',
    'src/platform/http/multipart.ts',
    'src/platform/http/outflow.ts',
    'src/platform/http/unreadable.ts',
  ],
  https: ['src/apps/door.ts', 'src/apps/metrics.ts'],
  module: ['src/platform/db/local-postgres-place.ts'],
  net: [
    'src/apps/installation.ts',
    'src/apps/stopping.ts',
    'src/platform/db/copy.ts',
    'src/platform/http/address.ts',
    'src/platform/http/caller.ts',
    'src/platform/http/trusted.ts',
    'src/platform/http/unreadable.ts',
    'src/platform/mail/local-mailbox.ts',
    'src/platform/outbound.ts',
  ],
  sqlite: ['src/platform/db/local-postgres.ts'],
  tls: ['src/apps/tls.ts'],
}

test('what can reach beyond the process stands where it belongs, and nothing is listed in vain', () => {
  const owners: [RegExp, (path: string) => boolean][] = [
    [/^fastify$/, (path) => path.startsWith('src/apps/')],
    [/^(nodemailer|smtp-server)$/, (path) => path.startsWith('src/platform/mail/')],
    [/^(undici|ws|axios|got|node-fetch|piscina|execa)(\/|$)/, () => false],
  ]
  const imported = packages
    .filter(({ from, specifier }) => owners.some(([what, mayOwn]) => what.test(specifier) && !mayOwn(from)))
    .map(({ where }) => where)
  const builtins = packages
    .filter(({ specifier }) => isBuiltin(specifier))
    .map((each) => ({ ...each, name: each.specifier.replace(/^node:/, '') }))
    .filter(({ name }) => !harmless.test(name))
  const unlisted = builtins.filter(({ name, from }) => !reachFrom[name]?.includes(from)).map(({ where }) => where)
  expect([...imported, ...unlisted]).toEqual([])
  const used = new Set(builtins.map(({ name, from }) => `${name} ${from}`))
  const listed = Object.entries(reachFrom).flatMap(([name, paths]) => paths.map((path) => `${name} ${path}`))
  expect(listed.filter((each) => !used.has(each))).toEqual([])
})

test('no code asks another server, starts a thread, loads what is no source, or runs text', () => {
  const names =
    /^(fetch|WebSocket|WebSocketStream|WebTransport|EventSource|XMLHttpRequest|RTCPeerConnection|sendBeacon|Worker|SharedWorker|BroadcastChannel|WebAssembly|eval|Function|require)$/
  const ofProcess = /^(process|globalThis\.process)\.(binding|_linkedBinding|dlopen|getBuiltinModule)$/
  const breaches = found(
    () => false,
    (node) => {
      const { type, computed, object, source } = node
      if (type === 'Identifier') return names.test(String(node.name))
      // Also under another name: `globalThis['fetch']`, `process[what]`.
      const isHidden = computed === true && ['globalThis', 'process', 'self', 'window'].includes(chain(object))
      if (type === 'MemberExpression') return isHidden || ofProcess.test(chain(node))
      return type === 'ImportExpression' && (source as Node).type !== 'Literal'
    },
  )
  // The script of our pages sends a form that is being filled in; the policy lets it reach its own server alone.
  expect(breaches).toEqual([expect.stringMatching(/^src\/browser\/main\.ts:\d+/)])
  expect(filesBelow('src', /\.(node|wasm|c?js|mjs|cts|mts)$/)).toEqual([])
})

test('an error of ours is filled in with names of the register and ids, never with what somebody sent', () => {
  // Its words stand in the log (src/platform/fault-text.ts).
  const known = [
    'access.purpose',
    'activity.id',
    'activityId',
    'id',
    'kind',
    'running.tenant.slug',
    'tenant.slug',
    'timeZone',
    'tx.tenantId',
  ]
  const namesFiles = ['src/vault/keys.ts', 'src/vault/ledger/ledger.ts'] // and numbers of lines
  const filledIn = (node: Node): string[] =>
    node.type === 'TemplateLiteral' ? (node.expressions as Node[]).map((each) => chain(each) || each.type) : []
  const isName = (what: string) => known.includes(what) || what === 'CallExpression' // a list of field names, joined
  const breaches = sources
    .filter(({ path }) => /^src\/(features|vault)\//.test(path) && !namesFiles.includes(path))
    .flatMap((source) =>
      source.nodes
        .filter(({ type, callee }) => type === 'NewExpression' && /(Error|Later)$/.test(chain(callee)))
        .flatMap((node) =>
          (node.arguments as Node[]).flatMap(filledIn).map((what) => ({ what, where: at(source, node) })),
        ),
    )
  expect(breaches.length).toBeGreaterThan(5)
  expect(breaches.filter(({ what }) => !isName(what))).toEqual([])
})

test('one clock: nothing else asks the machine what time it is, the database included', () => {
  const isClock = (path: string) => path === 'src/platform/clock.ts'
  const inCode = found(isClock, ({ type, object, property, callee, arguments: given }) => {
    if (type === 'MemberExpression') return ['Temporal.Now', 'Date.now'].includes(`${chain(object)}.${chain(property)}`)
    if (type === 'CallExpression') return chain(callee) === 'Date'
    return type === 'NewExpression' && chain(callee) === 'Date' && (given as unknown[]).length === 0
  })
  const inSql = sources.flatMap((source) =>
    textsOf(source, '?')
      .filter(({ text }) => ownsSql(source.path) && asksDatabaseClock(text))
      .map(({ node }) => at(source, node)),
  )
  const inMigrations = migrations()
    .filter(({ text }) => asksDatabaseClock(text))
    .map(({ path }) => path)
  expect([...inCode, ...inSql, ...inMigrations]).toEqual([])
})

const asksDatabaseClock = (text: string): boolean =>
  /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(|\bcurrent_(timestamp|date|time)\b/i.test(text)

test('one source of randomness', () => {
  // The password of the embedded database is made before there is anything to inject into.
  const mayOwn = (path: string) => ['src/platform/random.ts', 'src/platform/db/local-postgres.ts'].includes(path)
  const sourcesOfChance = ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'getRandomValues']
  const breaches = found(mayOwn, (node) => {
    if (node.type === 'MemberExpression' && chain(node) === 'Math.random') return true
    return node.type === 'Identifier' && sourcesOfChance.includes(String(node.name))
  })
  expect(breaches).toEqual([])
})

test('the environment is read in one place', () => {
  const breaches = found(
    (path) => path === 'src/apps/cli.ts',
    (node) => node.type === 'MemberExpression' && chain(node) === 'process.env',
  )
  expect(breaches).toEqual([])
})

/** Every address that a routes.ts declares, e.g. `/termin/zeit`. */
const paths = sources
  .filter(({ path }) => basename(path) === 'routes.ts' && featureOf(path))
  .flatMap(({ nodes }) =>
    nodes
      .filter(({ type, callee }) => type === 'CallExpression' && chain(callee) === 'route')
      .map(({ arguments: given }) => String((given as Node[])[0]?.value)),
  )

test('addresses are written in routes.ts and nowhere else', () => {
  const segments = [...new Set(paths.map((path) => path.split('/')[1] ?? '').filter(Boolean))]
  expect(segments).toContain('termin')
  const written = new RegExp(`(^|/)(${segments.map((each) => RegExp.escape(each)).join('|')})(/|$|[?#])`)
  const breaches = sources
    .filter(({ path }) => basename(path) !== 'routes.ts')
    .flatMap((source) =>
      textsOf(source, ':')
        .filter(({ text }) => text.includes('/') && !/^[#.]/.test(text) && written.test(text))
        .map(({ text, node }) => `${at(source, node)} ${text}`),
    )
  expect(breaches).toEqual([])
})

test('no two pages have the same address', () => {
  expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([])
})

const migrations = () =>
  filesBelow('db/migrations', /\.sql$/).map((path) => ({ path, text: readFileSync(path, 'utf8') }))

test('every table has a tenant, stands behind its policy, and is known to the program', () => {
  const text = migrations()
    .map((migration) => migration.text)
    .join('\n')
    .replace(/--.*$/gm, '')
  const tables = [...text.matchAll(/create (?:unlogged )?table (?:if not exists )?([\w.]+)\s*\(([\s\S]*?)\n\)/g)]
  const names = tables.map(([, name]) => name ?? '')
  // Ids of tenants, ids of servers, and nothing else.
  const withoutPerson = ['app.known_tenant', 'app.web_node']
  expect(names.length).toBe([...text.matchAll(/create\s+(?:unlogged\s+)?table\b/g)].length)
  const protectedOnes = [...text.matchAll(/app\.protect\(t\) from unnest\(array\[([^\]]*)\]/g)].flatMap(
    ([, list = '']) => [...list.matchAll(/'([\w.]+)'/g)].map(([, name]) => name ?? ''),
  )
  expect([...protectedOnes, ...withoutPerson].sort()).toEqual([...names].sort())
  expect(
    tables.filter(
      ([, name, columns = '']) =>
        !withoutPerson.includes(name ?? '') && !/^\s*tenant_id uuid (not null|primary key)/.test(columns),
    ),
  ).toEqual([])
  expect(declaredTables.map(({ name }) => name).sort()).toEqual([...names].sort())
})

/** Tables that a tables.ts declares, and where. */
const declaredTables = sources
  .filter(({ path }) => basename(path) === 'tables.ts')
  .flatMap(({ path, nodes }) =>
    nodes
      .filter(
        ({ type, expression }) => type === 'TSSatisfiesExpression' && (expression as Node).type === 'ObjectExpression',
      )
      .flatMap(({ expression }) => (expression as Node).properties as Node[])
      .map(({ key }) => ({ name: String((key as Node).value ?? (key as Node).name), path })),
  )

/** Whose a file or a table is: a feature's, or a layer's. */
const ownerOf = (path: string): string => featureOf(path) ?? layerOf(path)

test('a table is declared by its owner: what is in no schema of its own is a feature’s', () => {
  const schemaOf: Record<string, string> = { platform: 'app', vault: 'vault' }
  const schemas = declaredTables.map(({ name, path }) => [
    name,
    name.includes('.') ? name.split('.')[0] : undefined,
    path,
  ])
  expect(schemas.filter(([, schema, path = '']) => schema !== schemaOf[ownerOf(path)])).toEqual([])
})

test('SQL names a feature’s table in that feature only', () => {
  const ofFeatures = declaredTables.filter(({ name }) => !name.includes('.'))
  const breaches = sources
    .filter(({ path }) => ownsSql(path))
    .flatMap((source) => {
      const names = ofFeatures.filter(({ path }) => ownerOf(path) !== ownerOf(source.path)).map(({ name }) => name)
      const named = new RegExp(`^(${names.join('|')})$|\\b(from|into|update|join)\\s+(${names.join('|')})\\b`)
      return textsOf(source, '?')
        .filter(({ text }) => named.test(text))
        .map(({ node }) => at(source, node))
    })
  expect(breaches).toEqual([])
})

test('why records are opened stands in the purposes.ts of a feature, where its needs are made of it, and nowhere else', () => {
  const below = sources.filter(({ path }) => /^src\/(features|vault|apps)\//.test(path))
  const named = below.flatMap((source) =>
    source.nodes
      .filter(({ type, key, value }) => {
        const name = (key as Node | undefined)?.name
        return type === 'Property' && name === 'actor' && (value as Node).type === 'Literal'
      })
      .map((node) => ({ path: source.path, at: at(source, node) })),
  )
  expect(named.filter(({ path }) => basename(path) !== 'purposes.ts').map((each) => each.at)).toEqual([])
  const homes = sources.filter(({ path }) => basename(path) === 'purposes.ts' && featureOf(path))
  expect(homes.length).toBeGreaterThan(2)
  expect(new Set(named.map(({ path }) => featureOf(path)))).toEqual(new Set(homes.map(({ path }) => featureOf(path))))
})

/** Regular expressions with an angle bracket or a quoted value that are not about HTML. */
const otherBrackets: Record<string, string> = {
  'src/features/appointments/api/docs.test.ts': 'what a reader fills into an example',
  'src/platform/mail/mailer.ts': 'the id of a mail',
  'src/platform/mail/mailer.test.ts': 'addresses as SMTP says them',
  'src/shared/text/address.ts': 'an address as mail programs write it',
  'test/helpers/renderings.ts': 'is run in the landed version, too, and uses only what both have',
  'test/command-line.test.ts': 'that a text holds no tag, nor what looks like one',
}

test('HTML is read with a parser, never with a regular expression', () => {
  const tagOrValue = /<(?:\[|\(|\\[\w/]|\/?[a-z!])|[a-z]=\\?"/i
  const named = /\(\?<[=!\w]+>?/g
  const patternOf = (node: Node): string => {
    const regex = node.regex as { pattern: string } | null | undefined
    if (node.type === 'Literal' && regex) return regex.pattern
    if (node.type !== 'NewExpression' || chain(node.callee) !== 'RegExp') return ''
    return textsOf({ path: '', nodes: node.arguments as Node[], lineOf: () => 0 }, '?')
      .map(({ text }) => text)
      .join(' ')
  }
  const paths = ['src', 'test', 'bench', 'scripts'].flatMap((folder) => filesBelow(folder, /\.(tsx?|mjs)$/))
  // Most files have nothing that could be one.
  const candidates = paths.filter((path) => /(?:\/|RegExp).*(?:<[[(\\/a-z!]|=\\?")/i.test(readFileSync(path, 'utf8')))
  const breaches = candidates
    .map(readSource)
    .flatMap((source) =>
      source.nodes
        .filter((node) => tagOrValue.test(patternOf(node).replace(named, '')))
        .map((node) => ({ path: source.path, at: at(source, node) })),
    )
  const own = 'test/architecture.test.ts' // this one
  const isOther = ({ path }: { path: string }) => path === own || path in otherBrackets
  expect(breaches.filter((breach) => !isOther(breach)).map((breach) => breach.at)).toEqual([])
  expect(Object.keys(otherBrackets).filter((path) => !breaches.some((breach) => breach.path === path))).toEqual([])
})
