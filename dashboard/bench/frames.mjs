/**
 * What a browser makes of large screens: `node bench/frames.mjs ADDRESS PASSWORD`, JSON to stdout.
 * Started by `python -m benchmarks screens`, which fills the home and serves it.
 */
import { chromium } from "@playwright/test";

const [address, password] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.TRADEPULSE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const context = await browser.newContext({
  baseURL: address,
  viewport: { width: 1440, height: 900 },
});
const page = await context.newPage();
const login = await page.request.post("/api/auth/login", {
  data: { username: "admin", password },
  headers: { origin: address },
});
if (!login.ok()) throw new Error(`not signed in: ${login.status()}`);

const found = { first_load: await firstLoad(), chart: await pan(), trades: await scroll() };
process.stdout.write(`${JSON.stringify(found)}\n`);
await browser.close();

/** Bytes over the wire before any chart, and when something useful could be read. */
async function firstLoad() {
  const began = Date.now();
  await page.goto("/");
  await page.locator("main h1").waitFor();
  const useful = Date.now() - began;
  await page.waitForLoadState("networkidle").catch(() => undefined);
  return page.evaluate((useful_ms) => {
    const files = performance
      .getEntriesByType("resource")
      .filter((one) => /\/assets\//.test(one.name) && !/chart/i.test(one.name));
    const painted = performance.getEntriesByName("first-contentful-paint")[0];
    // Code, styles and words, as they come compressed; the typeface comes as it is.
    const sum = (kept) =>
      Math.round(kept.reduce((all, one) => all + one.encodedBodySize, 0) / 1000);
    const isFont = (one) => /\.woff2$/.test(one.name);
    return {
      kilobytes: sum(files.filter((one) => !isFont(one))),
      font_kilobytes: sum(files.filter(isFont)),
      files: files.length,
      painted_ms: Math.round(painted.startTime),
      useful_ms,
    };
  }, useful);
}

/** Half a million bars, dragged from the newest to long ago and back. */
async function pan() {
  await page.goto("/markets?exchange=binance&pair=BENCH%2FUSDT&interval=1m");
  const chart = page.getByRole("img", { name: /candles/ });
  await chart.locator("canvas").first().waitFor();
  await chart.hover();
  const name = await chart.getAttribute("aria-label");
  const frames = await framesWhile(async () => {
    for (let i = 0; i < 120; i++) await page.mouse.wheel(i < 90 ? -900 : 900, 0);
  });
  const moved = (await chart.getAttribute("aria-label")) !== name;
  return { ...frames, moved };
}

/** A long table, from its head to its end. */
async function scroll() {
  await page.goto("/trading?tab=trades");
  const table = page.locator("main table").last();
  await table.locator("tbody tr").nth(5).waitFor();
  // As somebody who wants all of them: page after page, until there are no more.
  const more = page.locator("main").getByRole("button", { name: "Older" });
  for (; await more.isVisible(); await page.waitForTimeout(50))
    await more.click().catch(() => undefined);
  const rows = Number((await table.getAttribute("aria-rowcount")) ?? 0);
  await table.hover();
  const frames = await framesWhile(async () => {
    for (let i = 0; i < 120; i++) await page.mouse.wheel(0, 700);
  });
  return { ...frames, rows };
}

async function framesWhile(act) {
  await page.evaluate(() => {
    window.kept = [];
    window.going = true;
    let last = performance.now();
    const tick = (now) => {
      window.kept.push(now - last);
      last = now;
      if (window.going) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  const frames = await page.evaluate(() => {
    window.going = false;
    return window.kept;
  });
  frames.sort((a, b) => a - b);
  const sum = frames.reduce((total, one) => total + one, 0);
  const at = (share) =>
    Math.round((frames[Math.floor(share * (frames.length - 1))] ?? 0) * 10) / 10;
  return {
    frames: frames.length,
    frames_a_second: Math.round((1000 * frames.length) / sum),
    median_ms: at(0.5),
    p95_ms: at(0.95),
    worst_ms: at(1),
  };
}
