"""What charts draw, as JSON."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Millis, Money, Shape
from tradepulse.storage.views.markers import MarkerKind

_MARKER: JsonDict = {
    "kind": "trade", "id": "9a1c…", "time": 1_748_961_000_000, "price": "105402",
    "activation_id": "8f7e…", "configuration_id": "0b0e…", "side": "long", "quantity": "0.0912",
    "end_time": None, "entry_time": 1_748_935_800_000, "entry_price": "104210.5", "stop": None,
    "target": None, "pnl": "89.75", "role": None, "action": None, "state": None, "verdict": None,
    "reason": "signal", "order_id": None, "trade_id": "9a1c…",
}  # fmt: skip


class MarkerShape(Shape):
    """One mark on a chart. Which fields it has depends on its kind; the others are null."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MARKER]})

    kind: MarkerKind
    id: str
    time: Millis = Field(
        description="A signal's bar, an order's making, a fill's moment, a trade's exit, a "
        "position's entry."
    )
    price: Money | None
    activation_id: str
    configuration_id: str
    side: str | None = Field(description="buy or sell of orders and fills, else long or short.")
    quantity: Money | None
    end_time: Millis | None = Field(
        description="When an order, stop or target was over; null while it rests."
    )
    entry_time: Millis | None
    entry_price: Money | None
    stop: Money | None
    target: Money | None
    pnl: Money | None
    role: str | None
    action: str | None
    state: str | None
    verdict: str | None
    reason: str | None
    order_id: str | None
    trade_id: str | None
