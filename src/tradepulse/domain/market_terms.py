"""What a venue demands of an order in one instrument, and what it charges."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.instrument import Instrument


@dataclass(frozen=True)
class LeverageTier:
    """Up to `max_notional` quote units of position, at most `max_leverage`, kept up by
    `maintenance_rate` of the notional less `maintenance_amount`."""

    max_notional: Decimal
    max_leverage: Decimal
    maintenance_rate: Decimal
    maintenance_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class MarketTerms:
    """The filters and fees of one instrument, as the venue gave them at `fetched_at` (UTC ms).

    Quantities in base units (contracts already times their size); None: the venue sets no bound.
    `native_oco`: stop and target can rest as one group. `trading`: False while the venue has halted
    the instrument.
    """

    instrument: Instrument
    venue_symbol: str
    min_quantity: Decimal = Decimal(0)
    max_quantity: Decimal | None = None
    max_market_quantity: Decimal | None = None
    max_notional: Decimal | None = None
    taker_fee_bps: Decimal = Decimal(10)
    maker_fee_bps: Decimal = Decimal(10)
    max_leverage: Decimal = Decimal(1)
    tiers: tuple[LeverageTier, ...] = ()
    native_oco: bool = False
    trading: bool = True
    fetched_at: int = 0
