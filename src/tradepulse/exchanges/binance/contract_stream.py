"""What a Binance USD-M account's stream says, and how it is kept: listen keys and their end.

A conditional order is an algo order with an id and a life of its own; when its trigger is reached
it makes a plain order, its child, whose executions are the stop's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import OrderState
from tradepulse.exchanges.binance.account import BinanceAccount, inner_event
from tradepulse.exchanges.binance.wire import STATES, Document, number, price_or_none, side
from tradepulse.exchanges.dialect import (
    FillHeard,
    FundingHeard,
    Heard,
    OrderHeard,
    SessionEnded,
)
from tradepulse.execution.venue import VenueFill, VenueOrder

# The venue's own orders: liquidations and deleveraging.
_FORCED = ("autoclose-", "adl_autoclose", "settlement_autoclose-")
ALGO_STATES = {
    "NEW": OrderState.OPEN, "ACCEPTED": OrderState.OPEN, "TRIGGERING": OrderState.OPEN,
    # Triggered is not over, whatever ccxt calls it: the child may not have filled.
    "TRIGGERED": OrderState.OPEN, "CANCELED": OrderState.CANCELLED,
    "REJECTED": OrderState.REJECTED, "EXPIRED": OrderState.EXPIRED,
}  # fmt: skip


class ContractStream(BinanceAccount):
    """The half of `contracts.ContractAccount` that listens."""

    market = Market.PERPETUAL

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._readers: dict[str, Callable[[Document], list[Heard]]] = {
            "ORDER_TRADE_UPDATE": self._order_update,
            "ALGO_UPDATE": self._algo_update,
            "ACCOUNT_UPDATE": self._account_update,
            "CONDITIONAL_ORDER_TRIGGER_REJECT": self._trigger_reject,
            # ccxt ignores it, and its waiters wait on.
            "listenKeyExpired": lambda _: [SessionEnded("the listen key ran out")],
        }

    # --- the session ------------------------------------------------------------------------------
    async def open_session(self) -> None:
        """Signs in for a listen key and opens its socket."""
        await self._client.authenticate({"type": "swap"})
        url = self._url()
        if url is None:
            raise ConnectionError("the venue gave no listen key")
        await self._connected(url)

    def forget_session(self) -> None:
        """ccxt would come back with the key it has, even one that ran out; or wait for one that a
        cancelled question was to bring."""
        (self._client.clients or {}).pop("authenticationFlights", None)
        self._client.options.setdefault("linear", {})["lastAuthenticatedTime"] = 0

    async def renew_session(self) -> None:
        """ccxt renews a key once and never again."""
        await self._client.fapiprivate_put_listenkey()

    def session_socket(self) -> Any | None:
        return self._socket(self._url())

    def _url(self) -> str | None:
        key = self._client.options.get("linear", {}).get("listenKey")
        return None if key is None else str(self._client.get_private_ws_url("linear", key))

    def read(self, message: Any) -> Sequence[Heard]:
        event = inner_event(message)
        if event is None:
            return ()
        reader = self._readers.get(event["e"])
        return () if reader is None else reader(event)

    def _order_update(self, message: Document) -> list[Heard]:
        event = message["o"]
        pair, own = self._symbols.pair(event["s"]), str(event["c"])
        forced = own.startswith(_FORCED) or event["x"] == "CALCULATED"
        name = self.name_of(str(event["i"])) or own
        self.remember(str(event["i"]), name)
        order = VenueOrder(
            name, str(event["i"]), pair, side(event["S"]),
            STATES.get(event["X"], OrderState.UNKNOWN), number(event["q"]), number(event["z"]),
            price_or_none(event.get("p")), price_or_none(event.get("sp")),
            bool(event.get("R", False)), None, int(event["T"]),
        )  # fmt: skip
        heard: list[Heard] = []
        if event["x"] in ("TRADE", "CALCULATED") and number(event["l"]) > 0:
            heard.append(FillHeard(self._stream_fill(event, name, pair), forced, order.filled))
        if not forced:
            heard.append(OrderHeard(order, None))
        return heard

    def _stream_fill(self, event: Document, name: str, pair: str) -> VenueFill:
        price = number(event["L"])
        fee, currency = number(event.get("n") or 0), str(event.get("N") or "")
        return VenueFill(
            str(event["t"]), name, str(event["i"]), pair, side(event["S"]), number(event["l"]),
            price, fee, currency,
            self._fees.quote(fee, currency, *self._symbols.coins(pair), price),
            "maker" if event["m"] else "taker", int(event["T"]),
        )  # fmt: skip

    def _algo_update(self, message: Document) -> list[Heard]:
        event = message["o"]
        child = child_of({"actualOrderId": event.get("ai")})
        if child is not None:
            self.remember(child, str(event["caid"]))
        self.remember(str(event["aid"]), str(event["caid"]))
        state = ALGO_STATES.get(str(event["X"]), OrderState.UNKNOWN)
        done = number(event.get("aq") or 0)
        if event["X"] == "FINISHED" and done >= number(event["q"]):
            state = OrderState.FILLED
        order = VenueOrder(
            str(event["caid"]), child or str(event["aid"]), self._symbols.pair(event["s"]),
            side(event["S"]), state, number(event["q"]), done,
            price_or_none(event.get("p")), price_or_none(event.get("tp")),
            bool(event.get("R", False)), None, int(message["T"]),
        )  # fmt: skip
        return [OrderHeard(order, event.get("rm") or None)]

    def _account_update(self, message: Document) -> list[Heard]:
        event = message["a"]
        if event.get("m") != "FUNDING_FEE":
            return []
        pairs = [self._symbols.pair(row["s"]) for row in event.get("P", [])]
        pair = pairs[0] if len(pairs) == 1 else None
        time = int(message["T"])
        return [FundingHeard(pair, number(row["bc"]), time) for row in event.get("B", [])]

    def _trigger_reject(self, event: Document) -> list[Heard]:
        refused = event["or"]
        name = self.name_of(str(refused["i"]))
        if name is None:
            return []
        order = VenueOrder(
            name, str(refused["i"]), self._symbols.pair(refused["s"]), 0, OrderState.REJECTED,
            float("nan"), 0.0, None, None, True, None, int(event["T"]),
        )  # fmt: skip
        return [OrderHeard(order, str(refused.get("r") or "rejected"))]


def child_of(algo: Document) -> str | None:
    """The id of the plain order it made, None before its trigger."""
    child = str(algo.get("actualOrderId") or "")
    return None if child in ("", "0") else child
