import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const projector = { viewport: { width: 1280, height: 720 } };
const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  colorScheme: 'dark' as const,
  contextOptions: { reducedMotion: 'reduce' as const },
};

export default defineConfig({
  testDir: 'tests',
  outputDir: '../../../build/page/test-results',
  workers: 1,
  // A machine that is busy with something else may take its time: what is waited for are conditions.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['line']],
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: chromium, args: ['--no-sandbox'] },
    offline: true,
  },
  projects: [
    { name: 'corpus', testMatch: 'corpus.spec.ts' },
    { name: 'projector', testMatch: ['page.spec.ts', 'result.spec.ts'], use: projector },
    { name: 'phone', testMatch: ['page.spec.ts', 'result.spec.ts'], use: phone },
    // Another driver, with another browser: see tests/firefox.ts.
    { name: 'firefox', testMatch: 'firefox.spec.ts' },
    { name: 'room', testMatch: 'room.spec.ts', use: { ...projector, offline: false } },
  ],
});
