"""Reading one file of bars of any known format, without keeping it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import check_bars, modal_spacing_ms
from tradepulse.marketdata.formats.parsed import Kind, Parsed
from tradepulse.marketdata.formats.recognise import parse
from tradepulse.marketdata.formats.source import open_sources


def read_file(
    path: Path,
    *,
    symbol: str | None = None,
    interval: str | None = None,
    exchange: str | None = None,
) -> BarSeries:
    """The checked bars of one file. Its exchange and pair need not be known.

    `symbol` and `exchange` choose a member of an archive; a file that says it is of another one is
    refused. DataError `wrong_series`, `ambiguous_series`, and all that an import refuses.
    """
    wanted = None if symbol is None else Pair.parse(symbol)
    parsed = [p for p in map(parse, open_sources(path)) if p.kind is not Kind.FUNDING]
    fitting = [p for p in parsed if _fits(p, wanted, exchange)]
    if len(fitting) != 1:
        raise _not_one(path, parsed, fitting)
    return _checked(fitting[0], None if interval is None else Interval.parse(interval))


def _fits(parsed: Parsed, pair: Pair | None, exchange: str | None) -> bool:
    """Whether the file is of that pair (or its perpetual) and exchange, or does not say."""
    said = parsed.origin
    same_pair = pair is None or said.pair is None or pair.same_coins(said.pair)
    return same_pair and (exchange is None or said.exchange in (None, exchange))


def _checked(parsed: Parsed, stated: Interval | None) -> BarSeries:
    interval = stated or parsed.origin.interval
    if interval is None:
        spacing = modal_spacing_ms(np.unique(parsed.times))
        interval = Interval(spacing) if spacing else None
    if interval is None:
        raise DataError(
            "cannot_infer", "one bar has no spacing to tell its interval from",
            expected="two bars or more, or an interval", found="1 bar",
        )  # fmt: skip
    bars = parsed.bars(interval)
    check_bars(bars)
    return bars


def _not_one(path: Path, parsed: list[Parsed], fitting: list[Parsed]) -> DataError:
    names = [f"{p.origin.exchange or '?'} {p.origin.pair or '?'}" for p in (fitting or parsed)]
    return DataError(
        "ambiguous_series" if fitting else "wrong_series",
        f"{path.name} holds {'several series' if fitting else 'no such series'}",
        expected="exactly one series of bars that fits",
        found=", ".join(names[:8]) or "none",
    )
