/** First steps: of somebody who owns nothing yet, up to a first trade on paper. */
import type { APIRequestContext } from "@playwright/test";
import {
  test as base,
  expect,
  expectNoViolations,
  type Listed,
  look,
  open,
  PASSWORD,
  PHONE,
  signIn,
} from "./stack";

type Operator = { send: (path: string, body: unknown) => Promise<Record<string, string>> };
const test = base.extend<{ operator: Operator }>({
  /** The API as the operator, who owns nothing when the stack starts. */
  operator: async ({ playwright, baseURL }, use) => {
    const first = await playwright.request.newContext({ baseURL });
    const login = await first.post("/api/auth/login", {
      data: { username: "operator", password: PASSWORD },
    });
    const { access_token } = (await login.json()) as { access_token: string };
    const context: APIRequestContext = await playwright.request.newContext({
      baseURL,
      extraHTTPHeaders: { authorization: `Bearer ${access_token}` },
    });
    await use({
      send: async (path, data) => {
        const answer = await context.post(path, { data });
        expect(answer.ok(), await answer.text()).toBe(true);
        return (await answer.json()) as Record<string, string>;
      },
    });
    await context.dispose();
    await first.dispose();
  },
});
const heading = { name: "First steps" } as const;

test("is led there with nothing of their own, once, and sends it away", async ({ page }) => {
  await signIn(page, "operator");
  await page.goto("/");
  await expect(page.getByRole("heading", heading)).toBeVisible();
  await open(page, "/");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  const note = page.getByRole("region", { name: "Nothing trades yet." });
  await note.getByRole("link", heading).press("Enter");
  await expect(page.getByRole("heading", heading)).toBeVisible();
  await page.getByRole("button", { name: "Do not show this again" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(note).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(note).toHaveCount(0);
});

test("sees only what there is: bars and trainings, but no wallet of their own", async ({
  page,
  api,
}) => {
  const { items } = await api.get<Listed<unknown>>("/api/bars/series");
  await signIn(page, "operator");
  await open(page, "/welcome");
  await expect(page.getByText(`${items.length} series are kept.`)).toBeVisible();
  await expect(page.getByText("Nothing was activated on paper yet.")).toBeVisible();
  const step = page.locator("li", { has: page.getByRole("heading", { name: /A paper wallet/ }) });
  await expect(step).toHaveAttribute("aria-current", "step");
  await expectNoViolations(page);
  await page.screenshot({ path: "test-results/screens/welcome-dark.png", fullPage: true });
  await step.getByRole("link").press("Enter");
  await expect(page.getByRole("heading", { name: "Exchanges" })).toBeVisible();
});

test("goes on to the first trade, and each step ticks itself", async ({ page, api, operator }) => {
  test.setTimeout(180_000);
  await signIn(page, "operator");
  await open(page, "/welcome");
  const stateOf = (title: RegExp) =>
    page
      .locator("li", { has: page.getByRole("heading", { name: title }) })
      .getByRole("img")
      .first();
  await expect(stateOf(/A paper wallet/)).toHaveAccessibleName("To do");
  const wallet = await operator.send("/api/wallets", { name: "First paper", balance: "5000" });
  await expect(stateOf(/A paper wallet/)).toHaveAccessibleName("Done");

  type Named = {
    id: string;
    exchange: string;
    pair: string;
    interval: string;
    strategy_name: string;
  };
  const { items } = await api.get<Listed<Named>>("/api/training/configurations");
  const chosen = items.find((one) => one.strategy_name === "ema_cross") ?? items[0];
  type Series = Named & { last: number };
  const series = (await api.get<Listed<Series>>("/api/bars/series")).items.find(
    (one) => one.pair === chosen?.pair && one.exchange === chosen.exchange,
  );
  await operator.send(`/api/training/configurations/${chosen?.id}/activate`, {
    wallet_id: wallet.id,
    mode: "paper",
    session_start: (series?.last ?? 0) - 60 * 86_400_000,
  });
  await expect(stateOf(/Activate it on paper/)).toHaveAccessibleName("Done", { timeout: 60_000 });
  await expect(stateOf(/The first trade/)).toHaveAccessibleName("Done", { timeout: 90_000 });
  await expect(page.getByText("6 of 6 steps done")).toBeVisible();
});

test("stands in light and on a phone", async ({ page }) => {
  await signIn(page, "operator");
  await look(page, { theme: "light" });
  await open(page, "/welcome");
  await expectNoViolations(page);
  await page.screenshot({ path: "test-results/screens/welcome-light.png", fullPage: true });
  await page.setViewportSize(PHONE);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE.width);
  await page.screenshot({ path: "test-results/screens/welcome-phone.png", fullPage: true });
});
