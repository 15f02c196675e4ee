import { describe, expect, it } from "vitest";
import { madeConfiguration, madeRun } from "../made";
import {
  bodyOf,
  type Connection,
  type Given,
  quoteOf,
  usualAllotment,
  usualFeed,
  type Wallet,
  warningsOf,
  whyNot,
} from "./activation";

const wallet = (change: Partial<Wallet> = {}): Wallet => ({
  id: "w1",
  name: "paper",
  quote: "USDT",
  balance: "8000",
  mode: "paper",
  created_at: 1,
  user_id: "u",
  connection_id: null,
  allotted: "3000",
  ...change,
});
const connection = (change: Partial<Connection> = {}): Connection => ({
  id: "v1",
  name: "main",
  exchange: "binance",
  market: "spot",
  mode: "testnet",
  key_hint: "abcd",
  created_at: 1,
  base_url: null,
  checked_at: 1,
  fault: null,
  user_id: "u",
  ...change,
});
const given = (change: Partial<Given> = {}): Given => ({
  mode: "paper",
  walletId: "w1",
  feed: "live",
  allotment: "",
  from: "",
  ...change,
});
const at = { mode: "testnet", connection_id: "v1" } as const;

describe("whether a wallet can take it", () => {
  it.each([
    ["BTC/USDT", "USDT"],
    ["BTC/USDT:USDC", "USDC"],
  ])("%s is paid in %s", (pair, quote) => expect(quoteOf(pair)).toBe(quote));

  it.each([
    ["yes", wallet(), {}, [], null],
    ["another currency", wallet({ quote: "EUR" }), {}, [], "quote"],
    ["another exchange", wallet(at), { exchange: "kraken" }, [], "elsewhere"],
    ["another market", wallet(at), { market: "perpetual" as const }, [], "elsewhere"],
    ["it runs there", wallet(), {}, [madeRun()], "running"],
    [
      "somebody else trades the pair",
      wallet(at),
      {},
      [madeRun({ configuration_id: "c2" })],
      "taken",
    ],
    ["on paper two may", wallet(), {}, [madeRun({ configuration_id: "c2" })], null],
    ["nothing is left", wallet({ allotted: "8000" }), {}, [], "full"],
  ] as const)("%s", (_, one, change, active, why) =>
    expect(whyNot(madeConfiguration(), one, [connection(change)], [...active])).toBe(why),
  );

  it.each([
    ["what is left", wallet(), "DISCOVERY", 5000],
    ["the cash of its rules", wallet({ balance: "90000" }), "DISCOVERY", 10000],
    ["2 % of real money", wallet({ mode: "live" }), "VALIDATION", 100],
    ["2 % of little", wallet({ mode: "live", balance: "4000", allotted: null }), "WATCH", 80],
    ["all of it when MATURE", wallet({ mode: "live" }), "MATURE", 5000],
  ] as const)("it gets %s", (_, one, stage, amount) =>
    expect(usualAllotment(madeConfiguration({ lifecycle_stage: stage }), one)).toBe(amount),
  );
});

describe("what speaks against it", () => {
  const told = (
    change: Partial<Given>,
    stage: "DISCOVERY" | "VALIDATION" | "MATURE" | "RETIRED" | "WATCH",
    more: { wallet?: Partial<Wallet>; connection?: Partial<Connection>; isAdmin?: boolean } = {},
  ) =>
    warningsOf({
      given: given(change),
      configuration: madeConfiguration({ lifecycle_stage: stage }),
      wallet: wallet(more.wallet),
      connection: more.connection && connection(more.connection),
      isAdmin: more.isAdmin ?? false,
    }).map(({ code, stops }) => (stops ? `${code}!` : code));

  it.each([
    [told({}, "MATURE"), []],
    [told({}, "DISCOVERY"), ["unproven"]],
    [told({ feed: "replay" }, "MATURE"), ["noEvidence"]],
    [told({ allotment: "x" }, "MATURE"), ["amount!"]],
    [told({ allotment: "5000.01" }, "MATURE"), ["tooMuch!"]],
    [told({}, "RETIRED"), ["ended"]],
    [told({ mode: "live" }, "RETIRED", { connection: {} }), ["refused!"]],
    [told({ mode: "live" }, "DISCOVERY", { connection: {} }), ["admin!", "capped", "unproven"]],
    [
      told({ mode: "live" }, "DISCOVERY", { connection: {}, isAdmin: true }),
      ["capped", "unproven"],
    ],
    [told({ mode: "live" }, "MATURE", { connection: { checked_at: null } }), ["unchecked!"]],
    [told({ mode: "live" }, "MATURE", { connection: { fault: "x" } }), ["faulty!"]],
    [told({ mode: "testnet" }, "WATCH", { connection: { fault: "x" } }), ["watch", "faulty"]],
    [told({ mode: "testnet" }, "MATURE", { connection: { base_url: "http://x" } }), ["noEvidence"]],
    [
      told({ mode: "live", allotment: "200" }, "VALIDATION", {
        connection: {},
        wallet: { mode: "live" },
      }),
      ["overCap", "capped"],
    ],
  ])("%o is %o", (found, expected) => expect(found).toEqual(expected));
});

describe("what is sent", () => {
  it.each([
    [given(), "MATURE", { wallet_id: "w1", mode: "paper", feed: "live" }],
    [
      given({ feed: "replay", from: "2024-06-01", allotment: " 50 " }),
      "MATURE",
      {
        wallet_id: "w1",
        mode: "paper",
        feed: "replay",
        allotment: "50",
        session_start: 1717200000000,
      },
    ],
    [
      given({ mode: "testnet", from: "2024-06-01" }),
      "DISCOVERY",
      { wallet_id: "w1", mode: "testnet" },
    ],
    [given({ mode: "live" }), "VALIDATION", { wallet_id: "w1", mode: "live", confirm: "LIVE" }],
    [given({ mode: "live" }), "MATURE", { wallet_id: "w1", mode: "live" }],
  ])("%o on %s", (asked, stage, body) => expect(bodyOf(asked, stage)).toEqual(body));

  it("follows a sandbox only where there is nothing else", () => {
    const sandbox = connection({ id: "v2", base_url: "http://127.0.0.1:1" });
    expect(usualFeed("binance", [])).toBe("live");
    expect(usualFeed("binance", [sandbox])).toBe("sandbox");
    expect(usualFeed("binance", [sandbox, connection()])).toBe("live");
    expect(usualFeed("kraken", [sandbox])).toBe("live");
  });
});
