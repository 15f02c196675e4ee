"""How much of each limit a wallet uses now, for people to see before it is met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.settings import RiskSettings
from tradepulse.execution.exposure import Stake, stake_of, wallet_equity
from tradepulse.risk.equity_track import fall_pct
from tradepulse.simulation import layout as at
from tradepulse.storage.standing_desks import WalletPicture

# Of a limit's value: from here on it is shown as near.
WARN_SHARE = 0.8
PERCENT, TIMES, COUNT, MONEY = "%", "x", "count", "quote"
UNITS: dict[str, str] = {
    "max_open_trades": COUNT, "max_exposure": TIMES, "risk_per_trade_pct": PERCENT,
    "max_instrument_exposure": TIMES, "max_daily_loss_pct": PERCENT, "max_drawdown_pct": PERCENT,
    "max_leverage": TIMES, "max_orders_per_minute": COUNT, "max_correlated_entries": COUNT,
    "cluster_threshold": "correlation", "min_equity": MONEY, "stage_cap_pct": PERCENT,
    "total_cap_pct": PERCENT, "live_cap_pct": PERCENT, "live_cap_quote": MONEY,
    "live_cap_trades": COUNT, "disaster_stop_pct": PERCENT,
}  # fmt: skip
_ON_PAPER = frozenset({"max_open_trades", "max_exposure"})
# Settings of how, not of how much: nothing is used up.
_NOT_USED = frozenset({"cluster_threshold", "live_cap_trades", "disaster_stop_pct"})


class LimitUse(NamedTuple):
    """`value` None: no such limit. `used` is in force now, `reserved` what entries under way would
    add; both None where nothing is used up. `warn_at`, `refuse_at`: at which use. `applies`: the
    wallet is held to it."""

    name: str
    value: float | None
    unit: str
    used: float | None
    reserved: float | None
    warn_at: float | None
    refuse_at: float | None
    wallet_id: str | None
    applies: bool


def configured(settings: RiskSettings) -> dict[str, float | None]:
    """Every limit by name, a cap by stage as `stage_cap_pct.MATURE`."""
    found: dict[str, float | None] = {}
    for name in UNITS:
        value = getattr(settings, name)
        if name != "stage_cap_pct":
            found[name] = value
            continue
        for stage in Stage:
            found[f"{name}.{stage}"] = None if value is None else value.get(stage, 0.0)
    return found


def unused(settings: RiskSettings) -> tuple[LimitUse, ...]:
    """Every limit as it is set, of no wallet."""
    return tuple(
        _use(name, value, None, None, None, applies=True)
        for name, value in configured(settings).items()
    )


def limit_uses(picture: WalletPicture) -> tuple[LimitUse, ...]:
    """Every limit with what the wallet uses of it."""
    used = dict(_measured(picture))
    paper_applies = picture.settings.apply_to_paper
    return tuple(
        _use(
            name, value, *used.get(name, (None, None)), picture.wallet.id,
            applies=picture.at_venue or (paper_applies and name in _ON_PAPER),
        )
        for name, value in configured(picture.settings).items()
    )  # fmt: skip


def _use(
    name: str, value: float | None, used: float | None, reserved: float | None,
    wallet_id: str | None, *, applies: bool,
) -> LimitUse:  # fmt: skip
    bare = name.split(".", maxsplit=1)[0]
    warn = refuse = None
    if value is not None and bare not in _NOT_USED:
        # The wallet must stay above this one; near is a little more than it.
        warn = value / WARN_SHARE if bare == "min_equity" else value * WARN_SHARE
        refuse = float(value)
    return LimitUse(name, value, UNITS[bare], used, reserved, warn, refuse, wallet_id, applies)


_Measured = tuple[str, tuple[float | None, float | None]]


def _measured(picture: WalletPicture) -> Iterator[_Measured]:
    """(name, (used, reserved)) of what can be measured."""
    books = picture.books
    desks = list(books.desks.values())
    stakes = {name: stake_of(desk) for name, desk in books.desks.items()}
    capital = float(picture.wallet.balance)
    settled = 0.0 if books.oversight is None else books.oversight.settled
    equity = wallet_equity(desks, capital, settled)
    held = [s for s in stakes.values() if s.held]
    yield "max_open_trades", (float(len(held)), float(sum(s.coming > 0 for s in stakes.values())))
    yield "max_exposure", _share(list(stakes.values()), capital)
    by_pair: dict[str, list[Stake]] = {}
    for desk in desks:
        by_pair.setdefault(desk.account.pair, []).append(stakes[desk.account.activation_id])
    shares = [_share(found, capital) for found in by_pair.values()]
    yield "max_instrument_exposure", max(shares, key=sum, default=(0.0, 0.0))
    leverages = [d.account.rules[at.R_LEVERAGE] if d.account.is_perpetual else 1.0 for d in desks]
    yield "max_leverage", (max(leverages, default=0.0), 0.0)
    yield "min_equity", (equity, 0.0)
    yield from _of_equity(picture, stakes, equity)
    if books.oversight is not None:
        yield from _overseen(picture, equity)


def _of_equity(
    picture: WalletPicture, stakes: dict[str, Stake], equity: float
) -> Iterator[_Measured]:
    if equity <= 0.0:
        return
    risks = [100.0 * stake.risk / equity for stake in stakes.values()]
    yield "risk_per_trade_pct", (max(risks, default=0.0), 0.0)
    used, reserved = _share(list(stakes.values()), equity)
    yield "total_cap_pct", (100.0 * used, 100.0 * reserved)
    for stage in Stage:
        mine = [
            stake for name, stake in stakes.items()
            if picture.runs[name].configuration.lifecycle_stage is stage
        ]  # fmt: skip
        largest = max(mine, key=lambda s: s.held + s.coming, default=Stake(0.0, 0.0, 0.0))
        shares = (100.0 * largest.held / equity, 100.0 * largest.coming / equity)
        yield f"stage_cap_pct.{stage}", shares


def _overseen(picture: WalletPicture, equity: float) -> Iterator[_Measured]:
    oversight = picture.books.oversight
    if oversight is None:
        return
    track = oversight.book.track
    if track is not None:
        track = track.marked(equity, picture.now_ms)
        yield "max_daily_loss_pct", (fall_pct(equity, track.day_start), 0.0)
        yield "max_drawdown_pct", (fall_pct(equity, track.peak), 0.0)
    yield "max_orders_per_minute", (float(oversight.orders_last_minute(picture.now_ms)), 0.0)
    desks = picture.books.desks.values()
    pairs = tuple(d.account.pair for d in desks if d.account.position is not None)
    clusters = oversight.clusters
    alike = [pairs if clusters is None else clusters.together(pair, pairs) for pair in pairs]
    yield "max_correlated_entries", (float(max(map(len, alike), default=0)), 0.0)


def _share(stakes: list[Stake], whole: float) -> tuple[float, float]:
    if whole <= 0.0:
        return 0.0, 0.0
    return sum(s.held for s in stakes) / whole, sum(s.coming for s in stakes) / whole
