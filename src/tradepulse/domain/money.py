"""The one way from a kernel's float to the ledger's exact decimal, and back."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

# Twelve places hold a satoshi of a satoshi-priced coin; a float64 has 15 to 17 digits in all.
_PLACES = Decimal("1e-12")


def to_decimal(value: float) -> Decimal:
    """The shortest decimal that reads back as the same float, so nothing is lost either way."""
    return Decimal(repr(float(value)))


def money(value: float) -> Decimal:
    """A ledger amount: `value` to twelve places, without exponent or negative zero."""
    amount = to_decimal(value).quantize(_PLACES, rounding=ROUND_HALF_EVEN).normalize()
    return amount if amount else Decimal(0)


def plus(one: float, other: float) -> float:
    """The sum of the two decimals that the floats stand for: 15.35 of 15.3 and 0.05, where plain
    `+` has 15.350000000000001. Quantities are sums of fills, and a venue counts them exactly; the
    kernel does not, and paper fills are the kernel's to the last bit."""
    return float(to_decimal(one) + to_decimal(other))


def to_text(value: Decimal) -> str:
    """The plain decimal string used in JSON and in the database."""
    return format(value, "f")
