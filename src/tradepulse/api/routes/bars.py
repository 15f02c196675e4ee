"""Bars: what market history is kept, and a window of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from tradepulse.api.asking import Span
from tradepulse.api.bar_window import bar_window
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.market import AuditShape, BarShape, SeriesShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval

router = APIRouter(prefix="/bars", tags=["bars"], route_class=ConditionalRoute)
MOST_BARS = 5000
MOST_COLUMN_BARS = 1_000_000
_COLUMNS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Columns of little-endian float64 behind a JSON header.",
        "content": {
            "application/vnd.tradepulse.bars": {"schema": {"type": "string", "format": "binary"}}
        },
    }
}


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


@router.get("/columns", response_class=Response, responses=_COLUMNS)
def show_columns(
    here: Here,
    span: Span,
    exchange: Annotated[str, Query(examples=["binance"])],
    symbol: Annotated[str, Query(examples=["BTC/USDT"])],
    interval: Annotated[str, Query(examples=["1m"])],
    limit: Annotated[int, Query(ge=1, le=MOST_COLUMN_BARS)] = MOST_COLUMN_BARS,
) -> Response:
    """Closed bars as columns of float64, for charts of hundreds of thousands: from `start` on, or
    without it the newest `limit` before `end`. `TPB1`, the header's length as uint32, a JSON header
    with each column's offset, and the columns, all little-endian."""
    from tradepulse.api.bar_columns import MEDIA_TYPE, write_columns

    pair, asked = Pair.parse(symbol), Interval.parse(interval)
    bars = bar_window(
        here.app.bars, exchange.lower(), pair, asked,
        start_ms=span["since_ms"], end_ms=span["until_ms"], limit=limit, cursor=None,
    ).bars  # fmt: skip
    content = write_columns(
        bars, exchange=exchange.lower(), pair=str(pair), interval=str(asked)
    )  # fmt: skip
    return Response(content, media_type=MEDIA_TYPE)


@router.get("/audit")
def show_audit(
    here: Here,
    span: Span,
    exchange: Annotated[str, Query(examples=["binance"])],
    symbol: Annotated[str, Query(examples=["BTC/USDT"])],
    interval: Annotated[str, Query(examples=["1h"])],
    most_gaps: Annotated[int, Query(ge=0, le=1000, description="Holes to name.")] = 100,
) -> AuditShape:
    """Holes, repeats, outliers and stretches without volume in [start, end), and the fingerprint
    that a training on these bars would store."""
    from tradepulse.storage.views.bar_audit import bar_audit

    pair, asked = Pair.parse(symbol), Interval.parse(interval)
    bars = here.app.bars.read(exchange.lower(), pair, asked, span["since_ms"], span["until_ms"])
    found = bar_audit(bars, exchange.lower(), most_gaps)
    return AuditShape.model_validate(
        {**vars(found), "exchange": exchange.lower(), "pair": str(pair), "interval": str(asked)}
    )


@router.get("/series")
def list_series(here: Here) -> Listed[SeriesShape]:
    """Every kept series, by exchange, pair and interval."""
    items = [SeriesShape.model_validate(info) for info in here.app.bars.series()]
    return Listed[SeriesShape](items=items)
