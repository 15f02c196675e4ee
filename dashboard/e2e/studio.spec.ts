/** The studio: from a strategy to its verdict; read rule by rule; refused with the reason; by keyboard. */
import {
  complaintsOf,
  expect,
  expectNoViolations,
  type Listed,
  open,
  type Page,
  PHONE,
  settled,
  test,
} from "./stack";

type Job = { id: string; state: string; trials_done: number; configuration_ids: string[] };
type Verdict = {
  tries: number;
  rules: { title: string; verdict: string; value_text: string }[];
  folds: { test_sharpe: number }[];
  statistics: { title: string; meaning: string }[];
};
type Audit = { bars: number; gap_count: number; missing: number; fingerprint: string };

const DATA = "exchange=binance&pair=AVAX%2FUSDT&interval=1h";
const trained = async (
  api: { get: <T>(path: string) => Promise<T> },
  strategy: string,
): Promise<Job> => {
  const { items } = await api.get<Listed<Job>>(
    `/api/training/jobs?kind=train&strategy=${strategy}`,
  );
  const job = items[0];
  if (job === undefined) throw new Error(`nothing of ${strategy} was trained`);
  return job;
};

/** The phases the stream told of, as the page wrote them. */
async function watch(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const kept = window as unknown as { widths: string[] };
    kept.widths = [];
    new MutationObserver(() => {
      const bar = document.querySelector('main [role="progressbar"]');
      const now = bar?.getAttribute("aria-valuetext");
      if (now && kept.widths.at(-1) !== now) kept.widths.push(now);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  return () => page.evaluate(() => (window as unknown as { widths: string[] }).widths);
}

test("trains a strategy from its graph to its verdict, and watches it go", async ({
  admin,
  api,
}) => {
  // A real search: on a busy machine it takes its time.
  test.setTimeout(150_000);
  const complaints = complaintsOf(admin);
  let asked = 0;
  await open(admin, "/studio");
  await admin.getByRole("cell", { name: "momentum", exact: true }).click();
  await expect(admin).toHaveURL(/studio\/momentum/);
  const graph = admin.getByRole("group", { name: /^Signal graph of momentum/ });
  await graph.getByRole("button").last().click();
  await expect(admin.getByRole("heading", { name: "Node", exact: true })).toBeVisible();
  await expectNoViolations(admin);

  await admin.getByRole("link", { name: "Data", exact: true }).click();
  await admin.getByLabel("Exchange").selectOption("binance");
  await admin.getByLabel("Pair").selectOption("AVAX/USDT");
  await admin
    .getByRole("group", { name: "Bar length" })
    .getByRole("button", { name: "1h" })
    .click();
  const told = await api.get<Audit>(
    "/api/bars/audit?exchange=binance&symbol=AVAX/USDT&interval=1h",
  );
  const audit = admin.locator("section", { hasText: "Audit of these bars" }).first();
  await expect(audit.locator(`[title="${told.fingerprint}"]`)).toBeVisible();
  await expectNoViolations(admin);

  await admin.getByRole("link", { name: "Search", exact: true }).click();
  await admin.getByLabel("Tries in each search").fill("60");
  await admin.getByLabel("Folds", { exact: true }).fill("3");
  await admin.getByRole("button", { name: "More settings" }).click();
  await admin.getByLabel("Shuffled markets").fill("0");
  await admin.getByLabel("Resamplings").fill("200");
  await expectNoViolations(admin);
  const widths = await watch(admin);
  admin.on("request", (request) => {
    if (/training\/jobs/.test(request.url())) asked += 1;
  });
  await admin.getByRole("button", { name: "Start training" }).click();
  await expect(admin.getByRole("progressbar", { name: "Progress" })).toBeVisible();
  await admin.getByRole("link", { name: "Read the verdict" }).click({ timeout: 100_000 });
  await settled(admin);
  expect((await widths()).length).toBeGreaterThan(1);
  // It was told by the stream; nothing is asked for now that nothing happens.
  const before = asked;
  await admin.waitForTimeout(3_000);
  expect(asked).toBe(before);

  const job = await trained(api, "momentum");
  const id = job.configuration_ids[0];
  const verdict = await api.get<Verdict>(`/api/training/configurations/${id}/verdict`);
  const unmet = verdict.rules.filter((rule) => rule.verdict === "not").length;
  await expect(
    admin.getByRole("heading", { name: new RegExp(`${unmet} of ${verdict.rules.length} rules`) }),
  ).toBeVisible();
  await expect(admin.getByRole("link", { name: "Open its configuration" })).toHaveAttribute(
    "href",
    new RegExp(`/configurations/${id}`),
  );
  await expectNoViolations(admin);
  expect(complaints).toEqual([]);
});

test("reads a verdict rule by rule, its folds, tries and statistics, as pictures and tables", async ({
  admin,
  api,
}) => {
  const job = await trained(api, "ema_cross");
  const id = job.configuration_ids[0];
  const verdict = await api.get<Verdict>(`/api/training/configurations/${id}/verdict`);
  await open(admin, `/studio/ema_cross?step=verdict&job=${job.id}`);
  const rules = admin.getByRole("list", { name: "Evidence" }).getByRole("listitem");
  await expect(rules).toHaveCount(verdict.rules.length);
  for (const [index, rule] of verdict.rules.entries()) {
    await expect(rules.nth(index)).toContainText(rule.title);
    await expect(rules.nth(index)).toContainText(rule.value_text);
  }
  await rules.first().locator("summary").press("Enter");
  await expect(rules.first().locator(".more")).toBeVisible();
  for (const one of verdict.statistics.slice(0, 8)) {
    await expect(admin.getByText(one.meaning).first()).toBeVisible();
  }

  const folds = admin.getByRole("img", { name: /^Sharpe ratio of 3 folds/ });
  await folds.press("v");
  const table = admin.getByRole("group", { name: /^Sharpe ratio of 3 folds/ }).getByRole("table");
  await expect(table.locator("tbody tr")).toHaveCount(verdict.folds.length);
  const tries = admin.getByRole("img", { name: /tries: Sharpe ratio against/ });
  const said = tries.locator("p");
  const before = await said.innerText();
  await tries.press("ArrowRight");
  await tries.press("ArrowLeft");
  await tries.press("ArrowLeft");
  await expect(said).not.toHaveText(before);
  await expect(admin.getByRole("img", { name: /^Median Sharpe ratio by/ })).toBeVisible();
  await expect(admin.getByRole("img", { name: /on bars no search had seen/ })).toBeVisible();
});

test("is told why a range, an option and days are refused, where they stand", async ({
  admin,
  api,
}) => {
  const count = async () => {
    const { items } = await api.get<Listed<Job>>("/api/training/jobs?strategy=ema_cross");
    return items.length;
  };
  const before = await count();
  await open(admin, `/studio/ema_cross?step=search&${DATA}`);
  const start = admin.getByRole("button", { name: "Start training" });
  const fast = admin.getByRole("group", { name: "fast", exact: true });
  await fast.getByLabel("fast, to").fill("20000");
  await start.click();
  await expect(fast.getByRole("alert")).toContainText(
    "fast cannot be 20000. Expected: a number from 1 to 10000",
  );
  await expect(fast.getByLabel("fast, to")).toHaveAttribute("aria-invalid", "true");
  await fast.getByRole("button", { name: "fast: as declared" }).click();

  // Behind "More settings" it opens by itself.
  await admin.getByRole("button", { name: "More settings" }).click();
  await admin.getByLabel("Shuffled markets").fill("5");
  await admin.getByRole("button", { name: "Fewer settings" }).click();
  await start.click();
  await expect(admin.getByLabel("Shuffled markets")).toHaveAttribute("aria-invalid", "true");
  await admin.getByLabel("Shuffled markets").fill("0");

  await admin.getByRole("link", { name: "Data", exact: true }).click();
  await admin.getByLabel("To, included").fill("2024-01-20");
  await admin.getByRole("link", { name: "Search", exact: true }).click();
  await admin.getByRole("button", { name: "Start training" }).click();
  await expect(admin.locator("main").getByRole("alert").first()).toContainText(/too little data/i);
  expect(await count()).toBe(before);
});

test("starts a training by keyboard alone, pauses it and ends it", async ({ admin, api }) => {
  await open(admin, `/studio/rsi_reversion?step=search&${DATA}`);
  const tries = admin.getByLabel("Tries in each search");
  await tries.focus();
  await admin.keyboard.press("Control+a");
  await admin.keyboard.type("20000");
  await admin.keyboard.press("Enter");
  const pause = admin.getByRole("button", { name: "Pause", exact: true });
  await expect(pause).toBeVisible();
  await pause.press("Enter");
  await expect(admin.getByRole("button", { name: "Resume" })).toBeVisible({ timeout: 40_000 });
  const cancel = admin.getByRole("button", { name: "Cancel training" });
  await expect(cancel).toBeVisible({ timeout: 40_000 });
  await cancel.press("Enter");
  const dialog = admin.getByRole("dialog", { name: "Cancel this training?" });
  await dialog.getByRole("button", { name: "Cancel training" }).press("Enter");
  await expect
    .poll(async () => (await trained(api, "rsi_reversion")).state, { timeout: 30_000 })
    .toBe("CANCELLED");
  await expect(admin.getByText("Cancelled").first()).toBeVisible();
});

test("a viewer reads graphs and verdicts, and finds no command", async ({ viewer }) => {
  await open(viewer, "/studio/ema_cross?step=search");
  await expect(viewer.getByRole("heading", { name: "Trainings" })).toBeVisible();
  for (const name of ["Start training", "Pause", "Cancel training", "Resume"]) {
    await expect(viewer.getByRole("button", { name })).toHaveCount(0);
  }
  await viewer.getByRole("link", { name: "Verdict", exact: true }).click();
  await expect(viewer.getByRole("list", { name: "Evidence" })).toBeVisible();
  await expect(viewer.getByRole("img", { name: /tries: Sharpe ratio against/ })).toBeVisible();
});

test("stands on a phone and in the light", async ({ admin }) => {
  test.setTimeout(120_000);
  await admin.setViewportSize(PHONE);
  for (const step of ["graph", "data", "search", "verdict"]) {
    await open(admin, `/studio/ema_cross?step=${step}`);
    await settled(admin);
    const width = await admin.evaluate(() => document.documentElement.scrollWidth);
    expect(width, step).toBeLessThanOrEqual(PHONE.width);
    await admin.screenshot({
      path: `test-results/screens/studio-${step}-phone.png`,
      fullPage: true,
    });
  }
  await admin.setViewportSize({ width: 1440, height: 900 });
  for (const scheme of ["dark", "light"] as const) {
    await admin.emulateMedia({ colorScheme: scheme });
    for (const step of ["graph", "data", "search", "verdict"]) {
      await open(admin, `/studio/ema_cross?step=${step}`);
      await settled(admin);
      if (scheme === "light") await expectNoViolations(admin);
      await admin.screenshot({ path: `test-results/screens/studio-${step}-${scheme}.png` });
    }
  }
});
