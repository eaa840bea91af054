import { globSync } from 'node:fs'
import { defineConfig } from 'vite'

// One configuration for three uses: the browser bundle (`vite build`), the server (`vite build --ssr`) and Vitest.
export default defineConfig(({ isSsrBuild }) => ({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // What the server runs is one file, its packages in it: to find and link a thousand files took half of what a command takes.
  ...(isSsrBuild ? { ssr: { noExternal: true as const } } : {}),
  build: isSsrBuild
    ? {
        outDir: 'dist/server',
        target: 'node26',
        emptyOutDir: true,
        rollupOptions: { output: { entryFileNames: '[name].js' } },
      }
    : {
        outDir: 'dist/client',
        emptyOutDir: true,
        manifest: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        // What every page has, and the islands of the features.
        rollupOptions: { input: ['src/browser/main.ts', ...globSync('src/features/*/browser/*.{ts,tsx}').sort()] },
      },
}))
