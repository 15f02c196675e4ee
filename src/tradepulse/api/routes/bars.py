"""Bars: what market history is kept, and a window of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Span
from tradepulse.api.bar_window import bar_window
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.market import BarShape, SeriesShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval

router = APIRouter(prefix="/bars", tags=["bars"], route_class=ConditionalRoute)
MOST_BARS = 5000


@router.get("")
def list_bars(
    here: Here,
    span: Span,
    exchange: Annotated[str, Query(examples=["binance"])],
    symbol: Annotated[str, Query(examples=["BTC/USDT"])],
    interval: Annotated[str, Query(examples=["1h"])],
    limit: Annotated[int, Query(ge=1, le=MOST_BARS)] = 500,
    cursor: str | None = None,
) -> Listed[BarShape]:
    """Closed bars, oldest first: from `start` on, or without it the newest `limit` before `end`."""
    window = bar_window(
        here.app.bars, exchange.lower(), Pair.parse(symbol), Interval.parse(interval),
        start_ms=span["since_ms"], end_ms=span["until_ms"], limit=limit, cursor=cursor,
    )  # fmt: skip
    bars = window.bars
    columns = (bars.open_time, bars.open, bars.high, bars.low, bars.close, bars.volume)
    names = ("open_time", "open", "high", "low", "close", "volume")
    rows = zip(*(column.tolist() for column in columns), strict=True)
    items = [BarShape.model_construct(**dict(zip(names, row, strict=True))) for row in rows]
    return Listed[BarShape](items=items, next_cursor=window.next_cursor)


@router.get("/series")
def list_series(here: Here) -> Listed[SeriesShape]:
    """Every kept series, by exchange, pair and interval."""
    items = [SeriesShape.model_validate(info) for info in here.app.bars.series()]
    return Listed[SeriesShape](items=items)
