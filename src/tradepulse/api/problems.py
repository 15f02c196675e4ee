"""Errors as answers: every failure leaves the API as problem+json with a stable code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from tradepulse.api.shapes.problem import FieldProblem, Problem
from tradepulse.domain.errors import ThrottledError, TradePulseError

MEDIA_TYPE = "application/problem+json"
# The machine is away, not broken: a client may try the same request again.
_UNAVAILABLE = frozenset({"database_unavailable", "database_outdated"})
_CODES = {404: "not_found", 405: "method_not_allowed"}
_MOST_FOUND = 200
_SECRET = re.compile("key|secret|password|passphrase|token", re.IGNORECASE)


def problem_response(
    scope: Scope, status: int, code: str, detail: str, **more: Any
) -> Response:  # fmt: skip
    """The answer for one error. `more`: expected, found, hint, errors, headers."""
    headers = more.pop("headers", None)
    # For the audit, which sees answers and not errors.
    scope.setdefault("state", {})["problem_code"] = code
    problem = Problem(
        type=f"urn:tradepulse:error:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        instance=scope["path"],
        request_id=scope.get("state", {}).get("request_id", ""),
        **more,
    )
    return Response(problem.model_dump_json(), status, headers, MEDIA_TYPE)


def response_of(scope: Scope, error: TradePulseError) -> Response:
    """The answer for one of our own errors."""
    status = 503 if error.code in _UNAVAILABLE else error.http_status
    return problem_response(
        scope, status, error.code, error.message,
        expected=error.expected, found=error.found, hint=error.hint, headers=_headers(error),
    )  # fmt: skip


def _headers(error: TradePulseError) -> dict[str, str] | None:
    if isinstance(error, ThrottledError):
        return {"retry-after": str(error.retry_after_s)}
    return {"www-authenticate": "Bearer"} if error.http_status == 401 else None


def install(app: FastAPI) -> None:
    """Answer errors raised inside `app` as problems."""

    @app.exception_handler(TradePulseError)
    async def _ours(request: Request, error: TradePulseError) -> Response:
        return response_of(request.scope, error)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        errors = [_field(item) for item in error.errors()]
        first = errors[0]
        return problem_response(
            request.scope, 422, "validation", f"{first.where} is wrong",
            expected=first.expected, found=first.found, errors=errors,
        )  # fmt: skip

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, "http_error")
        details = {404: "there is nothing at this address"}
        return problem_response(
            request.scope, error.status_code, code,
            details.get(error.status_code, str(error.detail)),
            found=f"{request.method} {request.url.path}", headers=error.headers,
        )  # fmt: skip


def _field(item: dict[str, Any]) -> FieldProblem:
    where: Sequence[Any] = item["loc"]
    if item["type"] == "json_invalid":
        # Its place is a number of characters, which would be taken for the name of a field.
        found = f"{item['ctx']['error']} at character {where[-1]}"
        return FieldProblem(where="body", expected="a JSON document", found=found)
    return FieldProblem(
        where=".".join(str(part) for part in where[1:]) or str(where[0]),
        expected=str(item["msg"]),
        found=_found(item, str(where[-1])),
    )


def _found(item: dict[str, Any], field: str) -> str:
    if item["type"] == "missing":
        return "nothing"
    if _SECRET.search(field) or item["type"] == "extra_forbidden":
        # Answers are logged and shown; a misspelled field may hold the real thing.
        return "not shown"
    return repr(item.get("input"))[:_MOST_FOUND]
