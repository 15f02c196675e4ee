"""The rules an entry must pass, one function a rule, and the codes they refuse with."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

from tradepulse.risk.breakers import BREAKER_CODES
from tradepulse.risk.clusters import UNKNOWN
from tradepulse.risk.equity_track import fall_pct
from tradepulse.risk.intent import Exposure, Intent, Refused
from tradepulse.risk.limits import Limits
from tradepulse.risk.protections import PROTECTION_CODES
from tradepulse.risk.sizing import SIZE_CODES, allowed_quantity
from tradepulse.risk.trading_state import DAILY_LOSS, DRAWDOWN, KILL_SWITCH, MANUAL

Rule = Callable[[Intent, Exposure, Limits], Refused | None]

# A quantity cut down to a cap and rounded is not above it.
_HAIR = 1.0 + 1e-9


def entries_are_allowed(_: Intent, exposure: Exposure, __: Limits) -> Refused | None:
    """Refused while the activation drains or is paused: it may only leave."""
    blocked = exposure.entries_blocked
    return None if blocked is None else Refused(blocked, "an activation that may enter", blocked)


def wallet_is_active(_: Intent, exposure: Exposure, __: Limits) -> Refused | None:
    """Refused while a latch holds the wallet back, with the latch's code."""
    held = exposure.risk_state.worst(exposure.now_ms)
    if held is None:
        return None
    until = "until it is reset" if held.until_ms is None else f"until {_clock(held.until_ms)}"
    return Refused(held.code, "a wallet that is ACTIVE", f"{held.state} {until}: {held.reason}")


def no_breaker_is_open(_: Intent, exposure: Exposure, __: Limits) -> Refused | None:
    """Refused while a circuit breaker has tripped, with its code."""
    if not exposure.breakers:
        return None
    return Refused(exposure.breakers[0], "no open circuit breaker", ", ".join(exposure.breakers))


def no_lock_is_in_force(_: Intent, exposure: Exposure, __: Limits) -> Refused | None:
    """Refused during a pause after bad trades, with the protection's code."""
    if not exposure.locks:
        return None
    lock = exposure.locks[0]
    return Refused(lock.code, f"an entry after {_clock(lock.until_ms)}", lock.reason)


def open_trades_are_few(_: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the wallet has as many trades open or under way as it may."""
    most = limits.max_open_trades
    if most is None or exposure.open_trades < most:
        return None
    return Refused("max_open_trades", f"fewer than {most} open", str(exposure.open_trades))


def exposure_is_small(intent: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when this entry would take the wallet's notional above its multiple of capital."""
    if limits.max_exposure is None:
        return None
    most = limits.max_exposure * exposure.capital
    wanted = exposure.notional + intent.notional
    if wanted <= most:
        return None
    return Refused("exposure", f"at most {most:.8g}", f"{wanted:.8g}")


def equity_is_enough(_: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the wallet is worth less than it must be."""
    if limits.min_equity is None:
        return None
    if exposure.equity is None:
        return _missing("the wallet's equity")
    if exposure.equity >= limits.min_equity:
        return None
    return Refused("min_equity", f"at least {limits.min_equity:.8g}", f"{exposure.equity:.8g}")


def daily_loss_is_small(_: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the wallet has lost its share since midnight UTC."""
    since, most = exposure.day_start_equity, limits.max_daily_loss_pct
    return _fallen(DAILY_LOSS, exposure.equity, since, "at midnight UTC", most)


def drawdown_is_small(_: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the wallet is too far below its peak."""
    since, most = exposure.peak_equity, limits.max_drawdown_pct
    return _fallen(DRAWDOWN, exposure.equity, since, "at its peak", most)


def leverage_is_low(_: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the configuration trades with more leverage than the wallet allows."""
    most = limits.max_leverage
    if most is None:
        return None
    if exposure.leverage is None:
        return _missing("the leverage of the order")
    if exposure.leverage <= most:
        return None
    return Refused("leverage", f"at most {most:g}", f"{exposure.leverage:g}")


def orders_are_rare(_: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the wallet has sent as many orders within a minute as it may."""
    most = limits.max_orders_per_minute
    if most is None:
        return None
    if exposure.orders_last_minute is None:
        return _missing("the orders of the last minute")
    if exposure.orders_last_minute < most:
        return None
    return Refused("order_rate", f"fewer than {most} a minute", str(exposure.orders_last_minute))


def correlated_trades_are_few(intent: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when enough trades are open in the pair's cluster, with their correlations."""
    most = limits.max_correlated_entries
    if most is None:
        return None
    if exposure.clusters is None or exposure.open_pairs is None:
        return _missing("the clusters of correlated pairs, and the pairs that are open")
    alike = exposure.clusters.together(intent.pair, exposure.open_pairs)
    if len(alike) < most:
        return None
    clusters = exposure.clusters
    told = [f"{pair} ({_figure(clusters.correlation(intent.pair, pair))})" for pair in alike]
    which = f"of its cluster, which correlates at {clusters.threshold:g} or more on average"
    if clusters.cluster(intent.pair) == UNKNOWN:
        which = "with too little history to be told apart"
    return Refused(
        "correlation_cluster", f"fewer than {most} open trades {which}",
        f"{intent.pair} with {', '.join(told)}",
    )  # fmt: skip


def size_is_allowed(intent: Intent, exposure: Exposure, limits: Limits) -> Refused | None:
    """Refused when the quantity is above a cap that `allowed_quantity` would have cut it to. An
    order that did not come by way of it, a person's say, meets the same caps here."""
    sized = allowed_quantity(intent, exposure, limits)
    if sized.refusal is None or intent.quantity <= sized.quantity * _HAIR:
        return None
    return sized.refusal


ENTRY_RULES: tuple[Rule, ...] = (
    entries_are_allowed, wallet_is_active, no_breaker_is_open, no_lock_is_in_force,
    open_trades_are_few, exposure_is_small, equity_is_enough, daily_loss_is_small,
    drawdown_is_small, leverage_is_low, orders_are_rare, correlated_trades_are_few,
    size_is_allowed,
)  # fmt: skip
# Refusals that depend on more than an activation's own bars. They are recorded with their bar and
# given back to a replay, which could not find them again.
WALLET_REFUSALS = (
    frozenset({
        "draining", "paused", "fallback", "max_open_trades", "exposure", "min_equity", "leverage",
        "order_rate", "correlation_cluster", "facts_missing", DAILY_LOSS, DRAWDOWN, MANUAL,
        KILL_SWITCH,
    }) | SIZE_CODES | PROTECTION_CODES | BREAKER_CODES
)  # fmt: skip


def _fallen(
    code: str, equity: float | None, since: float | None, when: str, most: float | None
) -> Refused | None:
    """Refused when `equity` is `most` percent or more below what it was `since`."""
    if most is None:
        return None
    if equity is None or since is None:
        return _missing(f"the wallet's equity now and {when}")
    fallen = fall_pct(equity, since)
    return None if fallen < most else Refused(code, f"under {most:g} %", f"{fallen:.2f} %")


def _missing(what: str) -> Refused:
    return Refused("facts_missing", what, "not known")


def _figure(correlation: float | None) -> str:
    return "?" if correlation is None or math.isnan(correlation) else f"{correlation:.2f}"


def _clock(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
