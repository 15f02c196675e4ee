/** An error stays over every page, also after a reload, until somebody has acknowledged it. */
import { expect, expectNoViolations, type Listed, open, PHONE, test } from "./stack";

type Alert = { id: string; level: string };

test("keeps an error over every page until it is acknowledged", async ({ admin, api, context }) => {
  test.setTimeout(120_000);
  const openOnes = async () =>
    (await api.get<Listed<Alert>>("/api/alerts?unread=true&level=critical")).items;
  const before = await openOnes();
  if (before.length > 0)
    await api.post("/api/alerts/acknowledge", { ids: before.map(({ id }) => id) });
  const { items: wallets } = await api.get<Listed<{ id: string; mode: string }>>("/api/wallets");
  const wallet_id = wallets.find((one) => one.mode === "paper")?.id;
  const banner = admin.getByRole("region", { name: "Errors nobody has acknowledged" });
  await open(admin, "/risk");
  await expect(banner).toHaveCount(0);
  // The kill switch of a wallet on which nothing trades: a real error, raised while somebody looks.
  const reason = "a test of the error banner";
  await api.post("/api/kill-switch", { confirm: "KILL", reason, wallet_id });
  try {
    await expect(banner).toContainText(reason);
    await expect(banner).toContainText("nothing enters until it is reset");
    await expect(banner).toContainText("Read the receipt");
    await admin.reload();
    await expect(banner).toContainText(reason);
    for (const path of ["/", "/logs", "/settings"]) {
      await open(admin, path);
      await expect(banner).toContainText(reason);
    }
    // It hides neither the kill switch nor that the server is away.
    await admin.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(banner).toBeInViewport();
    await expect(admin.getByRole("button", { name: "Kill switch" })).toBeInViewport();
    await open(admin, "/");
    await expectNoViolations(admin);
    await admin.screenshot({ path: "test-results/screens/errors-dark.png" });
    await admin.setViewportSize(PHONE);
    await expect(admin.getByRole("button", { name: "Kill switch" })).toBeInViewport();
    await expect(banner).toBeInViewport();
    await expectNoViolations(admin);
    await admin.screenshot({ path: "test-results/screens/errors-phone.png" });
    await admin.setViewportSize({ width: 1440, height: 900 });
    await context.setOffline(true);
    await admin.evaluate(() => window.dispatchEvent(new Event("offline")));
    await expect(admin.getByText(/No word from the server/)).toBeVisible({ timeout: 30_000 });
    await expect(banner).toContainText(reason);
    await admin.screenshot({ path: "test-results/screens/errors-offline.png" });
    await context.setOffline(false);
    await expect(admin.getByText(/No word from the server/)).toBeHidden({ timeout: 30_000 });

    const stack = (await openOnes()).length;
    for (let left = stack; left > 0; left--) {
      const more = banner.getByRole("link", { name: `${left - 1} more` });
      if (left > 1) await expect(more).toBeVisible();
      await banner.getByRole("button", { name: "Acknowledge" }).press("Enter");
      await expect.poll(async () => (await openOnes()).length).toBe(left - 1);
    }
    await expect(banner).toHaveCount(0);
    await admin.reload();
    await expect(admin.getByRole("heading", { name: "Overview" })).toBeVisible();
    await expect(banner).toHaveCount(0);
  } finally {
    await context.setOffline(false);
    await api.post("/api/kill-switch/reset", { reason });
  }
});
