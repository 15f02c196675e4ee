"""A Binance USD-M account: one-way positions, isolated margin, stops as algo orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradepulse.domain.errors import FailedError
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.binance.contract_stream import ALGO_STATES, ContractStream, child_of
from tradepulse.exchanges.binance.wire import (
    Document,
    document,
    number,
    price_or_none,
    quantity_text,
    rows,
    side,
    text,
)
from tradepulse.exchanges.dialect import (
    FundingHeard,
    Landed,
)
from tradepulse.exchanges.errors import code_of
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.shaping import limit_price, stop_price
from tradepulse.execution.venue import (
    Balance,
    PriceSeen,
    VenueFill,
    VenueOrder,
    VenuePosition,
)

_WEEK_MS = 7 * 86_400_000
_REMEMBERED = 20_000
_ALREADY_SO = {"-4046", "-4059"}
_NO_SUCH_ORDER = {"-2011", "-2013"}


class ContractAccount(ContractStream):
    """The `Dialect` of Binance USD-M."""

    fills_window_ms = _WEEK_MS
    recent_ms = _WEEK_MS - 60_000

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._one_way = False
        self._nobodys: set[str] = set()  # orders that no conditional order of ours made

    # --- orders -----------------------------------------------------------------------------------
    async def prepare(self, pair: str, leverage: float) -> None:
        """One-way positions, isolated margin, the leverage. Each is asked for once; that it is so
        already is no error."""
        symbol = self._symbols.venue(pair)
        if not self._one_way:
            await self._unless_so(
                self._client.fapiprivate_post_positionside_dual, {"dualSidePosition": "false"}
            )
            self._one_way = True
        await self._unless_so(
            self._client.fapiprivate_post_margintype, {"symbol": symbol, "marginType": "ISOLATED"}
        )
        whole = max(int(leverage), 1)
        await self._client.fapiprivate_post_leverage({"symbol": symbol, "leverage": whole})

    async def _unless_so(self, ask: Any, form: dict[str, str]) -> None:
        try:
            await ask(form)
        except Exception as error:
            # ccxt keeps the venue's number only where no class of its own fits its words.
            kept = code_of(error) in _ALREADY_SO
            if not (kept or "No need to change" in str(error)):
                raise

    async def place(self, order: Order, terms: MarketTerms, last: float) -> Landed:  # noqa: ARG002
        if order.kind is Kind.STOP_MARKET:
            return await self._place_stop(order, terms)
        form = {
            "symbol": terms.venue_symbol, "side": _word(order),
            "newClientOrderId": order.client_order_id, "newOrderRespType": "RESULT",
            "quantity": quantity_text(order.remaining, terms), **_type_of(order, terms),
        }  # fmt: skip
        if order.intent.reduces:
            form["reduceOnly"] = "true"
        answer = document(await self._client.fapiprivate_post_order(form), "orderId")
        return Landed(self._order(answer, order.pair))

    async def _place_stop(self, order: Order, terms: MarketTerms) -> Landed:
        if order.price is None:
            raise FailedError("price_filter", "a stop without a trigger", found=order.id)
        form = {
            "algoType": "CONDITIONAL", "symbol": terms.venue_symbol, "side": _word(order),
            "type": "STOP_MARKET", "clientAlgoId": order.client_order_id,
            "quantity": quantity_text(order.remaining, terms), "reduceOnly": "true",
            "triggerPrice": text(stop_price(order.price, -order.side, terms)),
            "workingType": self._settings.working_type,
        }  # fmt: skip
        answer = document(await self._client.fapiprivate_post_algoorder(form), "algoId")
        return Landed(self._algo_order(answer, order.pair))

    async def place_pair(
        self,
        stop: Order,  # noqa: ARG002
        target: Order,  # noqa: ARG002
        terms: MarketTerms,
        last: float,  # noqa: ARG002
    ) -> tuple[Landed, ...]:
        """Error `not_supported`: contracts have no native pair, the engine keeps theirs."""
        raise FailedError("not_supported", "contracts have no native OCO", found=terms.venue_symbol)

    async def cancel(self, order: Order) -> tuple[VenueOrder, ...]:
        """A plain order; or an algo order, or what is left of its child once it has triggered."""
        symbol = self._symbols.venue(order.pair)
        if order.kind is not Kind.STOP_MARKET:
            form = {"symbol": symbol, "origClientOrderId": order.client_order_id}
            answer = document(await self._client.fapiprivate_delete_order(form), "orderId")
            return (self._order(answer, order.pair),)
        form = {"symbol": symbol, "clientAlgoId": order.client_order_id}
        try:
            answer = await self._client.fapiprivate_delete_algoorder(form)
        except Exception as error:
            if code_of(error) not in _NO_SUCH_ORDER:
                raise
            return await self._cancel_child(order, error)
        document(answer, "algoId", "clientAlgoId")
        return (self._gone(order, str(answer.get("algoId", ""))),)

    async def _cancel_child(self, order: Order, why: Exception) -> tuple[VenueOrder, ...]:
        """Raises `why` again when there is no child that could be cancelled."""
        algo = await self._algo(order)
        child = None if algo is None else child_of(algo)
        if child is None:
            raise why
        form = {"symbol": self._symbols.venue(order.pair), "orderId": child}
        answer = document(await self._client.fapiprivate_delete_order(form), "orderId")
        self.remember(child, order.client_order_id)
        return (self._order(answer, order.pair)._replace(client_order_id=order.client_order_id),)

    def _gone(self, order: Order, algo_id: str) -> VenueOrder:
        return VenueOrder(
            order.client_order_id, algo_id, order.pair, order.side, OrderState.CANCELLED,
            order.quantity, 0.0, None, order.price, True, None, self._now(),
        )  # fmt: skip

    async def find(self, order: Order) -> Landed | None:
        if order.kind is Kind.STOP_MARKET:
            return await self._find_stop(order)
        form = {"symbol": self._symbols.venue(order.pair),
                "origClientOrderId": order.client_order_id}  # fmt: skip
        answer = document(await self._client.fapiprivate_get_order(form), "orderId")
        return await self._with_fills(self._order(answer, order.pair))

    async def _find_stop(self, order: Order) -> Landed | None:
        algo = await self._algo(order)
        if algo is None:
            return None
        child = child_of(algo)
        if child is None:
            return Landed(self._algo_order(algo, order.pair))
        self.remember(child, order.client_order_id)
        form = {"symbol": self._symbols.venue(order.pair), "orderId": child}
        answer = document(await self._client.fapiprivate_get_order(form), "orderId")
        found = await self._with_fills(
            self._order(answer, order.pair)._replace(client_order_id=order.client_order_id)
        )
        self.remember(child, order.client_order_id)
        return found._replace(
            order=found.order._replace(
                venue_order_id=str(algo["algoId"]), trigger=price_or_none(algo["triggerPrice"])
            )
        )

    async def _with_fills(self, order: VenueOrder) -> Landed:
        fills = await self.fills_of(order.pair, order.venue_order_id) if order.filled else []
        named = (f._replace(client_order_id=order.client_order_id) for f in fills)
        return Landed(order, tuple(named))

    async def _algo(self, order: Order) -> Document | None:
        """The algo order. An error for one that there is not, as for any order."""
        form = {"symbol": self._symbols.venue(order.pair), "clientAlgoId": order.client_order_id}
        return document(await self._client.fapiprivate_get_algoorder(form), "algoId")

    def _algo_order(self, row: Document, pair: str) -> VenueOrder:
        name, number_ = str(row["clientAlgoId"]), str(row["algoId"])
        self.remember(number_, name)
        status = str(row.get("algoStatus"))
        # Finished without a child: nothing was left to reduce when the trigger was reached.
        state = OrderState.EXPIRED if status == "FINISHED" else ALGO_STATES.get(status)
        return VenueOrder(
            name, number_, pair, side(row.get("side")), state or OrderState.UNKNOWN,
            number(row.get("quantity")), 0.0, price_or_none(row.get("price")),
            price_or_none(row.get("triggerPrice")), bool(row.get("reduceOnly", False)), None,
            int(row.get("updateTime") or row.get("createTime") or self._now()),
        )  # fmt: skip

    # --- the account ------------------------------------------------------------------------------
    async def ping(self) -> None:
        await self._client.fapipublic_get_ping()

    async def last_price(self, pair: str) -> PriceSeen:
        form = {"symbol": self._symbols.venue(pair)}
        row = document(await self._client.fapipublic_get_ticker_price(form), "price")
        return PriceSeen(pair, number(row["price"]), self._now())

    async def open_orders(self, pair: str) -> list[VenueOrder]:
        """Plain orders and, by another question, conditional ones."""
        form = {"symbol": self._symbols.venue(pair)}
        plain = rows(await self._client.fapiprivate_get_openorders(form))
        algos = rows(await self._client.fapiprivate_get_openalgoorders(form))
        if any(self._unowned(row) for row in plain):
            await self.link(pair)
        found = [self._order_named(row, pair) for row in plain]
        return found + [self._algo_order(row, pair) for row in algos]

    def _order_named(self, row: Document, pair: str) -> VenueOrder:
        name = self.name_of(str(row["orderId"])) or str(row["clientOrderId"])
        order = self._order(row, pair)
        self.remember(order.venue_order_id, name)
        return order._replace(client_order_id=name)

    def _unowned(self, row: Document) -> bool:
        return bool(row.get("reduceOnly")) and not self._is_ours(str(row["orderId"]), row)

    def _is_ours(self, number_: str, row: Document) -> bool:
        return self.name_of(number_) is not None or str(row["clientOrderId"]).startswith("tp")

    async def positions(self, pairs: Sequence[str]) -> list[VenuePosition]:
        """Asked raw: ccxt drops what it cannot make sense of, a position is never that."""
        answer = rows(await self._client.fapiprivatev3_get_positionrisk())
        wanted = set(pairs)
        found = []
        for row in answer:
            pair, amount = self._symbols.pair(str(row["symbol"])), number(row["positionAmt"])
            if amount and (not wanted or pair in wanted):
                found.append(
                    VenuePosition(
                        pair, 1 if amount > 0 else -1, abs(amount), number(row["entryPrice"]),
                        number(row["markPrice"]), price_or_none(row.get("liquidationPrice")),
                    )
                )  # fmt: skip
        return found

    async def balances(self) -> list[Balance]:
        """`total` is the wallet's balance: without the gain or loss of open positions."""
        answer = document(await self._client.fapiprivatev3_get_account(), "assets")
        return [
            Balance(str(row["asset"]), number(row["availableBalance"]),
                    number(row["walletBalance"]))
            for row in answer["assets"]
            if number(row["walletBalance"]) or number(row["availableBalance"])
        ]  # fmt: skip

    async def funding(self, since_ms: int) -> list[FundingHeard]:
        form = {"incomeType": "FUNDING_FEE", "startTime": since_ms, "limit": 1000}
        return [
            FundingHeard(self._symbols.pair(str(row["symbol"])), number(row["income"]),
                         int(row["time"]))
            for row in rows(await self._client.fapiprivate_get_income(form))
        ]  # fmt: skip

    async def fills(self, pair: str, since_ms: int) -> list[VenueFill]:
        """The pair's executions since then. Where one belongs to an order that nobody has heard of,
        conditional orders are asked whether it is theirs: once, for it costs as much again."""
        found = await super().fills(pair, since_ms)
        strange = {f.venue_order_id for f in found if f.client_order_id is None} - self._nobodys
        if not strange:
            return found
        await self.link(pair)
        if len(self._nobodys) > _REMEMBERED:
            self._nobodys.clear()
        self._nobodys |= {number_ for number_ in strange if self.name_of(number_) is None}
        return [
            f._replace(client_order_id=f.client_order_id or self.name_of(f.venue_order_id))
            for f in found
        ]

    async def link(self, pair: str) -> None:
        form = {"symbol": self._symbols.venue(pair), "limit": 100}
        for row in rows(await self._client.fapiprivate_get_allalgoorders(form)):
            child = child_of(row)
            if child is not None:
                self.remember(child, str(row["clientAlgoId"]))

    def owner_of(self, venue_order_id: str) -> str | None:
        return self.name_of(venue_order_id)

    async def _trades(self, parameters: dict[str, Any]) -> Any:
        return await self._client.fapiprivate_get_usertrades(parameters)


def _word(order: Order) -> str:
    return "BUY" if order.side > 0 else "SELL"


def _type_of(order: Order, terms: MarketTerms) -> dict[str, str]:
    if order.kind is Kind.MARKET:
        return {"type": "MARKET"}
    if order.price is None:
        raise FailedError("price_filter", "a limit order without a price", found=order.id)
    price = limit_price(order.price, -order.side, terms)
    return {"type": "LIMIT", "timeInForce": "GTC", "price": text(price)}
