"""The benchmark harness: the same bars for everybody, honest ratios, agreement set by set."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.agreement import compare
from benchmarks.bars import random_walk
from benchmarks.cases import OURS, Case, Entrant, Reading
from benchmarks.grid import breakout_sets, ema_cross_sets, spread_out
from benchmarks.process import BenchmarkError, Measurement, measure, own_python

ONE = Entrant(OURS, (), units=1_000.0)


def ran(*seconds: float, wall: float = 9.0, peak: float = 100.0) -> Measurement:
    return Measurement(list(seconds), list(seconds), wall, wall, peak, 0.0)


def test_bars_are_possible_and_the_same_every_time() -> None:
    first, again = random_walk(5_000), random_walk(5_000)
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["high"] >= np.maximum(first["open"], first["close"])).all()
    assert (first["low"] <= np.minimum(first["open"], first["close"])).all()
    assert (first["open"][1:] == first["close"][:-1]).all()
    ticks = first["close"] * 100.0
    assert np.abs(ticks - np.round(ticks)).max() < 1e-6


def test_a_sample_of_sets_spans_the_whole_grid() -> None:
    pairs = ema_cross_sets()
    assert len(set(pairs)) == 1_000
    some = spread_out(pairs, 40)
    assert (len(some), some[0], some[-1]) == (40, pairs[0], pairs[-1])
    assert breakout_sets(20) == breakout_sets(1_000)[:20]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading.TIMED, 0.25 / 1_000 * 1e9),
        (Reading.RATE, 4_000.0),
        (Reading.PROCESS, 9.0 * 1e9),
        (Reading.MEMORY, 100.0),
    ],
)
def test_the_best_run_is_the_value(reading: Reading, expected: float) -> None:
    case = Case("k", "t", "u", (ONE,), reading=reading, factor=1e9)
    assert case.value(ONE, [ran(0.5, 0.25), ran(0.75)]) == pytest.approx(expected)


def test_a_bar_is_a_ceiling_except_for_a_rate() -> None:
    slow = Case("k", "t", "u", (ONE,), bar=4.0)
    rate = Case("k", "t", "u", (ONE,), bar=4.0, reading=Reading.RATE)
    assert (slow.meets(3.0), slow.meets(5.0)) == (True, False)
    assert (rate.meets(3.0), rate.meets(5.0)) == (False, True)
    assert slow.times_better(2.0, 10.0) == 5.0
    assert rate.times_better(10.0, 2.0) == 5.0


def test_agreement_counts_sets_and_shows_the_widest_gap() -> None:
    ours = {"rows": {"a": {"trades": 10, "final_equity": 100.0},
                     "b": {"trades": 20, "final_equity": 50.0}}}  # fmt: skip
    theirs = {"rows": {"b": {"trades": 19, "final_equity": 40.0},
                       "a": {"trades": 10, "final_equity": 100.0}}}  # fmt: skip
    found = compare(ours, theirs)
    assert (found["sets"], found["same_trade_count"]) == (2, 1)
    assert found["trades_gap"] == pytest.approx(0.05)
    assert found["equity_gap"] == pytest.approx(0.2)
    assert compare({}, theirs) == {}


def test_a_measured_process_reports_what_it_printed() -> None:
    program = (
        "from benchmarks.measure import emit, timed; "
        "emit(*timed(lambda: {'answer': sum(range(1000))}, 2))"
    )
    found = measure([own_python(), "-c", program], {})
    assert found.facts == {"answer": 499500}
    assert len(found.seconds) == 2
    assert 0.0 < min(found.seconds) < found.wall_s
    assert found.peak_mb > 5.0


def test_a_failed_process_says_why() -> None:
    with pytest.raises(BenchmarkError, match="no such thing"):
        measure([own_python(), "-c", "raise SystemExit('no such thing')"], {})
