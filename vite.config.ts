import { defineConfig } from 'vite'

// One configuration for three uses: the browser bundle (`vite build`), the server (`vite build --ssr`) and Vitest.
export default defineConfig(({ isSsrBuild }) => ({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
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
        rollupOptions: { input: ['src/browser/main.ts', 'src/browser/receipt.ts'] },
      },
}))
