"""What a wallet is worth now, what today made of it, and what its open positions put at risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.ledger import Activation, PortfolioPoint, PositionRecord, Wallet
from tradepulse.domain.lifecycle import Feed
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.trading_state import TradingState
from tradepulse.storage.risk_commands import state_of
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.views.wallet_curve import peak_equity

_NOTHING = Decimal(0)
_PERCENT = Decimal(100)
_MONTH_DAYS = 30
Points = Mapping[str, PortfolioPoint]


@dataclass(frozen=True)
class WalletStanding:
    """Amounts in the wallet's quote currency, `_pct` in percent of its equity.

    `equity`: the balance and what its activations have made of their allotments, at their newest
    points. `today` counts from `day_start`, midnight UTC of market time: a replay's day is the one
    it replays. `open_risk`: what all stops would lose against the entries; `unprotected` positions
    have no stop and are not in it. `exposure`: the notional of open positions at entry. `feed`: the
    best one an activation ran on, None without any.
    """

    wallet: Wallet
    feed: Feed | None
    as_of: int | None
    day_start: int
    state: TradingState
    equity: Decimal
    realised: Decimal
    unrealised: Decimal
    today: Decimal
    today_closed: Decimal
    month: Decimal
    peak: Decimal
    open_risk: Decimal
    unprotected: int
    exposure: Decimal
    positions: int
    active: int

    @property
    def today_open(self) -> Decimal:
        """What of today's result is not closed."""
        return self.today - self.today_closed

    @property
    def drawdown_pct(self) -> float:
        """How far it is below its peak, at most 0."""
        return min(share_pct(self.equity - self.peak, self.peak) or 0.0, 0.0)

    @property
    def open_risk_pct(self) -> float | None:
        return share_pct(self.open_risk, self.equity)

    @property
    def exposure_pct(self) -> float | None:
        return share_pct(self.exposure, self.equity)


def wallet_standing(
    tx: Transaction, wallet: Wallet, running: Sequence[Activation], now_ms: int
) -> WalletStanding:
    """The standing of a wallet. `running`: its activations that are not over."""
    points = tx.portfolio.last_points(wallet.id)
    last = max((point.time for point in points.values()), default=None)
    market_ms = _market_time(running, last, now_ms)
    day_start = market_ms - market_ms % DAY_MS
    allotments = {a.id: a.allotment for a in _activations(tx, points)}
    equity = wallet.balance + _earned(points, allotments)
    held = tx.positions.open(wallet_id=wallet.id)
    in_positions = {position.activation_id for position in held}
    book = RiskBook.from_json(state_of(tx, wallet).latches)
    return WalletStanding(
        wallet, _feed(tx, wallet), last, day_start, book.state.at(now_ms), equity,
        realised=tx.trades.totals(wallet_id=wallet.id).pnl,
        unrealised=_sum(p.unrealised_pnl for p in points.values()
                        if p.activation_id in in_positions),
        today=equity - _worth_at(tx, wallet, day_start, allotments),
        today_closed=tx.trades.totals(wallet_id=wallet.id, since_ms=day_start).pnl,
        month=equity - _worth_at(tx, wallet, market_ms - _MONTH_DAYS * DAY_MS, allotments),
        peak=_peak(tx, wallet, book, equity),
        open_risk=_sum(map(stop_risk, held)),
        unprotected=sum(position.stop is None for position in held),
        exposure=_sum(position.quantity * position.entry_price for position in held),
        positions=len(held), active=len(running),
    )  # fmt: skip


def stop_risk(position: PositionRecord) -> Decimal:
    """What the position loses against its entry when its stop is hit; 0 without one, or when it
    locks a gain in."""
    if position.stop is None:
        return _NOTHING
    fall = position.side.sign * (position.entry_price - position.stop)
    return max(fall * position.quantity, _NOTHING)


def share_pct(part: Decimal, whole: Decimal) -> float | None:
    """`part` in percent of `whole`; None of nothing."""
    return float(_PERCENT * part / whole) if whole > 0 else None


def _market_time(running: Sequence[Activation], last: int | None, now_ms: int) -> int:
    """Now, or where nothing live runs, the end of what was replayed."""
    live = any(activation.feed is Feed.LIVE for activation in running)
    return now_ms if live or last is None else min(last, now_ms)


def _feed(tx: Transaction, wallet: Wallet) -> Feed | None:
    """The best feed that any of its activations ran on: history replayed beside it changes
    nothing."""
    for feed in (Feed.LIVE, Feed.SANDBOX, Feed.REPLAY):
        if tx.activations.page(wallet_id=wallet.id, feed=feed, limit=1).items:
            return feed
    return None


def _activations(tx: Transaction, points: Points) -> Iterable[Activation]:
    return tx.activations.of_ids(points).values()


def _earned(points: Points, allotments: Mapping[str, Decimal]) -> Decimal:
    return _sum(point.equity - allotments[name] for name, point in points.items())


def _worth_at(
    tx: Transaction, wallet: Wallet, time_ms: int, allotments: Mapping[str, Decimal]
) -> Decimal:
    # A point at midnight closes the day before it.
    return wallet.balance + _earned(tx.portfolio.last_points(wallet.id, time_ms + 1), allotments)


def _peak(tx: Transaction, wallet: Wallet, book: RiskBook, equity: Decimal) -> Decimal:
    """The wallet's highest equity: at a venue as its risk desk keeps it, which knows of transfers
    and resets; on paper the highest sum of its points."""
    if book.track is not None:
        return max(Decimal(repr(book.track.peak)), equity)
    return max(peak_equity(tx, wallet), equity)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _NOTHING)
