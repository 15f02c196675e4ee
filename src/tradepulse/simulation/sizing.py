"""How much to buy: three sizings, each a value with one positive number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

from tradepulse.domain.errors import UsageError
from tradepulse.simulation import layout as at


@dataclass(frozen=True)
class FractionOfEquity:
    """Spend `x` of the equity, times leverage (F17). 1.0 is everything."""

    x: float
    kind: ClassVar[str] = "fraction_of_equity"

    def as_json(self) -> dict[str, str | float]:
        return {"kind": self.kind, "x": self.x}


@dataclass(frozen=True)
class FixedQuote:
    """Spend `x` units of the quote currency on every entry (F17)."""

    x: float
    kind: ClassVar[str] = "fixed_quote"

    def as_json(self) -> dict[str, str | float]:
        return {"kind": self.kind, "x": self.x}


@dataclass(frozen=True)
class RiskPerTrade:
    """Lose `x` of the equity if the stop is hit at its level (F17). Needs a stop."""

    x: float
    kind: ClassVar[str] = "risk_per_trade"

    def as_json(self) -> dict[str, str | float]:
        return {"kind": self.kind, "x": self.x}


Sizing = FractionOfEquity | FixedQuote | RiskPerTrade

_KINDS: dict[str, type[FractionOfEquity] | type[FixedQuote] | type[RiskPerTrade]] = {
    cls.kind: cls for cls in (FractionOfEquity, FixedQuote, RiskPerTrade)
}
_CODES = {
    FractionOfEquity.kind: at.SIZE_FRACTION,
    FixedQuote.kind: at.SIZE_QUOTE,
    RiskPerTrade.kind: at.SIZE_RISK,
}
_EXPECTED = "FractionOfEquity(x), FixedQuote(x) or RiskPerTrade(x) with a number x > 0"


def read_sizing(value: object) -> Sizing:
    """The sizing itself, or the one a JSON object `{"kind", "x"}` describes. Error `bad_rules`."""
    if isinstance(value, Mapping):
        cls = _KINDS.get(str(value.get("kind")))
        if cls is None or set(value) != {"kind", "x"}:
            raise _bad(dict(value))
        value = cls(value["x"])
    if not isinstance(value, (FractionOfEquity, FixedQuote, RiskPerTrade)):
        raise _bad(value)
    if isinstance(value.x, bool) or not isinstance(value.x, Real):
        raise _bad(value)
    if not (math.isfinite(value.x) and value.x > 0):
        raise _bad(value)
    return type(value)(float(value.x))


def sizing_code(value: Sizing) -> tuple[float, float]:
    """(SIZE_ code, x) for the rules vector."""
    return _CODES[value.kind], value.x


def _bad(found: object) -> UsageError:
    return UsageError("bad_rules", "rule 'sizing' is wrong", expected=_EXPECTED, found=repr(found))
