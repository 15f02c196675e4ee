"""What a venue demands of orders, read from the markets ccxt has loaded.

ccxt's numbers are floats that were printed decimals; their shortest text is the venue's own figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.domain.market_terms import LeverageTier, MarketTerms

_TICK_SIZE = 4  # ccxt's precision mode in which a precision is a step
_BPS = Decimal(10_000)


def terms_of(
    client: Any, symbol: str, now_ms: int, tiers: Sequence[Mapping[str, Any]] = ()
) -> MarketTerms:
    """The filters and fees of `symbol` from the client's loaded markets; `tiers` are ccxt's
    leverage tiers of it. Contract counts become base units. Error `symbol_not_found`."""
    listed = (client.markets or {}).get(symbol)
    if listed is None:
        raise NotFoundError(
            "symbol_not_found", f"{client.id} has no {symbol}", expected="one of its markets",
            found=symbol,
        )  # fmt: skip
    size = _decimal(listed.get("contractSize")) or Decimal(1)
    limits, precision = listed["limits"], listed["precision"]
    ladder = leverage_ladder(tiers)
    return MarketTerms(
        Instrument(
            exchange=str(client.id),
            pair=Pair.parse(symbol),
            tick=_step(client, precision.get("price")),
            lot=_times(_step(client, precision.get("amount")), size),
            min_notional=_bound(limits, "cost", "min") or Decimal(0),
        ),
        venue_symbol=str(listed["id"]),
        min_quantity=_times(_bound(limits, "amount", "min"), size) or Decimal(0),
        max_quantity=_times(_bound(limits, "amount", "max"), size),
        max_market_quantity=_times(_bound(limits, "market", "max"), size),
        max_notional=_bound(limits, "cost", "max"),
        taker_fee_bps=_fee_bps(listed.get("taker")),
        maker_fee_bps=_fee_bps(listed.get("maker")),
        max_leverage=_most_leverage(listed, ladder),
        tiers=ladder,
        native_oco=_rests_as_one(client, listed),
        trading=listed.get("active") is not False,
        fetched_at=now_ms,
    )


def leverage_ladder(tiers: Sequence[Mapping[str, Any]]) -> tuple[LeverageTier, ...]:
    """ccxt's leverage tiers as ours, smallest position first.

    The maintenance amount is what makes the margin continuous where one tier ends and the next
    begins; venues that state it state the same.
    """
    ladder: list[LeverageTier] = []
    amount = rate = Decimal(0)
    for tier in sorted(tiers, key=lambda tier: tier["minNotional"] or 0):
        next_rate = _decimal(tier["maintenanceMarginRate"]) or Decimal(0)
        amount += (_decimal(tier["minNotional"]) or Decimal(0)) * (next_rate - rate)
        rate = next_rate
        most = _decimal(tier["maxNotional"])
        leverage = _decimal(tier["maxLeverage"]) or Decimal(1)
        ladder.append(LeverageTier(Decimal("Infinity") if most is None else most, leverage, rate,
                                   amount))  # fmt: skip
    return tuple(ladder)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else _plain(Decimal(str(value)))


def _step(client: Any, precision: Any) -> Decimal | None:
    step = _decimal(precision)
    if step is None or client.precisionMode == _TICK_SIZE:
        return step
    return _plain(Decimal(1).scaleb(-int(step)))


def _bound(limits: Mapping[str, Any], kind: str, side: str) -> Decimal | None:
    """A bound of the venue; zero stands for none there."""
    return _decimal((limits.get(kind) or {}).get(side)) or None


def _times(value: Decimal | None, size: Decimal) -> Decimal | None:
    return None if value is None else _plain(value * size)


def _fee_bps(ratio: Any) -> Decimal:
    fee = _decimal(ratio)
    return Decimal(10) if fee is None else _plain(fee * _BPS)


def _plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def _most_leverage(listed: Mapping[str, Any], ladder: Sequence[LeverageTier]) -> Decimal:
    if listed.get("spot"):
        return Decimal(1)
    if ladder:
        return ladder[0].max_leverage
    return _bound(listed["limits"], "leverage", "max") or Decimal(1)


def _rests_as_one(client: Any, listed: Mapping[str, Any]) -> bool:
    """Binance's order lists are spot only, and not for every symbol."""
    allowed = listed.get("info", {}).get("ocoAllowed", True)
    return client.id == "binance" and bool(listed.get("spot")) and bool(allowed)
