// How the page is built, served while developing, and tested. It binds to loopback alone.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: './',
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { host: '127.0.0.1', port: 1420, strictPort: true },
  preview: { host: '127.0.0.1' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // WebKitGTK 2.50 and phones of the last four years.
    target: ['es2022', 'safari16.4', 'chrome111', 'firefox115'],
    // A preload polyfill or an inlined asset would need a looser content policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    restoreMocks: true,
    // A busy machine is no fault of the page's; what hangs is still found.
    testTimeout: 30_000,
  },
});
