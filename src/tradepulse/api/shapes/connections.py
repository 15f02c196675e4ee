"""Exchange connections as JSON: their keys go in and never come out."""

from __future__ import annotations

from pydantic import ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Millis, Shape
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode

_EXAMPLE: JsonDict = {
    "name": "main",
    "exchange": "binance",
    "market": "spot",
    "mode": "testnet",
    "api_key": "…",
    "secret": "…",
}


class ConnectionShape(Shape):
    """`key_hint` is the end of the API key; `fault` what was wrong at the last test."""

    id: str
    name: str
    exchange: str
    market: Market
    mode: Mode
    key_hint: str
    created_at: Millis
    base_url: str | None
    checked_at: Millis | None
    fault: str | None
    user_id: str


class NewConnectionBody(Shape):
    """Keys that may read and trade; such as may withdraw are refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(min_length=1, max_length=80)
    exchange: str = Field(min_length=1, max_length=40)
    market: Market = Market.SPOT
    mode: Mode = Mode.TESTNET
    base_url: str | None = Field(
        default=None, description="Another address than the exchange's own, such as a sandbox's."
    )
    api_key: SecretStr
    secret: SecretStr
    password: SecretStr | None = None


class KeysShape(Shape):
    """What the exchange said of a connection's keys."""

    connection: ConnectionShape
    can_trade: bool
    can_withdraw: bool
    permissions: list[str] = Field(description="As the exchange names them.")
