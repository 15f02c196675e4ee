/** Rows as a server would tell them, for the tests beside this file. */

import type { Activation, Configuration, Figures } from "./queries";
import type { Active, Row } from "./rows";

export const madeConfiguration = (change: Partial<Configuration> = {}): Configuration => ({
  id: "c1",
  strategy_name: "ema_cross",
  parameters: { fast: 12, slow: 48 },
  exchange: "binance",
  pair: "BTC/USDT",
  interval: "1h",
  rules: { initial_cash: 10000, sizing: { kind: "fraction_of_equity", x: 1 } },
  lifecycle_stage: "DISCOVERY",
  is_active: false,
  metrics: { sharpe: 0.6, total_return: 0.2, max_drawdown: -0.3, win_rate: 0.5 },
  evidence: [],
  trials: 100,
  data_fingerprint: "f".repeat(64),
  data_start: 0,
  data_end: 86_400_000,
  configuration_hash: "a".repeat(64),
  code_version: "1",
  created_at: 1,
  ...change,
});

export const madeFigures = (change: Partial<Figures> = {}): Figures => ({
  configuration_id: "c1",
  studied: true,
  sharpe: 1,
  expected_live_sharpe: 0.5,
  deflated_sharpe: 0.9,
  overfitting: 0.2,
  drawdown_95: -0.1,
  out_of_sample_return: 0.1,
  curve: [1, 1.1],
  ...change,
});

export const madeRun = (change: Partial<Activation> = {}): Active => ({
  activation: {
    id: "a1",
    configuration_id: "c1",
    wallet_id: "w1",
    mode: "paper",
    feed: "live",
    state: "RUNNING",
    allotment: "1000",
    session_start: null,
    last_bar: null,
    code_version: "1",
    created_at: 1,
    stopped_at: null,
    fault: null,
    user_id: "u",
    blocked: null,
    lease_owner: null,
    lease_until: null,
    ...change,
  },
  configuration: madeConfiguration({ id: change.configuration_id ?? "c1" }),
  equity: "1000",
  today: "0",
  trade_count: 2,
  pnl: "1.5",
  as_of: null,
});

export const madeRow = (
  configuration: Partial<Configuration> = {},
  figures: Partial<Figures> | null = {},
  active: Active[] = [],
): Row => {
  const made = madeConfiguration(configuration);
  const required = made.evidence.filter((one) => one.required);
  return {
    configuration: made,
    figures: figures === null ? undefined : madeFigures({ configuration_id: made.id, ...figures }),
    active,
    required: required.length,
    unmet: required.filter((one) => !one.passed).length,
  };
};
