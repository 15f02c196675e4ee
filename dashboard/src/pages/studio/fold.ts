/** A fold of a study as the page needs it; what is not there is null. */
export type Fold = {
  number: number;
  train: [start: number, end: number] | null;
  test: [start: number, end: number] | null;
  parameters: string;
  /** Sharpe ratios a year, in training and on later bars. */
  trained: number | null;
  later: number | null;
  earned: number | null;
  drawdown: number | null;
  trades: number | null;
};

export function foldOf(told: Record<string, unknown>): Fold {
  return {
    number: numberOf(told.number) ?? 0,
    train: spanOf(told.train),
    test: spanOf(told.test),
    parameters: setOf(told.parameters),
    trained: numberOf(told.train_sharpe),
    later: numberOf(told.test_sharpe),
    earned: numberOf(told.test_return),
    drawdown: numberOf(told.test_drawdown),
    trades: numberOf(told.trades),
  };
}

/** `fast 12, slow 60`; a dash for none. */
export function setOf(parameters: unknown): string {
  if (typeof parameters !== "object" || parameters === null) return "–";
  const said = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  return said.join(", ") || "–";
}

export const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

function spanOf(value: unknown): [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [start, end] = [numberOf(value[0]), numberOf(value[1])];
  return start === null || end === null ? null : [start, end];
}
