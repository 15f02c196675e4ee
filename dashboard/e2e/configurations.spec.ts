/** Configurations: from a card to a run and back, side by side, a promotion refused, one retired. */
import {
  type Api,
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

type Configuration = {
  id: string;
  strategy_name: string;
  pair: string;
  is_active: boolean;
  lifecycle_stage: string;
};
type Figures = { configuration_id: string; expected_live_sharpe: number | null };
type Run = {
  id: string;
  configuration_id: string;
  mode: string;
  state: string;
  blocked: string | null;
  last_bar: number | null;
};
type Evidence = { rule: string; passed: boolean; required: boolean };

const all = async (api: Api) =>
  (await api.get<Listed<Configuration>>("/api/training/configurations")).items;

async function named(api: Api, strategy: string): Promise<Configuration> {
  const found = (await all(api)).find((one) => one.strategy_name === strategy && one.is_active);
  if (found === undefined) throw new Error(`no ${strategy} runs`);
  return found;
}

const runsOf = async (api: Api, { id }: Configuration, mode: string) =>
  (
    await api.get<Listed<Run>>(`/api/activations?configuration_id=${id}&mode=${mode}`)
  ).items.toSorted((a, b) => Number(a.state === "STOPPED") - Number(b.state === "STOPPED"));

/** The run of that mode as the page shows it. */
const shown = (page: Page, mode: string) =>
  page
    .getByRole("list", { name: "Runs" })
    .getByRole("listitem", { name: new RegExp(`^${mode} on `) })
    .first();

test("activates a configuration on paper from its card, sees it follow the bars, and flattens it", async ({
  admin,
  api,
}) => {
  test.setTimeout(120_000);
  const complaints = complaintsOf(admin);
  const configuration = await named(api, "rsi_reversion");
  await open(admin, "/configurations");
  await expectNoViolations(admin);
  const card = admin.locator(`[data-card="${configuration.id}"]`);
  await card.getByRole("button", { name: /^What can be done/ }).click();
  await admin.getByRole("menuitem", { name: "Activate" }).click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByRole("button", { name: "PAPER" }).click();
  await dialog.getByRole("radio", { name: /sandbox/ }).check();
  await dialog.getByLabel("Capital, USDT").fill("500");
  await expect(dialog.getByText(/rules not met: what it earned may be luck/)).toBeVisible();
  await expectNoViolations(admin);
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  await expect(dialog).toBeHidden();

  await card.getByRole("link").click();
  await expect(admin.getByRole("heading", { level: 1 })).toContainText("rsi_reversion");
  const run = shown(admin, "paper");
  await expect(run.getByText("Running", { exact: true })).toBeVisible({ timeout: 30_000 });
  // It runs for the engine too, and bars reach it.
  await expect(async () => {
    const [made] = await runsOf(api, configuration, "paper");
    expect(made?.state).toBe("RUNNING");
    expect(made?.last_bar).not.toBeNull();
  }).toPass({ timeout: 30_000 });
  await run.getByRole("button", { name: "Flatten" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Flatten" }).click();
  await expect
    .poll(async () => (await runsOf(api, configuration, "paper"))[0]?.state, { timeout: 30_000 })
    .toBe("STOPPED");
  await expect(run.getByText("Stopped", { exact: true })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("pauses and resumes a run on the testnet, lets it leave, and sets it to work again", async ({
  admin,
  api,
}) => {
  test.setTimeout(150_000);
  const configuration = await named(api, "bollinger_reversion");
  const now = async () => (await runsOf(api, configuration, "testnet"))[0];
  await open(admin, `/configurations/${configuration.id}`);
  const run = shown(admin, "testnet");
  const command = async (name: string) => {
    await run.getByRole("button", { name }).click();
    await admin.getByRole("dialog").getByRole("button", { name }).click();
  };
  await command("Pause entries");
  await expect(run.getByText("Entries paused")).toBeVisible();
  await expect.poll(async () => (await now())?.blocked).toBe("paused");
  await command("Resume entries");
  await expect(run.getByText("Running", { exact: true })).toBeVisible();
  await command("Flatten");
  await expect(run.getByText("Stopped", { exact: true })).toBeVisible({ timeout: 45_000 });

  await admin.getByRole("button", { name: "Activate", exact: true }).first().click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByRole("button", { name: "TESTNET" }).click();
  await dialog.getByRole("button", { name: "Test connection" }).click();
  await expect(dialog.getByRole("status").first()).toContainText("may trade");
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  const question = admin.getByRole("dialog").filter({ hasText: "test network" });
  await question.getByRole("button", { name: "Activate", exact: true }).click();
  await expect.poll(async () => (await now())?.state, { timeout: 45_000 }).toBe("RUNNING");
  await expect(shown(admin, "testnet").getByText("Running", { exact: true })).toBeVisible();
});

test("compares two: the best is marked, what differs has its sign, and the address keeps it", async ({
  admin,
  api,
}) => {
  const { items } = await api.get<Listed<Figures>>("/api/training/configurations/stats/figures");
  const two = items.filter((one) => one.expected_live_sharpe !== null).slice(0, 2);
  await open(admin, "/configurations");
  for (const one of two) {
    await admin.locator(`[data-card="${one.configuration_id}"]`).getByRole("checkbox").check();
  }
  const table = admin.getByRole("table", { name: "Compare" });
  const expected = table.getByRole("row", { name: /^Sharpe to expect live/ });
  const best = Math.max(...two.map((one) => one.expected_live_sharpe ?? -99));
  await expect(expected.locator(".bst")).toContainText(best.toFixed(2).replace("-", "\u2212"));
  await expect(admin.getByRole("img", { name: /^What 100 became out of sample/ })).toBeVisible();
  await expect(table.getByRole("img", { name: "differs" }).first()).toBeVisible();
  const before = await table.getByRole("row").count();
  await admin.getByRole("checkbox", { name: "Only what differs" }).check();
  expect(await table.getByRole("row").count()).toBeLessThan(before);
  await expectNoViolations(admin);
  await admin.screenshot({
    path: "test-results/screens/configurations-compare-dark.png",
    fullPage: true,
  });
  await admin.reload();
  await expect(expected).toBeVisible();
});

test("is told why a promotion is refused, rule by rule, with the figures", async ({
  admin,
  api,
}) => {
  const configuration = await named(api, "ema_cross");
  const { evidence } = await api.post<{ evidence: Evidence[] }>(
    `/api/training/configurations/${configuration.id}/promote`,
    { to: "VALIDATION", dry_run: true },
  );
  const failed = evidence.filter((one) => one.required && !one.passed);
  expect(failed.length).toBeGreaterThan(0);
  await open(admin, `/configurations/${configuration.id}`);
  await expectNoViolations(admin);
  await admin.getByRole("button", { name: "Promote to VALIDATION" }).click();
  const dialog = admin.getByRole("dialog");
  await expect(dialog.getByRole("status")).toContainText(`Refused: ${failed.length} of`, {
    timeout: 30_000,
  });
  await expect(dialog.getByRole("img", { name: "Not met" })).toHaveCount(failed.length);
  await expect(dialog.getByText("Deflated Sharpe", { exact: true })).toBeVisible();
  await expect(dialog.getByText("0.95 or more").first()).toBeVisible();
  await expect(dialog.getByRole("button", { name: /^Promote/ })).toHaveCount(0);
  await expectNoViolations(admin);
  await admin.screenshot({ path: "test-results/screens/configuration-promote-dark.png" });
});

test("cannot retire what trades, and retires what does not, with the reason on record", async ({
  admin,
  api,
}) => {
  const idle = (await all(api)).find((one) => !one.is_active && one.lifecycle_stage !== "RETIRED");
  const busy = await named(api, "volume_breakout");
  if (idle === undefined) throw new Error("every configuration runs or is retired");
  await open(admin, "/configurations?view=table");
  const retire = async (of: Configuration) => {
    const row = admin.getByRole("row").filter({ hasText: of.id.slice(0, 8) });
    await row.focus();
    await row.press(".");
    await admin.getByRole("menuitem", { name: "Retire" }).click();
    await admin
      .getByRole("dialog")
      .getByLabel("Reason, for the record")
      .fill("a better one is there");
  };
  await retire(busy);
  const dialog = admin.getByRole("dialog");
  await expect(dialog.getByRole("status")).toContainText("still trades");
  await expect(dialog.getByRole("button", { name: "Retire" })).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await retire(idle);
  await dialog.getByRole("button", { name: "Retire" }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(async () => (await all(api)).find(({ id }) => id === idle.id)?.lifecycle_stage)
    .toBe("RETIRED");
  await open(admin, "/configurations");
  const column = admin.getByRole("region", { name: /^RETIRED/ });
  await expect(column.getByText(/a better one is there/)).toBeVisible();
});

test("is found, picked and opened by keyboard alone", async ({ admin, api }) => {
  const configuration = await named(api, "ema_cross");
  await open(admin, "/");
  await admin.keyboard.press("g");
  await admin.keyboard.press("c");
  await expect(admin.getByRole("heading", { name: "Configurations" })).toBeVisible();
  await settled(admin);
  await admin.keyboard.press("/");
  await admin.keyboard.type("ema avax");
  const card = admin.locator(`[data-card="${configuration.id}"]`);
  await expect(admin.locator("[data-card]")).toHaveCount(1);
  await card.getByRole("link").focus();
  await admin.keyboard.press("x");
  await expect(card.getByRole("checkbox")).toBeChecked();
  await admin.keyboard.press(".");
  await expect(admin.getByRole("menuitem", { name: "Activate" })).toBeVisible();
  await admin.keyboard.press("Escape");
  await card.getByRole("link").focus();
  await admin.keyboard.press("Enter");
  await expect(admin.getByRole("heading", { level: 1 })).toContainText("ema_cross");
  // And from anywhere by the palette.
  await admin.keyboard.press("Control+k");
  await admin.getByRole("combobox", { name: "Search" }).fill("trx bollinger");
  await admin.keyboard.press("Enter");
  await expect(admin.getByRole("heading", { level: 1 })).toContainText("bollinger_reversion");
});

test("shows a viewer all of it and no command, also on a phone; the report is a file", async ({
  viewer,
  api,
}) => {
  const complaints = complaintsOf(viewer);
  const configuration = await named(api, "ema_cross");
  await open(viewer, "/configurations");
  await expect(viewer.locator("[data-card]").first()).toBeVisible();
  await expect(viewer.getByRole("button", { name: /^What can be done/ })).toHaveCount(0);
  await open(viewer, `/configurations/${configuration.id}`);
  for (const name of ["Activate", "Actions", /^Promote/, "Flatten", "Drain", "Pause entries"]) {
    await expect(viewer.getByRole("button", { name })).toHaveCount(0);
  }
  const saved = viewer.waitForEvent("download");
  await viewer.getByRole("button", { name: "Save report" }).click();
  expect((await saved).suggestedFilename()).toBe(`tradepulse-${configuration.id.slice(0, 8)}.html`);
  await viewer.setViewportSize(PHONE);
  for (const path of ["/configurations", `/configurations/${configuration.id}`]) {
    await open(viewer, path);
    const width = await viewer.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(PHONE.width);
    await expectNoViolations(viewer);
  }
  expect(complaints).toEqual([]);
});

test("says of an address that leads nowhere what it is", async ({ admin }) => {
  await open(admin, "/configurations/nothing-like-it");
  await expect(admin.getByRole("alert")).toContainText("No such configuration");
  await expect(admin.getByText("configuration_not_found")).toBeVisible();
});

test("one configuration is drawn in both themes and on a phone", async ({ admin, api }) => {
  const configuration = await named(api, "ema_cross");
  for (const [name, scheme, size] of [
    ["dark", "dark", { width: 1440, height: 900 }],
    ["light", "light", { width: 1440, height: 900 }],
    ["phone", "dark", PHONE],
  ] as const) {
    await admin.emulateMedia({ colorScheme: scheme });
    await admin.setViewportSize(size);
    await open(admin, `/configurations/${configuration.id}`);
    await expect(admin.locator(".chart canvas").first()).toBeVisible();
    await expectNoViolations(admin);
    await admin.screenshot({
      path: `test-results/screens/configuration-${name}.png`,
      fullPage: true,
    });
  }
});
