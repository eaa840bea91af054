import { createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { ConfigError } from '#platform/config.ts'
import { listen } from './listening.ts'

/* What cannot be listened to names the setting to change. */

/** A server of an account that may not listen where it should. */
const refused = (code: string): Server => {
  const server = createServer()
  server.listen = () => {
    server.emit('error', Object.assign(new Error(code), { code }))
    return server
  }
  return server
}

test.each([
  ['EADDRINUSE', 'METRICS_PORT: 80 is in use by another program. Choose another: METRICS_PORT=81 npm start'],
  ['EACCES', 'METRICS_PORT: this account may not listen at 80. Choose one from 1024 on: METRICS_PORT=9464 npm start'],
  ['EADDRNOTAVAIL', 'HOST: 192.0.2.1 is no address of this machine'],
  ['ENOTFOUND', 'HOST: 192.0.2.1 is no address of this machine'],
])('%s', async (code, words) => {
  const listening = listen(refused(code), { host: '192.0.2.1', port: 80 }, 'METRICS_PORT')
  await expect(listening).rejects.toEqual(new ConfigError(words))
})

test('anything else is thrown as it came', async () => {
  await expect(listen(refused('EMFILE'), { host: '127.0.0.1', port: 80 }, 'PORT')).rejects.toThrow('EMFILE')
})
