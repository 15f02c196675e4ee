"""Strategies: what there is, their parameters and graphs, and how they did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import AskedName, AskedPair, Paging, Span, read_object
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.graphs import PictureShape
from tradepulse.api.shapes.ledger import PerformanceShape
from tradepulse.api.shapes.market import (
    StrategyDetail,
    StrategyList,
    StrategyProblemShape,
    StrategyShape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.interval import Interval

router = APIRouter(prefix="/strategies", tags=["strategies"], route_class=ConditionalRoute)


@router.get("")
def list_strategies(here: Here) -> StrategyList:
    """Shipped strategies and those of the home's folder, by name."""
    registry = here.app.registry
    items = [
        StrategyShape(
            name=entry.name, source=entry.source,
            description=entry.strategy.description(), parameters=entry.strategy.schema(),
        )
        for entry in registry
    ]  # fmt: skip
    problems = [StrategyProblemShape.model_validate(problem) for problem in registry.problems]
    return StrategyList(items=items, problems=problems)


@router.get("/performance")
def performance(
    here: Here,
    paging: Paging,
    span: Span,
    pair: AskedPair,
    strategy_name: AskedName | None = None,
    exchange: AskedName | None = None,
    is_active: Annotated[bool | None, Query(description="Only running configurations.")] = None,
) -> Listed[PerformanceShape]:
    """Trades of each configuration by mode and feed, beside its backtest; of those that closed in
    the time asked for.

    `limit` counts configurations; one gives a row for every mode and feed it traded in.
    """
    with here.database.reading() as tx:
        page = tx.performance.page(
            strategy_name=strategy_name, exchange=exchange, pair=pair, is_active=is_active,
            **span, **paging,
        )  # fmt: skip
    return Listed[PerformanceShape].model_validate(page)


@router.get("/{name}")
def show_strategy(
    here: Here,
    name: str,
    parameters: Annotated[
        str | None,
        Query(
            description="A JSON object: show the graph of these values; the rest are defaults.",
            examples=['{"fast": 20}'],
        ),
    ] = None,
    interval: Annotated[str, Query(description="For its warm-up, where frames are hours.")] = "1h",
) -> StrategyDetail:
    """One strategy, in any case: its parameters' JSON Schema, and the graph of their values."""
    # Signals pull in Numba: only who asks for a graph pays for that.
    from tradepulse.signals.drawing import draw
    from tradepulse.storage.views.graph_picture import picture_of

    entry = here.app.registry.find(name)
    made = entry.strategy(read_object(parameters, "parameters"))
    picture = picture_of(made.graph, Interval.parse(interval).ms)
    return StrategyDetail(
        name=entry.name, source=entry.source, description=entry.strategy.description(),
        parameters=entry.strategy.schema(), defaults=entry.strategy().parameters,
        values=made.parameters, graph_hash=made.graph.hash, drawing=draw(made.graph),
        graph=PictureShape.model_validate(picture),
    )  # fmt: skip
