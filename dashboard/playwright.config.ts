/**
 * The browser over the real stack. `stack.py` starts once and serves all tests; they share it, so
 * they run one after the other. TRADEPULSE_E2E_URL names one that runs already.
 */
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const given = process.env.TRADEPULSE_E2E_URL;
// Workers read this file too: they find the address here that the first reading chose.
process.env.TRADEPULSE_E2E_ADDRESS ??= given ?? `http://127.0.0.1:${await freePort()}`;
process.env.TRADEPULSE_E2E_HOME ??= mkdtempSync(join(tmpdir(), "tradepulse-e2e-"));
const address = process.env.TRADEPULSE_E2E_ADDRESS;
const python = process.env.TRADEPULSE_PYTHON ?? "../.venv/bin/python";
const home = process.env.TRADEPULSE_E2E_HOME;

export default defineConfig({
  testDir: "e2e",
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  // Markets go on under the tests: a second try is told as flaky, a task that cannot be done fails.
  retries: process.env.CI ? 1 : 0,
  reporter: process.env.CI ? [["list"], ["html", { open: "never" }]] : "list",
  use: {
    baseURL: address,
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.TRADEPULSE_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  ...(given === undefined && {
    webServer: {
      command: `${python} e2e/stack.py ${home} ${new URL(address).port}`,
      url: `${address}/api/health/live`,
      timeout: 300_000,
      stdout: "pipe",
      stderr: "pipe",
      gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
    },
  }),
});
