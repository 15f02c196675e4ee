/** Users and keys: who may sign in, a key that may only read, and the record of commands. */
import { expect, type Listed, open, test } from "./stack";

test("adds a user and locks them out again", async ({ admin, api }) => {
  const name = `user${Date.now()}`;
  await open(admin, "/users");
  await admin.getByRole("button", { name: "Add a user" }).click();
  const dialog = admin.getByRole("dialog", { name: "Add a user" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("New password").fill("a long pass phrase of a test");
  await dialog.getByRole("button", { name: "Add the user" }).click();
  const row = admin.getByRole("table", { name: "Users" }).locator("tbody tr", { hasText: name });
  await expect(row).toContainText("may sign in");
  await row.getByRole("button", { name: "Actions" }).click();
  await admin.getByRole("menuitem", { name: "Lock out" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Lock out" }).click();
  await expect(row).toContainText("locked out");
  const { items } =
    await api.get<Listed<{ username: string; disabled_at: number | null }>>("/api/users?limit=200");
  expect(items.find((one) => one.username === name)?.disabled_at).not.toBeNull();
});

test("makes a key that may only read, and revokes it", async ({ admin, playwright, baseURL }) => {
  await open(admin, "/users");
  await admin.getByRole("button", { name: "Make a key" }).click();
  const dialog = admin.getByRole("dialog", { name: "Make a key" });
  await dialog.getByLabel("For which program").fill("reader");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const secret = await admin.locator(".key-secret").innerText();
  const program = await playwright.request.newContext({
    baseURL,
    extraHTTPHeaders: { authorization: `Bearer ${secret}` },
  });
  expect((await program.get("/api/trades")).status()).toBe(200);
  const refused = await program.post("/api/wallets", { data: { name: "no", balance: "1" } });
  expect(refused.status()).toBe(403);
  await admin.getByRole("button", { name: "I have kept it" }).click();
  const row = admin
    .getByRole("table", { name: "API keys" })
    .locator("tbody tr", { hasText: "reader" });
  await row.first().getByRole("button", { name: "Actions" }).click();
  await admin.getByRole("menuitem", { name: "Revoke" }).click();
  await expect(async () => expect((await program.get("/api/trades")).status()).toBe(401)).toPass();
  await program.dispose();
});

test("reads who commanded what; a viewer does not", async ({ admin, browser, baseURL }) => {
  await open(admin, "/users");
  const audit = admin.getByRole("table", { name: "Commands" });
  await expect(audit.locator("tbody tr").first()).toContainText("admin");
  const other = await browser.newContext({ baseURL });
  const page = await other.newPage();
  const { signIn } = await import("./stack");
  await signIn(page, "viewer");
  await open(page, "/users");
  await expect(page.getByRole("table", { name: "Commands" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Add a user" })).toHaveCount(0);
  await other.close();
});
