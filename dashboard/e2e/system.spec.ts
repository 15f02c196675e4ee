/** System: engines, feeds and figures are those the engine wrote. */
import { expect, open, test } from "./stack";

type System = {
  running: number;
  engines: { figures: { host: string; feeds: { pair: string }[] } }[];
};

test("sees which engine runs and how it is doing", async ({ admin, api }) => {
  await open(admin, "/system");
  const told = await api.get<System>("/api/system");
  expect(told.engines.length).toBeGreaterThan(0);
  const panel = admin.locator("section.panel", {
    has: admin.getByRole("heading", { name: "Engines" }),
  });
  await expect(panel.getByText(told.engines[0]?.figures.host ?? "")).toBeVisible();
  await expect(panel.getByRole("img", { name: "Reports" })).toBeVisible();
});

test("finds the feed that was silent longest", async ({ admin, api }) => {
  await open(admin, "/system");
  const told = await api.get<System>("/api/system");
  const pairs = told.engines.flatMap((engine) => engine.figures.feeds.map((feed) => feed.pair));
  expect(pairs.length).toBeGreaterThan(0);
  const table = admin.getByRole("table", { name: "Feeds" });
  await expect(table.locator("tbody tr")).toHaveCount(pairs.length);
  await expect(table).toContainText(pairs[0] ?? "");
});

test("reads what engines reported as a table, over another span", async ({ admin }) => {
  await open(admin, "/system");
  await admin.getByRole("button", { name: "6 h" }).click();
  await admin.getByRole("button", { name: "As table" }).click();
  const table = admin.getByRole("table", { name: "What engines reported" });
  await expect(table.locator("tbody tr").first()).toBeVisible();
  await expect(table.getByRole("columnheader", { name: "Memory" })).toBeVisible();
});
