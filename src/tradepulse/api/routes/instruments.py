"""Instruments: what can be traded or charted, with steps, fees and kept bars."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import AskedName
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.cursors import read_cursor, write_cursor
from tradepulse.api.shapes.instruments import InstrumentShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.storage.paging import DEFAULT_LIMIT, MAX_LIMIT
from tradepulse.storage.views.instruments import KnownInstrument, known_instruments

router = APIRouter(prefix="/instruments", tags=["instruments"], route_class=ConditionalRoute)


@router.get("")
def list_instruments(
    here: Here,
    exchange: AskedName | None = None,
    quote: str | None = None,
    market: Market | None = None,
    containing: Annotated[str | None, Query(description="Text within the pair.")] = None,
    has_bars: Annotated[bool | None, Query(description="With kept bars, or without.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Listed[InstrumentShape]:
    """Instruments by exchange and pair: of venues that were asked, and of kept bars."""
    after = read_cursor("instrument", cursor, (str, str)) if cursor else ("", "")
    wanted = {"exchange": exchange, "quote": quote and quote.upper(), "market": market}
    found = [
        known for known in _known(here)
        if known.place > after
        and all(value in (None, _field(known, name)) for name, value in wanted.items())
        and (containing is None or containing.upper() in str(known.pair))
        and (has_bars is None or bool(known.series) == has_bars)
    ]  # fmt: skip
    items = [InstrumentShape.model_validate(known) for known in found[:limit]]
    more = len(found) > limit
    return Listed[InstrumentShape](
        items=items,
        next_cursor=write_cursor("instrument", found[limit - 1].place) if more else None,
    )


@router.get("/{exchange}/{pair:path}")
def show_instrument(here: Here, exchange: AskedName, pair: str) -> InstrumentShape:
    """One instrument; the pair in any spelling, such as BTC/USDT, BTCUSDT or BTC-USDT."""
    place = (exchange, str(Pair.parse(pair)))
    for known in _known(here):
        if known.place == place:
            return InstrumentShape.model_validate(known)
    raise NotFoundError(
        "instrument_not_found", "there is no such instrument", found=":".join(place)
    )


def _known(here: Context) -> list[KnownInstrument]:
    with here.database.reading() as tx:
        return known_instruments(tx, here.app.bars)


def _field(known: KnownInstrument, name: str) -> object:
    return {"exchange": known.exchange, "quote": known.pair.quote, "market": known.market}[name]
