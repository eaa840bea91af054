import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
import viteConfig from './vite.config.ts'

// On another PostgreSQL (`npm run test:interop`) the browser's journeys add nothing, but Debian's tools are there.
const leftOut = process.env.TEST_DATABASE_URL ? 'test/e2e/**' : 'test/interop/**'

const every = ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.{ts,tsx}']

/** Files that replace modules of the program: each gets a process of its own. */
const alone = globSync(every).filter((file) => readFileSync(file, 'utf8').includes('vi.mock('))

const pace = {
  // More than there are cores: tests of mail servers, limits and killed processes wait a good part of their time.
  maxWorkers: 3,
  // These end what hangs, and measure nothing: a machine may be busy with other things.
  testTimeout: 300_000,
  hookTimeout: 300_000,
}

export default defineConfig((env) => {
  const project = (name: string, isolate: boolean, include: string[], exclude: string[]) => ({
    ...viteConfig(env),
    resolve: {
      alias: [
        { find: /^yaml$/, replacement: join(import.meta.dirname, 'test/helpers/yaml.ts') },
        {
          find: /^#(platform\/i18n\/word-files|register\/load\/catalogue-files)\.ts$/,
          replacement: join(import.meta.dirname, 'test/helpers/feature-files.ts'),
        },
      ],
    },
    test: { name, isolate, include, exclude: [...configDefaults.exclude, leftOut, ...exclude], ...pace },
  })
  return {
    test: {
      pool: 'forks' as const,
      // The line of the test is meant, not the one that counts its assertions.
      onStackTrace: (_error: unknown, { file }: { file: string }) => !file.endsWith('test/helpers/fact.ts'),
      globalSetup: ['test/helpers/database.ts', 'test/helpers/whole-tenants.ts'],
      // To read the program and to compile it costs more than most files' tests, so a process reads it once.
      projects: [project('together', false, every, alone), project('alone', true, alone, [])],
    },
  }
})
