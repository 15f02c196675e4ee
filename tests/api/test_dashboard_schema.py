"""The dashboard's client is made from the API as it is, and from no earlier one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_description_the_client_is_made_from_is_the_apis_own() -> None:
    found = importlib.util.spec_from_file_location(
        "openapi_script", ROOT / "scripts" / "openapi.py"
    )
    assert found is not None
    assert found.loader is not None
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    kept = (ROOT / "dashboard" / "openapi.json").read_text(encoding="utf-8")
    # Not compared by `==` in the message: the document has thousands of lines.
    assert script.described() == kept, "the API changed: run `make schema`"
