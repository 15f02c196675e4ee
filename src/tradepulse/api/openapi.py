"""The OpenAPI document: `python -m tradepulse.api.openapi > dashboard/openapi.json`.

The dashboard's client is generated from it, so it is the API's alone: no home, no settings and no
dashboard play a part.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tradepulse.api.app import create_app
from tradepulse.bootstrap import App
from tradepulse.domain.settings import Settings
from tradepulse.storage.home import Home


def openapi_document() -> dict[str, Any]:
    """The document, as `/openapi.json` gives it. No home is opened or made."""
    return create_app(App(Home(Path("nowhere")), Settings())).openapi()


def openapi_text() -> str:
    """The document as it is kept in the project, in an order that differs only where the API
    does."""
    document = openapi_document()
    # The version is the release's: the client does not depend on it.
    document["info"]["version"] = "0"
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
