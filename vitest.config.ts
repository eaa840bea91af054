import { configDefaults, defineConfig, mergeConfig } from 'vitest/config'
import viteConfig from './vite.config.ts'

// On another PostgreSQL (`npm run test:interop`) the browser's journeys add nothing, but Debian's tools are there.
const leftOut = process.env.TEST_DATABASE_URL ? 'test/e2e/**' : 'test/interop/**'

export default defineConfig((env) =>
  mergeConfig(viteConfig(env), {
    test: {
      include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts'],
      exclude: [...configDefaults.exclude, leftOut],
      // These end what hangs, and measure nothing: a machine may be busy with other things.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      pool: 'forks',
      // More than there are cores: tests of mail servers, limits and killed processes wait a good part of their time.
      maxWorkers: 3,
      // The line of the test is meant, not the one that counts its assertions.
      onStackTrace: (_error: unknown, { file }: { file: string }) => !file.endsWith('test/helpers/fact.ts'),
      globalSetup: ['test/helpers/database.ts', 'test/helpers/whole-tenants.ts'],
    },
  }),
)
