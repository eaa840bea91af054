import { defineConfig, mergeConfig } from 'vitest/config'
import viteConfig from './vite.config.ts'

export default defineConfig((env) =>
  mergeConfig(viteConfig(env), {
    test: {
      include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts'],
      testTimeout: 20_000,
      hookTimeout: 60_000,
      pool: 'forks',
      globalSetup: ['test/helpers/database.ts'],
    },
  }),
)
