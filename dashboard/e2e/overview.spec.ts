/** Overview: what stands, what a person must decide, what happens now. */
import { expect, type Listed, open, PHONE, test } from "./stack";

type Standing = { wallet: { name: string; mode: string }; equity: string; positions: number };
type Overview = { wallets: Standing[]; active: unknown[] };
type Position = { pair: string };
type Event = { type: string; sequence: number };

test("sees what a wallet of each mode is worth, never added up", async ({ admin, api }) => {
  await open(admin, "/");
  const modes = admin.getByRole("group", { name: "Wallets" });
  for (const mode of ["paper", "testnet"]) {
    await modes.getByRole("button", { name: new RegExp(mode, "i") }).click();
    const cell = admin.getByRole("region", { name: "Status" });
    await expect(cell.getByText(mode.toUpperCase(), { exact: true })).toBeVisible();
    // Trades go on meanwhile: the page follows, so the two are compared until they agree.
    await expect(async () => {
      const { wallets } = await api.get<Overview>("/api/overview");
      const shown = await admin.locator(".tile .val").first().innerText();
      const worth = wallets
        .filter((one) => one.wallet.mode === mode)
        .map(({ equity }) => Number(equity).toFixed(2));
      expect(worth).toContain(shown.replaceAll(",", ""));
    }).toPass();
  }
});

test("follows open positions and events as the stream tells them", async ({ admin, api }) => {
  test.setTimeout(180_000);
  await open(admin, "/");
  await expect(admin.getByText("streaming")).toBeVisible();
  const before = (await api.get<{ sequence: number }>(`/api/changes/since?timestamp=${Date.now()}`))
    .sequence;
  const told = admin.locator(".log li").first();
  const first = await told.innerText();
  // The sandbox trades on by itself: something is told without any reload.
  await expect(async () => {
    const path = `/api/changes/since?sequence=${before}&limit=500`;
    const { changes } = await api.get<{ changes: Event[] }>(path);
    expect(changes.some(({ type }) => /^(signal|fill|trade|order)\./.test(type))).toBe(true);
  }).toPass({ timeout: 90_000 });
  await expect(told).not.toHaveText(first);
  await expect(async () => {
    const { wallets } = await api.get<Overview>("/api/overview");
    const testnet = wallets.find((one) => one.wallet.mode === "testnet");
    const { items } = await api.get<Listed<Position>>("/api/positions");
    const rows = admin.getByRole("table", { name: "Open positions" }).locator("tbody tr");
    expect(await rows.count()).toBe(testnet?.positions);
    expect(items.length).toBeGreaterThanOrEqual(await rows.count());
  }).toPass({ timeout: 30_000 });
});

test("reads the equity of another period, as a picture and as a table, by keyboard", async ({
  admin,
}) => {
  await open(admin, "/");
  await admin.getByRole("button", { name: "All time" }).click();
  const chart = admin.getByRole("img", { name: /^Equity of .* deepest drawdown/ });
  await chart.focus();
  await chart.press("ArrowLeft");
  await chart.press("v");
  const table = admin.getByRole("columnheader", { name: /^Equity, / });
  await expect(table).toBeVisible();
  await admin.getByRole("button", { name: "As chart" }).click();
  await expect(chart).toBeVisible();
});

test("stands on a phone, with the kill switch in reach", async ({ admin }) => {
  await admin.setViewportSize(PHONE);
  await open(admin, "/");
  await expect(admin.getByRole("button", { name: "Kill switch" })).toBeInViewport();
  const width = await admin.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE.width);
});
