"""Errors as problem+json (RFC 9457)."""

from __future__ import annotations

from pydantic import ConfigDict

from tradepulse.api.shapes.values import Shape


class FieldProblem(Shape):
    """One thing that is wrong in a request."""

    where: str
    expected: str
    found: str


class Problem(Shape):
    """An error. `code` is stable and what programs match on; the rest is for people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:tradepulse:error:configuration_not_found",
                    "title": "Not found",
                    "status": 404,
                    "code": "configuration_not_found",
                    "detail": "there is no such configuration",
                    "expected": None,
                    "found": "'0b0e7c1e'",
                    "hint": None,
                    "instance": "/api/training/configurations/0b0e7c1e",
                    "request_id": "5b2f0e0d9c1f4c6b8a7d6e5f4c3b2a19",
                    "errors": [],
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    expected: str | None = None
    found: str | None = None
    hint: str | None = None
    instance: str
    request_id: str
    errors: tuple[FieldProblem, ...] = ()
