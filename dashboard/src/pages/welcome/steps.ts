/** From nothing to the first paper trade: each step's state, read from what there really is. */
import type { Shapes } from "@/api/client";

export type StepId = "bars" | "training" | "configuration" | "wallet" | "activation" | "trade";
/** `waiting`: something is under way; `failed`: it ended without a result; `unknown`: not read yet. */
export type StepState = "done" | "waiting" | "failed" | "todo" | "unknown";
export type Step = {
  id: StepId;
  state: StepState;
  /** Which sentence says how it stands, and what is filled in. */
  told: string;
  about: Record<string, string | number>;
};

/** Undefined is what could not be read yet. Lists are newest first. */
export type Facts = {
  series?: Pick<Shapes["SeriesShape"], "bars">[];
  jobs?: Pick<Shapes["JobShape"], "kind" | "state" | "trials_done" | "trials_total" | "error">[];
  configurations?: number;
  paperWallets?: { name: string }[];
  paperActivations?: Pick<Shapes["ActivationShape"], "state" | "fault" | "feed" | "last_bar">[];
  paperTrades?: Pick<Shapes["TradeShape"], "pair" | "pnl">[];
};

const at = (id: StepId, state: StepState, told: string, about: Step["about"] = {}): Step => ({
  id,
  state,
  told,
  about,
});

export function stepsOf(facts: Facts): Step[] {
  return [
    bars(facts),
    training(facts),
    configuration(facts),
    wallet(facts),
    activation(facts),
    trade(facts),
  ];
}

function bars({ series }: Facts): Step {
  if (series === undefined) return at("bars", "unknown", "unknown");
  if (series.length === 0) return at("bars", "todo", "todo");
  const count = series.reduce((sum, one) => sum + one.bars, 0);
  return at("bars", "done", "done", { count: series.length, bars: count });
}

function training({ jobs, configurations }: Facts): Step {
  if (jobs === undefined || configurations === undefined)
    return at("training", "unknown", "unknown");
  const trainings = jobs.filter((job) => job.kind === "train");
  const done = trainings.filter((job) => job.state === "DONE").length;
  if (done > 0) return at("training", "done", "done", { count: done });
  // Imported ones were trained elsewhere: the step is behind whoever has them.
  if (configurations > 0) return at("training", "done", "elsewhere");
  const [newest] = trainings;
  if (newest === undefined || newest.state === "CANCELLED") return at("training", "todo", "todo");
  if (newest.state === "FAILED")
    return at("training", "failed", "failed", { error: newest.error ?? "" });
  if (newest.state === "PAUSED") return at("training", "waiting", "paused");
  if (newest.state === "QUEUED") return at("training", "waiting", "queued");
  const { trials_done: tried, trials_total: total } = newest;
  return at("training", "waiting", total ? "running" : "begun", { tried, total: total ?? 0 });
}

function configuration({ configurations }: Facts): Step {
  if (configurations === undefined) return at("configuration", "unknown", "unknown");
  if (configurations === 0) return at("configuration", "todo", "todo");
  return at("configuration", "done", "done", { count: configurations });
}

function wallet({ paperWallets }: Facts): Step {
  if (paperWallets === undefined) return at("wallet", "unknown", "unknown");
  const [first] = paperWallets;
  if (first === undefined) return at("wallet", "todo", "todo");
  return at("wallet", "done", "done", { count: paperWallets.length, name: first.name });
}

function activation({ paperActivations, paperTrades }: Facts): Step {
  if (paperActivations === undefined) return at("activation", "unknown", "unknown");
  const running = paperActivations.filter(
    (one) => one.state === "RUNNING" || one.state === "DRAINING",
  );
  if (running.length > 0) return at("activation", "done", "done", { count: running.length });
  const starting = paperActivations.some(
    (one) => one.state === "STARTING" || one.state === "WARMING",
  );
  if (starting) return at("activation", "waiting", "starting");
  const [newest] = paperActivations;
  if (newest?.state === "FAULTED")
    return at("activation", "failed", "failed", { error: newest.fault ?? "" });
  if (newest !== undefined)
    return at("activation", paperTrades?.length ? "done" : "todo", "stopped");
  return at("activation", "todo", "todo");
}

function trade({ paperTrades, paperActivations }: Facts): Step {
  if (paperTrades === undefined || paperActivations === undefined)
    return at("trade", "unknown", "unknown");
  const newest = paperTrades.at(0);
  if (newest !== undefined) return at("trade", "done", "done", { pair: newest.pair });
  const runs = paperActivations.find((one) => one.state === "RUNNING");
  if (runs === undefined) return at("trade", "todo", "todo");
  if (runs.last_bar === null) return at("trade", "waiting", "noBar");
  return at("trade", "waiting", runs.feed === "live" ? "nextBar" : "replaying");
}

/** The first step that is not behind; null when all are. */
export function nextStep(steps: readonly Step[]): StepId | null {
  return steps.find((step) => step.state !== "done")?.id ?? null;
}

/** When the bar of `now` closes, in milliseconds, for bars of `intervalMs`. */
export const nextClose = (now: number, intervalMs: number): number =>
  (Math.floor(now / intervalMs) + 1) * intervalMs;
