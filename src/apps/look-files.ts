import { join } from 'node:path'

/** Script and styles, as server and door hand them out: their names change with what is in them, so that they stay in caches
 *  for as long as they like. */
export const lookFiles = {
  prefix: '/assets/',
  in: (clientDir: string) => ({
    root: join(clientDir, 'assets'),
    immutable: true,
    maxAge: '1y',
    index: false as const,
  }),
}
