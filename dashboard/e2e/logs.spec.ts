/** Logs: what was written, found again, and followed. */
import { expect, type Listed, open, test } from "./stack";

type Line = { id: number; message: string; level: string };
const lines = 'ul[aria-label="Lines"] > li';

test("follows the log as it is written", async ({ admin, api }) => {
  test.setTimeout(150_000);
  await open(admin, "/logs");
  const first = await admin.locator(lines).first().innerText();
  await expect(admin.locator(lines).first()).not.toHaveText(first, { timeout: 90_000 });
  const { items } = await api.get<Listed<Line>>("/api/logs?limit=50");
  const shown = await admin.locator(lines).first().innerText();
  expect(items.some((line) => shown.includes(line.message))).toBe(true);
});

test("finds a line by its words and reads all it carries", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Line>>("/api/logs?limit=20");
  const wanted = items.at(-1);
  expect(wanted).toBeDefined();
  await open(admin, "/logs");
  await admin.keyboard.press("/");
  await expect(admin.getByRole("searchbox")).toBeFocused();
  await admin.keyboard.type(wanted?.message ?? "");
  const found = admin.locator(lines).filter({ hasText: wanted?.message ?? "" });
  await expect(found.first()).toBeVisible();
  await found.first().getByRole("button").first().click();
  await expect(admin.getByRole("dialog", { name: "Line" })).toContainText(wanted?.message ?? "");
  await admin.keyboard.press("Escape");
  await expect(admin.getByRole("dialog")).toHaveCount(0);
});

test("sees that nothing matches, and clears the filter", async ({ admin }) => {
  await open(admin, "/logs");
  await admin.getByRole("searchbox").fill("no line says this");
  await expect(admin.getByText("No line matches.")).toBeVisible();
  await admin.getByRole("button", { name: "Clear the filter" }).click();
  await expect(admin.locator(lines).first()).toBeVisible();
});
