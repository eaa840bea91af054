import type { EventEmitter } from 'node:events'
import { ConfigError } from '#platform/config.ts'

/** A setting that names a port, with one that any account may listen at. */
const usual = { PORT: 3000, METRICS_PORT: 9464 }

type Address = { host: string; port: number }

/** What cannot be listened to because of a setting, in words. */
const inWords = (setting: keyof typeof usual, { host, port }: Address, code = ''): string | undefined =>
  ({
    EADDRINUSE: `${setting}: ${port} is in use by another program. Choose another: ${setting}=${port + 1} npm start`,
    EACCES: `${setting}: this account may not listen at ${port}. Choose one from 1024 on: ${setting}=${usual[setting]} npm start`,
    EADDRNOTAVAIL: `HOST: ${host} is no address of this machine`,
    ENOTFOUND: `HOST: ${host} is no address of this machine`,
  })[code]

type Server = EventEmitter & { listen: (address: Address, whenDone: () => void) => unknown }

/** Listens where the settings say. @throws ConfigError when that is not to be had, naming the setting */
export const listen = (server: Server, address: Address, setting: keyof typeof usual): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const words = inWords(setting, address, error.code)
      reject(words === undefined ? error : new ConfigError(words))
    })
    server.listen(address, resolve)
  })
