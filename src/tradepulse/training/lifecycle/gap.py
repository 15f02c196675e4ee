"""Why one run earned other than another over the same bars, to the last unit of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tradepulse.domain.money import to_text
from tradepulse.training.lifecycle.rounds import Matching, Round

_NOTHING = Decimal(0)
_PLACES = Decimal("1e-12")

# In the order they are taken from the difference of a pair. `rounding`: what the twelve places of
# the ledger's amounts leave of the sum.
CAUSES = (
    "missed", "extra", "quantity", "entry_price", "exit_price", "exit_reason", "fees", "funding",
    "open_position", "rounding",
)  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """`found` less `expected` profit in the quote currency, and its parts; they sum to it exactly.

    `trades` counts by cause the trades that differ so.
    """

    expected: Decimal
    found: Decimal
    causes: Mapping[str, Decimal]
    trades: Mapping[str, int]

    @property
    def total(self) -> Decimal:
        return self.found - self.expected

    def as_json(self) -> dict[str, Any]:
        """Amounts as decimal text; `share` of the size of the expected profit, null of none."""
        return {
            "expected_pnl": to_text(_settled(self.expected)),
            "found_pnl": to_text(_settled(self.found)),
            "total": to_text(_settled(self.total)),
            "causes": [
                {
                    "cause": cause, "amount": to_text(_settled(self.causes[cause])),
                    "share": self._share(self.causes[cause]), "trades": self.trades[cause],
                }
                for cause in CAUSES
            ],
        }  # fmt: skip

    def _share(self, amount: Decimal) -> float | None:
        return float(amount / abs(self.expected)) if self.expected else None


def gap_of(
    matching: Matching, expected_open: Decimal = _NOTHING, found_open: Decimal = _NOTHING
) -> Gap:
    """The gap of a matching; `…_open` is what the position open at the end stands at, net.

    A pair's difference is split one factor after the other (quantity, entry, exit), so that the
    parts sum to the whole; an exit at another bar or for another reason is `exit_reason`.
    """
    causes = dict.fromkeys(CAUSES, _NOTHING)
    trades = dict.fromkeys(CAUSES, 0)
    for trade in matching.missed:
        _add(causes, trades, {"missed": -trade.pnl})
    for trade in matching.extra:
        _add(causes, trades, {"extra": trade.pnl})
    for pair in matching.pairs:
        _add(causes, trades, _parts(*pair))
    _add(causes, trades, {"open_position": found_open - expected_open})
    pairs = matching.pairs
    expected = sum((t.pnl for t in (*(e for e, _ in pairs), *matching.missed)), expected_open)
    found = sum((t.pnl for t in (*(f for _, f in pairs), *matching.extra)), found_open)
    return Gap(expected, found, causes, trades)


def _parts(expected: Round, found: Round) -> dict[str, Decimal]:
    side = expected.side
    parts = {
        "quantity": side * (found.quantity - expected.quantity)
        * (expected.exit_price - expected.entry_price),
        "entry_price": side * found.quantity * (expected.entry_price - found.entry_price),
        _exit_cause(expected, found): side * found.quantity
        * (found.exit_price - expected.exit_price),
        "fees": expected.fees - found.fees,
        "funding": found.funding - expected.funding,
    }  # fmt: skip
    # In the ledger's places, so that sums of them lose no digit whatever their size.
    parts = {cause: _settled(amount) for cause, amount in parts.items()}
    parts["rounding"] = found.pnl - expected.pnl - sum(parts.values(), _NOTHING)
    return parts


def _settled(amount: Decimal) -> Decimal:
    return amount.quantize(_PLACES).normalize() or _NOTHING


def _exit_cause(expected: Round, found: Round) -> str:
    same = (expected.exit_time, expected.exit_reason) == (found.exit_time, found.exit_reason)
    return "exit_price" if same else "exit_reason"


def _add(
    causes: dict[str, Decimal], trades: dict[str, int], parts: Mapping[str, Decimal]
) -> None:  # fmt: skip
    for cause, amount in parts.items():
        causes[cause] += amount
        trades[cause] += amount != 0
