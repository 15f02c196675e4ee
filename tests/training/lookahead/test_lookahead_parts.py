"""The pieces of the check: what really happened, matches with later bars, delay, recursion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from corpus_bars import clustered_walk

from tradepulse.strategies.api import Bars, Signals, Strategy
from tradepulse.training.lookahead.delay import check_delay
from tradepulse.training.lookahead.elsewhere import random_market
from tradepulse.training.lookahead.matches import LaterBars
from tradepulse.training.lookahead.recursion import check_recursion
from tradepulse.training.lookahead.truth import HORIZONS, LEADS, Truth, normal_scores

BARS = clustered_walk(3000, 21)
TRUTH = Truth(BARS)


def test_scores_are_normal_and_free_of_the_hour() -> None:
    scores = TRUTH.scores
    assert abs(scores.mean()) < 1e-9
    assert scores.std() == pytest.approx(1.0)
    hour = BARS.open_time // 3_600_000 % 168
    means = [TRUTH.steps[hour == slot].mean() for slot in range(168)]
    assert np.abs(means).max() < 1e-9


def test_normal_scores_keep_order_ties_and_gaps() -> None:
    scores = normal_scores(np.array([3.0, np.nan, 1.0, 1.0, 9.0]))
    assert np.isnan(scores).tolist() == [False, True, False, False, False]
    assert scores[2] == scores[3] < scores[0] < scores[4]
    assert normal_scores(np.full(3, 7.0)).tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(normal_scores(np.full(2, np.nan))).all()


@pytest.mark.parametrize("horizon", HORIZONS)
def test_what_lies_ahead_is_the_sum_of_the_next_steps(horizon: int) -> None:
    ahead = TRUTH.ahead(horizon)
    wanted = [TRUTH.steps[t + 1 : t + 1 + horizon].sum() for t in range(len(BARS) - horizon)]
    np.testing.assert_allclose(ahead[: len(wanted)], wanted, atol=1e-9)
    assert np.isnan(ahead[-horizon:]).all()


def test_nothing_of_the_present_is_correlated_with_what_lies_ahead() -> None:
    for row in (0, LEADS - 1, LEADS, len(TRUTH.leads) - 1):
        target = TRUTH.leads[row]
        there = np.isfinite(target)
        for feature in (TRUTH.steps, np.abs(TRUTH.steps)):
            assert abs(np.corrcoef(feature[there], target[there])[0, 1]) < 0.02


def shifted(values: np.ndarray, bars: int) -> np.ndarray:
    return pd.Series(values).shift(bars).to_numpy()


def in_buckets(values: np.ndarray, hours: int, how: str) -> np.ndarray:
    bucket = BARS.open_time // (hours * 3_600_000)
    return pd.Series(values).groupby(bucket).transform(how).to_numpy()


MATCHES = [
    ("the close of the next bar", shifted(BARS.close, -1)),
    ("the close of the bar 7 bars later", shifted(BARS.close, -7)),
    ("the open of the next bar", shifted(BARS.open, -1)),
    ("the high of the next bar", shifted(BARS.high, -1)),
    ("the low of the bar 48 bars later", shifted(BARS.low, -48)),
    ("the volume of the bar 3 bars later", shifted(BARS.volume, -3)),
    ("the return of the next bar", shifted(pd.Series(BARS.close).pct_change().to_numpy(), -1)),
    ("the log return of the next 12 bars", np.log(shifted(BARS.close, -12) / BARS.close)),
    ("the return of the next 4 bars", shifted(BARS.close, -4) / BARS.close - 1.0),
    ("the close of a 4h bar that has not closed", in_buckets(BARS.close, 4, "last")),
    ("the high of a day that has not closed", in_buckets(BARS.high, 24, "max")),
    ("the low of a 12h bar that has not closed", in_buckets(BARS.low, 12, "min")),
    ("the volume of a 8h bar that has not closed", in_buckets(BARS.volume, 8, "sum")),
]
NO_MATCHES = {
    "close": BARS.close,
    "lagged close": shifted(BARS.close, 1),
    "return": pd.Series(BARS.close).pct_change().to_numpy(),
    "high of the day so far": pd.Series(BARS.high).groupby(BARS.open_time // 86_400_000).cummax(),
    "volume of the day so far": pd.Series(BARS.volume).groupby(BARS.open_time // 86_400_000)
    .cumsum(),
    "open of the day": in_buckets(BARS.open, 24, "first"),
    "last day's close": shifted(in_buckets(BARS.close, 24, "last"), 24),
    "constant": np.full(len(BARS), 100.0),
    "unknown": np.full(len(BARS), np.nan),
}  # fmt: skip


@pytest.mark.parametrize(("meaning", "column"), MATCHES, ids=[m for m, _ in MATCHES])
def test_later_bars_are_recognised(meaning: str, column: np.ndarray) -> None:
    found = LaterBars(BARS).match("x", column)
    assert found is not None
    assert f"x is {meaning}, on " in found.message


@pytest.mark.parametrize("name", NO_MATCHES)
def test_what_is_known_matches_nothing(name: str) -> None:
    assert LaterBars(BARS).match("x", np.asarray(NO_MATCHES[name])) is None


def test_prices_on_a_coarse_grid_match_nothing_by_chance() -> None:
    close = np.round(BARS.close / 2.0) * 2.0
    opens = np.concatenate((close[:1], close[:-1]))
    coarse = replace(BARS, close=close, open=opens, high=close + 2.0, low=close - 2.0)
    later = LaterBars(coarse)
    for lag in range(4):
        assert later.match("x", shifted(close, lag)) is None


def test_the_random_market_keeps_times_and_is_possible() -> None:
    given = replace(BARS, columns={"score": np.arange(len(BARS), dtype=float)})
    made = random_market(given, np.random.default_rng(3))
    assert made.open_time is BARS.open_time
    assert (made.low <= np.minimum(made.open, made.close)).all()
    assert (made.high >= np.maximum(made.open, made.close)).all()
    assert (made.low > 0.0).all()
    assert sorted(made.columns["score"]) == given.columns["score"].tolist()
    real, random = np.diff(np.log(BARS.close)), np.diff(np.log(made.close))
    assert abs(np.corrcoef(real, random)[0, 1]) < 0.08
    assert random.std() == pytest.approx(real.std(), rel=0.1)


class Crossing(Strategy):
    def signals(self, bar: Bars) -> Signals:
        fast, slow = bar.close.ema(5), bar.close.ema(20)
        return Signals(enter_long=fast > slow, exit_long=fast < slow, stop=bar.atr(14))


class LongMemory(Strategy):
    """Bars since the first: another number from every start."""

    def signals(self, bar: Bars) -> Signals:
        number = (bar.close.previous().otherwise(0.0) <= 0.0).since()
        return Signals(enter_long=bar.close > bar.close.sma(20), stop=number)


def test_recursion_shows_what_hangs_on_the_first_bar() -> None:
    assert check_recursion(Crossing().graph, BARS).result == "ok"
    flagged = check_recursion(LongMemory().graph, BARS)
    assert flagged.result == "flag"
    assert "stop differs on 200" in flagged.detail
    assert check_recursion(Crossing().graph, BARS.slice(0, 60)).result == "skipped"


def lagging(strength: float, lag: int) -> tuple[Strategy, object]:
    """A strategy on a column that knows the return `lag` bars later."""
    moves = np.diff(np.log(BARS.close), prepend=np.log(BARS.close[:1]))
    noise = np.random.default_rng(2).normal(0.0, moves.std(), len(moves))
    score = strength * np.nan_to_num(shifted(moves, -lag)) + noise

    class OnScore(Strategy):
        def signals(self, bar: Bars) -> Signals:
            return Signals(enter_long=bar.column("score") > 0.0, exit_long=bar.column("score") < 0)

    return OnScore(), replace(BARS, columns={"score": score})


@pytest.mark.parametrize(("lag", "words"), [(1, "in the first bar"), (2, "waiting should not")])
def test_delay_flags_an_edge_that_a_bar_changes(lag: int, words: str) -> None:
    strategy, bars = lagging(2.0, lag)
    line = check_delay(strategy.graph, bars)
    assert line.result == "flag"
    assert words in line.detail
