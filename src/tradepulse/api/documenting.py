"""What the OpenAPI document says of answers: every status an operation may give, and examples."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.examples import Examples
from tradepulse.api.problems import MEDIA_TYPE
from tradepulse.api.shapes.problem import Problem

Document = dict[str, Any]
_REFERENCE = {"$ref": "#/components/schemas/Problem"}

# Status: its name in the document, what it means, and the code that stands in its example. Each may
# be the answer of any operation: also a read is refused where what it computes would be untrue.
PROBLEMS = {
    401: ("NotSignedIn", "Nobody has signed in, or what was presented holds no longer.",
          "not_signed_in"),
    403: ("Forbidden", "Who asks may not, or asks from another site.", "role_needed"),
    404: ("NotFound", "There is no such thing, or it is somebody else's.", "not_found"),
    409: ("Refused", "Understood and refused; `code` says by what.", "refused"),
    421: ("UnknownHost", "The request was meant for another host.", "unknown_host"),
    422: ("WrongRequest", "The request is wrong; `errors` or `expected` say where.", "validation"),
    429: ("TooMany", "Too many requests; Retry-After says when to ask again.", "rate_limited"),
    500: ("Failed", "The server failed; its log has the rest under the request id.", "internal"),
    503: ("Away", "The database is away, or of another version; the same request may be sent "
          "again.", "database_unavailable"),
}  # fmt: skip
_HEADERS = {
    "X-Request-ID": {
        "description": "The id of the request, as in the log; one that was sent is kept.",
        "schema": {"type": "string"},
    },
    "ETag": {"description": "Of the content, for If-None-Match.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_KNOWN = "NotModified"


def document_answers(api: FastAPI) -> None:
    """Have the document name every status and an example of every body."""
    generate = api.openapi

    def documented() -> Document:
        if api.openapi_schema is None or "x-answers" not in api.openapi_schema:
            document = generate()
            components = document["components"]
            components["schemas"].update(_problem_schemas())
            components["responses"] = _problem_responses()
            components["headers"] = _HEADERS
            examples = Examples(components["schemas"])
            for schema in components["schemas"].values():
                if "examples" in schema:
                    schema["examples"] = [examples.whole(e, schema) for e in schema["examples"]]
            known = _conditional(api)
            for path, method, operation in operations(document):
                has_body = "requestBody" in operation
                _answers(operation, examples, known=method == "get" and path in known)
                if has_body:
                    _fill(operation["requestBody"]["content"], examples)
                for parameter in operation.get("parameters", ()):
                    _describe(parameter, examples)
            document["x-answers"] = "every status is listed"
            api.openapi_schema = document
        return api.openapi_schema

    api.openapi = documented  # type: ignore[method-assign]


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """(path, method, operation) of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _conditional(api: FastAPI) -> frozenset[str]:
    """The paths whose answers heed If-None-Match."""
    return frozenset(
        context.path_format or ""
        for context in iter_route_contexts(api.routes)
        if isinstance(context.original_route, ConditionalRoute)
    )


def _answers(operation: Document, examples: Examples, *, known: bool) -> None:
    responses: Document = operation["responses"]
    responses.pop("default", None)
    for status, (name, _, _) in PROBLEMS.items():
        # What the framework says of 422 is not what is answered here.
        if str(status) not in responses or status == 422:
            responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    for given, response in responses.items():
        if given.startswith("2"):
            named = ("X-Request-ID", "ETag") if known else ("X-Request-ID",)
            response["headers"] = {**response.get("headers", {}), **_headers(*named)}
            _fill(response.get("content", {}), examples)
    if known:
        responses["304"] = {"$ref": f"#/components/responses/{_KNOWN}"}
    operation["responses"] = dict(sorted(responses.items()))


def _headers(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problem_responses() -> Document:
    found: Document = {
        _KNOWN: {
            "description": "The content is the one of If-None-Match.",
            "headers": _headers("X-Request-ID", "ETag"),
        }
    }
    for status, (name, meaning, code) in PROBLEMS.items():
        named = ("X-Request-ID", "Retry-After") if status == 429 else ("X-Request-ID",)
        problem = Problem(
            type=f"urn:tradepulse:error:{code}", title=HTTPStatus(status).phrase, status=status,
            code=code, detail=meaning, instance="/api/v1/trades",
            request_id="5b2f0e0d9c1f4c6b8a7d6e5f4c3b2a19",
        )  # fmt: skip
        found[name] = {
            "description": meaning, "headers": _headers(*named),
            "content": {
                MEDIA_TYPE: {"schema": _REFERENCE, "example": problem.model_dump(mode="json")}
            },
        }  # fmt: skip
    return found


def _problem_schemas() -> Document:
    schema = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    return {**schema.pop("$defs", {}), "Problem": schema}


def _fill(content: Document, examples: Examples) -> None:
    """An example for each body that has none."""
    for kind, media in content.items():
        if "json" in kind and not {"example", "examples"} & set(media) and "schema" in media:
            media["example"] = examples.of(media["schema"])


def _describe(parameter: Document, examples: Examples) -> None:
    if "example" in parameter or "examples" in parameter:
        return
    named = examples.parameter(parameter["name"], parameter.get("schema", {}))
    if named is not None:
        parameter["example"] = named
