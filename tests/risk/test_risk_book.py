"""Latches and the equity behind them, over a day, a reset and a restart."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.risk import Limits, TradingState
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.staging import StagedCapital

LIMITS = Limits(max_daily_loss_pct=5.0, max_drawdown_pct=20.0)


def restarted(book: RiskBook) -> RiskBook:
    return RiskBook.from_json(json.loads(json.dumps(book.as_json())))


def test_a_restart_does_not_count_the_days_loss_anew() -> None:
    book, _ = RiskBook().marked(1_000.0, 0, LIMITS)
    book, new = book.marked(960.0, HOUR_MS, LIMITS)
    assert new == ()
    book, new = restarted(book).marked(949.0, 2 * HOUR_MS, LIMITS)
    assert [latch.code for latch in new] == ["daily_loss"]
    book, new = restarted(book).marked(990.0, 3 * HOUR_MS, LIMITS)
    assert new == ()
    assert book.state.at(3 * HOUR_MS) is TradingState.REDUCING
    book, _ = restarted(book).marked(990.0, DAY_MS, LIMITS)
    assert book.state.latches == ()


def test_a_withdrawal_is_no_loss() -> None:
    book, _ = RiskBook().marked(1_000.0, 0, LIMITS)
    book, new = book.transferred(-500.0).marked(500.0, HOUR_MS, LIMITS)
    assert new == ()
    _, new = book.marked(470.0, 2 * HOUR_MS, LIMITS)
    assert [latch.code for latch in new] == ["daily_loss"]


def test_a_reset_forgives_what_it_lifts() -> None:
    book, _ = RiskBook().marked(1_000.0, 0, LIMITS)
    book, new = book.marked(700.0, HOUR_MS, LIMITS)
    assert {latch.code for latch in new} == {"daily_loss", "drawdown"}
    book, new = book.reset("seen", ["drawdown"]).marked(700.0, 2 * HOUR_MS, LIMITS)
    assert new == ()
    assert [latch.code for latch in book.state.latches] == ["daily_loss"]
    book, new = book.reset("seen").marked(690.0, 3 * HOUR_MS, LIMITS)
    assert (new, book.state.latches) == ((), ())


def test_steps_of_capital_outlive_marks_resets_and_restarts() -> None:
    book = RiskBook().stands("a", StagedCapital(2, 7, 30)).stands("b", StagedCapital(0, 9))
    book, _ = restarted(book).marked(1_000.0, 0, LIMITS)
    book, _ = book.marked(700.0, HOUR_MS, LIMITS)
    book = restarted(book.transferred(50.0).reset("seen"))
    assert book.staged == {"a": StagedCapital(2, 7, 30), "b": StagedCapital(0, 9)}
    assert RiskBook.from_json({"latches": [], "track": None}).staged == {}


@given(st.lists(st.tuples(st.integers(0, DAY_MS), st.floats(1.0, 2_000.0)), max_size=12))
def test_restarting_at_every_mark_changes_nothing(marks: list[tuple[int, float]]) -> None:
    one = other = RiskBook()
    now = 0
    for passed, equity in marks:
        now += passed
        one, new = one.marked(equity, now, LIMITS)
        other, found = restarted(other).marked(equity, now, LIMITS)
        assert new == found
    assert restarted(one) == one == other
