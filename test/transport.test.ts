import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, type SecureVersion } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { features } from '#apps/features.ts'
import { listenForMetrics } from '#apps/metrics.ts'
import { createServer } from '#apps/server.ts'
import { freePort, run } from './helpers/command.ts'
import { fact } from './helpers/fact.ts'
import { look } from './helpers/html.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { allTenants } from './helpers/tenants.ts'

/* What travels between a person and the server: a real server with TLS, asked over real connections. */

const files = { certificateFile: 'test/helpers/tls/certificate.pem', keyFile: 'test/helpers/tls/key.pem' }
const ca = readFileSync(files.certificateFile)

let installation: Installation
let app: Awaited<ReturnType<typeof createServer>>
let port: number
beforeAll(async () => {
  installation = await startInstallation({
    tenants: allTenants,
    config: { tls: files, publicUrl: 'https://localhost' },
  })
  app = installation.app
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => installation.close())

/** Protocol of a connection that offers just this version; the error's code if there is none. */
const offer = (version: SecureVersion, at = port): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect(
      // SECLEVEL=0: the client would otherwise refuse old versions by itself, and the server would not be asked.
      { host: 'localhost', port: at, ca, minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' },
      () => {
        resolve(socket.getProtocol())
        socket.end()
      },
    )
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })

/** A request over TLS, as text. */
const ask = (head: string, body = '', at = port): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port: at, ca })
    let answer = ''
    socket.on('data', (data) => {
      answer += data.toString()
    })
    socket.on('end', () => resolve(answer)).on('error', reject)
    socket.end(`${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n${body}`)
  })

const hsts = /\r\nstrict-transport-security: max-age=63072000\r\n/i

describe('transport', () => {
  test('the booking pages speak TLS 1.2 and 1.3, and nothing older', async () => {
    expect(await ask('GET /segeberg/termin HTTP/1.1')).toContain('200 OK')
    await fact('SEG-029', installation, async () => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) expect(await offer(version)).toBe(version)
      for (const version of ['TLSv1', 'TLSv1.1'] as const)
        expect([version, await offer(version)]).toEqual([version, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'])
    })
  })

  test.each([
    ['VIE-018', 'viersen'],
    ['DUS-044', 'duesseldorf'],
  ])('so does every other Jobcenter on it (%s)', async (id, slug) => {
    const { db, register } = installation.deps
    await db.inTenant(register.running.get(slug)?.tenant.id ?? '', async () => {})
    await fact(id, installation, async () => {
      expect(await ask(`GET /${slug}/termin HTTP/1.1`)).toMatch(/200 OK[\s\S]*strict-transport-security/i)
      expect(await offer('TLSv1.3')).toBe('TLSv1.3')
      expect(await offer('TLSv1.1')).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
    })
  })

  test('every page tells the browser to come back over TLS only', async () => {
    for (const path of ['/segeberg/termin', '/segeberg/', '/', '/nirgends'])
      expect(await ask(`GET ${path} HTTP/1.1`)).toMatch(hsts)
  })

  test('a cookie travels over TLS only', async () => {
    const page = await ask('GET /segeberg/nutzungsbedingungen HTTP/1.1')
    const hidden = look(page).find('input[type=hidden]')
    const body = new URLSearchParams({ [hidden.attribute('name') ?? '']: hidden.attribute('value') ?? '' }).toString()
    const answer = await ask(
      `POST /segeberg/nutzungsbedingungen HTTP/1.1\r\nOrigin: https://localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}`,
      body,
    )
    await fact('SEG-030', installation, () => {
      expect(page).toMatch(hsts)
      expect(answer).toMatch(
        /\r\nset-cookie: disclaimer=2026-11; Max-Age=\d+; Path=\/segeberg; HttpOnly; Secure; SameSite=Lax\r\n/i,
      )
    })
  })

  test('a certificate that cannot be read, or not with this key, is named before anything starts', async () => {
    const { deps } = installation
    const config = { ...deps.config, tls: { ...files, keyFile: 'package.json' } }
    await expect(createServer({ ...deps, config }, features, clientDir)).rejects.toThrow(
      'TLS_CERTIFICATE_FILE, TLS_KEY_FILE: not a certificate with its key in PEM',
    )
    const bad = { TLS_CERTIFICATE_FILE: files.certificateFile, TLS_KEY_FILE: 'package.json' }
    const served = await run(['serve'], { ...bad, PORT: '0', DATA_DIR: join(installation.folder, 'served') })
    expect([served.code, served.err]).toEqual([78, expect.stringContaining('not a certificate with its key in PEM')])
    const { code, err } = await run(['serve'], { TLS_CERTIFICATE_FILE: 'x.pem', DATA_DIR: installation.folder })
    expect([code, err]).toEqual([78, expect.stringContaining('TLS_KEY_FILE: expected too')])
  })

  test('the port for metrics speaks the same TLS, and plain text to nobody', async () => {
    const at = await freePort()
    const server = await listenForMetrics(installation.deps, at, async () => 'numbers\n')
    try {
      expect(await ask('GET /metrics HTTP/1.1', '', at)).toContain('200 OK')
      expect([await offer('TLSv1.3', at), await offer('TLSv1.2', at)]).toEqual(['TLSv1.3', 'TLSv1.2'])
      expect(await offer('TLSv1.1', at)).not.toMatch(/^TLS/)
      await expect(fetch(`http://127.0.0.1:${at}/metrics`)).rejects.toThrow()
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
