"""Quantities and prices as a venue takes them: exact lots and ticks (F8)."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tradepulse.domain.market_terms import MarketTerms
from tradepulse.domain.money import to_decimal
from tradepulse.execution.orders import Bracket
from tradepulse.risk import Refused

# A float within this of a whole number of steps is that number, as in the kernel (F8).
_CLOSE = Decimal("1e-9")


def lots(quantity: float, terms: MarketTerms) -> float:
    """The quantity rounded down to the lot."""
    return float(_down(to_decimal(quantity), terms.instrument.lot))


def stop_price(price: float, side: int, terms: MarketTerms) -> float:
    """The trigger of a stop that closes a position of `side`, rounded away from it."""
    tick = terms.instrument.tick
    return float(_down(to_decimal(price), tick) if side > 0 else _up(to_decimal(price), tick))


def limit_price(price: float, side: int, terms: MarketTerms) -> float:
    """The limit of a target that closes a position of `side`, rounded away from it."""
    tick = terms.instrument.tick
    return float(_up(to_decimal(price), tick) if side > 0 else _down(to_decimal(price), tick))


def closable(quantity: float, price: float, terms: MarketTerms) -> float:
    """How much of a holding the venue lets us sell (or buy back) at `price`; 0: it is dust.

    Contracts may be closed at any size (reduce-only orders pass the minimum notional).
    """
    whole = lots(quantity, terms)
    if whole <= 0.0 or to_decimal(whole) < terms.min_quantity:
        return 0.0
    too_small = whole * price < float(terms.instrument.min_notional)
    return 0.0 if too_small and terms.instrument.pair.settle is None else whole


def shape_entry(quantity: float, price: float, terms: MarketTerms) -> float | Refused:
    """The quantity of a market entry as the venue takes it, or why it would not."""
    if not terms.trading:
        return Refused("halted", "an instrument that trades", str(terms.instrument))
    whole = to_decimal(lots(quantity, terms))
    for most in (terms.max_quantity, terms.max_market_quantity):
        if most is not None:
            whole = min(whole, _down(most, terms.instrument.lot))
    if whole <= 0 or whole < terms.min_quantity:
        least = max(terms.min_quantity, terms.instrument.lot or Decimal(0))
        return Refused("lot_size", f"at least {least}", str(to_decimal(quantity)))
    notional = whole * to_decimal(price)
    if notional < terms.instrument.min_notional:
        return Refused("min_notional", f"at least {terms.instrument.min_notional}", f"{notional}")
    if terms.max_notional is not None and notional > terms.max_notional:
        return Refused("max_notional", f"at most {terms.max_notional}", f"{notional}")
    return float(whole)


def leverage_allowed(notional: float, leverage: float, terms: MarketTerms) -> Refused | None:
    """Why the leverage is above what the venue gives to a position of that size; None: it is
    not."""
    for tier in terms.tiers:
        if to_decimal(notional) <= tier.max_notional:
            most = tier.max_leverage
            break
    else:
        most = terms.tiers[-1].max_leverage if terms.tiers else terms.max_leverage
    if to_decimal(leverage) <= most:
        return None
    return Refused("leverage_tier", f"at most {most} at {notional:.8g}", f"{leverage:g}")


def stop_within_margin(
    side: int, price: float, quantity: float, leverage: float, bracket: Bracket,
    terms: MarketTerms, default_rate: float,
) -> Refused | None:  # fmt: skip
    """Why the venue would close the position before its stop did (F12, isolated margin); None: the
    stop comes first. `default_rate` is the maintenance rate where the venue tells no tiers."""
    levels = (bracket.stop_price, price - side * bracket.stop, price - side * bracket.trail)
    known = [side * level for level in levels if not math.isnan(level)]
    if not known:
        return None
    level = liquidation_level(side, price, quantity, leverage, terms, default_rate)
    return stop_before(side, side * max(known), level)


def stop_before(side: int, stop: float, level: float) -> Refused | None:
    """Why a stop at or beyond the liquidation `level` (NaN: none) protects nothing; None: it comes
    first."""
    if math.isnan(level) or side * (stop - level) > 0.0:
        return None
    return Refused(
        "stop_beyond_liquidation", f"a stop before the liquidation at {level:.8g}", f"{stop:.8g}"
    )


def liquidation_level(
    side: int, price: float, quantity: float, leverage: float, terms: MarketTerms,
    default_rate: float,
) -> float:  # fmt: skip
    """Where the venue would close a position that was entered at `price` (isolated margin); NaN
    where no price does. `default_rate`: as for `stop_within_margin`."""
    notional = quantity * price
    fitting = (t for t in terms.tiers if to_decimal(notional) <= t.max_notional)
    tier = next(fitting, terms.tiers[-1] if terms.tiers else None)
    rate = default_rate if tier is None else float(tier.maintenance_rate)
    amount = 0.0 if tier is None else float(tier.maintenance_amount)
    level = (notional / leverage + amount - side * notional) / (quantity * (rate - side))
    return level if level > 0.0 else math.nan


def off_tick(price: float, tick: Decimal | None) -> Refused | None:
    """Why a price is none that the venue takes; None: it is on its grid."""
    value = to_decimal(price)
    if not tick or _steps(value, tick)[1]:
        return None
    near = f"{_down(value, tick):f} or {_up(value, tick):f}"
    return Refused("off_tick", f"a multiple of {tick:f}, such as {near}", f"{value:f}")


def _steps(value: Decimal, step: Decimal) -> tuple[Decimal, bool]:
    """(steps, whether that is a whole number of them)."""
    steps = value / step
    nearest = steps.to_integral_value()
    return (nearest, True) if abs(steps - nearest) <= _CLOSE else (steps, False)


def _down(value: Decimal, step: Decimal | None) -> Decimal:
    if not step:
        return value
    steps, whole = _steps(value, step)
    return (steps if whole else steps.to_integral_value(ROUND_FLOOR)) * step


def _up(value: Decimal, step: Decimal | None) -> Decimal:
    if not step:
        return value
    steps, whole = _steps(value, step)
    return (steps if whole else steps.to_integral_value(ROUND_CEILING)) * step
