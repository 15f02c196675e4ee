/** Alerts: what needs eyes, why it is raised, and that it was seen. */
import { expect, type Listed, open, test } from "./stack";

type Rule = { code: string; title: string; to_do: string };
type Alert = { id: string; message: string };

test("reads every rule that raises an alert, and what to do", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Rule>>("/api/alerts/rules");
  await open(admin, "/alerts");
  await admin.getByRole("button", { name: "Rules" }).click();
  const table = admin.getByRole("table", { name: "Rules" });
  await expect(table.locator("tbody tr")).toHaveCount(items.length);
  await expect(table).toContainText(items[0]?.to_do ?? "");
});

test("sees what is open, or that nothing is", async ({ admin, api }) => {
  const { items } = await api.get<Listed<Alert>>("/api/alerts?unread=true");
  await open(admin, "/alerts");
  if (items.length === 0) await expect(admin.getByText("Nothing needs your eyes.")).toBeVisible();
  else await expect(admin.getByText(items[0]?.message ?? "").first()).toBeVisible();
});

test("acknowledges an alert, and finds it again", async ({ admin, api }) => {
  // The kill switch raises one, of a wallet on which nothing trades; it is reset afterwards.
  const { items: wallets } = await api.get<Listed<{ id: string; mode: string }>>("/api/wallets");
  const wallet_id = wallets.find((one) => one.mode === "paper")?.id;
  const reason = "a test of the alerts";
  await api.post("/api/kill-switch", { confirm: "KILL", reason, wallet_id });
  try {
    await open(admin, "/alerts");
    const alert = admin.locator(".todo li", { hasText: reason }).first();
    await alert.getByRole("button", { name: "Acknowledge" }).click();
    await expect(admin.getByText(/alert acknowledged/).first()).toBeVisible();
    await admin.getByRole("button", { name: "Acknowledged", exact: true }).click();
    await expect(admin.locator(".todo li", { hasText: reason }).first()).toBeVisible();
  } finally {
    await api.post("/api/kill-switch/reset", { reason });
  }
});
