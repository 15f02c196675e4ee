"""What a board shows of many configurations at once: a few numbers of each study, and its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tradepulse.domain.configuration import Configuration
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.views.configuration_equity import OUT_OF_SAMPLE, grown
from tradepulse.storage.views.wallet_curve import thinned

_STATISTICS = "statistics"


class BoardFigures(NamedTuple):
    """Of one configuration. `sharpe` is annual with the market's part taken out; `overfitting` is
    the PBO; `drawdown_95` the fall that one year in twenty goes beyond, at most 0; `curve` what one
    unit of money became on days no search saw, thinned, empty without a study. None: not known."""

    configuration_id: str
    studied: bool
    sharpe: float | None
    expected_live_sharpe: float | None
    deflated_sharpe: float | None
    overfitting: float | None
    drawdown_95: float | None
    out_of_sample_return: float | None
    curve: list[float]


def board_figures(
    tx: Transaction, configurations: Sequence[Configuration], points: int
) -> list[BoardFigures]:
    """The figures of each, in their order, its curve of about `points` points."""
    parts = tx.studies.parts_of([c.id for c in configurations], _STATISTICS, OUT_OF_SAMPLE)
    return [_figures(c.id, parts.get(c.id), points) for c in configurations]


def _figures(name: str, parts: Mapping[str, Any] | None, points: int) -> BoardFigures:
    found = {} if parts is None else parts
    told: Mapping[str, Any] = found.get(_STATISTICS) or {}
    curve = grown(found.get(OUT_OF_SAMPLE))
    worth = [] if curve is None else thinned(curve, points).equity.tolist()
    return BoardFigures(
        name, parts is not None, told.get("sharpe_annual"), told.get("expected_live_sharpe"),
        told.get("dsr"), told.get("pbo"), told.get("drawdown_95"),
        worth[-1] - 1.0 if worth else None, worth,
    )  # fmt: skip
