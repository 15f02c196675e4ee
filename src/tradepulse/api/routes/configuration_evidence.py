"""What a configuration rests on: growth, verdict, heat map, its backtest's trades, its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.cursors import read_cursor, write_cursor
from tradepulse.api.shapes.evidence import (
    AxisShape,
    BacktestTrade,
    CellShape,
    EquityShape,
    GrowthPoint,
    GrowthSeries,
    HeatMapShape,
    VerdictShape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.errors import NotFoundError
from tradepulse.storage.paging import DEFAULT_LIMIT, MAX_LIMIT

if TYPE_CHECKING:
    from tradepulse.storage.views.configuration_equity import Growth
    from tradepulse.training.report.document import Subject

router = APIRouter(
    prefix="/training/configurations", tags=["configurations"], route_class=ConditionalRoute
)
Grown = Literal["backtest", "in_sample", "out_of_sample", "market"]


@router.get("/{configuration_id}/equity")
def show_equity(
    here: Here,
    configuration_id: str,
    series: Annotated[list[Grown] | None, Query(description="Default: all.")] = None,
    points: Annotated[int, Query(ge=10, le=20_000, description="At most about so many.")] = 600,
) -> EquityShape:
    """How one unit of money grew: in the backtest, run again over the kept bars; over the days its
    search saw and those it did not; and by holding the market."""
    from tradepulse.storage.views.configuration_equity import GROWTHS, configuration_equity

    with here.database.reading() as tx:
        found = tx.configurations.get(configuration_id)
        study = tx.studies.find(configuration_id)
    wanted = frozenset(GROWTHS if series is None else series)
    equity = configuration_equity(here.app.bars, found, study, wanted, points)
    return EquityShape(
        configuration_id=found.id, why_not=equity.why_not,
        same_data=None if equity.measured is None else equity.measured.same_data,
        series=[_series(growth) for growth in equity.growths],
    )  # fmt: skip


@router.get("/{configuration_id}/trades")
def list_backtest_trades(
    here: Here,
    configuration_id: str,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Listed[BacktestTrade]:
    """Round trips of its backtest, run again over the kept bars, in order of exit."""
    from tradepulse.storage.measuring import measured_again

    first = int(read_cursor("backtest", cursor, (int,))[0]) if cursor else 0
    with here.database.reading() as tx:
        found = tx.configurations.get(configuration_id)
    trades = measured_again(here.app.bars, found).result.trades
    rows = trades.slice(first, limit).iter_rows(named=True)
    following = first + limit
    return Listed[BacktestTrade](
        items=[BacktestTrade.model_validate(row) for row in rows],
        next_cursor=write_cursor("backtest", (following,)) if following < len(trades) else None,
    )


@router.get("/{configuration_id}/verdict")
def show_verdict(here: Here, configuration_id: str) -> VerdictShape:
    """Headline, plain sentence, every rule and every statistic with its meaning, and the folds."""
    from tradepulse.training.report.told import told_of

    subject = _subject(here, configuration_id)
    told = told_of(subject)
    return VerdictShape.model_validate(
        {
            **vars(told), "configuration_id": configuration_id,
            "stage": subject.configuration.lifecycle_stage, "folds": list(subject.rows("folds")),
        }
    )  # fmt: skip


@router.get("/{configuration_id}/heat-map")
def show_heat_map(
    here: Here,
    configuration_id: str,
    across: Annotated[str | None, Query(description="A parameter. Default: what matters.")] = None,
    up: str | None = None,
) -> HeatMapShape:
    """Median score of the tries by two parameters, with the chosen set and its plateau."""
    from tradepulse.training.report.told import heat_map_of, known_rows

    found = heat_map_of(_subject(here, configuration_id), across, up)
    if found is None:
        raise NotFoundError(
            "no_heat_map", "the tries are too few, or do not differ in two parameters",
            expected="a search over at least two numeric parameters", found="none",
        )  # fmt: skip
    surface = found.surface
    axes = [
        AxisShape(name=axis.name, cells=list(axis.names), binned=axis.binned)
        for axis in (surface.across, surface.up)
    ]
    return HeatMapShape(
        configuration_id=configuration_id, score=found.score, influence=list(found.influence),
        across=axes[0], up=axes[1], medians=known_rows(surface.medians),
        tries=surface.tries.tolist(), chosen=CellShape.model_validate(surface.chosen),
        best=CellShape.model_validate(surface.best), plateau=surface.plateau._asdict(),
    )  # fmt: skip


@router.get("/{configuration_id}/report", response_class=HTMLResponse)
def show_report(here: Here, configuration_id: str) -> HTMLResponse:
    """All that is known of it as one HTML page that needs no network. It is run again for that."""
    from tradepulse.storage.views.configuration_equity import measured_or_why
    from tradepulse.training.report import training_page
    from tradepulse.training.report.measured import Measurement

    subject = _subject(here, configuration_id)
    found = subject.configuration
    again, why_not = measured_or_why(here.app.bars, found)
    measured = None if again is None else Measurement(
        again.result, again.data.bars, again.same_data, len(again.differences)
    )  # fmt: skip
    page = training_page(found, subject.study, measured, why_not or "")
    return HTMLResponse(page.html, headers={"content-security-policy": _REPORT_POLICY})


# The page carries its own style and has no script; it may load nothing and talk to nobody.
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


def _subject(here: Context, configuration_id: str) -> Subject:
    from tradepulse.training.report.document import Subject

    with here.database.reading() as tx:
        return Subject(tx.configurations.get(configuration_id), tx.studies.find(configuration_id))


def _series(growth: Growth) -> GrowthSeries:
    rows = zip(*(column.tolist() for column in growth.curve), strict=True)
    return GrowthSeries(
        name=growth.name, points=growth.points, total_return=growth.total_return,
        max_drawdown=growth.max_drawdown,
        items=[GrowthPoint(time=t, value=v, drawdown=d) for t, v, d in rows],
    )  # fmt: skip
