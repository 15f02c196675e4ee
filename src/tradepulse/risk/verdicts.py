"""What every limit says of an intent, one by one: for a person who wants to know before asking."""

from __future__ import annotations

from typing import NamedTuple

from tradepulse.risk import rules
from tradepulse.risk.intent import Exposure, Intent
from tradepulse.risk.limits import Limits
from tradepulse.risk.sizing import caps

# Rule, what it is called here, and the limit it is about (None: a state, not a number).
_RULES: tuple[tuple[rules.Rule, str, str | None], ...] = (
    (rules.entries_are_allowed, "activation_state", None),
    (rules.wallet_is_active, "wallet_state", None),
    (rules.no_breaker_is_open, "breakers", None),
    (rules.no_lock_is_in_force, "locks", None),
    (rules.open_trades_are_few, "max_open_trades", "max_open_trades"),
    (rules.exposure_is_small, "exposure", "max_exposure"),
    (rules.equity_is_enough, "min_equity", "min_equity"),
    (rules.daily_loss_is_small, "daily_loss", "max_daily_loss_pct"),
    (rules.drawdown_is_small, "drawdown", "max_drawdown_pct"),
    (rules.leverage_is_low, "leverage", "max_leverage"),
    (rules.orders_are_rare, "order_rate", "max_orders_per_minute"),
    (rules.correlated_trades_are_few, "correlation_cluster", "max_correlated_entries"),
)


class Verdict(NamedTuple):
    """`code` names the limit; `ok` whether the intent passes it. `told`: in words. `most`: how many
    base units a cap on the size leaves, None for other limits. `reason`: the code it would be
    refused with."""

    code: str
    ok: bool
    told: str
    reason: str | None = None
    most: float | None = None


def verdicts(intent: Intent, exposure: Exposure, limits: Limits) -> tuple[Verdict, ...]:
    """Every limit's word on an entry, in the order they are applied. A limit that is not set says
    so; a cap that is exceeded is not ok, though an order is then cut to it and not refused."""
    found = []
    for rule, code, name in _RULES:
        refusal = rule(intent, exposure, limits)
        if refusal is None:
            found.append(Verdict(code, True, _allowed(name, limits)))
        else:
            told = f"expected {refusal.expected}, found {refusal.found}"
            found.append(Verdict(code, False, told, refusal.code))
    for cap in caps(intent, exposure, limits):
        fits = intent.quantity <= cap.quantity * (1.0 + 1e-9)
        most = max(cap.quantity, 0.0)
        reason = None if fits else cap.code
        found.append(Verdict(cap.code, fits, cap.expected, reason, most))
    return tuple(found)


def _allowed(name: str | None, limits: Limits) -> str:
    if name is None:
        return "nothing is in the way"
    value = getattr(limits, name)
    return "no limit is set" if value is None else f"within the limit of {value:g}"
