import { beforeEach, describe, expect, it } from "vitest";
import { setFormatting } from "@/format";
import { KINDS, type Kind, type Marker, marksOf, riskOf } from "./marks";

const STEP = 60_000;
const column = Float64Array.from([100, 101, 102, 103]);
const bars = {
  time: Float64Array.from([0, 1, 2, 3], (i) => i * STEP),
  open: column,
  high: column.map((v) => v + 1),
  low: column.map((v) => v - 1),
  close: column,
  volume: column,
};
const marker = (given: Partial<Marker>): Marker =>
  ({ activation_id: "a", id: "1", side: "long", quantity: "2", ...given }) as Marker;
const trade = marker({
  kind: "trade",
  time: 2 * STEP + 5,
  entry_time: STEP + 5,
  entry_price: "101",
  price: "102.5",
  pnl: "3",
  reason: "signal",
});
const stop = marker({ kind: "stop", time: STEP + 6, price: "99" });
const kinds = (shown: readonly Kind[], all: Marker[]) =>
  marksOf(all, bars, new Set(shown), null).map(({ kind, time, label }) => [kind, time, label]);

describe("marks", () => {
  beforeEach(() => setFormatting("en", "utc"));

  it("stand on the bar their moment lies in, with the result in units of risk", () => {
    expect(riskOf(trade, [stop, trade])).toBe(4);
    expect(kinds(KINDS, [stop, trade])).toEqual([
      ["entry", STEP, undefined],
      ["exit", 2 * STEP, "+0.75 R"],
    ]);
    expect(kinds(KINDS, [trade])[1]).toEqual(["exit", 2 * STEP, "+3.00"]);
  });

  it("show what was chosen, and nothing outside of the bars", () => {
    expect(kinds(["stops"], [stop, trade])).toEqual([]);
    expect(kinds(["stops"], [{ ...trade, reason: "stop" }])).toEqual([["stop", 2 * STEP, "+3.00"]]);
    expect(kinds(KINDS, [{ ...trade, time: 99 * STEP, entry_time: -1 }])).toEqual([]);
    const said = marker({ kind: "signal", time: STEP, price: "101", action: "enter_long" });
    expect(marksOf([said], bars, new Set(KINDS), null)).toEqual([
      { time: STEP, price: 102, kind: "signal", side: "long" },
    ]);
    expect(kinds(["fills"], [said])).toEqual([]);
  });
});
