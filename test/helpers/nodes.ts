import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { SMTPServer } from 'smtp-server'
import { type Cluster, makeCluster } from '../../scripts/cluster.mjs'
import { freePort } from './command.ts'
import { temporaryFolder } from './folder.ts'
import { eventually } from './installation.ts'
import { leaveRunning, replaced } from './tenants.ts'

/* An installation of several nodes as docs/operating.md sets it up, by the files that stand there. */

const filesIn = 'docs/operating'
const read = (name: string): string => readFileSync(join(filesIn, name), 'utf8')

type Unit = 'anlaufstelle-web' | 'anlaufstelle-worker'

/** What systemd would read of a unit. */
const unitOf = (name: Unit, number: number) => {
  const lines = read(`${name}@.service`)
    .replaceAll('%i', String(number))
    .split('\n')
    .map((line) => line.split(/=(.*)/))
  const all = (key: string): string[] => lines.flatMap(([name, value = '']) => (name === key ? [value] : []))
  const one = (key: string): string => all(key)[0] ?? ''
  const pairs = all('Environment').flatMap((line) => line.split(' ').map((pair) => pair.split(/=(.*)/)))
  return {
    command: one('ExecStart').split(' ').slice(1),
    environment: Object.fromEntries(pairs) as Record<string, string>,
    isRestarted: one('Restart') === 'always',
    restartAfter: Number(one('RestartSec')) * 1000,
    exceptAfter: Number(one('RestartPreventExitStatus')),
    killSignal: one('KillSignal') as NodeJS.Signals,
    stopWithin: Number(one('TimeoutStopSec')) * 1000,
  }
}

const commonEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    read('environment')
      .split('\n')
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => line.split(/=(.*)/)),
  )

/** A version of the program: the folder it lies in, and what its tenants' files are copied to. */
export type Program = { root: string; tenantsDir: string }

/** A node under something that treats it as systemd does. */
export type Node = {
  /** How often it ended without being told to. */
  deaths: () => number
  isReady: () => Promise<boolean>
  /** Ends it as the unit says. @throws when it does not end in time, or not well */
  stop: () => Promise<void>
  /** `kill -9`; resolves when it is gone. It is started again, as the unit says. */
  kill: () => Promise<void>
}

