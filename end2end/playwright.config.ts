// The browser suite. Each worker starts servers of its own, so tests share nothing but the machine.
import { defineConfig } from '@playwright/test';

// Debian's browser where there is one; elsewhere Playwright's own (`npx playwright install chromium`).
const executablePath = process.env.PORTCULLIS_CHROMIUM || undefined;

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  // A machine of two cores that does something else besides takes its time. No test passes by a time limit.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  // What is measured is measured when nothing else runs.
  projects: [
    { name: 'pages', testIgnore: '**/lighthouse.spec.ts' },
    { name: 'lighthouse', testMatch: '**/lighthouse.spec.ts', dependencies: ['pages'] },
    // Only where there is one: `cargo xtask test keycloak`. One worker, as all tests share it and some of them stop it.
    ...(process.env.PORTCULLIS_KEYCLOAK ? [{ name: 'keycloak', testDir: './keycloak', fullyParallel: false, workers: 1 }] : []),
  ],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
    },
    viewport: { width: 1100, height: 800 },
    trace: 'retain-on-failure',
  },
});
