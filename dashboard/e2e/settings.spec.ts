/** Settings and limits: a change with its reason, seen beside what was, and rolled back. */
import { expect, open, type Page, test } from "./stack";

type Limits = { version: number; items: { name: string; value: number | null }[] };
const tradesOf = (told: Limits) => told.items.find((one) => one.name === "max_open_trades")?.value;

/** The wallet at the exchange: those on paper are held to no limit. */
async function atTheExchange(page: Page): Promise<void> {
  await open(page, "/risk");
  const choice = page.getByLabel("Wallet", { exact: true });
  const option = choice.locator("option", { hasText: "testnet" }).first();
  await choice.selectOption((await option.getAttribute("value")) ?? "");
}

test("changes a limit, sees it beside what was, and rolls it back", async ({ admin, api }) => {
  const before = await api.get<Limits>("/api/risk/limits");
  const first = tradesOf(before) ?? 10;
  await atTheExchange(admin);
  const row = admin.locator("li", { hasText: "Open trades" }).first();
  await row.getByRole("button", { name: "Change" }).click();
  const dialog = admin.getByRole("dialog", { name: "Open trades" });
  await dialog.getByLabel(/New value/).fill(String(first + 1));
  await dialog.getByLabel(/Reason/).fill("one more at once");
  await dialog.getByRole("button", { name: /Save as version/ }).click();
  await expect(dialog).toHaveCount(0);
  const changed = await api.get<Limits>("/api/risk/limits");
  expect(tradesOf(changed)).toBe(first + 1);

  await open(admin, "/settings");
  const newest = admin.locator(".todo li", { hasText: "one more at once" }).first();
  await newest.getByRole("button", { name: "Compare" }).click();
  const compare = admin.getByRole("dialog");
  await expect(compare.getByRole("row", { name: /max_open_trades/ })).toContainText(String(first));
  await compare.getByLabel(/Reason/).fill("as it was");
  await compare.getByRole("button", { name: /Roll back to version/ }).click();
  await expect(compare).toHaveCount(0);
  const after = await api.get<Limits>("/api/risk/limits");
  expect([tradesOf(after), after.version]).toEqual([first, changed.version + 1]);
});

test("a value that cannot be is refused with what was expected", async ({ admin, api }) => {
  await open(admin, "/settings");
  await admin.getByRole("searchbox").fill("risk.max_open_trades");
  const row = admin.getByRole("table", { name: "In force" }).locator("tbody tr").first();
  await row.getByRole("button", { name: "Actions" }).click();
  await admin.getByRole("menuitem", { name: "Change" }).click();
  const dialog = admin.getByRole("dialog", { name: "risk.max_open_trades" });
  await dialog.getByLabel("Value").fill("-3");
  await dialog.getByLabel(/Reason/).fill("a slip");
  await dialog.getByRole("button", { name: /Save as version/ }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  const { items } = await api.get<{ items: { reason: string }[] }>("/api/settings/versions");
  expect(items.every((one) => one.reason !== "a slip")).toBe(true);
});

test("a viewer sees settings and limits, and no way to change them", async ({ viewer }) => {
  await open(viewer, "/settings");
  await expect(viewer.getByRole("table", { name: "In force" })).toBeVisible();
  await expect(viewer.getByRole("button", { name: "Actions" })).toHaveCount(0);
  await open(viewer, "/risk");
  await expect(viewer.getByRole("button", { name: "Change" })).toHaveCount(0);
  await expect(viewer.getByRole("heading", { name: "Kill switch" })).toHaveCount(0);
});
