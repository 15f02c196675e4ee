"""The user's test bench of a strategy: the laws on real bars, warm-up, activity, time per bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import DAY_MS
from tradepulse.signals.laws import (
    Finding,
    check_future,
    check_json,
    check_partition,
    check_restore,
    check_warm,
)  # fmt: skip
from tradepulse.signals.program import Program, required_columns
from tradepulse.simulation.backtest import BacktestEngine
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy

# Enough bars for long warm-ups and several thousand cuts, few enough for an answer in seconds.
MOST_BARS = 20_000
SEED = 20_240_805

_LAWS: tuple[tuple[str, str, Callable[..., Finding | None]], ...] = (
    ("S1", "the same however the bars are cut", check_partition),
    ("S2", "no later bar changes an earlier signal", check_future),
    ("S3", "the same after a restart at any bar", check_restore),
    ("S4", "the stored graph is the graph", check_json),
    ("S5", "silent until warm", check_warm),
)


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    result: str
    detail: str


@dataclass(frozen=True)
class BenchReport:
    """What the bench saw. `passed` speaks of the laws only: few trades are not a fault."""

    strategy: str
    passed: bool
    checks: tuple[Check, ...]

    def rows(self) -> list[tuple[str, str, str]]:
        return [(check.name, check.result, check.detail) for check in self.checks]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_bench(strategy: Strategy, bars: BarSeries, rules: Rules | None = None) -> BenchReport:
    """The report of `strategy` on the last bars of the series (at most 20,000)."""
    cut = bars.slice(max(0, len(bars) - MOST_BARS), len(bars))
    laws = [_law(*law, strategy, cut) for law in _LAWS]
    facts = [*_activity(strategy, cut, rules or Rules()), _speed(strategy, cut)]
    passed = all(check.result == "ok" for check in laws)
    return BenchReport(strategy.name, passed, (*laws, *facts))


def _law(
    name: str, meaning: str, check: Callable[..., Finding | None], strategy: Strategy,
    bars: BarSeries,
) -> Check:  # fmt: skip
    finding = check(strategy.graph, bars, np.random.default_rng(SEED))
    if finding is None:
        return Check(name, "ok", meaning)
    return Check(name, "BROKEN", f"{meaning}: {finding.message}")


def _activity(strategy: Strategy, bars: BarSeries, rules: Rules) -> list[Check]:
    program = Program(strategy.graph, bars.interval_ms, required_columns(strategy.graph))
    signals = program.advance(bars)
    result = BacktestEngine(rules).run(bars, signals)
    years = (bars.open_time[-1] - bars.open_time[0] + bars.interval_ms) / DAY_MS / 365.0
    trades = int(result.metrics["trade_count"] or 0)
    entries = int(signals.enter_long.sum() + signals.enter_short.sum())
    return [
        Check("warm-up", f"{program.warmup_bars} bars", f"of the {len(bars)} tested"),
        Check("entry signals", str(entries), "long and short, before any rule"),
        Check("trades", str(trades), "long only on spot rules" if not rules.is_perpetual else ""),
        Check("trades per year", f"{trades / years:.0f}", f"over {years:.2f} years"),
    ]


def _speed(strategy: Strategy, bars: BarSeries) -> Check:
    program = Program(strategy.graph, bars.interval_ms, required_columns(strategy.graph))
    started = perf_counter()
    program.advance(bars)
    whole = (perf_counter() - started) / len(bars) * 1e9
    single = [bars.slice(i, i + 1) for i in range(min(500, len(bars)))]
    started = perf_counter()
    for bar in single:
        program.advance(bar)
    live = (perf_counter() - started) / len(single) * 1e6
    return Check("time per bar", f"{whole:.0f} ns", f"in history; {live:.1f} µs one bar at a time")
