"""Leverage tiers of a perpetual: how much margin a venue asks for as a position grows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import UsageError
from tradepulse.simulation import layout as at

Floats = npt.NDArray[np.float64]

# Our name of a field, then ccxt's.
_FIELDS = (
    ("notional_floor", "minNotional"),
    ("maintenance_margin_rate", "maintenanceMarginRate"),
    ("max_leverage", "maxLeverage"),
    ("maintenance_amount", "cum"),
)
_EXPECTED = (
    "tiers of (notional_floor, maintenance_margin_rate, max_leverage[, maintenance_amount]), "
    "the first floor 0, floors rising, rates in (0, 1) not falling, leverages >= 1"
)


@dataclass(frozen=True)
class LeverageTier:
    """Positions whose notional at entry is at least `notional_floor` quote units, up to the next
    tier's floor. `maintenance_amount` (the venue's "cum") keeps maintenance continuous across
    tiers; None has it computed."""

    notional_floor: float
    maintenance_margin_rate: float
    max_leverage: float
    maintenance_amount: float | None = None

    def as_json(self) -> dict[str, float | None]:
        return {ours: getattr(self, ours) for ours, _ in _FIELDS}


def read_tiers(value: object) -> tuple[LeverageTier, ...] | None:
    """The tiers with every maintenance amount filled in; None or nothing stays None.

    A tier is a `LeverageTier`, a tuple in its order, or a mapping by its names or ccxt's.
    Error `bad_rules`.
    """
    if value is None:
        return None
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise _bad(value)
    tiers: list[LeverageTier] = []
    for row in value:
        tier = _read_tier(row)
        previous = tiers[-1] if tiers else None
        if not _follows(tier, previous):
            raise _bad(row)
        tiers.append(_with_amount(tier, previous))
    return tuple(tiers) or None


def tiers_matrix(tiers: tuple[LeverageTier, ...] | None) -> Floats:
    """float64 matrix, a row a tier, columns layout.TIER_*; no rows without tiers."""
    matrix = np.zeros((len(tiers or ()), at.TIER_COLUMNS))
    for row, tier in zip(matrix, tiers or (), strict=True):
        row[at.TIER_FLOOR] = tier.notional_floor
        row[at.TIER_RATE] = tier.maintenance_margin_rate
        row[at.TIER_AMOUNT] = tier.maintenance_amount or 0.0
        row[at.TIER_LEVERAGE] = tier.max_leverage
    return matrix


def _read_tier(row: object) -> LeverageTier:
    if isinstance(row, LeverageTier):
        values = [getattr(row, ours) for ours, _ in _FIELDS]
    elif isinstance(row, Mapping):
        values = [row.get(ours, row.get(ccxt)) for ours, ccxt in _FIELDS]
    elif isinstance(row, Sequence) and not isinstance(row, str) and len(row) in (3, 4):
        values = [*row, None][:4]
    else:
        raise _bad(row)
    floor, rate, leverage, amount = values
    try:
        return LeverageTier(
            float(floor), float(rate), float(leverage), None if amount is None else float(amount)
        )
    except (TypeError, ValueError) as error:
        raise _bad(row) from error


def _follows(tier: LeverageTier, previous: LeverageTier | None) -> bool:
    numbers = (tier.notional_floor, tier.maintenance_margin_rate, tier.max_leverage)
    if not all(math.isfinite(number) for number in (*numbers, tier.maintenance_amount or 0.0)):
        return False
    if not 0.0 < tier.maintenance_margin_rate < 1.0 or tier.max_leverage < 1.0:
        return False
    if previous is None:
        return tier.notional_floor == 0.0
    return (
        tier.notional_floor > previous.notional_floor
        and tier.maintenance_margin_rate >= previous.maintenance_margin_rate
    )


def _with_amount(tier: LeverageTier, previous: LeverageTier | None) -> LeverageTier:
    if tier.maintenance_amount is not None:
        return tier
    amount = 0.0
    if previous is not None:
        step = tier.maintenance_margin_rate - previous.maintenance_margin_rate
        amount = (previous.maintenance_amount or 0.0) + tier.notional_floor * step
    return LeverageTier(
        tier.notional_floor, tier.maintenance_margin_rate, tier.max_leverage, amount
    )


def _bad(found: object) -> UsageError:
    return UsageError(
        "bad_rules", "rule 'leverage_tiers' is wrong", expected=_EXPECTED, found=repr(found)
    )
