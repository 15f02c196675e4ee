/** What every browser test needs: somebody signed in, the API beside the page, and looking at it. */
import AxeBuilder from "@axe-core/playwright";
import { type APIResponse, test as base, expect, type Page } from "@playwright/test";

export { expect, type Page };
export type Name = "admin" | "operator" | "viewer";
// As in stack.py.
export const PASSWORD = "a horse a battery and a staple";

/** The API as its user would ask it, beside the page: what is on screen is compared with this. */
export type Api = {
  get: <T = Record<string, unknown>>(path: string) => Promise<T>;
  post: <T = Record<string, unknown>>(path: string, body?: unknown) => Promise<T>;
};

export type Listed<T> = { items: T[] };

type Fixtures = {
  /** A page of somebody who has signed in; the admin owns all that trades. */
  admin: Page;
  viewer: Page;
  api: Api;
};

export const test = base.extend<Fixtures>({
  admin: async ({ page }, use) => {
    await signIn(page, "admin");
    await use(page);
  },
  viewer: async ({ page }, use) => {
    await signIn(page, "viewer");
    await use(page);
  },
  api: async ({ playwright, baseURL }, use) => {
    const first = await playwright.request.newContext({ baseURL });
    const login = await first.post("/api/auth/login", {
      data: { username: "admin", password: PASSWORD },
    });
    const { access_token } = (await login.json()) as { access_token: string };
    const context = await playwright.request.newContext({
      baseURL,
      extraHTTPHeaders: { authorization: `Bearer ${access_token}` },
    });
    const read = async <T>(answer: APIResponse): Promise<T> => {
      expect(answer.ok(), `${answer.url()}: ${answer.status()} ${await answer.text()}`).toBe(true);
      return (await answer.json()) as T;
    };
    await use({
      get: async (path) => read(await context.get(path)),
      post: async (path, body = {}) => read(await context.post(path, { data: body })),
    });
    await context.dispose();
    await first.dispose();
  },
});

/** Signs in as the page would find it after a reload: by the cookie of a session. */
export async function signIn(page: Page, username: Name): Promise<void> {
  const origin = new URL(test.info().project.use.baseURL ?? "").origin;
  const answer = await page.request.post("/api/auth/login", {
    data: { username, password: PASSWORD },
    headers: { origin },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** Goes to a page and waits until nothing on it is still being read. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.locator("main h1")).toBeVisible();
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
}

/** Nothing that axe finds, in the theme in use. Charts are pictures with a name; it reads that. */
export async function expectNoViolations(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze();
  const told = found.violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .map((node) => node.target.join(" "))
        .slice(0, 3)
        .join(", ")}`,
  );
  expect(told).toEqual([]);
}

/** What the browser complained about: a script that failed, or something the policy forbade. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/Failed to load resource/.test(text)) complaints.push(text);
  });
  return complaints;
}

/** How the page looks before it is loaded; keys as in `src/app/look.ts`. */
export async function look(page: Page, change: Record<string, unknown>): Promise<void> {
  const state = {
    theme: "system",
    density: "normal",
    language: "en",
    zone: "utc",
    letterKeys: true,
    railFolded: false,
  };
  await page.addInitScript(
    (kept) => localStorage.setItem("tp.look.kept", kept),
    JSON.stringify({ state: { ...state, ...change }, version: 1 }),
  );
}

export const PHONE = { width: 390, height: 844 };
