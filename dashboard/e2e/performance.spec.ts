/** Performance: what each configuration earned, and why not what its backtest did. */
import { readFileSync } from "node:fs";
import {
  expect,
  expectNoViolations,
  type Listed,
  look,
  open,
  type Page,
  PHONE,
  test,
} from "./stack";

type Result = {
  configuration_id: string;
  mode: string | null;
  total_pnl: string;
  trade_count: number;
};
type Activation = { id: string; configuration_id: string; mode: string; last_bar: number | null };
type Gap = { total: string; cents: { part: string; amount: string }[] };

const resultsOf = (page: Page, name: string) =>
  page.getByRole("table", { name }).locator("tbody tr");
const plain = (text: string) => text.replaceAll(",", "").replace("−", "-").replace("+", "");

test("sees what each configuration of a mode earned, and the same by strategy", async ({
  admin,
  api,
}) => {
  await open(admin, "/performance");
  for (const mode of ["testnet", "paper"]) {
    await admin.getByRole("group", { name: "Mode" }).getByRole("button", { name: mode }).click();
    // Trades go on meanwhile: the page follows, so the two are compared until they agree.
    await expect(async () => {
      const { items } = await api.get<Listed<Result>>("/api/strategies/performance?limit=200");
      const wanted = items.filter((one) => one.mode === mode && one.trade_count > 0);
      const cells = await resultsOf(admin, "By configuration").locator("td .md").allInnerTexts();
      for (const { total_pnl } of wanted) {
        expect(cells.map(plain)).toContain(Number(total_pnl).toFixed(2));
      }
    }).toPass({ timeout: 30_000 });
  }
  await admin.getByRole("button", { name: "By strategy" }).click();
  const strategy = resultsOf(admin, "By strategy").first();
  const name = await strategy.locator(".name").innerText();
  await strategy.press("Enter");
  await expect(admin.getByRole("button", { name: `only ${name}` })).toBeVisible();
  for (const one of await resultsOf(admin, "By configuration").locator(".name").allInnerTexts()) {
    expect(one).toBe(name);
  }
});

test("reads the gap to the backtest by cause, summing to the cent", async ({ admin, api }) => {
  test.setTimeout(120_000);
  const { items } = await api.get<Listed<Activation>>("/api/activations?mode=testnet");
  const found = items.find((one) => one.last_bar !== null);
  await open(admin, `/performance/${found?.configuration_id}`);
  const table = admin.getByRole("table", { name: /^Gap to the backtest/ });
  await expect(table.getByRole("row", { name: /^Funding/ })).toBeVisible({ timeout: 60_000 });
  for (const cause of ["Data", "Timing", "Price", "Fees", "Missed trades", "Extra trades"]) {
    await expect(table.getByRole("row", { name: new RegExp(`^${cause}`) })).toBeVisible();
  }
  const rows = await table
    .locator("tbody tr")
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")),
    );
  const cents = rows.slice(1, -2).map((row) => Math.round(Number(plain(row[2] ?? "")) * 100));
  const sum = Math.round(Number(plain(rows.at(-2)?.[2] ?? "")) * 100);
  expect(cents.reduce((a, b) => a + b, 0)).toBe(sum);
  await expect(async () => {
    const gap = await api.get<Gap>(`/api/activations/${found?.id}/gap`);
    const shown = await table.getByRole("row", { name: /sum of the parts/ }).innerText();
    const total = gap.cents.find(({ part }) => part === "total")?.amount ?? "";
    expect(plain(shown)).toContain(Number(total).toFixed(2));
  }).toPass({ timeout: 60_000 });
});

test("is told whether it does what was tested, and reads the curves as tables by keyboard", async ({
  admin,
  api,
}) => {
  test.setTimeout(120_000);
  const { items } = await api.get<Listed<Activation>>("/api/activations?mode=paper");
  await open(admin, "/performance");
  await admin.getByRole("group", { name: "Mode" }).getByRole("button", { name: "paper" }).click();
  await admin.goto(`/performance/${items[0]?.configuration_id}`);
  for (const rule of ["Shortfall (CUSUM)", "Drawdown", "Slippage, bps", "Same decisions"]) {
    await expect(admin.locator(".ev .what", { hasText: rule })).toBeVisible({ timeout: 60_000 });
  }
  // On paper every decision is the backtest's: the share is whole.
  const same = admin.locator(".ev", { hasText: "Same decisions" });
  await expect(same.locator(".got")).toContainText("100.0");
  const equity = admin.getByRole("img", { name: /^Equity from .* backtest of the same bars/ });
  await equity.focus();
  await equity.press("v");
  await expect(admin.getByRole("columnheader", { name: /^Backtest, / })).toBeVisible();
  const fall = admin.getByRole("img", { name: /^Drawdown over/ });
  await fall.focus();
  await fall.press("v");
  await expect(admin.getByRole("columnheader", { name: "End of day" })).toBeVisible();
});

test("takes the results of a period away as a file", async ({ admin }) => {
  await open(admin, "/performance");
  await admin.getByRole("group", { name: "Mode" }).getByRole("button", { name: "paper" }).click();
  await admin.getByRole("button", { name: "One month" }).click();
  await expect(admin.getByText(/^closed .* to /)).toBeVisible();
  const [file] = await Promise.all([
    admin.waitForEvent("download"),
    admin.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("performance-paper-configurations.csv");
  const [head, first] = readFileSync(await file.path(), "utf8").split("\r\n");
  expect(head).toMatch(/^mode,feed,strategy,configuration_id,pair,stage,closed_from/);
  expect(first).toMatch(/^paper,replay,/);
});

for (const theme of ["dark", "light"] as const) {
  test(`axe finds nothing on one that is chosen, ${theme}, nor on a phone`, async ({
    admin,
    api,
  }) => {
    test.setTimeout(120_000);
    const { items } = await api.get<Listed<Result>>("/api/strategies/performance?limit=200");
    const [busiest] = items
      .filter((one) => one.mode === "testnet")
      .sort((a, b) => b.trade_count - a.trade_count);
    await look(admin, { theme });
    await open(admin, `/performance/${busiest?.configuration_id}`);
    await expect(admin.getByText(/Measured/)).toBeVisible({ timeout: 60_000 });
    await expectNoViolations(admin);
    await admin.screenshot({
      path: `test-results/screens/performance-one-${theme}.png`,
      fullPage: true,
    });
    await admin.setViewportSize(PHONE);
    // Charts are drawn anew for the width.
    await expect
      .poll(() => admin.evaluate(() => document.documentElement.scrollWidth))
      .toBeLessThanOrEqual(PHONE.width);
    await expectNoViolations(admin);
    await admin.screenshot({
      path: `test-results/screens/performance-one-${theme}-phone.png`,
      fullPage: true,
    });
  });
}
