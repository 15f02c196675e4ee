"""One answer for the first screen: wallets, what runs on them, and what a person must decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.ledger import Activation, PortfolioPoint, Wallet
from tradepulse.domain.lifecycle import Feed, Mode
from tradepulse.storage.alerting import CRITICAL, INFO, WARNING
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.views.decisions import Decision, Scene, decisions
from tradepulse.storage.views.wallet_standing import WalletStanding, share_pct, wallet_standing

_NOTHING = Decimal(0)
_LEVELS = (CRITICAL, WARNING, INFO)


@dataclass(frozen=True)
class Total:
    """Sums over the wallets of one mode and currency: amounts of different modes are never added,
    and those of wallets that only replay history to none."""

    mode: Mode
    quote: str
    wallets: int
    equity: Decimal
    today: Decimal
    today_closed: Decimal
    open_risk: Decimal
    exposure: Decimal
    positions: int
    active: int

    @property
    def today_open(self) -> Decimal:
        return self.today - self.today_closed

    @property
    def open_risk_pct(self) -> float | None:
        return share_pct(self.open_risk, self.equity)

    @property
    def exposure_pct(self) -> float | None:
        return share_pct(self.exposure, self.equity)


@dataclass(frozen=True)
class ActiveRow:
    """An activation that is not over; `today` and `equity` are its own ledger's."""

    activation: Activation
    configuration: Configuration
    equity: Decimal
    today: Decimal
    trade_count: int
    pnl: Decimal
    as_of: int | None


@dataclass(frozen=True)
class Overview:
    """All of one moment. `unread`: alerts nobody has read, by level."""

    wallets: tuple[WalletStanding, ...]
    totals: tuple[Total, ...]
    active: tuple[ActiveRow, ...]
    decisions: tuple[Decision, ...]
    unread: dict[str, int]


def overview(
    tx: Transaction, now_ms: int, *, mode: Mode | None = None, wallet_id: str | None = None
) -> Overview:
    """The overview of the transaction's user, of one mode or one wallet if asked.

    Error `wallet_not_found`.
    """
    wallets = _wallets(tx, mode, wallet_id)
    names = {wallet.id for wallet in wallets}
    running = tuple(a for a in tx.activations.running() if a.wallet_id in names)
    known = tx.configurations.of_ids({a.configuration_id for a in running})
    standings = tuple(
        wallet_standing(tx, w, [a for a in running if a.wallet_id == w.id], now_ms) for w in wallets
    )
    scene = Scene(wallets, running, known, now_ms)
    return Overview(
        standings, _totals(standings), tuple(_active(tx, standings, scene)),
        decisions(tx, scene),
        {word: tx.alerts.unread(level=word) for word in _LEVELS},
    )  # fmt: skip


def _wallets(tx: Transaction, mode: Mode | None, wallet_id: str | None) -> tuple[Wallet, ...]:
    if wallet_id is not None:
        found = tx.wallets.get(wallet_id)
        return (found,) if mode in (None, found.mode) else ()
    return tx.wallets.page(mode=mode, limit=MAX_LIMIT).items


def _totals(standings: Iterable[WalletStanding]) -> tuple[Total, ...]:
    groups: dict[tuple[Mode, str], list[WalletStanding]] = {}
    for standing in standings:
        if standing.feed is Feed.REPLAY:
            continue
        groups.setdefault((standing.wallet.mode, standing.wallet.quote), []).append(standing)
    return tuple(_total(mode, quote, found) for (mode, quote), found in sorted(groups.items()))


def _total(mode: Mode, quote: str, found: Sequence[WalletStanding]) -> Total:
    return Total(
        mode, quote, len(found),
        equity=sum((s.equity for s in found), _NOTHING),
        today=sum((s.today for s in found), _NOTHING),
        today_closed=sum((s.today_closed for s in found), _NOTHING),
        open_risk=sum((s.open_risk for s in found), _NOTHING),
        exposure=sum((s.exposure for s in found), _NOTHING),
        positions=sum(s.positions for s in found), active=sum(s.active for s in found),
    )  # fmt: skip


def _active(
    tx: Transaction, standings: Iterable[WalletStanding], scene: Scene
) -> Iterable[ActiveRow]:
    for standing in standings:
        now = tx.portfolio.last_points(standing.wallet.id)
        before = tx.portfolio.last_points(standing.wallet.id, standing.day_start + 1)
        for activation in scene.running:
            if activation.wallet_id != standing.wallet.id:
                continue
            totals = tx.trades.totals(activation_id=activation.id)
            equity = _equity(activation, now.get(activation.id))
            point = now.get(activation.id)
            yield ActiveRow(
                activation, scene.configurations[activation.configuration_id], equity,
                equity - _equity(activation, before.get(activation.id)), totals.trade_count,
                totals.pnl, None if point is None else point.time,
            )  # fmt: skip


def _equity(activation: Activation, point: PortfolioPoint | None) -> Decimal:
    return activation.allotment if point is None else point.equity
