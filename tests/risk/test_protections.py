"""Pauses after bad trades: when each begins and ends, and what they may not know."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.risk import (
    ClosedTradeView,
    Exposure,
    Intent,
    Lock,
    Refused,
    RiskManager,
    locks_in_force,
    protect,
)
from tradepulse.risk.protections import horizon_ms
from tradepulse.risk.trade_history import TradeHistory

MINUTE = 60_000


def settings(**rules: dict[str, Any]) -> ProtectionSettings:
    return ProtectionSettings.model_validate(rules)


def trade(
    minute: int, pnl: float = -10.0, reason: str = "stop", pair: str = "BTC/USDT",
    activation: str = "a",
) -> ClosedTradeView:  # fmt: skip
    name = f"{activation}{pair}{minute}{pnl}{reason}"
    return ClosedTradeView(
        name, activation, pair, minute * MINUTE, ExitReason(reason), pnl, pnl / 10.0
    )


def codes(
    history: list[ClosedTradeView], minute: int, rules: ProtectionSettings, **about: str
) -> list[str]:
    """The codes that keep activation a out of BTC/USDT at `minute`, of a wallet of 1,000."""
    asked = {"pair": "BTC/USDT", "activation_id": "a", **about}
    locks = protect(history, minute * MINUTE, rules, capital=1_000.0)
    return [lock.code for lock in locks_in_force(locks, minute * MINUTE, **asked)]


COOL = settings(cool_down={"minutes": 30})
SORE = settings(cool_down={"minutes": 30, "after_losses_only": True})
GUARD = settings(stop_loss_guard={"trades": 2, "lookback_minutes": 60, "pause_minutes": 100})
OWN_GUARD = settings(
    stop_loss_guard={"trades": 2, "lookback_minutes": 60, "pause_minutes": 100, "per_pair": True}
)
LOW = settings(low_profit={"trades": 2, "lookback_minutes": 60, "pause_minutes": 100,
                           "required_pct": 0.5})  # fmt: skip
FALL = settings(drawdown={"trades": 2, "lookback_minutes": 60, "pause_minutes": 100,
                          "most_pct": 3.0})  # fmt: skip
STOPS = [trade(0), trade(50)]
CASES: dict[str, tuple[list[ClosedTradeView], int, ProtectionSettings, list[str]]] = {
    "nothing is asked": (STOPS, 50, settings(), []),
    "cooling": ([trade(0, 5.0, "signal")], 29, COOL, ["cool_down"]),
    "cooled": ([trade(0)], 30, COOL, []),
    "another activation cools": ([trade(0, activation="b")], 1, COOL, []),
    "a gain needs no cooling": ([trade(0, 5.0, "target")], 1, SORE, []),
    "a loss does": ([trade(0, -5.0, "signal")], 1, SORE, ["cool_down"]),
    "one stop": (STOPS[:1], 1, GUARD, []),
    "two stops": (STOPS, 50, GUARD, ["stop_loss_guard"]),
    "two stops, long ago": (STOPS, 150, GUARD, []),
    "two stops, far apart": ([trade(0), trade(60)], 60, GUARD, []),
    "two stops that gained": ([trade(0, 1.0), trade(9, 1.0, "trail")], 9, GUARD, []),
    "two losses, no stop": ([trade(0, reason="signal"), trade(9, reason="time")], 9, GUARD, []),
    "liquidations are stops": ([trade(0), trade(9, reason="liquidation")], 9, GUARD,
                               ["stop_loss_guard"]),
    "stops of another pair": ([trade(0), trade(9, pair="X/Y")], 9, GUARD, ["stop_loss_guard"]),
    "but by pair": ([trade(0), trade(9, pair="X/Y")], 9, OWN_GUARD, []),
    "by pair, of any activation": ([trade(0), trade(9, activation="b")], 9, OWN_GUARD,
                                   ["stop_loss_guard"]),
    "little profit": ([trade(0, 2.0), trade(9, 2.0)], 9, LOW, ["low_profit"]),
    "enough profit": ([trade(0, 2.0), trade(9, 4.0)], 9, LOW, []),
    "another pair's little": ([trade(0, 2.0, pair="X/Y"), trade(9, 2.0, pair="X/Y")], 9, LOW, []),
    "a fall": ([trade(0, 50.0), trade(9, -30.0)], 9, FALL, ["drawdown_pause"]),
    "a fall in steps": ([trade(0, -10.0), trade(5, 5.0), trade(9, -26.0)], 9, FALL,
                        ["drawdown_pause"]),
    "no such fall": ([trade(0, 50.0), trade(9, -29.0)], 9, FALL, []),
    "gain and loss of one moment are one": ([trade(0, 1.0), trade(9, 50.0), trade(9, -31.0)], 9,
                                            FALL, []),
    "a fall that is over": ([trade(0, -30.0), trade(70, -1.0)], 110, FALL, []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_when_a_pause_is_in_force(case: str) -> None:
    history, minute, rules, expected = CASES[case]
    assert codes(history, minute, rules) == expected


def test_a_lock_says_what_where_why_and_how_long() -> None:
    (lock,) = protect(STOPS, 60 * MINUTE, OWN_GUARD, capital=1_000.0)
    assert lock == Lock(
        "stop_loss_guard", "2 trades stopped out at a loss within 60 minutes", 50 * MINUTE,
        150 * MINUTE, None, "BTC/USDT",
    )  # fmt: skip
    assert lock.scope == "pair"
    scopes = {lock.scope for lock in protect(STOPS, 50 * MINUTE, COOL, capital=1.0)}
    assert scopes == {"activation"}
    assert protect(STOPS, 50 * MINUTE, GUARD, capital=1.0)[0].scope == "wallet"


def test_the_longest_lock_speaks_first() -> None:
    both = settings(cool_down={"minutes": 30}, stop_loss_guard={"trades": 2, "pause_minutes": 100})
    assert codes(STOPS, 51, both) == ["stop_loss_guard", "cool_down"]
    assert codes(STOPS, 51, both, activation_id="b", pair="X/Y") == ["stop_loss_guard"]


ALL = settings(
    cool_down={"minutes": 15}, stop_loss_guard={"trades": 2, "lookback_minutes": 40,
    "pause_minutes": 25}, low_profit={"trades": 2, "lookback_minutes": 40, "pause_minutes": 30},
    drawdown={"trades": 2, "lookback_minutes": 50, "most_pct": 1.0, "pause_minutes": 20},
)  # fmt: skip
trades = st.builds(
    trade, st.integers(0, 120), st.floats(-30, 30).map(lambda x: round(x, 3)),
    st.sampled_from(["stop", "signal", "target"]), st.sampled_from(["BTC/USDT", "X/Y"]),
    st.sampled_from(["a", "b"]),
)  # fmt: skip
histories = st.lists(trades, max_size=12, unique_by=lambda t: t.id)


@given(histories, st.integers(0, 150), st.permutations(list(range(12))))
def test_names_of_trades_decide_nothing(
    history: list[ClosedTradeView], minute: int, names: list[int]
) -> None:
    renamed = [t._replace(id=f"{n:02}") for n, t in zip(names, history, strict=False)]
    now = minute * MINUTE
    one, other = (protect(h, now, ALL, capital=1_000.0) for h in (history, renamed))
    # The words name one of several trades that closed together; the pause is the same.
    assert [lock._replace(reason="") for lock in one] == [
        lock._replace(reason="") for lock in other
    ]


@given(histories, st.integers(0, 150))
def test_protections_never_see_a_trade_that_closed_after_now(
    history: list[ClosedTradeView], minute: int
) -> None:
    now = minute * MINUTE
    seen = [t for t in history if t.closed_at_ms <= now]
    changed = [
        t._replace(pnl=-t.pnl, exit_reason=ExitReason.STOP) for t in history if t not in seen
    ]
    expected = protect(seen, now, ALL, capital=1_000.0)
    assert protect(seen + changed, now, ALL, capital=1_000.0) == expected
    assert protect(list(reversed(history)), now, ALL, capital=1_000.0) == expected


@given(histories, st.integers(0, 150), st.integers(0, 60))
def test_a_lock_in_force_stays_as_it_is_until_it_ends(
    history: list[ClosedTradeView], minute: int, later: int
) -> None:
    """So it can be a row: nothing that happens after it shortens it, or gives it another name."""
    now, then = minute * MINUTE, (minute + later) * MINUTE
    before = protect(history, now, ALL, capital=1_000.0)
    after = {
        (k.code, k.activation_id, k.pair): k for k in protect(history, then, ALL, capital=1_000.0)
    }
    for lock in before:
        if lock.holds(then):
            successor = after[lock.code, lock.activation_id, lock.pair]
            assert successor == lock or successor.until_ms > lock.until_ms


@given(histories, st.integers(0, 150))
def test_a_history_forgets_only_what_cannot_matter(
    history: list[ClosedTradeView], minute: int
) -> None:
    kept = TradeHistory(ALL, history)
    now = minute * MINUTE
    assert kept.locks(now, 1_000.0) == protect(history, now, ALL, capital=1_000.0)
    assert horizon_ms(ALL) == 70 * MINUTE


class Booked(NamedTuple):
    """A closed trade as the portfolio books it."""

    id: str
    activation_id: str
    pair: str
    exit_reason: ExitReason
    pnl: float
    pnl_pct: float


class Wish(NamedTuple):
    intent: Intent


def test_a_trade_inside_a_bar_is_known_when_the_bar_closes_and_counts_once() -> None:
    risk = RiskManager(protections=settings(cool_down={"minutes": 60}))
    wish = Wish(Intent("a", "BTC/USDT", 1, 1.0, 100.0, False))
    booked = Booked("1", "a", "BTC/USDT", ExitReason.STOP, -1.0, -1.0)
    free = Exposure(0, 0.0, 1_000.0)
    for _ in range(2):  # a replay books it again
        risk.closed(booked)
        risk.known_by(90 * MINUTE)
    assert [lock.from_ms for lock in risk.locks(100 * MINUTE, 1_000.0)] == [90 * MINUTE]
    verdict = risk.check(wish, free)
    assert isinstance(verdict, Refused)
    assert verdict.code == "cool_down"
    assert verdict.expected == "an entry after 1970-01-01 02:30 UTC"
    risk.known_by(150 * MINUTE)
    assert not isinstance(risk.check(wish, free), Refused)
    risk.closed(booked._replace(id="2"), 151 * MINUTE)  # at a venue: known at once
    assert [lock.until_ms for lock in risk.locks(152 * MINUTE, 1_000.0)] == [211 * MINUTE]
