"""Funding settlements of a perpetual, page by page."""

from __future__ import annotations

import numpy as np

from tradepulse.domain.funding import FundingSeries
from tradepulse.exchanges.bar_closing import Span
from tradepulse.exchanges.market_reader import MarketReader, Settlement
from tradepulse.exchanges.paging import FUNDING_STEP_MS, Cursor, funding_pages


async def fetch_funding(
    reader: MarketReader, symbol: str, start_ms: int, end_ms: int
) -> FundingSeries:
    """The settlements stamped in [start_ms, end_ms), perhaps none. Errors: `not_supported`, those
    of REST."""
    rule = funding_pages(reader.exchange)
    # Without windows the step is a millisecond: stamps lie some of them past the hour.
    step = FUNDING_STEP_MS if rule.windowed else 1
    cursor = Cursor(Span(start_ms, end_ms), step, rule)
    found: dict[int, Settlement] = {}
    while (page := cursor.page()) is not None:
        rows = await reader.funding(symbol, page)
        cursor.answered([row.time for row in rows])
        found |= {row.time: row for row in rows if start_ms <= row.time < end_ms}
    times = sorted(found)
    return FundingSeries(
        np.array(times, dtype=np.int64),
        np.array([found[time].rate for time in times], dtype=np.float64),
    )
