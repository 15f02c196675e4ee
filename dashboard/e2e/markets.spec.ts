/** Markets: candles with what a strategy saw in them and did; read by mouse, keyboard and as a table. */
import { complaintsOf, expect, expectNoViolations, type Listed, open, PHONE, test } from "./stack";

type Trade = { id: string; configuration_id: string; activation_id: string; pnl: string };
type Bar = { close: number };
type Quote = { pair: string };

test("sees price, depth and the conditions of the next decision as they are told", async ({
  admin,
  api,
}) => {
  const complaints = complaintsOf(admin);
  await open(admin, "/markets");
  const { items } = await api.get<Listed<Quote>>("/api/quotes");
  const title = admin.locator("main h1");
  expect(items.map(({ pair }) => pair)).toContain(await title.innerText());
  await expect(admin.getByRole("img", { name: /candles of .* marks$/ })).toBeVisible();
  await expect(admin.getByRole("table", { name: "Depth" }).locator("tbody tr")).not.toHaveCount(0);
  await expect(admin.getByRole("heading", { name: "Next decision" })).toBeVisible();
  await expectNoViolations(admin);
  expect(complaints).toEqual([]);
});

test("goes through the trades by keyboard, and to the order of one", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Trade>>("/api/trades?mode=paper&limit=2");
  const [last, before] = items;
  test.skip(last === undefined || before === undefined, "the replay made fewer than two trades");
  if (last === undefined || before === undefined) return;
  await open(
    admin,
    `/markets?configuration=${last.configuration_id}&activation=${last.activation_id}&trade=${last.id}`,
  );
  const line = admin.getByRole("heading", { name: `Trade ${last.id.slice(0, 6)}` });
  await expect(line).toBeVisible();
  await admin.keyboard.press("p");
  await expect(admin).toHaveURL(new RegExp(before.id));
  await expect(admin.getByText("Bar closed")).toBeVisible();
  await admin.getByRole("link", { name: "Explain its order" }).click();
  await expect(admin.getByRole("dialog").getByText("Our id")).toBeVisible();
});

test("reads another bar length as a table, by keyboard", async ({ admin, api }) => {
  await open(admin, "/markets?exchange=binance&pair=AVAX%2FUSDT&interval=15m");
  await admin.keyboard.press("4");
  await expect(admin).toHaveURL(/interval=1h/);
  await admin.keyboard.press("v");
  const first = admin.locator("main .chart tbody tr").first();
  await expect(first).toBeVisible();
  const { items } = await api.get<Listed<Bar>>(
    "/api/bars?exchange=binance&symbol=AVAX/USDT&interval=1h&limit=1",
  );
  await expect(first).toContainText(String(items[0]?.close));
  await admin.getByRole("button", { name: "As chart" }).click();
  await expect(admin.getByRole("img", { name: /candles/ })).toBeVisible();
});

test("pans to bars of long ago without a jump or a stutter", async ({ admin }) => {
  await open(admin, "/markets?exchange=binance&pair=AVAX%2FUSDT&interval=5m");
  const chart = admin.getByRole("img", { name: /candles/ });
  await expect(chart.locator("canvas").first()).toBeVisible();
  const name = await chart.getAttribute("aria-label");
  await chart.hover();
  await admin.evaluate(() => {
    const kept = window as unknown as { frames: number[] };
    kept.frames = [];
    let last = performance.now();
    const tick = (now: number) => {
      kept.frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  for (let i = 0; i < 60; i++) await admin.mouse.wheel(-600, 0);
  // The window has moved: the chart says from when to when it goes now.
  await expect(chart).not.toHaveAttribute("aria-label", name ?? "");
  const frames = await admin.evaluate(() => (window as unknown as { frames: number[] }).frames);
  frames.sort((a, b) => a - b);
  const median = frames[frames.length >> 1] ?? Number.POSITIVE_INFINITY;
  test.info().annotations.push({ type: "median frame, ms", description: median.toFixed(1) });
  expect(median).toBeLessThan(50);
});

test("stands on a phone", async ({ admin }) => {
  await admin.setViewportSize(PHONE);
  await open(admin, "/markets");
  const width = await admin.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE.width);
});
