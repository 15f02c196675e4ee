/** The frame: signing in, the stream, keys, languages, and what a viewer does not see. */
import { readFileSync } from "node:fs";
import {
  complaintsOf,
  expect,
  expectNoViolations,
  look,
  open,
  PASSWORD,
  PHONE,
  settled,
  test,
} from "./stack";

test("signs in, stays in after a reload, and signs out", async ({ page }) => {
  const complaints = complaintsOf(page);
  await page.goto("/");
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("wrong");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.getByRole("button", { name: /admin/i }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a viewer sees no command, not even one that is off", async ({ viewer }) => {
  await open(viewer, "/");
  await expect(viewer.getByRole("region", { name: "Status" })).toBeVisible();
  await expect(viewer.getByRole("button", { name: "Kill switch" })).toHaveCount(0);
  await viewer.keyboard.press("Control+Shift+K");
  await expect(viewer.getByRole("dialog")).toHaveCount(0);
});

test("says when the stream dies, and comes back by itself", async ({ admin, context }) => {
  await open(admin, "/");
  await expect(admin.getByText("streaming")).toBeVisible();
  await context.setOffline(true);
  await admin.evaluate(() => window.dispatchEvent(new Event("offline")));
  await expect(admin.getByText(/No word from the server/)).toBeVisible({ timeout: 30_000 });
  await expect(admin.locator(".panel.isst").first()).toBeVisible();
  await context.setOffline(false);
  await expect(admin.getByText(/No word from the server/)).toBeHidden({ timeout: 30_000 });
  await expect(admin.getByText("streaming")).toBeVisible();
});

test("is used by keyboard alone", async ({ admin }) => {
  await open(admin, "/");
  await admin.keyboard.press("Tab");
  await expect(admin.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await admin.keyboard.press("Control+k");
  const search = admin.getByRole("combobox", { name: "Search" });
  await expect(search).toBeFocused();
  await search.fill("kill");
  await admin.keyboard.press("Enter");
  const field = admin.getByLabel(/HALT TESTNET/);
  await expect(field).toBeFocused();
  await expect(admin.getByRole("button", { name: /Halt testnet trading/i })).toBeDisabled();
  await admin.keyboard.press("Escape");
  await expect(admin.getByRole("dialog")).toHaveCount(0);
  await admin.keyboard.press("?");
  await expect(admin.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await admin.keyboard.press("Escape");
  await admin.keyboard.press("Alt+t");
  await expect(admin.locator("html")).toHaveAttribute("data-theme", "dark");
});

for (const theme of ["dark", "light"] as const) {
  for (const size of ["desk", "phone"] as const) {
    test(`axe finds nothing, ${theme}, ${size}`, async ({ admin }) => {
      // Every page there is, one after the other.
      test.setTimeout(180_000);
      if (size === "phone") await admin.setViewportSize(PHONE);
      await look(admin, { theme });
      for (const path of await pagesOf(admin)) {
        await open(admin, path);
        await expectNoViolations(admin);
      }
      await admin.keyboard.press("Control+Shift+K");
      await expect(admin.getByRole("dialog")).toBeVisible();
      await expectNoViolations(admin);
    });
  }
}

test("shows no raw word in the pseudo-locale", async ({ admin }) => {
  test.setTimeout(120_000);
  await look(admin, { language: "en-XA" });
  const english = plainWords();
  for (const path of await pagesOf(admin)) {
    await open(admin, path);
    const shown = await admin.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: string[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        texts.push((node.textContent ?? "").trim());
      }
      for (const element of document.querySelectorAll("[aria-label],[title],[placeholder]")) {
        for (const name of ["aria-label", "title", "placeholder"]) {
          texts.push(element.getAttribute(name) ?? "");
        }
      }
      return texts.filter(Boolean);
    });
    expect(
      shown.filter((text) => english.has(text)),
      path,
    ).toEqual([]);
  }
});

test("is drawn in both themes and on a phone", async ({ admin }) => {
  test.setTimeout(180_000);
  const complaints = complaintsOf(admin);
  const paths = await pagesOf(admin);
  for (const [name, scheme, size] of [
    ["dark", "dark", { width: 1440, height: 900 }],
    ["light", "light", { width: 1440, height: 900 }],
    ["phone", "dark", PHONE],
  ] as const) {
    await admin.emulateMedia({ colorScheme: scheme });
    await admin.setViewportSize(size);
    for (const path of paths) {
      await open(admin, path);
      await settled(admin);
      await admin.screenshot({
        path: `test-results/screens/${path.slice(1) || "overview"}-${name}.png`,
        fullPage: name === "phone",
      });
    }
  }
  expect(complaints).toEqual([]);
});

/** Every page in the rail: what is in the menu is looked at. */
async function pagesOf(page: import("@playwright/test").Page): Promise<string[]> {
  await open(page, "/");
  const links = page.locator("nav.rail a.item");
  return links.evaluateAll((all) =>
    all.map((link) => new URL((link as HTMLAnchorElement).href).pathname),
  );
}

type Words = { [key: string]: string | Words };

/** English words long enough to be meant for a reader; names of the product stay as they are. */
function plainWords(): Set<string> {
  const found = new Set<string>();
  const take = (words: Words) => {
    for (const value of Object.values(words)) {
      if (typeof value !== "string") take(value);
      else if (/[a-z]{3}/.test(value) && !value.includes("{{")) found.add(value);
    }
  };
  for (const file of ["frame", "parts", "overview", "events"]) {
    take(JSON.parse(readFileSync(`src/words/en/${file}.json`, "utf8")) as Words);
  }
  return found;
}
