"""Deterministic names: the same decision on the same bar gives the same id, on every run.

Whatever is written twice (after a crash, by a second instance) therefore collides and is noticed.
"""

from __future__ import annotations

from hashlib import blake2b

# Short enough for every venue (Binance allows 36 characters), letters and digits only.
_CLIENT_PREFIX = "tp"


def identity(*parts: object) -> str:
    """32 hexadecimal digits that stand for `parts`."""
    text = "\x1f".join(map(str, parts))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def order_id(activation_id: str, bar_time: int, role: str, sequence: int = 0) -> str:
    """The id of an order by what made it: the activation, the open time of the signal's bar, its
    role, and a sequence where one bar makes several of a role."""
    return identity(activation_id, bar_time, role, sequence)


def client_order_id(order: str) -> str:
    """The id the venue sees for the order of id `order`."""
    return _CLIENT_PREFIX + order


def is_ours(client_order_id: str | None) -> bool:
    """Whether an order of that name was sent by an engine of this project: of any activation, and
    of one long ended."""
    return (client_order_id or "").startswith(_CLIENT_PREFIX)


def child_id(parent: str, what: str) -> str:
    """The id of something that belongs to `parent`: a bracket's leg, a fill, a trade."""
    return identity(parent, what)


def fill_id(order: str, number: int) -> str:
    """The id of the `number`-th fill of an order, from 1."""
    return identity(order, "fill", number)


def signal_id(activation_id: str, bar_time: int, action: str) -> str:
    """The id of what a graph said on a bar."""
    return identity(activation_id, bar_time, "signal", action)
