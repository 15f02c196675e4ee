"""`check_lookahead` beyond the corpus: shipped strategies, hard markets, planted code, refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from corpus_bars import clustered_walk, real_walk
from numba import carray, cfunc, types

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, TradePulseError, UsageError
from tradepulse.domain.funding import FUNDING_COLUMN
from tradepulse.marketdata.samples import bundled_files, read_bundled
from tradepulse.signals.indicator import Indicator
from tradepulse.strategies.api import Bars, Int, Signals, Strategy, indicator
from tradepulse.strategies.registry import Registry
from tradepulse.training.lookahead import LookaheadReport, check_lookahead

WALK = clustered_walk(3000, 11)
SHIPPED = [entry.name for entry in Registry()]


@indicator(state=1)
def smooth_once(state, x):
    state[0] += 0.5 * (x - state[0])
    return state[0]


class Smoothed(Strategy):
    bars = Int(2, 20, default=5)

    def signals(self, bar: Bars) -> Signals:
        line = smooth_once(bar.close.sma(self.bars))
        return Signals(enter_long=bar.close.crosses_above(line), exit_long=bar.close < line)


class ReadsScore(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("score") > 0.0, max_bars=3)


def with_column(bars: BarSeries, name: str, values: np.ndarray) -> BarSeries:
    return replace(bars, columns={name: values})


def shipped(name: str, bars: BarSeries, seed: int = 0) -> LookaheadReport:
    settled = np.random.default_rng(5).normal(1e-4, 1e-4, len(bars) // 8 + 1)
    funded = with_column(bars, FUNDING_COLUMN, np.repeat(settled, 8)[: len(bars)])
    return check_lookahead(Registry().get(name), funded, seed=seed, quick=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_strategies_are_clean(name: str) -> None:
    for seed in (3, 4):
        report = shipped(name, clustered_walk(2000, seed), seed)
        assert report.verdict == "clean", report.findings
    report = shipped(name, real_walk(4000))
    assert report.verdict == "clean", report.findings


@pytest.mark.slow
@pytest.mark.parametrize("file", bundled_files()[::6], ids=lambda path: path.parent.name)
def test_shipped_strategies_are_clean_on_bundled_bars(file: Any) -> None:
    bars = read_bundled(file).slice(20_000, 26_000)
    for name in SHIPPED:
        report = shipped(name, bars)
        assert report.verdict == "clean", (name, report.findings)


def remade(close: np.ndarray, walk: BarSeries = WALK) -> BarSeries:
    opens = np.concatenate((close[:1], close[:-1]))
    return replace(
        walk, open=opens, high=np.maximum(opens, close) * 1.002,
        low=np.minimum(opens, close) * 0.998, close=close,
    )  # fmt: skip


def recursion(keep: float, seed: int = 0) -> np.ndarray:
    values, rng = np.zeros(len(WALK)), np.random.default_rng(seed)
    for place in range(1, len(values)):
        values[place] = keep * values[place - 1] + rng.normal(0.0, 0.01)
    return values


MARKETS: dict[str, Callable[[], np.ndarray]] = {
    "a wave": lambda: 100.0 + 10.0 * np.sin(np.arange(len(WALK)) * 2.0 * np.pi / 97.0),
    "pulled to its mean": lambda: 100.0 * np.exp(recursion(0.9)),
    "returns that follow returns": lambda: 100.0 * np.exp(np.cumsum(recursion(0.6))),
    "a ramp": lambda: np.linspace(100.0, 300.0, len(WALK)),
    "flat": lambda: np.full(len(WALK), 5.0),
}


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("strategy", [Smoothed, Registry().get("rsi_reversion")])
def test_a_market_that_is_easy_to_foretell_accuses_nobody(
    market: str, strategy: type[Strategy]
) -> None:
    report = check_lookahead(strategy, remade(MARKETS[market]()))
    assert report.verdict == "clean", report.findings


def test_bars_made_with_the_same_seed_are_not_the_random_market() -> None:
    for seed in range(3):
        steps = np.random.default_rng(seed).normal(0.0, 0.01, len(WALK))
        bars = remade(100.0 * np.exp(np.cumsum(steps)))
        assert check_lookahead(Smoothed, bars, seed=seed).verdict == "clean"


POINTER = types.CPointer(types.float64)


def machine_code(ahead: int) -> Any:
    """A block loop as `@indicator` compiles it, but one that reads `ahead` bars further."""

    def block(x_, y_, z_, w_, out_, state_, n):
        x, out, state = carray(x_, (n,)), carray(out_, (n,)), carray(state_, (2,))
        for i in range(n):
            state[1] += 0.5 * (x[min(i + ahead, n - 1)] - state[1])
            out[i] = state[1]

    return cfunc(types.void(*[POINTER] * 6, types.int64))(block)


class SeldomSpeaks(Strategy):
    """The indicator peeks, but what it says reaches no entry on these bars."""

    def signals(self, bar: Bars) -> Signals:
        never = smooth_once(bar.close) > 1e9
        return Signals(enter_long=never, exit_long=bar.hour.equals(5.0))


@pytest.mark.parametrize("ahead", [1, 30])
@pytest.mark.parametrize("quick", [False, True])
def test_a_node_that_peeks_is_found_behind_silent_outputs(
    monkeypatch: pytest.MonkeyPatch, ahead: int, quick: bool
) -> None:
    code = machine_code(ahead)
    monkeypatch.setattr(Indicator, "address", lambda _self: code.address)
    report = check_lookahead(SeldomSpeaks, WALK, quick=quick)
    assert report.verdict == "leak"
    assert {line.name: line.result for line in report.checks}["futures"] == "leak"
    assert {line.name: line.result for line in report.checks}["S2"] == "ok"
    assert report.first_bar is not None


def test_a_leak_late_in_a_long_series_is_counted_from_the_first_bar() -> None:
    bars = clustered_walk(25_000, 5)
    later = np.append(np.diff(np.log(bars.close)), 0.0)
    known = np.where(np.arange(len(bars)) >= 15_000, later, np.nan)
    report = check_lookahead(ReadsScore, with_column(bars, "score", known), quick=True)
    assert (report.verdict, report.column, report.first_bar) == ("leak", "score", 15_000)


def test_parameters_and_an_instance_are_taken() -> None:
    assert check_lookahead(Smoothed, WALK, parameters={"bars": 9}, quick=True).clean
    assert check_lookahead(Smoothed(bars=3), WALK, parameters={"bars": 9}, quick=True).clean
    with pytest.raises(UsageError, match="no parameter"):
        check_lookahead(Smoothed, WALK, parameters={"bras": 9})


def test_a_given_builder_comes_before_the_strategys_own() -> None:
    calls = []

    def builder(bars: BarSeries) -> dict[str, np.ndarray]:
        calls.append(len(bars))
        return {"score": bars.close - bars.open}

    report = check_lookahead(ReadsScore, WALK, columns_builder=builder, quick=True)
    assert report.clean
    assert len(set(calls)) > 5


def test_given_columns_are_what_is_judged_beside_a_clean_builder() -> None:
    bars = with_column(WALK, "score", np.append(np.diff(WALK.close), 0.0))
    report = check_lookahead(
        ReadsScore, bars, columns_builder=lambda bars: {"score": bars.close - bars.open}
    )
    assert (report.verdict, report.column) == ("leak", "score")
    assert {line.name: line.result for line in report.checks}["given columns"] == "flag"


def failing(bars: BarSeries) -> dict[str, np.ndarray]:
    raise ValueError("no such file")


REFUSED: list[tuple[str, type[Strategy], BarSeries, Any]] = [
    ("too_few_bars", Smoothed, WALK.slice(0, 9), None),
    ("unknown_column", ReadsScore, WALK, None),
    ("broken_columns", ReadsScore, WALK, failing),
    ("broken_columns", ReadsScore, WALK, lambda bars: {"other": bars.close}),
    ("length_mismatch", ReadsScore, WALK, lambda bars: {"score": bars.close[1:]}),
]


@pytest.mark.parametrize(("code", "strategy", "bars", "builder"), REFUSED)
def test_refusals(code: str, strategy: type[Strategy], bars: BarSeries, builder: Any) -> None:
    with pytest.raises(DataError) as refused:
        check_lookahead(strategy, bars, columns_builder=builder)
    assert refused.value.code == code


@pytest.mark.parametrize("count", [10, 60, 499, 500])
def test_few_bars_are_checked_as_far_as_they_go(count: int) -> None:
    report = check_lookahead(Smoothed, WALK.slice(0, count))
    assert report.clean
    skipped = [line.name for line in report.checks if line.result == "skipped"]
    assert ("foresight" in skipped) == (count < 500)


class OwnError(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > bar.close.previous(-1))


def test_a_span_into_the_future_cannot_be_written() -> None:
    with pytest.raises(TradePulseError) as refused:
        check_lookahead(OwnError, WALK)
    assert refused.value.code == "bad_span"
