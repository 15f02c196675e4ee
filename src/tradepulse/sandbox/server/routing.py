"""What a route is: where it stands, who may call it, what it costs and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import Cut

if TYPE_CHECKING:
    from tradepulse.sandbox.server.exchange import Exchange


class Access(Enum):
    """Everybody; whoever names an API key; whoever signs with its secret."""

    PUBLIC = "public"
    KEY = "key"
    SIGNED = "signed"


Weight = int | Callable[[Mapping[str, str]], int]


@dataclass(frozen=True)
class Route:
    """One request that is understood. `reads`: the parameters, those with a trailing `*` must be
    there. `orders`: how many orders a call counts as."""

    method: str
    path: str
    market: Market
    handle: Callable[[Call], Any]
    reads: str = ""
    access: Access = Access.PUBLIC
    weight: Weight = 1
    orders: Weight = 0
    required: tuple[str, ...] = field(init=False, default=())
    known: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        words = self.reads.split()
        signed = ("timestamp", "recvWindow", "signature") if self.access is Access.SIGNED else ()
        known = frozenset((*(word.rstrip("*") for word in words), *signed))
        object.__setattr__(self, "required", tuple(w[:-1] for w in words if w.endswith("*")))
        object.__setattr__(self, "known", known)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def weigh(self, params: Mapping[str, str]) -> int:
        return self.weight if isinstance(self.weight, int) else self.weight(params)

    def count_orders(self, params: Mapping[str, str]) -> int:
        return self.orders if isinstance(self.orders, int) else self.orders(params)

    def check(self, params: Mapping[str, str]) -> None:
        """Refuses parameters that are not read, and the lack of those that must be there.

        Errors: -1104, -1102. Strict where Binance may not be: a parameter that is silently
        ignored hides a client's mistake (a stop that never was).
        """
        for name in self.required:
            if not params.get(name):
                raise missing(name)
        unread = [name for name in params if name not in self.known]
        if unread:
            raise VenueError(
                -1104,
                "Not all sent parameters were read; read "
                f"'{len(params) - len(unread)}' parameter(s) but was sent '{len(params)}' "
                f"(unknown: {', '.join(unread)}).",
            )


@dataclass(slots=True)
class Call:
    """A request that passed the door: its parameters as texts, and the account's key."""

    exchange: Exchange
    market: Market
    params: Mapping[str, str]
    key: str

    def text(self, name: str) -> str:
        """Error -1102 when it is missing."""
        value = self.params.get(name)
        if not value:
            raise missing(name)
        return value

    def maybe(self, name: str) -> str | None:
        return self.params.get(name) or None

    def decimal(self, name: str) -> Decimal | None:
        """None when it is missing; error -1100 when it is no plain decimal number."""
        text = self.params.get(name)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise illegal(name, r"^([0-9]{1,20})(\.[0-9]{1,20})?$") from None
        if not value.is_finite() or not text.replace(".", "").replace("-", "").isdigit():
            raise illegal(name, r"^([0-9]{1,20})(\.[0-9]{1,20})?$")
        return value

    def whole(self, name: str) -> int | None:
        """None when it is missing; error -1100 when it is no whole number."""
        text = self.params.get(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise illegal(name, "^[0-9]{1,20}$") from None

    def limit(self, default: int, most: int) -> int:
        """The row count asked for, cut to `most`. Error -1130 below 1."""
        wanted = self.whole("limit")
        if wanted is None:
            return default
        if wanted < 1:
            raise VenueError(-1130, "Data sent for parameter 'limit' is not valid.")
        return min(wanted, most)

    def cut(self, first: str | None = None, default: int = 500) -> Cut:
        """The rows asked for; `first` names the parameter with the id they begin at."""
        return Cut(
            None if first is None else self.whole(first), self.whole("startTime"),
            self.whole("endTime"), self.limit(default, 1000),
        )  # fmt: skip

    def flag(self, name: str) -> bool:
        text = self.params.get(name, "").lower()
        if text not in ("", "true", "false"):
            raise illegal(name, "^(true|false)$")
        return text == "true"


def by_symbol(one: int, everything: int) -> Weight:
    """The weight with a symbol, and without."""
    return lambda params: one if "symbol" in params else everything


def missing(name: str) -> VenueError:
    return VenueError(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def illegal(name: str, legal: str) -> VenueError:
    return VenueError(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )
