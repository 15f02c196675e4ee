"""A run as a picture: a drawing for a notebook, and the page it opens into.

How either looks is decided in `tradepulse.pages`. This room's files name the compiled kernels, so
a chart that moved by a pixel would have every kernel compiled again if it were drawn here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.pages.page import Page
    from tradepulse.simulation.result import BacktestResult

_PAGE_ENDINGS = (".html", ".htm")


@dataclass(frozen=True)
class Picture:
    """Equity and drawdown as an SVG document, which notebooks show and `str()` gives as text.

    `page` makes the whole report; it is made when asked for, since a notebook shows the drawing.
    """

    svg: str
    page: Callable[[], Page]

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> Path:
        """The file written: the page where `path` ends in .html, the drawing where in .svg.

        Error `unknown_format` for another ending.
        """
        file = Path(path).expanduser()
        ending = file.suffix.lower()
        if ending in _PAGE_ENDINGS:
            return self.page().save(file)
        if ending != ".svg":
            raise UsageError(
                "unknown_format", f"a picture cannot be written as {file.name}",
                expected="a file ending in .html or .svg", found=ending or "no ending",
            )  # fmt: skip
        file.write_text(self.svg, encoding="utf-8")
        return file


def picture_of(result: BacktestResult) -> Picture:
    """The picture of a run. Error `no_equity` when the run did not record its equity."""
    from tradepulse.pages.backtest_page import Run, backtest_page
    from tradepulse.pages.sketch import sketch_equity

    values, start = result.equity_values, result.rules.initial_cash
    if len(values) == 0:
        raise UsageError(
            "no_equity", "the run kept no equity to draw",
            expected="a run with record=True", found="record=False",
        )  # fmt: skip
    times = result.open_time[: len(values)]
    peak = np.maximum(np.maximum.accumulate(values), start)
    title = f"{start:,.2f} to {values[-1]:,.2f} in {len(result.trade_rows):,} trades"

    def page() -> Page:
        return backtest_page(
            Run(
                about=result.about,
                interval_ms=result.interval_ms,
                initial_cash=start,
                bars=result.bars,
                open_time=times,
                equity=values,
                trades=result.trades.to_dict(as_series=False),
                metrics=result.metrics,
                rules=result.rules.as_json(),
                open_position=result.open_position,
                refusals=result.refusals,
                low_fidelity=result.low_fidelity,
            )
        )

    return Picture(sketch_equity(times, values, values / peak - 1.0, title), page)
