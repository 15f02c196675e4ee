/** Exchanges: connections that work, one that is refused with the reason, wallets. */
import { expect, type Listed, open, test } from "./stack";

type Connection = { id: string; name: string };

test("tests the keys of a connection against the exchange", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Connection>>("/api/exchanges/connections");
  const name = items[0]?.name ?? "";
  await open(admin, "/exchanges");
  const card = admin.getByRole("article", { name });
  await card.getByRole("button", { name: "Test the keys" }).click();
  await expect(card.getByText("The key may trade.")).toBeVisible({ timeout: 30_000 });
  await expect(card.getByText("It may not withdraw.")).toBeVisible();
});

test("is told why wrong keys are refused", async ({ admin, api }) => {
  const { items } = await api.get<Listed<{ base_url: string | null }>>(
    "/api/exchanges/connections",
  );
  await open(admin, "/exchanges");
  await admin.getByRole("button", { name: "Add a connection" }).first().click();
  const dialog = admin.getByRole("dialog", { name: "Add a connection" });
  await dialog.getByLabel("Name").fill("wrong keys");
  await dialog.getByLabel("API key").fill("nobody");
  await dialog.getByLabel("Secret").fill("nothing");
  await dialog.getByLabel("Address").fill(items[0]?.base_url ?? "");
  await dialog.getByRole("button", { name: "Add and test the keys" }).click();
  await expect(admin.locator(".toasts")).toContainText(/auth|key/i, { timeout: 30_000 });
  const after = await api.get<Listed<Connection>>("/api/exchanges/connections");
  expect(after.items.some((one) => one.name === "wrong keys")).toBe(false);
});

test("adds a paper wallet", async ({ admin, api }) => {
  const name = `paper ${Date.now()}`;
  await open(admin, "/exchanges");
  await admin.getByRole("button", { name: "Add a wallet" }).click();
  const dialog = admin.getByRole("dialog", { name: "Add a wallet" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Balance").fill("2500");
  await dialog.getByRole("button", { name: "Add the wallet" }).click();
  await expect(admin.getByText(`Wallet ${name} is there`)).toBeVisible();
  const { items } =
    await api.get<Listed<{ name: string; balance: string }>>("/api/wallets?limit=200");
  expect(items.find((one) => one.name === name)?.balance).toBe("2500");
});
