"""Client order ids: what they may look like, and that no two open orders share one."""

from __future__ import annotations

import re

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.floor import Floor

_ALLOWED = re.compile(r"^[.A-Z:/a-z0-9_-]{1,36}$")


def check_client_id(
    floor: Floor, account: Account, market: Market, client_id: str | None, name: str
) -> None:
    """Errors -1100 for a bad one; -2010 (spot) and -4116 (USD-M) for one that an open order has, or
    that any order had where the floor is strict."""
    if client_id is None:
        return
    if not _ALLOWED.match(client_id):
        raise VenueError(
            -1100,
            f"Illegal characters found in parameter '{name}'; "
            "legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
        )
    file = account.files[market]
    order_id = file.by_client.get(client_id)
    taken = order_id is not None and (order_id in file.open or floor.strict_client_ids)
    if not taken:
        return
    if market is Market.SPOT:
        raise VenueError(-2010, "Duplicate order sent.")
    raise VenueError(-4116, "ClientOrderId is duplicated.")


def check_algo_client_id(floor: Floor, account: Account, client_id: str | None) -> None:
    """The same for a conditional order: its id must be free among open conditional ones."""
    if client_id is None:
        return
    if not _ALLOWED.match(client_id):
        check_client_id(floor, account, Market.PERPETUAL, client_id, "clientAlgoId")
    algo = account.find_algo(None, client_id)
    if algo is not None and (algo.is_open or floor.strict_client_ids):
        raise VenueError(-4116, "ClientOrderId is duplicated.")
