"""The ledger: signals, orders, fills, trades and open positions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import AskedPair, Paging, Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.ledger import (
    FillShape,
    OrderShape,
    PositionShape,
    SignalShape,
    TradeShape,
)
from tradepulse.api.shapes.signals import SignalStoryShape, story_shape
from tradepulse.api.shapes.values import Document, Listed
from tradepulse.domain.lifecycle import ExitReason, Feed, Mode, OrderState, Side

router = APIRouter(tags=["ledger"], route_class=ConditionalRoute)


@router.get("/signals")
def list_signals(
    here: Here,
    paging: Paging,
    span: Span,
    pair: AskedPair,
    activation_id: str | None = None,
    configuration_id: str | None = None,
    wallet_id: str | None = None,
    mode: Mode | None = None,
    action: str | None = None,
    verdict: Annotated[str | None, Query(description="traded, refused or ignored.")] = None,
    reason: Annotated[str | None, Query(description="The code of a refusal.")] = None,
) -> Listed[SignalShape]:
    """What the graphs said and what became of it, newest bar first."""
    with here.database.reading() as tx:
        page = tx.signals.page(
            activation_id=activation_id, configuration_id=configuration_id, wallet_id=wallet_id,
            pair=pair, mode=mode, action=action, verdict=verdict, reason=reason, **span, **paging,
        )  # fmt: skip
    return Listed[SignalShape].model_validate(page)


@router.get("/signals/{signal_id}")
def show_signal(here: Here, signal_id: str) -> SignalStoryShape:
    """One signal from its bar to its trade: what each node of the graph said, derived anew and
    compared with what was recorded, and the order, fills and round trip it led to."""
    from tradepulse.storage.views.signal_story import signal_story

    return story_shape(signal_story(here.database, here.app.bars, signal_id))


@router.get("/orders")
def list_orders(
    here: Here,
    paging: Paging,
    span: Span,
    pair: AskedPair,
    activation_id: str | None = None,
    configuration_id: str | None = None,
    wallet_id: str | None = None,
    state: OrderState | None = None,
) -> Listed[OrderShape]:
    """Orders, newest first."""
    with here.database.reading() as tx:
        page = tx.orders.page(
            activation_id=activation_id, configuration_id=configuration_id, wallet_id=wallet_id,
            pair=pair, state=state, **span, **paging,
        )  # fmt: skip
    return Listed[OrderShape].model_validate(page)


@router.get("/orders/{order_id}")
def show_order(here: Here, order_id: str) -> OrderShape:
    """One order."""
    with here.database.reading() as tx:
        return OrderShape.model_validate(tx.orders.get(order_id))


@router.get("/orders/{order_id}/explain")
def explain_order(here: Here, order_id: str) -> Document:
    """Why it was made: its signal computed again from the stored bars and compared, risk's word,
    events, fills, fees, latency, slippage, and the other orders of its trade. `order_id` may be the
    beginning of an id, a client order id, or a trade's."""
    from tradepulse.storage.explaining import explain_order as explain

    return explain(here.database, here.app.bars, order_id).as_json()


@router.get("/fills")
def list_fills(
    here: Here,
    paging: Paging,
    span: Span,
    pair: AskedPair,
    activation_id: str | None = None,
    configuration_id: str | None = None,
    wallet_id: str | None = None,
) -> Listed[FillShape]:
    """Fills, newest first."""
    with here.database.reading() as tx:
        page = tx.fills.page(
            activation_id=activation_id, configuration_id=configuration_id, wallet_id=wallet_id,
            pair=pair, **span, **paging,
        )  # fmt: skip
    return Listed[FillShape].model_validate(page)


@router.get("/trades")
def list_trades(
    here: Here,
    paging: Paging,
    span: Span,
    pair: AskedPair,
    activation_id: str | None = None,
    configuration_id: str | None = None,
    wallet_id: str | None = None,
    side: Side | None = None,
    exit_reason: ExitReason | None = None,
    mode: Mode | None = None,
    feed: Feed | None = None,
) -> Listed[TradeShape]:
    """Round trips, last closed first. Sort also by entry_time, pnl or pnl_pct."""
    with here.database.reading() as tx:
        page = tx.trades.page(
            activation_id=activation_id, configuration_id=configuration_id, wallet_id=wallet_id,
            pair=pair, side=side, exit_reason=exit_reason, mode=mode, feed=feed, **span, **paging,
        )  # fmt: skip
    return Listed[TradeShape].model_validate(page)


@router.get("/positions")
def list_positions(
    here: Here,
    paging: Paging,
    pair: AskedPair,
    activation_id: str | None = None,
    wallet_id: str | None = None,
) -> Listed[PositionShape]:
    """What is open now, newest first."""
    with here.database.reading() as tx:
        page = tx.positions.page(
            activation_id=activation_id, wallet_id=wallet_id, pair=pair, **paging
        )
    return Listed[PositionShape].model_validate(page)


@router.get("/positions/{position_id}")
def show_position(here: Here, position_id: str) -> PositionShape:
    """One open position."""
    with here.database.reading() as tx:
        return PositionShape.model_validate(tx.positions.get(position_id))
