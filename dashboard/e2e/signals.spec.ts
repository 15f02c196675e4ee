/** Signals: what was said, what became of it and why, down to the bar. */
import { complaintsOf, expect, expectNoViolations, type Listed, open, PHONE, test } from "./stack";

type Signal = { id: string; verdict: string; wallet_id: string };
type Story = { nodes: { node: { expression: string } }[]; order: { id: string } | null };

test("finds what was traded, refused and ignored, with the reason", async ({ admin, api }) => {
  const complaints = complaintsOf(admin);
  await open(admin, "/signals");
  const rows = admin.getByRole("table", { name: "Signals" }).locator("tbody tr");
  for (const verdict of ["Traded", "Ignored"] as const) {
    await admin.getByRole("button", { name: verdict, exact: true }).click();
    await expect(async () => {
      const { items } = await api.get<Listed<Signal>>(
        `/api/signals?verdict=${verdict.toLowerCase()}&limit=1`,
      );
      const count = await rows.count();
      if (count > 0) await expect(rows.first()).toContainText(verdict);
      else await expect(admin.getByText("No signal matches.")).toBeVisible();
      expect(items.length === 0 && count > 0).toBe(false);
    }).toPass();
  }
  await admin.getByRole("combobox", { name: "Said" }).selectOption("exit_short");
  await expect(admin).toHaveURL(/action=exit_short/);
  await admin.getByRole("button", { name: "Clear filters" }).click();
  await expect(rows.first()).toBeVisible();
  await expectNoViolations(admin);
  expect(complaints).toEqual([]);
});

test("opens one by keyboard: its bar, what the graph said, its order", async ({ admin, api }) => {
  await open(admin, "/signals?verdict=traded");
  const row = admin.getByRole("table", { name: "Signals" }).locator("tbody tr").first();
  await row.focus();
  await row.press("Enter");
  const drawer = admin.getByRole("dialog");
  await expect(drawer.getByText("What the graph said")).toBeVisible();
  const id = new URL(admin.url()).pathname.split("/").at(-1);
  const story = await api.get<Story>(`/api/signals/${id}`);
  const last = story.nodes.at(-1)?.node.expression ?? "";
  if (!/^[\d.]+$/.test(last))
    await expect(drawer.getByText(last, { exact: true }).first()).toBeVisible();
  await expect(drawer.getByText("Computed again")).toBeVisible();
  await expectNoViolations(admin);
  if (story.order !== null) {
    await drawer.locator(`a[href^="/trading/${story.order.id}"]`).click();
    await expect(admin.getByRole("dialog").getByText("Our id")).toBeVisible();
  }
});

test("goes from a signal to its place on the chart", async ({ admin }) => {
  await open(admin, "/signals?verdict=traded");
  await admin.getByRole("table", { name: "Signals" }).locator("tbody tr").first().click();
  await admin.getByRole("dialog").getByRole("link", { name: "Show on the chart" }).click();
  await expect(admin).toHaveURL(/\/markets\?/);
  await expect(admin.getByRole("img", { name: /candles of/ })).toBeVisible();
});

test("stands on a phone", async ({ admin }) => {
  await admin.setViewportSize(PHONE);
  await open(admin, "/signals");
  const width = await admin.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE.width);
});
