/** Tries as points: what they are set against, and which of them was chosen. */
import { numberOf, setOf } from "./fold";
import type { Tried } from "./query";

export type Point = {
  number: number;
  x: number;
  y: number;
  set: string;
  trades: number | null;
  earned: number | null;
  drawdown: number | null;
  isChosen: boolean;
};

const METRICS = ["trade_count", "max_drawdown", "total_return"];

/** What tries can be set against: results, their order, and each parameter that moved. */
export function axesOf(trials: readonly Tried[]): string[] {
  const names = Object.keys(trials[0]?.parameters ?? {});
  const moved = names.filter((name) => {
    const first = trials[0]?.parameters[name];
    return numberOf(first) !== null && trials.some((trial) => trial.parameters[name] !== first);
  });
  const known = METRICS.filter((name) =>
    trials.some((trial) => numberOf(trial.metrics[name]) !== null),
  );
  return trials.length === 0 ? [] : [...known, "number", ...moved];
}

/** Those with a Sharpe ratio and a value on the axis, from left to right. */
export function pointsOf(
  trials: readonly Tried[],
  axis: string,
  chosen?: Record<string, unknown>,
): Point[] {
  return trials
    .flatMap((trial) => {
      const y = numberOf(trial.metrics.sharpe);
      const x = axis === "number" ? trial.number : onAxis(trial, axis);
      if (x === null || y === null) return [];
      return [
        {
          number: trial.number,
          x,
          y,
          set: setOf(trial.parameters),
          trades: numberOf(trial.metrics.trade_count),
          earned: numberOf(trial.metrics.total_return),
          drawdown: numberOf(trial.metrics.max_drawdown),
          isChosen: chosen !== undefined && isSame(trial.parameters, chosen),
        },
      ];
    })
    .toSorted((a, b) => a.x - b.x || a.number - b.number);
}

const onAxis = (trial: Tried, axis: string): number | null =>
  METRICS.includes(axis) ? numberOf(trial.metrics[axis]) : numberOf(trial.parameters[axis]);

/** A study keeps numbers alone: what it does not keep cannot differ. */
const isSame = (one: Record<string, unknown>, other: Record<string, unknown>): boolean =>
  Object.entries(one).every(([name, value]) => other[name] === value);
