"""The limits of a wallet and the rules that apply them, one function a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tradepulse.domain.errors import UsageError
from tradepulse.risk.intent import Exposure, Intent


@dataclass(frozen=True)
class Limits:
    """Limits of a wallet; None means no limit.

    `max_open_trades` counts positions and entries under way over all activations; `max_exposure` is
    their notional as a multiple of the wallet's capital. Error `bad_limits`.
    """

    max_open_trades: int | None = None
    max_exposure: float | None = None

    def __post_init__(self) -> None:
        trades, exposure = self.max_open_trades, self.max_exposure
        if trades is not None and (isinstance(trades, bool) or int(trades) != trades or trades < 1):
            raise _bad("max_open_trades", "a whole number of at least 1, or none", trades)
        if exposure is not None and not exposure > 0:
            raise _bad("max_exposure", "a number above 0, or none", exposure)


@dataclass(frozen=True)
class Refused:
    """Why an intent may not become an order: a stable code, what was allowed, what was found."""

    code: str
    expected: str
    found: str


Rule = Callable[[Intent, Exposure, Limits], Refused | None]


def entries_are_allowed(_: Intent, exposure: Exposure, __: Limits) -> Refused | None:
    """Refused while the activation drains or is paused: it may only leave."""
    blocked = exposure.entries_blocked
    return None if blocked is None else Refused(blocked, "an activation that may enter", blocked)


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


ENTRY_RULES: tuple[Rule, ...] = (entries_are_allowed, open_trades_are_few, exposure_is_small)
# Refusals that depend on more than an activation's own bars. They are recorded with their bar and
# given back to a replay, which could not find them again.
WALLET_REFUSALS = frozenset({"draining", "paused", "max_open_trades", "exposure"})


def _bad(name: str, expected: str, found: object) -> UsageError:
    return UsageError(
        "bad_limits", f"limit {name!r} is wrong", expected=expected, found=repr(found)
    )
