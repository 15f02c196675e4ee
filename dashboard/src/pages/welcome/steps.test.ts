import { describe, expect, it } from "vitest";
import { type Facts, nextClose, nextStep, stepsOf } from "./steps";

const NOTHING: Facts = {
  series: [],
  jobs: [],
  configurations: 0,
  paperWallets: [],
  paperActivations: [],
  paperTrades: [],
};
const job = (state: string, change: object = {}) =>
  ({
    kind: "train",
    state,
    trials_done: 3,
    trials_total: 12,
    error: null,
    ...change,
  }) as NonNullable<Facts["jobs"]>[number];
const runs = (state: string, change: object = {}) =>
  ({ state, fault: null, feed: "live", last_bar: 5, ...change }) as NonNullable<
    Facts["paperActivations"]
  >[number];
const told = (change: Facts, id: string) => {
  const step = stepsOf({ ...NOTHING, ...change }).find((one) => one.id === id);
  return `${step?.state}/${step?.told}`;
};

describe("first steps", () => {
  it("are all to be done where there is nothing", () => {
    const steps = stepsOf(NOTHING);
    expect(steps.map((step) => step.state)).toEqual(Array(6).fill("todo"));
    expect(nextStep(steps)).toBe("bars");
  });

  it("are unknown as long as nothing was read", () =>
    expect(new Set(stepsOf({}).map((step) => step.state))).toEqual(new Set(["unknown"])));

  it.each<[Facts, string, string]>([
    [{ series: [{ bars: 5 }] }, "bars", "done/done"],
    [{ jobs: [job("QUEUED")] }, "training", "waiting/queued"],
    [{ jobs: [job("RUNNING")] }, "training", "waiting/running"],
    [{ jobs: [job("RUNNING", { trials_total: null })] }, "training", "waiting/begun"],
    [{ jobs: [job("FAILED")] }, "training", "failed/failed"],
    [{ jobs: [job("CANCELLED")] }, "training", "todo/todo"],
    [{ jobs: [job("FAILED"), job("DONE")] }, "training", "done/done"],
    [{ jobs: [job("DONE", { kind: "sweep" })] }, "training", "todo/todo"],
    [{ configurations: 2 }, "training", "done/elsewhere"],
    [{ configurations: 2 }, "configuration", "done/done"],
    [{ paperWallets: [{ name: "Paper" }] }, "wallet", "done/done"],
    [{ paperActivations: [runs("RUNNING")] }, "activation", "done/done"],
    [{ paperActivations: [runs("WARMING")] }, "activation", "waiting/starting"],
    [{ paperActivations: [runs("FAULTED")] }, "activation", "failed/failed"],
    [{ paperActivations: [runs("STOPPED")] }, "activation", "todo/stopped"],
    [
      { paperActivations: [runs("STOPPED")], paperTrades: [{ pair: "A/B", pnl: "1" }] },
      "activation",
      "done/stopped",
    ],
    [{ paperActivations: [runs("RUNNING")] }, "trade", "waiting/nextBar"],
    [{ paperActivations: [runs("RUNNING", { last_bar: null })] }, "trade", "waiting/noBar"],
    [{ paperActivations: [runs("RUNNING", { feed: "replay" })] }, "trade", "waiting/replaying"],
    [{ paperTrades: [{ pair: "A/B", pnl: "1" }] }, "trade", "done/done"],
  ])("%j: %s is %s", (facts, id, wanted) => expect(told(facts, id)).toBe(wanted));

  it("know when the next bar closes", () =>
    expect([nextClose(59_999, 60_000), nextClose(60_000, 60_000)]).toEqual([60_000, 120_000]));
});
