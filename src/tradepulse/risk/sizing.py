"""How large an entry may be: the caps on one position, and the quantity they leave.

A cap cuts an entry down where less is still worth having; only what is then too small for the venue
is refused. Nothing here ever makes a quantity larger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from tradepulse.domain.lifecycle import Stage
from tradepulse.risk.intent import Exposure, Intent, Refused
from tradepulse.risk.limits import Limits

STAGE_CAP, TOTAL_CAP, LIVE_CAP = "stage_cap", "total_cap", "live_cap"
STAGED_CAPITAL, RISK_PER_TRADE = "staged_capital", "risk_per_trade"
INSTRUMENT_EXPOSURE = "instrument_exposure"
SIZE_CODES = frozenset(
    {STAGE_CAP, TOTAL_CAP, LIVE_CAP, STAGED_CAPITAL, RISK_PER_TRADE, INSTRUMENT_EXPOSURE}
)


class Sized(NamedTuple):
    """`quantity` in base units, 0 when nothing is left; `refusal` says which cap cut it, None when
    none did. A cut that leaves something is no refusal yet: it is what to record."""

    quantity: float
    refusal: Refused | None

    @property
    def code(self) -> str | None:
        """The code of the cap that cut it."""
        return None if self.refusal is None else self.refusal.code


class Cap(NamedTuple):
    """At most `quantity` base units; `expected` says so in words."""

    code: str
    quantity: float
    expected: str


def allowed_quantity(
    intent: Intent,
    exposure: Exposure,
    limits: Limits,
    *,
    lot: float = 0.0,
    min_quantity: float = 0.0,
    min_notional: float = 0.0,
) -> Sized:
    """The quantity that the caps leave of `intent`, in whole lots (0: no lots); never more than it
    asks for. A reduction is left as it is.

    What a cap leaves under the venue's minimum is nothing: an intent that was under it before keeps
    its quantity, for the venue's own rule to refuse. A cap whose fact is missing leaves nothing
    (`facts_missing`).
    """
    if intent.reduces:
        return Sized(intent.quantity, None)
    least = min(caps(intent, exposure, limits), key=lambda cap: cap.quantity, default=None)
    if least is None or intent.quantity <= least.quantity:
        return Sized(intent.quantity, None)
    # The compiled kernels take a second to import: only who is cut down waits for it.
    from tradepulse.simulation.venue import floor_to_lot

    refusal = Refused(least.code, least.expected, f"{intent.notional:.8g}")
    quantity = min(float(floor_to_lot(max(least.quantity, 0.0), lot)), intent.quantity)
    too_small = quantity < min_quantity or quantity * intent.price < min_notional
    return Sized(0.0 if too_small else quantity, refusal)


def stop_distance_or_disaster(distance: float, price: float, limits: Limits) -> float:
    """The stop's distance in price: `distance`, or the disaster stop's where a strategy has none
    (NaN). NaN when there is neither."""
    if math.isfinite(distance):
        return distance
    if limits.disaster_stop_pct is None:
        return math.nan
    return price * limits.disaster_stop_pct / 100.0


def caps(intent: Intent, exposure: Exposure, limits: Limits) -> Iterator[Cap]:
    """Every cap on the size of an entry that is in force for it."""
    yield from _share_caps(intent, exposure, limits)
    yield from _instrument_cap(intent, exposure, limits)
    yield from _risk_cap(intent, exposure, limits)
    if exposure.allotment is not None and exposure.staged_share < 1.0:
        worth = exposure.allotment * exposure.staged_share * (exposure.leverage or 1.0)
        yield _worth(intent, STAGED_CAPITAL, worth,
                     f"{100.0 * exposure.staged_share:g} % of the allotment")  # fmt: skip


def _share_caps(intent: Intent, exposure: Exposure, limits: Limits) -> Iterator[Cap]:
    """Caps that are a share of the wallet's equity."""
    capped = (limits.stage_cap_pct, limits.total_cap_pct, limits.live_cap_pct)
    young = _is_young(exposure, limits)
    if all(cap is None for cap in capped) and not young:
        return
    if exposure.equity is None:
        yield _unknown("the wallet's equity")
        return
    if limits.stage_cap_pct is not None:
        if exposure.stage is None:
            yield _unknown("the configuration's stage")
            return
        share = limits.stage_cap_pct.get(exposure.stage, 0.0)
        yield _worth(intent, STAGE_CAP, exposure.equity * share / 100.0,
                     f"{share:g} % of the wallet in {exposure.stage}")  # fmt: skip
    if limits.total_cap_pct is not None:
        worth = exposure.equity * limits.total_cap_pct / 100.0 - exposure.notional
        yield _worth(intent, TOTAL_CAP, worth, f"{limits.total_cap_pct:g} % of the wallet in all")
    if young:
        shares = [exposure.equity * (limits.live_cap_pct or math.inf) / 100.0,
                  limits.live_cap_quote or math.inf]  # fmt: skip
        yield _worth(intent, LIVE_CAP, min(shares),
                     f"little until {limits.live_cap_trades} live trades")  # fmt: skip


def _is_young(exposure: Exposure, limits: Limits) -> bool:
    """Real money, of a configuration that has not earned its stage with real money yet."""
    if exposure.live_trades is None or exposure.stage is Stage.MATURE:
        return False
    if limits.live_cap_pct is None and limits.live_cap_quote is None:
        return False
    return exposure.live_trades < limits.live_cap_trades


def _instrument_cap(intent: Intent, exposure: Exposure, limits: Limits) -> Iterator[Cap]:
    most = limits.max_instrument_exposure
    if most is None:
        return
    if exposure.instrument_notional is None:
        yield _unknown("the notional open in each pair")
        return
    held = exposure.instrument_notional.get(intent.pair, 0.0)
    yield _worth(intent, INSTRUMENT_EXPOSURE, most * exposure.capital - held,
                 f"{most:g} times the capital in {intent.pair}")  # fmt: skip


def _risk_cap(intent: Intent, exposure: Exposure, limits: Limits) -> Iterator[Cap]:
    share = limits.risk_per_trade_pct
    if share is None:
        return
    distance = stop_distance_or_disaster(exposure.stop_distance, intent.price, limits)
    if exposure.equity is None or not distance > 0.0:
        yield _unknown("the wallet's equity and the stop")
        return
    risked = exposure.equity * share / 100.0
    yield Cap(RISK_PER_TRADE, risked / distance,
              f"at most {share:g} % of the wallet ({risked:.8g}) lost at the stop")  # fmt: skip


def _worth(intent: Intent, code: str, notional: float, words: str) -> Cap:
    return Cap(code, notional / intent.price, f"at most {max(notional, 0.0):.8g}: {words}")


def _unknown(what: str) -> Cap:
    return Cap("facts_missing", 0.0, what)
