import { describe, expect, it } from "vitest";
import { madeConfiguration, madeFigures, madeRow, madeRun } from "./made";
import { filtered, footOf, modesOf, nextStage, type Row, rowsOf, sorted } from "./rows";

const rule = (passed: boolean, required = true) => ({
  rule: "trades",
  threshold: 30,
  value: 27,
  passed,
  note: "",
  required,
});
const ids = (rows: Row[]) => rows.map((row) => row.configuration.id);

describe("rows", () => {
  it("joins figures and runs, and counts only rules that decide", () => {
    const [row] = rowsOf(
      [madeConfiguration({ evidence: [rule(true), rule(false), rule(false, false)] })],
      [madeFigures()],
      [madeRun(), madeRun({ id: "a2", configuration_id: "other" })],
    );
    expect([row?.required, row?.unmet, row?.active.length]).toEqual([2, 1, 1]);
    expect(row?.figures?.expected_live_sharpe).toBe(0.5);
  });

  it.each([
    ["expected", ["high", "low", "none"]],
    ["tries", ["low", "high", "none"]],
    ["newest", ["none", "low", "high"]],
    ["name", ["low", "none", "high"]],
  ] as const)("sorts by %s, what has no figure last", (by, order) => {
    const rows = [
      madeRow({ id: "none", trials: 900, created_at: 3, strategy_name: "b" }, null),
      madeRow(
        { id: "low", trials: 1, created_at: 2, strategy_name: "a" },
        { expected_live_sharpe: -1 },
      ),
      madeRow(
        { id: "high", trials: 9, created_at: 1, strategy_name: "c" },
        { expected_live_sharpe: 2 },
      ),
    ];
    expect(ids(sorted(rows, by))).toEqual(order);
  });

  const rows = [
    madeRow({ id: "aaa", strategy_name: "ema_cross", pair: "BTC/USDT" }),
    madeRow({ id: "bbb", strategy_name: "momentum", pair: "ETH/USDT", lifecycle_stage: "MATURE" }),
    madeRow({ id: "ccc", strategy_name: "ema_cross", pair: "ETH/USDT" }, {}, [madeRun()]),
  ];
  it.each([
    [{}, ["aaa", "bbb", "ccc"]],
    [{ text: "EMA eth" }, ["ccc"]],
    [{ text: "mature" }, ["bbb"]],
    [{ text: "bb" }, ["bbb"]],
    [{ pair: "ETH/USDT", strategy: "momentum" }, ["bbb"]],
    [{ running: true }, ["ccc"]],
    [{ text: "nothing like it" }, []],
  ])("filters by %o", (filter, left) => expect(ids(filtered(rows, filter))).toEqual(left));
});

describe("what a card says last", () => {
  const run = madeRun();
  it.each([
    [
      "what is under way",
      madeRow({}, {}, [run, madeRun({ state: "DRAINING" })]),
      { kind: "state", state: "DRAINING" },
    ],
    ["that it is paused", madeRow({}, {}, [madeRun({ blocked: "paused" })]), { kind: "blocked" }],
    [
      "what it lacks, though it runs",
      madeRow({ evidence: [rule(false)] }, {}, [run]),
      { kind: "unmet", count: 1 },
    ],
    [
      "what it earned",
      madeRow({ evidence: [rule(true)] }, {}, [run, run]),
      { kind: "result", pnl: 3, trades: 4 },
    ],
    [
      "that nothing was judged",
      madeRow({ evidence: [rule(true)] }, { studied: false }),
      { kind: "untrained" },
    ],
    [
      "nothing of what is archived",
      madeRow({ lifecycle_stage: "RETIRED", evidence: [rule(false)] }),
      { kind: "none" },
    ],
    ["that it may go up", madeRow({ evidence: [rule(true)] }), { kind: "ready" }],
  ] as const)("is %s", (_, row, foot) => expect(footOf(row)).toEqual(foot));

  it("names the gravest mode first, each once", () =>
    expect(modesOf([{ mode: "paper" }, { mode: "live" }, { mode: "paper" }])).toEqual([
      "live",
      "paper",
    ]));

  it.each([
    ["DISCOVERY", "VALIDATION"],
    ["VALIDATION", "MATURE"],
    ["MATURE", null],
    ["RETIRED", null],
  ] as const)("leads from %s to %s", (from, to) => expect(nextStage(from)).toBe(to));
});
