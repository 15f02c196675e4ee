"""The closed trades of a wallet, as far back as protections look."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Protocol

from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.risk.protections import ClosedTradeView, Lock, horizon_ms, protect


class TradeLike(Protocol):
    """A closed trade, whoever keeps it."""

    @property
    def id(self) -> str: ...
    @property
    def activation_id(self) -> str: ...
    @property
    def pair(self) -> str: ...
    @property
    def exit_reason(self) -> ExitReason: ...
    @property
    def pnl(self) -> float: ...
    @property
    def pnl_pct(self) -> float: ...


class TradeHistory:
    """Trades by the time they were known to be closed.

    What a bar did is known when it closes, so a trade may be added before its time is: it waits for
    the next `known_by`. One that is added again, by a replay, counts once. `horizon_ms`: how far
    back they matter, 0 when no protection is set.
    """

    def __init__(
        self, settings: ProtectionSettings, trades: Iterable[ClosedTradeView] = ()
    ) -> None:
        self.settings = settings
        self.horizon_ms = horizon_ms(settings)
        self._trades = sorted(trades, key=_closed_at)
        self._waiting: list[TradeLike] = []
        self._seen = {trade.id for trade in self._trades}

    def add(self, trade: TradeLike, closed_at_ms: int | None = None) -> None:
        """A trade has closed: at `closed_at_ms`, or None within the bar at hand."""
        if not self.horizon_ms or trade.id in self._seen:
            return
        self._seen.add(trade.id)
        if closed_at_ms is None:
            self._waiting.append(trade)
        else:
            insort(self._trades, _view(trade, closed_at_ms), key=_closed_at)

    def known_by(self, now_ms: int) -> None:
        """It is `now_ms`: what waited is known."""
        waiting, self._waiting = self._waiting, []
        for trade in waiting:
            insort(self._trades, _view(trade, now_ms), key=_closed_at)

    def locks(self, now_ms: int, capital: float) -> tuple[Lock, ...]:
        """The locks in force at `now_ms`."""
        if not self.horizon_ms:
            return ()
        start = bisect_left(self._trades, now_ms - self.horizon_ms, key=_closed_at)
        return protect(self._trades[start:], now_ms, self.settings, capital=capital)


def _view(trade: TradeLike, closed_at_ms: int) -> ClosedTradeView:
    return ClosedTradeView(
        trade.id, trade.activation_id, trade.pair, closed_at_ms, trade.exit_reason, trade.pnl,
        trade.pnl_pct,
    )  # fmt: skip


def _closed_at(trade: ClosedTradeView) -> int:
    return trade.closed_at_ms
