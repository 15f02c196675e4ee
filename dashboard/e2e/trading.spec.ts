/** Trading: what is open and was ordered, and an order by hand from its preview to its close. */
import {
  type Api,
  complaintsOf,
  expect,
  expectNoViolations,
  type Listed,
  open,
  PHONE,
  test,
} from "./stack";

type Activation = { id: string; configuration_id: string; wallet_id: string; mode: string };
type Configuration = { id: string; pair: string };
type Position = { id: string; activation_id: string; pair: string; stop: string | null };
type Quote = { pair: string; last: string };
type Command = { id: string; state: string };
type Order = { client_order_id: string; venue_order_id: string | null };

/** A desk that holds nothing now, its pair, and half of the price as a stop nobody will reach. */
async function freeDesk(api: Api) {
  const running = (await api.get<Listed<Activation>>("/api/activations?is_running=true")).items;
  const held = (await api.get<Listed<Position>>("/api/positions")).items;
  // Of the wallet in view: other tests activate on others.
  const desk = running.find(
    ({ id, mode }) => mode === "testnet" && held.every(({ activation_id }) => activation_id !== id),
  );
  if (desk === undefined) throw new Error("every desk holds a position");
  const { pair } = await api.get<Configuration>(
    `/api/training/configurations/${desk.configuration_id}`,
  );
  const { items } = await api.get<Listed<Quote>>(`/api/quotes?pair=${pair}`);
  const last = Number(items[0]?.last);
  return { desk, pair, stop: (last / 2).toPrecision(3) };
}

async function ordered(api: Api): Promise<Position> {
  const { desk, stop } = await freeDesk(api);
  const order = { activation_id: desk.id, side: "buy", risk_pct: "0.5", stop };
  await api.post<Command>("/api/orders", order);
  let found: Position | undefined;
  await expect(async () => {
    const { items } = await api.get<Listed<Position>>("/api/positions");
    found = items.find(({ activation_id }) => activation_id === desk.id);
    expect(found).toBeDefined();
  }).toPass();
  if (found === undefined) throw new Error("no position");
  return found;
}

test("orders by hand after each limit has spoken, then closes the position", async ({
  admin,
  api,
}) => {
  const complaints = complaintsOf(admin);
  const { desk, pair, stop } = await freeDesk(api);
  await open(admin, "/trading");
  await admin.getByRole("button", { name: "Manual order" }).click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByLabel("Desk", { exact: true }).selectOption(desk.id);
  await dialog.getByLabel("Stop, USDT").fill(stop);
  await expect(dialog.getByRole("status", { name: "Verdict of the limits" })).toHaveText(
    "Every limit agrees",
  );
  expect(
    await dialog.getByRole("list", { name: "Limits" }).getByRole("listitem").count(),
  ).toBeGreaterThan(5);
  await expectNoViolations(admin);
  await dialog.getByRole("button", { name: `Buy ${pair}` }).click();
  await expect(dialog).toBeHidden({ timeout: 20_000 });

  const row = admin.getByRole("row").filter({ hasText: pair });
  await expect(row).toBeVisible();
  // The table lives on meanwhile: a row that moves takes its menu with it.
  await expect(async () => {
    const item = admin.getByRole("menuitem", { name: "Close position" });
    if (!(await item.isVisible())) await row.getByRole("button", { name: "Actions" }).click();
    await item.click({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await admin.getByRole("dialog").getByRole("button", { name: "Close position" }).click();
  await expect(admin.getByText("Position closed")).toBeVisible({ timeout: 20_000 });
  await expect(row).toBeHidden();
  expect(complaints).toEqual([]);
});

test("moves a stop, and is told what the engine refuses", async ({ admin, api }) => {
  const position = await ordered(api);
  await open(admin, "/trading");
  const row = admin.getByRole("row").filter({ hasText: position.pair });
  await row.focus();
  await row.press(".");
  await admin.getByRole("menuitem", { name: "Move stop" }).click();
  const dialog = admin.getByRole("dialog");
  // Far over the price of a long: the engine knows better.
  const price = dialog.getByLabel("Stop, USDT");
  await price.fill(String(Number(position.stop) * 10));
  await dialog.getByRole("button", { name: "Move stop" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Expected");
  const better = (Number(position.stop) * 1.1).toPrecision(3);
  await price.fill(better);
  await dialog.getByRole("button", { name: "Move stop" }).click();
  await expect(dialog).toBeHidden({ timeout: 20_000 });
  await expect(async () => {
    const { items } = await api.get<Listed<Position>>("/api/positions");
    const stop = items.find(({ id }) => id === position.id)?.stop;
    expect(Number(stop)).toBeCloseTo(Number(better), 6);
  }).toPass();
  await api.post(`/api/positions/${position.id}/close`);
});

test("opens an order by keyboard and reads both ids, states and why", async ({ admin, api }) => {
  await open(admin, "/trading?tab=orders");
  const first = admin.getByRole("table", { name: "Orders" }).locator("tbody tr").first();
  await first.focus();
  await first.press("Enter");
  const drawer = admin.getByRole("dialog");
  await expect(drawer.getByText("Our id")).toBeVisible();
  const id = new URL(admin.url()).pathname.split("/").at(-1);
  const order = await api.get<Order>(`/api/orders/${id}`);
  await expect(drawer).toContainText(order.client_order_id);
  if (order.venue_order_id !== null) await expect(drawer).toContainText(order.venue_order_id);
  await expect(drawer.getByText("Why it was made")).toBeVisible();
  await expectNoViolations(admin);
  await admin.keyboard.press("Escape");
  await expect(drawer).toBeHidden();
});

test("stands on a phone; a viewer finds no command", async ({ viewer }) => {
  await viewer.setViewportSize(PHONE);
  await open(viewer, "/trading");
  await expect(viewer.getByRole("button", { name: "Manual order" })).toHaveCount(0);
  expect(await viewer.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
    PHONE.width,
  );
});
