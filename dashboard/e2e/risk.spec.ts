/** Risk: what a wallet may do, by a person's word; limits in use; the kill switch. */
import { expect, type Listed, open, type Page, test } from "./stack";

type Wallet = { id: string; name: string; mode: string };
type State = { wallet_id: string; state: string };

async function chooseTestnet(page: Page): Promise<void> {
  await open(page, "/risk");
  const choice = page.getByLabel("Wallet", { exact: true });
  const option = choice.locator("option", { hasText: "testnet" }).first();
  await choice.selectOption((await option.getAttribute("value")) ?? "");
}

test("stops entries of a wallet and lets it trade again", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Wallet>>("/api/wallets?mode=testnet");
  const stateOf = async () =>
    (await api.get<Listed<State>>("/api/risk/state")).items.find(
      (one) => one.wallet_id === items[0]?.id,
    )?.state;
  await chooseTestnet(admin);
  await admin.getByLabel("Reason, for the record").fill("a look at the news");
  await admin.getByRole("button", { name: "Take no entries" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Take no entries" }).click();
  await expect.poll(stateOf).toBe("REDUCING");
  await expect(admin.getByText("Reducing", { exact: true })).toBeVisible();
  await admin.getByLabel("Reason, for the record").fill("all is well");
  await admin.getByRole("button", { name: "Trade again" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Trade again" }).click();
  await expect.poll(stateOf).toBe("ACTIVE");
});

test("sees how much of each limit is used", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Wallet>>("/api/wallets?mode=testnet");
  const told = await api.get<
    Listed<{ name: string; used: number | null; refuse_at: number | null; applies: boolean }>
  >(`/api/risk/limits?wallet_id=${items[0]?.id}`);
  await chooseTestnet(admin);
  const used = told.items.filter(
    (one) => one.applies && one.used !== null && one.refuse_at !== null,
  );
  await expect(admin.getByRole("meter")).toHaveCount(used.length);
  await expect(admin.getByRole("meter", { name: "Open trades" })).toBeVisible();
});

test("the kill switch asks for its word and says what it will do", async ({ admin }) => {
  await chooseTestnet(admin);
  const form = admin.locator(".kill-panel");
  const button = form.getByRole("button", { name: /halt|kill|stop/i }).last();
  await expect(button).toBeDisabled();
  await form.locator("input.mono").fill("HALT WRONG");
  await expect(button).toBeDisabled();
  await expect(form.locator("ol.plan li")).toHaveCount(3);
});
