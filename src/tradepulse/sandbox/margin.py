"""Margin of USD-M positions, isolated and one-way: what is held, what is free, where it ends.

The liquidation price is the venue's own formula, as in `simulation.venue` (F12), in exact numbers.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account, Position
from tradepulse.sandbox.symbols import LeverageBracket
from tradepulse.sandbox.values import ZERO, SandboxOrder

# Binance keeps eight decimals of USDT.
CENT = Decimal("0.00000001")


def rounded_down(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_DOWN)


def rounded_up(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_UP)


def bracket_of(brackets: tuple[LeverageBracket, ...], notional: Decimal) -> LeverageBracket:
    """The bracket that holds a notional; the last one also what is beyond it."""
    for bracket in brackets:
        if notional < bracket.cap:
            return bracket
    return brackets[-1]


def highest_notional(brackets: tuple[LeverageBracket, ...], leverage: int) -> Decimal:
    """The largest position at a leverage: the cap of the last bracket that allows it."""
    return max((b.cap for b in brackets if b.max_leverage >= leverage), default=ZERO)


def highest_leverage(brackets: tuple[LeverageBracket, ...]) -> int:
    return brackets[0].max_leverage if brackets else 1


def liquidation_price(position: Position, brackets: tuple[LeverageBracket, ...]) -> Decimal | None:
    """The mark at which the position's margin meets maintenance; None where no price does."""
    size = abs(position.amount)
    if not size or not brackets:
        return None
    side = 1 if position.amount > 0 else -1
    bracket = bracket_of(brackets, position.cost)
    above = position.margin + bracket.cumulative - side * position.cost
    level = above / (size * bracket.maintenance_rate - side * size)
    return level if level > 0 else None


def maintenance(
    position: Position, brackets: tuple[LeverageBracket, ...], mark: Decimal
) -> Decimal:
    """What the position must keep, at the mark."""
    notional = abs(position.amount) * mark
    if not notional or not brackets:
        return ZERO
    bracket = bracket_of(brackets, position.cost)
    return max(notional * bracket.maintenance_rate - bracket.cumulative, ZERO)


def opening_part(position: Position, side: str, quantity: Decimal) -> Decimal:
    """How much of an order would open, after what it would close."""
    against = -position.amount if side == "BUY" else position.amount
    return max(quantity - max(against, ZERO), ZERO)


def order_margin(account: Account, leverages: dict[str, int]) -> Decimal:
    """What open orders hold: the margin of what they would open at their price."""
    held = ZERO
    for order in account.files[Market.PERPETUAL].open.values():
        held += margin_of_order(account, order, leverages.get(order.symbol, 1))
    return held


def margin_of_order(account: Account, order: SandboxOrder, leverage: int) -> Decimal:
    if order.reduce_only:
        return ZERO
    position = account.futures.position(order.symbol)
    opening = opening_part(position, order.side, order.remaining)
    return rounded_up(opening * order.price / leverage)


def position_margin(account: Account) -> Decimal:
    return sum((p.margin for p in account.futures.positions.values()), ZERO)


def available(account: Account, leverages: dict[str, int]) -> Decimal:
    """What may open positions: the wallet less all margins. Isolated profit is not in it."""
    held = position_margin(account) + order_margin(account, leverages)
    return account.futures.balance - held
