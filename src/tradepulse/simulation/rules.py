"""The rules a run is filled by: costs, rounding, sizing, leverage. Frozen, hashable, JSON both
ways."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.configuration import content_hash
from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Market
from tradepulse.simulation import layout as at
from tradepulse.simulation.leverage import LeverageTier, read_tiers, tiers_matrix
from tradepulse.simulation.sizing import FractionOfEquity, Sizing, read_sizing, sizing_code

Floats = npt.NDArray[np.float64]

# Field, least value, whether the least value itself is allowed, greatest value.
_RANGES: tuple[tuple[str, float, bool, float], ...] = (
    ("initial_cash", 0.0, False, math.inf),
    ("taker_fee_bps", 0.0, True, 10_000.0),
    ("maker_fee_bps", -100.0, True, 10_000.0),  # venues pay rebates to makers
    ("half_spread_bps", 0.0, True, 10_000.0),
    ("slippage_bps", 0.0, True, 10_000.0),
    ("impact", 0.0, True, 100.0),
    ("participation_cap", 0.0, False, 1.0),
    ("tick", 0.0, False, math.inf),
    ("lot", 0.0, False, math.inf),
    ("min_notional", 0.0, True, math.inf),
    ("leverage", 1.0, True, 1000.0),
    ("maintenance_margin_rate", 0.0, True, 0.999),
)
_EVERYTHING = FractionOfEquity(1.0)
_OPTIONAL = ("participation_cap", "tick", "lot")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How orders of a run are filled and paid for (docs/FILL_RULES.md).

    Fees, spread and slippage in basis points; `impact` is a fraction that includes sigma (F2);
    `participation_cap` a share of a bar's volume; `tick`, `lot` and `min_notional` the venue's
    filters, None for no step. Error `bad_rules` for a value out of range.
    """

    market: str = "spot"
    initial_cash: float = 10_000.0
    taker_fee_bps: float = 10.0
    maker_fee_bps: float = 10.0
    half_spread_bps: float = 0.0
    slippage_bps: float = 2.0
    impact: float = 0.0
    participation_cap: float | None = None
    tick: float | None = None
    lot: float | None = None
    min_notional: float = 0.0
    sizing: Sizing = _EVERYTHING
    leverage: float = 1.0
    maintenance_margin_rate: float = 0.005
    allow_short: bool = False
    leverage_tiers: tuple[LeverageTier, ...] | None = None

    def __post_init__(self) -> None:
        markets = [market.value for market in Market]
        if self.market not in markets:
            raise _bad("market", " or ".join(markets), self.market)
        object.__setattr__(self, "market", str(self.market))
        for name, least, inclusive, most in _RANGES:
            object.__setattr__(
                self, name, _number(name, getattr(self, name), least, inclusive, most)
            )
        if not isinstance(self.allow_short, bool):
            raise _bad("allow_short", "True or False", self.allow_short)
        object.__setattr__(self, "sizing", read_sizing(self.sizing))
        object.__setattr__(self, "leverage_tiers", read_tiers(self.leverage_tiers))
        if self.market == Market.SPOT and self.leverage != 1.0:
            raise _bad("leverage", "1 on spot (coins are bought with cash)", self.leverage)

    @property
    def is_perpetual(self) -> bool:
        return self.market == Market.PERPETUAL

    def changed(self, **changes: Any) -> Rules:
        """These rules with some fields replaced."""
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """Every field by name, ready for `json.dumps`; `from_json` reads it back to an equal
        value."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["sizing"] = self.sizing.as_json()
        if self.leverage_tiers is not None:
            values["leverage_tiers"] = [tier.as_json() for tier in self.leverage_tiers]
        return values

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Rules:
        """The rules of a JSON object; fields left out take their defaults. Error `bad_rules`."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(document) - known)
        if unknown:
            raise _bad(unknown[0], "one of " + ", ".join(sorted(known)), unknown[0])
        return cls(**document)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON."""
        return content_hash(self.as_json())

    def as_vector(self) -> Floats:
        """float64 vector of length `R_LENGTH` for kernels (slots: layout.R_*), basis points as
        fractions, "no step" as 0, "no cap" as NaN."""
        vector = np.zeros(at.R_LENGTH)
        vector[at.R_PERPETUAL] = self.is_perpetual
        vector[at.R_CASH] = self.initial_cash
        vector[at.R_TAKER] = self.taker_fee_bps / 10_000.0
        vector[at.R_MAKER] = self.maker_fee_bps / 10_000.0
        vector[at.R_SLIP] = (self.half_spread_bps + self.slippage_bps) / 10_000.0
        vector[at.R_IMPACT] = self.impact
        vector[at.R_CAP] = np.nan if self.participation_cap is None else self.participation_cap
        vector[at.R_TICK] = self.tick or 0.0
        vector[at.R_LOT] = self.lot or 0.0
        vector[at.R_MIN_NOTIONAL] = self.min_notional
        vector[at.R_SIZING], vector[at.R_SIZE] = sizing_code(self.sizing)
        vector[at.R_LEVERAGE] = self.leverage
        vector[at.R_MAINTENANCE] = self.maintenance_margin_rate
        # Spot is long only, whatever the strategy says: its shorts are dropped (F15).
        vector[at.R_ALLOW_SHORT] = self.allow_short and self.is_perpetual
        return vector

    def tiers(self) -> Floats:
        """The leverage tiers as a matrix for kernels, `TIER_COLUMNS` wide, no rows without
        tiers."""
        return tiers_matrix(self.leverage_tiers)


def _number(
    name: str, value: object, least: float, inclusive: bool, most: float
) -> float | None:  # fmt: skip
    if value is None and name in _OPTIONAL:
        return None
    bound = f"a number {'>=' if inclusive else '>'} {least:g}"
    if most < math.inf:
        bound += f" and <= {most:g}"
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise _bad(name, bound, value)
    number = float(value)
    if not math.isfinite(number) or number > most or number < least:
        raise _bad(name, bound, value)
    if number == least and not inclusive:
        raise _bad(name, bound, value)
    return number


def _bad(name: str, expected: str, found: object) -> UsageError:
    return UsageError("bad_rules", f"rule {name!r} is wrong", expected=expected, found=repr(found))


def read_rules(value: Rules | Mapping[str, Any] | None) -> Rules:
    """`value` as `Rules`: rules as they are, a mapping read as JSON, None as the defaults."""
    if value is None:
        return Rules()
    if isinstance(value, Rules):
        return value
    if isinstance(value, Mapping):
        return Rules.from_json(value)
    raise _bad("rules", "Rules, a mapping or None", type(value).__name__)