const runNode = (name: Unit, number: number, program: Program, given: Record<string, string>): Node => {
  const unit = unitOf(name, number)
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    ...commonEnvironment(),
    ...unit.environment,
    TENANTS_DIR: program.tenantsDir,
    ...given,
  }
  let child: ChildProcess
  let gone: Promise<number | string>
  let said = ''
  let isToldToEnd = false
  let deaths = 0
  const start = (): void => {
    said = ''
    // By the channel it notices when this test is killed, and ends.
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const
    child = spawn(process.execPath, unit.command, { cwd: program.root, env, stdio: [...stdio] })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        said += chunk
      })
    gone = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing')))
    gone.then(async (code) => {
      if (isToldToEnd) return
      deaths++
      if (!unit.isRestarted || code === unit.exceptAfter) return
      await pause(unit.restartAfter)
      if (!isToldToEnd) start()
    })
  }
  start()
  return {
    deaths: () => deaths,
    isReady: async () => {
      if (name === 'anlaufstelle-worker') return said.includes('The worker runs.')
      return fetch(`http://127.0.0.1:${env.PORT}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    },
    stop: async () => {
      isToldToEnd = true
      child.kill(unit.killSignal)
      const code = await Promise.race([gone, pause(unit.stopWithin, 'not ended', { ref: false })])
      if (code !== 0) throw new Error(`${name}@${number} ended with ${code}:\n${said}`)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** The reverse proxy of docs/operating/nginx.conf, on ports of this test, with a certificate of its own. */
const startProxy = async (folder: string, nodes: readonly number[]) => {
  const port = await freePort()
  const tls = join(process.cwd(), 'test/helpers/tls')
  const site = join(folder, 'site.conf')
  const changes: [string, string][] = [
    ...nodes.map((at, i): [string, string] => [`server 127.0.0.1:300${i + 1} `, `server 127.0.0.1:${at} `]),
    ['listen 80;', `listen unix:${join(folder, 'plain.sock')};`],
    ['listen 443 ', `listen 127.0.0.1:${port} `],
    ['/etc/ssl/termine.example.de/fullchain.pem', join(tls, 'certificate.pem')],
    ['/etc/ssl/termine.example.de/privkey.pem', join(tls, 'key.pem')],
    ['/var/log/nginx/anlaufstelle.log', join(folder, 'anlaufstelle.log')],
  ]
  writeFileSync(
    site,
    changes.reduce((text, [from, to]) => replaced(text, from, to), read('nginx.conf')),
  )
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  )
  const main = join(folder, 'nginx.conf')
  writeFileSync(
    main,
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${join(folder, 'nginx.pid')};
     worker_processes 1; error_log ${join(folder, 'error.log')} error; events {} http { ${temporary.join(' ')} include ${site}; }`,
  )
  const nginx = process.env.TEST_NGINX ?? 'nginx'
  const tried = spawnSync(nginx, ['-t', '-c', main], { encoding: 'utf8' })
  if (tried.status !== 0) throw new Error(`nginx: ${tried.error?.message ?? tried.stderr}`)
  const server = spawn(nginx, ['-c', main], { stdio: 'ignore' })
  const gone = new Promise((resolve) => server.once('close', resolve))
  const workers = (): string =>
    spawnSync('ps', ['--ppid', String(server.pid), '-o', 'pid='], { encoding: 'utf8' }).stdout.trim()
  await eventually(() => workers() !== '', 'nginx')
  return {
    port,
    stop: async () => {
      server.kill('SIGQUIT')
      await gone
    },
  }
}

/** The database as an administrator sets it up: one role owns it, another one runs the product. */
const makeDatabase = async (cluster: Cluster) => {
  const admin = new pg.Client({ connectionString: cluster.url })
  await admin.connect()
  await admin.query(`create role the_owner login createrole password 'of-the-owner'`)
  await admin.query('create database anlaufstelle owner the_owner')
  await admin.query(`create role the_login login password 'of-the-login'`)
  await admin.end()
  const urlOf = (user: string, password: string): string => {
    const url = new URL(cluster.url)
    return `postgres://${user}:${password}@localhost/anlaufstelle${url.search}`
  }
  const { password } = new URL(cluster.url)
  return {
    owner: urlOf('the_owner', 'of-the-owner'),
    login: urlOf('the_login', 'of-the-login'),
    superuser: urlOf('postgres', password),
  }
}

/** A mail server that takes every mail and remembers to whom it went. */
const startMailServer = async () => {
  const recipients: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, { envelope }, done) => {
      stream.resume().on('end', () => {
        recipients.push(...envelope.rcptTo.map(({ address }) => address))
        done()
      })
    },
  })
  server.on('error', () => {}) // a connection that broke
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  return {
    url: `smtp://127.0.0.1:${port}`,
    recipients,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** Everything but the nodes. */
export const openNodes = async (bin: string) => {
  await using opened = new AsyncDisposableStack()
  const folder = temporaryFolder('nodes')
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  const cluster = opened.adopt(await makeCluster(bin), ({ remove }) => remove())
  const database = await makeDatabase(cluster)
  const mails = opened.adopt(await startMailServer(), ({ close }) => close())
  const ports = [await freePort(), await freePort()]
  const proxy = opened.adopt(await startProxy(folder, ports), ({ stop }) => stop())
  const given = {
    ANLAUFSTELLE_KEY_FILE: join(folder, 'master.key'),
    ANLAUFSTELLE_LEDGER_FILE: join(folder, 'ledger', 'erasures.jsonl'),
    DATABASE_URL: database.login,
    SMTP_URL: mails.url,
    PUBLIC_URL: `https://localhost:${proxy.port}`,
  }
  const all = opened.move()
  let programs = 0
  return {
    cluster,
    /** To whom a mail has gone, one for each. */
    recipients: mails.recipients,
    proxy,
    superuser: database.superuser,
    /** A version of the program, with one tenant's files that have room for many bookings. */
    program: (root: string): Program => {
      const tenantsDir = join(folder, `tenants-${programs++}`)
      cpSync(join(root, 'tenants'), tenantsDir, { recursive: true })
      leaveRunning(tenantsDir, ['segeberg'])
      const file = join(tenantsDir, 'segeberg/tenant.yaml')
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, replaced(text, 'desks: { public: 4, internal: 1 }', 'desks: { public: 12, internal: 1 }'))
      return { root, tenantsDir }
    },
    /** What whoever installs a version does first: brings the database to it, as its owner. */
    migrate: ({ root, tenantsDir }: Program): void => {
      const env = { PATH: process.env.PATH, ...given, TENANTS_DIR: tenantsDir, DATA_DIR: join(folder, 'migrate') }
      const options = { cwd: root, env: { ...env, DATABASE_OWNER_URL: database.owner }, encoding: 'utf8' } as const
      const { status, stderr } = spawnSync(process.execPath, ['bin/anlaufstelle.mjs', 'migrate'], options)
      if (status !== 0) throw new Error(`migrate: ${stderr}`)
    },
    /** Lets the login run the product; there has to be a version in the database. */
    grant: async (): Promise<void> => {
      const client = new pg.Client({ connectionString: database.superuser })
      await client.connect()
      await client.query('grant anlaufstelle_app to the_login')
      await client.end()
    },
    start: (name: Unit, number: number, program: Program): Node => {
      const dataDir = join(folder, `${name}-${number}`)
      mkdirSync(dataDir, { recursive: true })
      const port = name === 'anlaufstelle-web' ? { PORT: String(ports[number - 1]) } : {}
      const node = runNode(name, number, program, { ...given, ...port, DATA_DIR: dataDir })
      all.defer(() => node.stop().catch(() => node.kill()))
      return node
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

export type Nodes = Awaited<ReturnType<typeof openNodes>>
