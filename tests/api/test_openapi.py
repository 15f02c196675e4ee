"""The OpenAPI document: complete, and true in its examples."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema_rs
import sample_rows
from starlette.testclient import TestClient

from tradepulse.api.documenting import operations
from tradepulse.api.openapi import openapi_document


@cache
def document() -> dict[str, Any]:
    return openapi_document()


def bodies() -> list[tuple[str, dict[str, Any]]]:
    """(where, media type object) of every JSON body, asked for and answered."""
    found = []
    for path, method, operation in operations(document()):
        where = f"{method.upper()} {path}"
        content = [operation.get("requestBody", {}).get("content", {})]
        content += [r.get("content", {}) for r in operation["responses"].values()]
        found += [
            (where, media) for part in content for kind, media in part.items() if "json" in kind
        ]
    return found


def test_every_body_has_an_example() -> None:
    assert [where for where, media in bodies() if "example" not in media] == []


def test_every_operation_says_what_it_may_answer() -> None:
    for path, method, operation in operations(document()):
        statuses = set(operation["responses"])
        assert {"401", "403", "404", "422", "429", "500", "503"} <= statuses, (method, path)
        assert "default" not in statuses
        assert operation.get("summary"), (method, path)
        assert operation.get("description"), (method, path)
        assert operation.get("tags"), (method, path)


def test_ids_of_operations_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document())]
    assert len(ids) == len(set(ids))


def test_examples_are_of_their_schemas() -> None:
    wrong = []
    for where, media in bodies():
        schema = {**media["schema"], "components": document()["components"]}
        try:
            jsonschema_rs.Draft202012Validator(schema).validate(media["example"])
        except jsonschema_rs.ValidationError as error:
            wrong.append(f"{where}: {error.message}")
    assert wrong == []


def test_answers_are_of_their_schemas(reader: TestClient) -> None:
    asked = [
        "overview", "activations", "trades", "signals", "alerts/rules", "positions", "wallets",
        f"training/configurations/{sample_rows.CONFIGURATIONS[0]}", "strategies/htf_sweep",
        f"chart/markers?activation_id={sample_rows.RUNNING}", "instruments",
        f"performance/{sample_rows.CONFIGURATIONS[5]}/tracking", "training/jobs",
        f"signals/{sample_rows.name(4, 0)}",
    ]  # fmt: skip
    paths = document()["paths"]
    for path in asked:
        response = reader.get(f"/api/v1/{path}")
        assert response.status_code == 200, response.text
        template = next(t for t in paths if _is_of(t, path.split("?")[0]))
        media = paths[template]["get"]["responses"]["200"]["content"]["application/json"]
        schema = {**media["schema"], "components": document()["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(json.loads(response.text))


def _is_of(template: str, path: str) -> bool:
    parts, given = template.removeprefix("/api/v1/").split("/"), path.split("/")
    return len(parts) == len(given) and all(
        t == g or (t.startswith("{") and not any(f"/{g}" in u for u in document()["paths"]))
        for t, g in zip(parts, given, strict=True)
    )
