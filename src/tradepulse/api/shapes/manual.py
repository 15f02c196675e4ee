"""Trading by hand: what may be asked for, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Document, Millis, Money, Shape
from tradepulse.domain.manual_command import CommandState, ManualAction
from tradepulse.domain.money import money, to_decimal

Positive = Annotated[Decimal, Field(gt=0, max_digits=40)]
_COMMAND: JsonDict = {
    "id": "6f1c2d7e-3a41-4d0b-8f5d-0c1e9b7a2f10",
    "activation_id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11", "wallet_id": "desk",
    "action": "stop", "state": "DONE", "asked_by": "ada", "asked_at": 1_748_961_000_000,
    "answered_at": 1_748_961_000_240, "code": None,
    "wish": {"position_id": "c624c672bab6f92b40297720a2289e2a", "stop": "104250.5"},
    "answer": {"position_id": "c624c672bab6f92b40297720a2289e2a", "stop": "104250.5",
               "before": "103771.7"},
}  # fmt: skip


class CommandShape(Shape):
    """A command by hand. WAITING until an engine has answered; `code` and `answer` say why it was
    REFUSED, or what was DONE."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COMMAND]})

    id: str
    activation_id: str
    wallet_id: str
    action: ManualAction
    state: CommandState
    wish: Document
    asked_by: str
    asked_at: Millis
    answered_at: Millis | None
    code: str | None
    answer: Document | None


class AskedStop(Shape):
    """Where the stop is to stand, in the quote currency."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"price": "104250.5"}]}
    )

    price: Positive


class AskedOrder(Shape):
    """An order at the market on an activation's desk. Either `quantity` (base units) or `risk_pct`:
    what its stop may lose, in percent of the activation's equity."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"activation_id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11", "side": "buy",
                 "risk_pct": "0.5", "stop": "103000", "target": "109000"}
            ]
        },
    )  # fmt: skip

    activation_id: str
    side: Literal["buy", "sell"]
    quantity: Positive | None = None
    risk_pct: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    stop: Positive
    target: Positive | None = None


class VerdictShape(Shape):
    """A limit's word. `most`: the base units that a cap leaves; over it an order is cut."""

    code: str
    ok: bool
    told: str
    reason: str | None = Field(description="The code it would be refused with.")
    most: float | None


class PreviewShape(Shape):
    """What would become of the order now. `ok` false: `code`, `expected` and `found` say why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ok": True, "code": None, "expected": None, "found": None,
                 "limits": [{"code": "max_open_trades", "ok": True, "told": "within the limit of 5",
                             "reason": None, "most": None}],
                 "price": "105000", "asked_quantity": "0.025", "quantity": "0.02",
                 "notional": "2100", "risk": "40", "risk_pct": 0.4, "liquidation": None,
                 "equity": "10000"}
            ]
        }
    )  # fmt: skip

    ok: bool
    code: str | None
    expected: str | None
    found: str | None
    limits: list[VerdictShape]
    price: Money | None = Field(description="The last price known.")
    asked_quantity: Money | None
    quantity: Money | None = Field(description="After the caps, in whole lots.")
    notional: Money | None
    risk: Money | None = Field(description="Lost if the stop fills at its price.")
    risk_pct: float | None = Field(description="The same, of the activation's equity.")
    liquidation: Money | None
    equity: Money


def preview_shape(found: Any) -> PreviewShape:
    """A preview as JSON: figures as decimal text."""

    def exact(value: float | None) -> Decimal | None:
        return None if value is None else to_decimal(value)

    refused = found.refused
    return PreviewShape(
        ok=found.ok, code=None if refused is None else refused.code,
        expected=None if refused is None else refused.expected,
        found=None if refused is None else refused.found,
        limits=[VerdictShape.model_validate(verdict) for verdict in found.limits],
        price=exact(found.price), asked_quantity=exact(found.asked_quantity),
        quantity=exact(found.quantity), notional=_amount(found.notional), risk=_amount(found.risk),
        risk_pct=found.risk_pct, liquidation=exact(found.liquidation), equity=money(found.equity),
    )  # fmt: skip


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else money(value)
