"""Numbers, dates and times as the pages write them: one form each, a dash for what is missing.

Signs are true minus signs, a thin space stands before %, groups of three are cut by commas, and
every time is UTC. Nothing is shortened: 25,000 is not 25k.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

Number = float | int | None

MISSING = "\u2013"
TIMES = "\u00d7"
_MINUS = "\u2212"
_PERCENT = "\u202f%"
# Below this a p-value's digits say nothing; the number of replications does.
_SMALLEST_P = 0.001
# Prices of a coin worth a fraction of a cent keep this many digits that count.
_PRICE_DIGITS = 6


def is_missing(value: Number) -> bool:
    """Whether there is no number to show: None, NaN or infinite."""
    return value is None or not math.isfinite(value)


def decimal(value: Number, digits: int = 2, *, sign: bool = False) -> str:
    """`1,234.50`; with `sign` also a plus before a gain. Zero never has a sign."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        return text
    if value < 0:
        return _MINUS + text
    return f"+{text}" if sign else text


def percent(value: Number, digits: int = 2, *, sign: bool = False) -> str:
    """A share of one as percent: 0.1234 is `12.34 %`."""
    if value is None or not math.isfinite(value):
        return MISSING
    return decimal(100 * value, digits, sign=sign) + _PERCENT


def count(value: Number) -> str:
    """A whole number: `1,234`."""
    return decimal(value, 0)


def probability(value: Number) -> str:
    """A probability or confidence with two decimals, more where two would say 0 or 1."""
    if value is None or not math.isfinite(value):
        return MISSING
    digits = 4 if min(value, 1 - value) < 0.005 else 2
    return decimal(value, digits)


def p_value(value: Number) -> str:
    """A p-value with three decimals; the smallest only as an upper bound."""
    if value is None or not math.isfinite(value):
        return MISSING
    return "< 0.001" if value < _SMALLEST_P else decimal(value, 3)


def price(value: Number) -> str:
    """A price with the digits its size needs: `64,250.10`, `0.0001234`."""
    if value is None or not math.isfinite(value):
        return MISSING
    size = 0 if value == 0 else math.floor(math.log10(abs(value)))
    return decimal(value, max(2, min(12, _PRICE_DIGITS - 1 - size)) if size < 3 else 2)


def quantity(value: Number) -> str:
    """An amount of coins with up to eight decimals, without the zeros behind."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = decimal(value, 8)
    return text.rstrip("0").rstrip(".")


def plain(value: object) -> str:
    """A parameter or a rule as it would be typed."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return MISSING if math.isnan(value) else f"{value:.6g}".replace("-", _MINUS)
    return str(value)


def day(time_ms: Number) -> str:
    """`2024-01-31`, the UTC day."""
    return MISSING if is_missing(time_ms) else _moment(time_ms).strftime("%Y-%m-%d")


def minute(time_ms: Number) -> str:
    """`2024-01-31 23:55`, UTC."""
    return MISSING if is_missing(time_ms) else _moment(time_ms).strftime("%Y-%m-%d %H:%M")


def day_span(start_ms: Number, end_ms: Number) -> str:
    """`2021-07-01 to 2025-05-31`."""
    return f"{day(start_ms)} to {day(end_ms)}"


def duration(days: Number) -> str:
    """Days as people say them: `45 days`, `1.8 years`."""
    if days is None or not math.isfinite(days):
        return MISSING
    if days < 365:
        whole = decimal(days, 0)
        return f"{whole} day" if whole == "1" else f"{whole} days"
    return f"{decimal(days / 365, 1)} years"


def tone(value: Number) -> str | None:
    """The CSS class of a gain or a loss; none at zero."""
    if value is None or not math.isfinite(value) or value == 0:
        return None
    return "pos" if value > 0 else "neg"


def _moment(time_ms: Number) -> datetime:
    return datetime.fromtimestamp((time_ms or 0) / 1000, UTC)
