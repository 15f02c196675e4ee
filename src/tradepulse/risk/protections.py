"""Pauses after bad trades: cool-down, stop-loss guard, low profit, drawdown.

A pause begins when a trade closes and ends at a time known then. So the pauses in force are a
function of the trades closed by now, the same in a backtest and with real money, and a restart
finds them again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.settings import (
    CoolDown,
    DrawdownPause,
    LowProfitPause,
    ProtectionSettings,
    StopLossGuard,
)

COOL_DOWN, STOP_LOSS_GUARD = "cool_down", "stop_loss_guard"
LOW_PROFIT, DRAWDOWN_PAUSE = "low_profit", "drawdown_pause"
PROTECTION_CODES = frozenset({COOL_DOWN, STOP_LOSS_GUARD, LOW_PROFIT, DRAWDOWN_PAUSE})
_STOPPED = frozenset({ExitReason.STOP, ExitReason.TRAIL, ExitReason.LIQUIDATION})


class ClosedTradeView(NamedTuple):
    """What protections look at of a closed trade. `closed_at_ms`: when it was known to be closed,
    which for a fill against a bar is the bar's close. `pnl` net, in quote units; `pnl_pct` percent
    of its notional."""

    id: str
    activation_id: str
    pair: str
    closed_at_ms: int
    exit_reason: ExitReason
    pnl: float
    pnl_pct: float


class LockSubject(NamedTuple):
    """The protection, and whom it keeps out."""

    code: str
    activation_id: str | None
    pair: str | None


class Lock(NamedTuple):
    """No entries from `from_ms` until before `until_ms`: of one activation, of one pair, or (both
    None) of the whole wallet. `reason` is for people."""

    code: str
    reason: str
    from_ms: int
    until_ms: int
    activation_id: str | None = None
    pair: str | None = None

    @property
    def subject(self) -> LockSubject:
        """What it is about, whenever it began."""
        return LockSubject(self.code, self.activation_id, self.pair)

    @property
    def scope(self) -> str:
        """`activation`, `pair` or `wallet`."""
        if self.activation_id is not None:
            return "activation"
        return "wallet" if self.pair is None else "pair"

    def holds(self, now_ms: int) -> bool:
        return self.from_ms <= now_ms < self.until_ms


def protect(
    history: Iterable[ClosedTradeView],
    now_ms: int,
    settings: ProtectionSettings,
    *,
    capital: float,
) -> tuple[Lock, ...]:
    """The locks in force at `now_ms`, of each code and scope the one that ends last.

    Trades that closed after `now_ms` are not seen; the order of `history` changes nothing.
    `capital`, in quote units, is what a drawdown is a percentage of.
    """
    seen = sorted((trade for trade in history if trade.closed_at_ms <= now_ms), key=_when)
    last: dict[LockSubject, Lock] = {}
    for lock in _locks(seen, now_ms, settings, capital):
        last[lock.subject] = lock
    return tuple(sorted(last.values()))


def locks_in_force(
    locks: Iterable[Lock], now_ms: int, pair: str, activation_id: str
) -> tuple[Lock, ...]:
    """Those of `locks` that keep this activation out of this pair now, the longest first."""
    held = [
        lock for lock in locks
        if lock.holds(now_ms)
        and lock.pair in (None, pair) and lock.activation_id in (None, activation_id)
    ]  # fmt: skip
    return tuple(sorted(held, key=lambda lock: (-lock.until_ms, lock.code)))


def horizon_ms(settings: ProtectionSettings) -> int:
    """How far back trades matter: an older one can neither lock now nor be counted."""
    rules = (settings.stop_loss_guard, settings.low_profit, settings.drawdown)
    spans = [rule.pause_minutes + rule.lookback_minutes for rule in rules if rule is not None]
    if settings.cool_down is not None:
        spans.append(settings.cool_down.minutes)
    return MINUTE_MS * max(spans, default=0)


def _when(trade: ClosedTradeView) -> tuple[int, str]:
    return trade.closed_at_ms, trade.id


def _locks(
    seen: Sequence[ClosedTradeView], now_ms: int, settings: ProtectionSettings, capital: float
) -> Iterator[Lock]:
    """Every lock that a trade still in its pause caused, oldest first of each code."""
    if settings.cool_down is not None:
        yield from _cool_downs(seen, now_ms, settings.cool_down)
    if settings.stop_loss_guard is not None:
        yield from _guards(seen, now_ms, settings.stop_loss_guard)
    if settings.low_profit is not None:
        yield from _low_profits(seen, now_ms, settings.low_profit)
    if settings.drawdown is not None:
        yield from _drawdowns(seen, now_ms, settings.drawdown, capital)


def _cool_downs(seen: Sequence[ClosedTradeView], now_ms: int, rule: CoolDown) -> Iterator[Lock]:
    for trade in _within(seen, now_ms, rule.minutes):
        if not rule.after_losses_only or trade.pnl < 0.0:
            yield Lock(
                COOL_DOWN, f"{rule.minutes} minutes after a trade that ended by "
                f"{trade.exit_reason}", trade.closed_at_ms,
                trade.closed_at_ms + rule.minutes * MINUTE_MS, trade.activation_id,
            )  # fmt: skip


def _guards(seen: Sequence[ClosedTradeView], now_ms: int, rule: StopLossGuard) -> Iterator[Lock]:
    bad = [trade for trade in seen if trade.exit_reason in _STOPPED and trade.pnl < 0.0]
    for trade in _within(bad, now_ms, rule.pause_minutes):
        pair = trade.pair if rule.per_pair else None
        stops = _before(bad, trade, rule.lookback_minutes, pair)
        if len(stops) >= rule.trades:
            yield _pause(
                STOP_LOSS_GUARD, trade, rule.pause_minutes,
                f"{len(stops)} trades stopped out at a loss within {rule.lookback_minutes} minutes",
                pair,
            )  # fmt: skip


def _low_profits(
    seen: Sequence[ClosedTradeView], now_ms: int, rule: LowProfitPause
) -> Iterator[Lock]:
    for trade in _within(seen, now_ms, rule.pause_minutes):
        mine = _before(seen, trade, rule.lookback_minutes, trade.pair)
        earned = math.fsum(t.pnl_pct for t in mine)
        if len(mine) >= rule.trades and earned < rule.required_pct:
            yield _pause(
                LOW_PROFIT, trade, rule.pause_minutes,
                f"{len(mine)} trades of {trade.pair} made {earned:.2f} % within "
                f"{rule.lookback_minutes} minutes, {rule.required_pct:g} % asked", trade.pair,
            )  # fmt: skip


def _drawdowns(
    seen: Sequence[ClosedTradeView], now_ms: int, rule: DrawdownPause, capital: float
) -> Iterator[Lock]:
    for trade in _within(seen, now_ms, rule.pause_minutes):
        recent = _before(seen, trade, rule.lookback_minutes, None)
        fall = 100.0 * _deepest_fall(recent) / capital
        if len(recent) >= rule.trades and fall >= rule.most_pct:
            yield _pause(
                DRAWDOWN_PAUSE, trade, rule.pause_minutes,
                f"closed trades fell {fall:.2f} % of the capital within {rule.lookback_minutes} "
                f"minutes, {rule.most_pct:g} % allowed", None,
            )  # fmt: skip


def _within(
    seen: Sequence[ClosedTradeView], now_ms: int, minutes: int
) -> Iterator[ClosedTradeView]:
    """The trades that could still lock: those that closed less than the pause ago."""
    return (trade for trade in seen if trade.closed_at_ms + minutes * MINUTE_MS > now_ms)


def _before(
    seen: Sequence[ClosedTradeView], trade: ClosedTradeView, minutes: int, pair: str | None
) -> list[ClosedTradeView]:
    """The trades of `pair` (None: of any) that closed in the minutes up to `trade`, with it."""
    start, end = trade.closed_at_ms - minutes * MINUTE_MS, trade.closed_at_ms
    return [t for t in seen if start < t.closed_at_ms <= end and pair in (None, t.pair)]


def _pause(code: str, trade: ClosedTradeView, minutes: int, reason: str, pair: str | None) -> Lock:
    begins = trade.closed_at_ms
    return Lock(code, reason, begins, begins + minutes * MINUTE_MS, None, pair)


def _deepest_fall(trades: Sequence[ClosedTradeView]) -> float:
    """How far their running profit fell from its best. Trades of one moment count as one: which of
    them came first is an accident of their names."""
    together: dict[int, list[float]] = {}
    for trade in trades:
        together.setdefault(trade.closed_at_ms, []).append(trade.pnl)
    worth = list(accumulate((math.fsum(amounts) for amounts in together.values()), initial=0.0))
    return max(peak - now for peak, now in zip(accumulate(worth, max), worth, strict=True))
