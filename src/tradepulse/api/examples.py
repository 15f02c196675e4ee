"""Examples for the OpenAPI document, made of its schemas: by the names of fields where these have
one meaning everywhere, else by their types."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_ID = "3f5c9f6e-3d1b-4b52-8f6f-6d1c1f5f2a10"
_HASH = "9f2c41d0b7a84e1f8c3d5a6b7e9f0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b"
_TIME = 1_748_961_000_000
_NAMED: dict[str, Any] = {
    "strategy_name": "ema_cross", "strategy": "ema_cross", "exchange": "binance",
    "pair": "BTC/USDT", "symbol": "BTC/USDT", "interval": "1h", "quote": "USDT", "base": "BTC",
    "parameters": {"fast": 12, "slow": 48}, "code_version": "0.1.0", "user_id": "local",
    "username": "anna", "currency": "USDT", "side": "long", "level": "warning",
    "containing": "refused", "sort": "-created_at", "cursor": "WyItY3JlYXRlZF9hdCIsMSwiYSJd",
    "start": "2025-06-01T00:00:00Z", "end": "2025-06-03T00:00:00Z", "reason": "signal",
    "data_fingerprint": _HASH, "configuration_hash": _HASH, "fingerprint": _HASH, "hash": _HASH,
    "graph_hash": _HASH, "returns_hash": _HASH, "win_rate": 0.41, "sharpe": 0.61,
    "max_drawdown": -0.34, "limit": 50, "message": "Bought 0.0943 BTC at 105671.1",
    "path": "report.html", "next_cursor": None, "instance": "/api/trades", "q": "btc",
    "name": "Paper desk", "version": "0.1.0",
}  # fmt: skip
_STRINGS = {"uuid": _ID, "decimal": "10000", "password": "…", "binary": "…", "date-time":
            "2025-06-03T14:30:00Z"}  # fmt: skip
_DEEPEST = 7


class Examples:
    """Makes examples of the schemas of one document."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas

    def of(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value that the schema allows. `name`: of the field it is for."""
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        given = schema.get("examples") or schema.get("enum")
        if given:
            return self.whole(given[0], schema)
        if "anyOf" in schema or "oneOf" in schema:
            return self._either(schema, name, depth)
        named = self._named(schema, name)
        return self._by_type(schema, name, depth) if named is None else named

    def whole(self, value: Any, schema: Schema) -> Any:
        """The value with the nulls that the framework takes out of examples, which are not less
        required for being null."""
        schema = self._resolved(schema)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options and value is not None:
            fitting = [o for o in options if o.get("type") != "null"]
            return self.whole(value, fitting[0]) if fitting else value
        if isinstance(value, list):
            return [self.whole(item, schema.get("items", {})) for item in value]
        if not isinstance(value, dict):
            return value
        parts: dict[str, Schema] = schema.get("properties", {})
        known = {name: self.whole(item, parts.get(name, {})) for name, item in value.items()}
        absent = {
            name: None for name in parts if name not in known and self._may_be_null(parts[name])
        }
        return {**known, **absent}

    def _may_be_null(self, schema: Schema) -> bool:
        options = self._resolved(schema).get("anyOf", [])
        return any(option.get("type") == "null" for option in options)

    def parameter(self, name: str, schema: Schema) -> Any:
        """An example for a parameter of a path or a query; None where none says more than its
        schema."""
        found = self._resolved(schema)
        options = [self._resolved(o) for o in found.get("anyOf", [found])]
        typed = next((o for o in options if o.get("type") != "null"), found)
        if "default" in schema or typed.get("type") == "boolean":
            return None
        return self.of(schema, name)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        if list(schema) and "allOf" in schema and len(schema["allOf"]) == 1:
            return self._resolved(schema["allOf"][0])
        return schema

    def _either(self, schema: Schema, name: str, depth: int) -> Any:
        """The first that is not null, unless that would go on without end."""
        options: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or []
        nullable = any(option.get("type") == "null" for option in options)
        if nullable and (depth >= _DEEPEST or (name in _NAMED and _NAMED[name] is None)):
            return None
        chosen: Schema = next((o for o in options if o.get("type") != "null"), {})
        return self.of(chosen, name, depth)

    def _named(self, schema: Schema, name: str) -> Any:
        found = _NAMED.get(name)
        if found is None and schema.get("type") == "string" and "format" not in schema:
            found = _ID if name == "id" or name.endswith("_id") else None
        return found if found is not None and _fits(schema, found) else None

    def _by_type(self, schema: Schema, name: str, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in ("integer", "number"):
            return _number(schema, name)
        if kind == "string":
            return _string(schema, name)
        return True if kind == "boolean" else self._object(schema, depth)

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        if depth >= _DEEPEST:
            return []
        if "prefixItems" in schema:
            return [self.of(item, name, depth + 1) for item in schema["prefixItems"]]
        return [self.of(schema.get("items", {}), _singular(name), depth + 1)]

    def _object(self, schema: Schema, depth: int) -> Any:
        if "properties" not in schema:
            inner = schema.get("additionalProperties")
            return {"name": self.of(inner, "", depth + 1)} if isinstance(inner, dict) else {}
        return {
            field: self.of(part, field, depth + 1) for field, part in schema["properties"].items()
        }


def _fits(schema: Schema, value: Any) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "number": (int, float), "object": (dict,),
    }  # fmt: skip
    pattern = "pattern" in schema or "format" in schema
    return isinstance(value, kinds.get(str(schema.get("type")), ())) and not pattern


def _singular(name: str) -> str:
    return {
        "ids": "id",
        "symbols": "symbol",
        "strategies": "strategy",
        "intervals": "interval",
    }.get(name, name)


def _number(schema: Schema, name: str) -> float:
    if "minimum" in schema or "exclusiveMinimum" in schema:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return max(least, min(1, schema.get("maximum", 1)))  # type: ignore[no-any-return]
    if name.endswith(("_at", "time", "_ms")) or name in ("timestamp", "since", "as_of"):
        return _TIME
    return 1 if schema.get("type") == "integer" else 0.5


def _string(schema: Schema, name: str) -> str:
    form = schema.get("format")
    if form in _STRINGS:
        return _STRINGS[form]
    least = int(schema.get("minLength", 0))
    text = name.replace("_", " ") or "text"
    return text.ljust(least, "x")[: schema.get("maxLength", 200)]
