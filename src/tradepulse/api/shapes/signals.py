"""A signal from its bar to its trade, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from tradepulse.api.shapes.graphs import NodeShape
from tradepulse.api.shapes.ledger import (
    FillShape,
    OrderShape,
    PositionShape,
    SignalShape,
    TradeShape,
)
from tradepulse.api.shapes.market import BarShape
from tradepulse.api.shapes.overview import ConfigurationName
from tradepulse.api.shapes.values import Document, Shape
from tradepulse.domain.lifecycle import Feed, Mode

if TYPE_CHECKING:
    from tradepulse.storage.views.signal_story import SignalStory

_BAR = ("open_time", "open", "high", "low", "close", "volume")


class NodeValue(Shape):
    """A node of the graph and what it said on the signal's bar; null where it had nothing yet."""

    node: NodeShape
    value: float | bool | None


class MismatchShape(Shape):
    """`expected` was recorded, `found` is derived now."""

    name: str
    expected: str
    found: str


class RecomputedShape(Shape):
    """The signal derived anew from the stored bars."""

    verdict: str = Field(description="equal or unequal")
    bars: int = Field(description="Run from the start of the session.")
    flags: dict[str, bool]
    values: Document
    mismatches: list[MismatchShape]


class SignalStoryShape(Shape):
    """A signal with all that led to it and came of it. `why_not`: why it was not derived anew."""

    signal: SignalShape
    configuration: ConfigurationName
    wallet_id: str
    mode: Mode
    feed: Feed
    bar: BarShape | None
    nodes: list[NodeValue]
    recomputed: RecomputedShape | None
    why_not: str | None
    order: OrderShape | None
    fills: list[FillShape]
    trade: TradeShape | None
    position: PositionShape | None


def story_shape(story: SignalStory) -> SignalStoryShape:
    """The story as JSON."""
    again, bars = story.recomputed, story.bar
    bar = None
    if bars is not None and len(bars):
        bar = BarShape.model_validate({name: getattr(bars, name)[0].item() for name in _BAR})
    return SignalStoryShape(
        signal=SignalShape.model_validate(story.signal),
        configuration=ConfigurationName.model_validate(story.configuration),
        wallet_id=story.wallet.id, mode=story.activation.mode, feed=story.activation.feed,
        bar=bar, nodes=[NodeValue.model_validate(node) for node in story.nodes],
        recomputed=None if again is None else RecomputedShape(
            verdict=again.verdict, bars=again.bars, flags=again.said.flags,
            values=again.said.values,
            mismatches=[MismatchShape.model_validate(m) for m in again.mismatches],
        ),
        why_not=story.why_not,
        order=None if story.order is None else OrderShape.model_validate(story.order),
        fills=[FillShape.model_validate(fill) for fill in story.fills],
        trade=None if story.trade is None else TradeShape.model_validate(story.trade),
        position=None if story.position is None else PositionShape.model_validate(story.position),
    )  # fmt: skip
