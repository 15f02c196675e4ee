"""What the OpenAPI document says of access: the scheme, and what each operation asks for."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from tradepulse.api.access import RouteTable

_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token of `auth/login`, or an API key (`tp_…`).",
}


def describe_access(api: FastAPI, routes: RouteTable) -> None:
    """Have the document name the role and the scope of each operation."""
    generate = api.openapi

    def described() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = generate()
            document["components"]["securitySchemes"] = {"bearer": _SCHEME}
            for operation, route in _operations(api, document):
                needs = routes.of(route).needs
                operation["security"] = [] if needs.role is None else [{"bearer": []}]
                if needs.role is not None:
                    operation["x-role"] = str(needs.role)
                    operation["x-scope"] = str(needs.scope)
        return api.openapi_schema or {}

    api.openapi = described  # type: ignore[method-assign]


def _operations(
    api: FastAPI, document: dict[str, Any]
) -> list[tuple[dict[str, Any], APIRoute]]:  # fmt: skip
    found = []
    for context in iter_route_contexts(api.routes):
        route = context.original_route
        described = document["paths"].get(context.path_format or "", {})
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                if method.lower() in described:
                    found.append((described[method.lower()], route))
    return found
