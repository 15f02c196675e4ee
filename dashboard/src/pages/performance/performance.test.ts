import { describe, expect, it } from "vitest";
import type { Shapes } from "@/api/client";
import { toCsv } from "./csv";
import { configurationRows, quoteOf, strategyRows } from "./rows";
import { ticksOf } from "./scale";
import { sumOf } from "./sums";
import { expectedAt, judged } from "./tracked";
import { barOf, waterfall } from "./waterfall";

type Result = Shapes["PerformanceShape"];
type Activation = Shapes["ActivationShape"];
type Tracking = Shapes["TrackingShape"];

const result = (change: Partial<Result>): Result => ({
  strategy_name: "ema_cross",
  exchange: "binance",
  pair: "BTC/USDT",
  configuration_id: "c1",
  lifecycle_stage: "DISCOVERY",
  mode: "paper",
  feed: "live",
  trade_count: 0,
  win_rate: null,
  total_pnl: "0",
  avg_pnl: null,
  backtest: { win_rate: 0.5, sharpe: 1, max_drawdown: -0.1 },
  gap: null,
  ...change,
});
const runs = (change: Partial<Activation>) =>
  ({
    configuration_id: "c1",
    mode: "paper",
    feed: "live",
    state: "RUNNING",
    ...change,
  }) as Activation;

describe("sums", () => {
  it.each([
    [["0.1", "0.2"], "0.3"],
    [["-4.10", "4.1"], "0"],
    [[], "0"],
    [["12345678901234567.89", "0.000000000000000001"], "12345678901234567.890000000000000001"],
    [["-0.5", "-0.75"], "-1.25"],
  ])("%j is %s", (amounts, sum) => expect(sumOf(amounts)).toBe(sum));

  it("refuses what is no plain decimal", () => expect(() => sumOf(["1e3"])).toThrow(RangeError));
});

describe("rows", () => {
  it("take one mode only, and what runs without a trade too", () => {
    const items = [
      result({ trade_count: 3, total_pnl: "1.5" }),
      result({ mode: "live", trade_count: 9, total_pnl: "99" }),
      result({ configuration_id: "c2", mode: null, feed: null }),
    ];
    const rows = configurationRows(items, [runs({}), runs({ configuration_id: "c2" })], "paper");
    expect(rows.map((row) => [row.configurationId, row.trades, row.pnl, row.running])).toEqual([
      ["c1", 3, "1.5", 1],
      ["c2", 0, "0", 1],
    ]);
    expect(configurationRows(items, [runs({ mode: "testnet" })], "paper")).toHaveLength(1);
  });

  it("of a strategy are added by feed and currency, weighted by trades", () => {
    const items = [
      result({ trade_count: 3, win_rate: 1, total_pnl: "0.1" }),
      result({ configuration_id: "c2", trade_count: 1, win_rate: 0, total_pnl: "0.2" }),
      result({ configuration_id: "c3", feed: "replay", trade_count: 1, total_pnl: "7" }),
      result({ configuration_id: "c4", pair: "ETH/USD", trade_count: 1, total_pnl: "5" }),
    ];
    const rows = strategyRows(configurationRows(items, [], "paper"));
    expect(
      rows.map((r) => [r.feed, r.quote, r.pnl, r.trades, r.winRate, r.configurations]),
    ).toEqual([
      ["live", "USDT", "0.3", 4, 0.75, 2],
      ["replay", "USDT", "7", 1, null, 1],
      ["live", "USD", "5", 1, null, 1],
    ]);
  });

  it("read the currency of contracts too", () =>
    expect(["BTC/USDT:USDT", "ETH/USD", "x"].map(quoteOf)).toEqual(["USDT", "USD", ""]));
});

describe("the gap", () => {
  const cents = [
    { part: "data", amount: "0", trades: 0 },
    { part: "price", amount: "-4.10", trades: 3 },
    { part: "fees", amount: "1.05", trades: 3 },
    { part: "size", amount: "0", trades: 0 },
    { part: "manual", amount: "0.01", trades: 1 },
    { part: "total", amount: "-3.04", trades: 7 },
  ];
  const found = waterfall({ expected_pnl: "10", cents });

  it("adds its parts up to the total, to the cent", () => expect(found.sum).toBe("-3.04"));
  it("shows causes always, the rest where it is something", () =>
    expect(found.steps.map((step) => step.part)).toEqual(["data", "price", "fees", "manual"]));
  it("goes on where the step before ended", () =>
    expect(found.steps.map((step) => [step.from, step.to])).toEqual([
      [10, 10],
      [10, 5.9],
      [5.9, 6.95],
      [6.95, 6.96],
    ]));
  it("is drawn on one scale", () => {
    expect([found.low, found.high]).toEqual([0, 10]);
    expect(barOf(10, 5, found)).toEqual({ left: 50, width: 50 });
    expect(barOf(0, 0, { low: 0, high: 0 }).left).toBe(0);
  });
});

describe("tracking", () => {
  const expected = [
    { day: 2, fall_95: -0.02, fall_99: -0.04, low: 0.9, middle: 1, high: 1.1 },
    { day: 4, fall_95: -0.04, fall_99: -0.08, low: 0.8, middle: 1, high: 1.2 },
  ];
  const told = {
    cusum: { watch: 5, decayed: 10, items: [{ time: 1, value: 0, sum: 4 }] },
    live: [{ day: 2, time: 1, growth: 1, drawdown: -0.03 }],
    expected,
    slippage: { modelled_bps: 2, measured_bps: 3, error_bps: 0.1, fills: 8, limit_bps: 2.3 },
    signal_match: 1,
    signal_match_limit: 0.99,
  } as unknown as Tracking;
  const states = (change: Partial<Tracking>) =>
    judged({ ...told, ...change }).map((one) => [one.state, one.why]);

  it.each([
    [0, 1],
    [1, 0.95],
    [3, 0.85],
    [4, 0.8],
    [5, null],
  ])("after %d days expects at least %s", (days, low) =>
    expect(expectedAt(expected, days, "low") ?? null).toEqual(
      low === null ? null : expect.closeTo(low),
    ),
  );

  it("is judged by the lines of the API", () => {
    expect(states({})).toEqual([
      ["met", null],
      ["note", null],
      ["unmet", null],
      ["met", null],
    ]);
    const worse = { time: 2, value: 0, sum: 11 };
    expect(states({ cusum: { ...told.cusum, items: [worse] } as Tracking["cusum"] })[0]).toEqual([
      "unmet",
      null,
    ]);
  });

  it("says why it cannot be judged", () =>
    expect(
      states({ cusum: null, expected: [], live: [], slippage: null, signal_match: null }).map(
        (s) => s[1],
      ),
    ).toEqual(["noPromise", "noPromise", "noFills", "noDays"]));
});

describe("files and scales", () => {
  it("keep spreadsheets from running text", () =>
    expect(
      toCsv(
        [
          { head: "name", value: (row: { n: string }) => row.n },
          { head: "pnl", value: () => "-1.5" },
          { head: "none", value: () => null },
        ],
        [{ n: '=cmd("x"),1' }, { n: "plain" }],
      ),
    ).toBe('name,pnl,none\r\n"\'=cmd(""x""),1",-1.5,\r\nplain,-1.5,\r\n'));

  it.each([
    [0, 10, [0, 5, 10]],
    [-0.08, 0, [-0.08, -0.06, -0.04, -0.02, 0]],
    [3, 3, [3]],
  ])("between %d and %d are the ticks %j", (low, high, ticks) =>
    expect(ticksOf(low, high)).toEqual(ticks),
  );
});
