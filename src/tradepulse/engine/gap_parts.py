"""Why live trades earned other than the backtest said they would, part by part, to the cent.

Trades are compared one by one with those of the backtest. Where the bars that the engine saw are
not the bars of the archive, a third run stands between the two: the kernel over the bars as they
were seen (the twin). Archive to twin is data; twin to live is what trading did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple, Protocol

from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.money import to_text

# In the order they are shown. `size`: more or less was bought than the backtest bought (caps, what
# the balance paid for, dust). `manual`: trades that a person made, and exits that a person decided.
# `open`: what is still open is worth, against what the backtest has
# open. `other`: what the ledger's profit has beyond its own prices, fees and funding.
PARTS = (
    "data", "timing", "price", "size", "fees", "funding", "missed", "extra", "manual", "open",
    "other",
)  # fmt: skip
_NOTHING = Decimal(0)
_CENT = Decimal("0.01")
# The ledger's places: sums of amounts that have no more lose no digit.
_PLACES = Decimal("1e-12")
# Exits at the market: the price of the moment decides, so being late has a price of its own.
_AT_THE_MARKET = frozenset({ExitReason.SIGNAL, ExitReason.TIME, ExitReason.REVERSAL})

MarketPrice = Callable[[int], Decimal | None]


class Trip(Protocol):
    """A closed trade: `side` 1 or -1, times in UTC ms, amounts in quote units, `pnl` net of fees
    and with funding."""

    @property
    def side(self) -> int: ...
    @property
    def entry_time(self) -> int: ...
    @property
    def entry_price(self) -> Decimal: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def exit_time(self) -> int: ...
    @property
    def exit_price(self) -> Decimal: ...
    @property
    def exit_reason(self) -> str: ...
    @property
    def fees(self) -> Decimal: ...
    @property
    def funding(self) -> Decimal: ...
    @property
    def pnl(self) -> Decimal: ...


class Run(NamedTuple):
    """The closed trades of a run, and what its open position is worth beyond its entry, net."""

    trades: Sequence[Trip]
    open_worth: Decimal = _NOTHING

    @property
    def pnl(self) -> Decimal:
        return sum((trade.pnl for trade in self.trades), self.open_worth)


@dataclass(frozen=True)
class GapParts:
    """`found` less `expected` profit in the quote currency, and its parts, which sum to it exactly.
    `trades` counts by part the trades that differ so."""

    expected: Decimal
    found: Decimal
    parts: Mapping[str, Decimal]
    trades: Mapping[str, int]

    @property
    def total(self) -> Decimal:
        return self.found - self.expected

    def in_cents(self) -> dict[str, Decimal]:
        """The parts in whole cents, which sum to the total in whole cents: each is rounded down,
        and the cents left over go to those that lost most."""
        floors = {name: amount.quantize(_CENT, ROUND_FLOOR) for name, amount in self.parts.items()}
        left = int((self.total.quantize(_CENT) - sum(floors.values(), _NOTHING)) / _CENT)
        by_loss = sorted(floors, key=lambda name: floors[name] - self.parts[name])
        for name in by_loss[:left]:
            floors[name] += _CENT
        return floors

    def table(self) -> list[tuple[str, Decimal, int]]:
        """(part, cents, trades) in the order they are shown; the last row is the total."""
        cents = self.in_cents()
        rows = [(name, cents[name], self.trades[name]) for name in PARTS]
        return [*rows, ("total", self.total.quantize(_CENT), sum(self.trades.values()))]

    def as_json(self) -> dict[str, Any]:
        """Exact amounts as decimal text."""
        return {
            "expected_pnl": to_text(_settled(self.expected)),
            "found_pnl": to_text(_settled(self.found)),
            "total": to_text(_settled(self.total)),
            "parts": [
                {"part": name, "amount": to_text(_settled(self.parts[name])),
                 "trades": self.trades[name]}
                for name in PARTS
            ],
        }  # fmt: skip


def split_gap(
    expected: Run,
    found: Run,
    *,
    interval_ms: int,
    twin: Run | None = None,
    market: MarketPrice | None = None,
    by_hand: Run | None = None,
    left_by_hand: Collection[Trip] = (),
) -> GapParts:
    """The gap of `found` (live) against `expected` (the backtest) in its parts.

    `twin`: the backtest over the bars as the engine saw them; None where they are the archive's.
    `market`: the market's price at a time, None where it is not known: a fill at another time than
    the backtest's then counts as timing by how the market moved between the two, and what is left
    of the difference as price. Without it a fill in the same bar is all price, in another all
    timing.

    `by_hand`: trades that a person made, besides those of `found`; `left_by_hand`: those of `found`
    whose exit a person decided. A strategy answers for neither.

    Trades are paired by side and entry, at most one bar of `interval_ms` apart.
    """
    tally = _Tally()
    if twin is not None:
        tally.add({"data": twin.pnl - expected.pnl}, trades=_changed(expected, twin))
    model = twin or expected
    pairs, missed, extra = pair_trades(model.trades, found.trades, interval_ms)
    for trade in missed:
        tally.add({"missed": -trade.pnl})
    for trade in extra:
        tally.add({"extra": trade.pnl})
    for one, other in pairs:
        tally.add(_split_pair(one, other, interval_ms, market, by_hand=other in left_by_hand))
    tally.add({"open": found.open_worth - model.open_worth})
    own = by_hand or Run(())
    for trade in own.trades:
        tally.add({"manual": trade.pnl})
    tally.add({"manual": own.open_worth})
    return GapParts(expected.pnl, found.pnl + own.pnl, tally.amounts, tally.trades)


def pair_trades(
    expected: Iterable[Trip], found: Iterable[Trip], within_ms: int
) -> tuple[list[tuple[Trip, Trip]], list[Trip], list[Trip]]:
    """(pairs, missed, extra): trades of the same side whose entries are at most `within_ms` apart,
    in order of time; each found trade answers the earliest that waits for it."""
    missed: list[Trip] = []
    pairs: list[tuple[Trip, Trip]] = []
    extra = sorted(found, key=_entry)
    for trade in sorted(expected, key=_entry):
        near = (
            other for other in extra
            if other.side == trade.side and abs(other.entry_time - trade.entry_time) <= within_ms
        )  # fmt: skip
        # Nearest first: a re-entry one bar later must not be taken for the trade before it.
        best = min(near, key=lambda other: abs(other.entry_time - trade.entry_time), default=None)
        if best is None:
            missed.append(trade)
        else:
            extra.remove(best)
            pairs.append((trade, best))
    return pairs, missed, extra


class _Tally:
    """Amounts and counts by part."""

    def __init__(self) -> None:
        self.amounts = dict.fromkeys(PARTS, _NOTHING)
        self.trades = dict.fromkeys(PARTS, 0)

    def add(self, parts: Mapping[str, Decimal], trades: int = 1) -> None:
        for name, amount in parts.items():
            self.amounts[name] += amount
            self.trades[name] += trades if amount else 0


def _split_pair(
    expected: Trip, found: Trip, interval_ms: int, market: MarketPrice | None, *, by_hand: bool
) -> dict[str, Decimal]:
    side, quantity = expected.side, found.quantity
    entry = side * quantity * (expected.entry_price - found.entry_price)
    leave = side * quantity * (found.exit_price - expected.exit_price)
    late_in = _timing(
        entry, side * quantity, expected.entry_time, found.entry_time, interval_ms, market
    )
    asked, leave = (leave, _NOTHING) if by_hand else (_NOTHING, leave)
    late_out = _exit_timing(leave, -side * quantity, expected, found, interval_ms, market)
    if by_hand:
        late_out = _NOTHING
    parts = {
        "manual": asked,
        "timing": late_in + late_out,
        "price": entry + leave - late_in - late_out,
        "size": side * (quantity - expected.quantity)
        * (expected.exit_price - expected.entry_price),
        "fees": expected.fees - found.fees,
        "funding": found.funding - expected.funding,
    }  # fmt: skip
    parts = {name: _settled(amount) for name, amount in parts.items()}
    parts["other"] = found.pnl - expected.pnl - sum(parts.values(), _NOTHING)
    return parts


def _exit_timing(
    whole: Decimal, signed: Decimal, expected: Trip, found: Trip, interval_ms: int,
    market: MarketPrice | None,
) -> Decimal:  # fmt: skip
    """The part of an exit's difference that is due to when it happened. Another reason is another
    decision, all of it timing; a stop or target has its price, not its moment."""
    if expected.exit_reason != found.exit_reason:
        return whole
    if ExitReason(found.exit_reason) not in _AT_THE_MARKET:
        return _timing(whole, signed, expected.exit_time, found.exit_time, interval_ms, None)
    return _timing(whole, signed, expected.exit_time, found.exit_time, interval_ms, market)


def _timing(
    whole: Decimal, bought: Decimal, expected_ms: int, found_ms: int, interval_ms: int,
    market: MarketPrice | None,
) -> Decimal:  # fmt: skip
    """What the market did between the two moments cost the quantity `bought` (negative: sold)."""
    if market is not None:
        then, now = market(expected_ms), market(found_ms)
        if then is not None and now is not None:
            return bought * (then - now)
    # The backtest names the bar by its open time, the venue its fill by the millisecond.
    same_bar = 0 <= found_ms - expected_ms < interval_ms
    return _NOTHING if same_bar else whole


def _changed(expected: Run, twin: Run) -> int:
    """Trades that only one of the two runs has."""
    one, other = ({_content(t) for t in run.trades} for run in (expected, twin))
    return max(len(one - other), len(other - one), 1)


def _content(trade: Trip) -> tuple[object, ...]:
    return trade.side, trade.entry_time, trade.entry_price, trade.exit_time, trade.exit_price


def _entry(trade: Trip) -> int:
    return trade.entry_time


def _settled(amount: Decimal) -> Decimal:
    return amount.quantize(_PLACES).normalize() or _NOTHING
