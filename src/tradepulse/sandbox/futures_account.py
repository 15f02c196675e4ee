"""How a USD-M account is set: leverage, margin type, and margin moved by hand."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import ConfigEvent
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_settlement import tell_position
from tradepulse.sandbox.futures_views import MARGIN_TYPE, config_view, leverages
from tradepulse.sandbox.liquidation import watch_liquidation
from tradepulse.sandbox.margin import available, highest_leverage, highest_notional, rounded_up
from tradepulse.sandbox.values import ZERO, SymbolConfig


def choose_leverage(floor: Floor, account: Account, symbol: str, leverage: int) -> SymbolConfig:
    """The symbol's new setting. Errors -4028 (above the highest), -2027 (the position is too large
    for it), -4161 (an isolated position's leverage is not lowered), -2019."""
    listing = floor.listing(Market.PERPETUAL, symbol)
    brackets = listing.spec.brackets
    if not 1 <= leverage <= highest_leverage(brackets):
        raise VenueError(-4028, f"Leverage {leverage} is not valid")
    position = account.futures.position(symbol)
    if abs(position.amount) * listing.mark_price > highest_notional(brackets, leverage):
        raise VenueError(-2027, "Exceeded the maximum allowable position at current leverage.")
    held = account.futures.leverage(symbol, highest_leverage(brackets))
    if position.amount and leverage < held:
        raise VenueError(
            -4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions"
        )
    if leverage != held:
        _apply(floor, account, symbol, held, leverage)
    return config_view(account, listing)


def choose_margin_type(floor: Floor, account: Account, symbol: str, margin_type: str) -> None:
    """Isolated is all there is. Errors -4046 (it is so already), -4047 (something is open), -4048
    (a position is open), -1130 (cross margin, which the sandbox does not keep)."""
    floor.listing(Market.PERPETUAL, symbol)
    if margin_type == MARGIN_TYPE:
        raise VenueError(-4046, "No need to change margin type.")
    mine = account.files[Market.PERPETUAL].open.values()
    if any(order.symbol == symbol for order in mine) or account.open_algos(symbol):
        raise VenueError(-4047, "Margin type cannot be changed if there exists open orders.")
    if account.futures.position(symbol).amount:
        raise VenueError(-4048, "Margin type cannot be changed if there exists position.")
    raise VenueError(
        -1130,
        "Data sent for parameter 'marginType' is not valid: the sandbox keeps ISOLATED only.",
    )


def change_margin(floor: Floor, account: Account, symbol: str, amount: Decimal) -> None:
    """Moves free money into the position's margin, or takes it out down to what the leverage asks
    for. Errors -4055, -4054 (no position), -2019, -4051."""
    listing = floor.listing(Market.PERPETUAL, symbol)
    position = account.futures.position(symbol)
    if not amount:
        raise VenueError(-4055, "Amount must be positive.")
    if not position.amount:
        raise VenueError(-4054, "Cannot add position margin: position is 0.")
    if amount > available(account, leverages(floor, account)):
        raise VenueError(-2019, "Margin is insufficient.")
    leverage = account.futures.leverage(symbol, highest_leverage(listing.spec.brackets))
    if amount < ZERO and position.margin + amount < rounded_up(position.cost / leverage):
        raise VenueError(-4051, "Isolated balance insufficient.")
    position.margin += amount
    position.update_time = floor.now
    watch_liquidation(floor, account, listing)
    tell_position(floor, account, listing, "MARGIN_TRANSFER")


def _apply(floor: Floor, account: Account, symbol: str, held: int, leverage: int) -> None:
    """A higher leverage leaves the margin of an open position as it is."""
    before = account.futures.leverages.get(symbol)
    account.futures.leverages[symbol] = leverage
    if available(account, leverages(floor, account)) < ZERO:
        if before is None:
            del account.futures.leverages[symbol]
        else:
            account.futures.leverages[symbol] = held
        raise VenueError(-2019, "Margin is insufficient.")
    floor.emit(ConfigEvent(account.key, floor.now, symbol, leverage))
