"""The signal graph of a configuration, and what its nodes said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Span, SpanArguments
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.shapes.configurations import GraphShape
from tradepulse.api.shapes.graphs import GraphValues, NodeSeries, PictureShape
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval

if TYPE_CHECKING:
    from tradepulse.storage.views.graph_values import Window

router = APIRouter(
    prefix="/training/configurations", tags=["configurations"], route_class=ConditionalRoute
)
MOST_VALUES = 1_000_000
_NEWEST_BARS = 500


@router.get("/{configuration_id}/graph")
def show_graph(here: Here, configuration_id: str) -> GraphShape:
    """The signal graph that an activation of it runs."""
    from tradepulse.signals.drawing import draw
    from tradepulse.signals.graph import Graph
    from tradepulse.storage.views.graph_picture import picture_of

    with here.database.reading() as tx:
        found = tx.configurations.get(configuration_id)
    graph = Graph.from_json(dict(found.graph))
    picture = picture_of(graph, Interval.parse(found.interval).ms)
    return GraphShape(
        hash=graph.hash, graph=dict(found.graph), drawing=draw(graph),
        picture=PictureShape.model_validate(picture),
    )  # fmt: skip


@router.get("/{configuration_id}/graph/values")
def show_graph_values(
    here: Here,
    span: Span,
    configuration_id: str,
    nodes: Annotated[
        list[int] | None, Query(description="Ids of the graph's nodes. Default: all.")
    ] = None,
    activation_id: Annotated[
        str | None, Query(description="As this activation of it saw them: from its first bar on.")
    ] = None,
) -> GraphValues:
    """What the graph's nodes said on each bar from `start` to before `end`, run again from the
    stored bars; without `start` on the newest 500. Not for an activation: from the first bar of
    its training data on, or before that the first kept one."""
    from tradepulse.signals.graph import Graph
    from tradepulse.storage.views.graph_picture import picture_of
    from tradepulse.storage.views.graph_values import node_values

    with here.database.reading() as tx:
        found = tx.configurations.get(configuration_id)
        session = None
        if activation_id is not None:
            session = tx.activations.get(activation_id).session_start
    graph = Graph.from_json(dict(found.graph))
    window = _window(
        here, found, span, session, len(graph.nodes()) if nodes is None else len(nodes)
    )
    values = node_values(here.app.bars, found, nodes, window)
    picture = picture_of(graph, Interval.parse(found.interval).ms)
    told = {node.id: node for node in picture.nodes}
    series = [
        NodeSeries(
            id=index, label=told[index].label, expression=told[index].expression,
            kind=told[index].kind, pane=told[index].pane, outputs=list(told[index].outputs),
            values=found_values.tolist(),
        )
        for index, found_values in values.values.items()
    ]  # fmt: skip
    return GraphValues(
        configuration_id=found.id, interval=found.interval, began=values.began,
        open_time=values.open_time.tolist(), nodes=series,
    )  # fmt: skip


def _window(
    here: Context, found: Configuration, span: SpanArguments, session: int | None, nodes: int
) -> Window:
    """What to compute. Errors: `symbol_not_found`, `too_many_values`."""
    from tradepulse.api.bar_window import extent_of
    from tradepulse.storage.views.graph_values import Window

    interval = Interval.parse(found.interval)
    kept = extent_of(here.app.bars, found.exchange, found.pair, interval)
    last = kept[1] + 1 if kept else 0
    end = last if span["until_ms"] is None else min(span["until_ms"], last)
    start = end - _NEWEST_BARS * interval.ms if span["since_ms"] is None else span["since_ms"]
    values = max(end - start, 0) // interval.ms * nodes
    if values > MOST_VALUES:
        raise UsageError(
            "too_many_values", "that is more than one answer can hold",
            expected=f"at most {MOST_VALUES:,} values, bars times nodes", found=f"{values:,}",
            hint="Ask for fewer nodes, or for a shorter window.",
        )  # fmt: skip
    first = found.data_range[0] if session is None else session
    return Window(start, max(end, start), first if start >= first else None)
