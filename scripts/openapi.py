"""Writes the API's own description to `dashboard/openapi.json`, from which its client is made."""

from __future__ import annotations

import sys
from pathlib import Path

from tradepulse.api.openapi import openapi_text as described

TARGET = Path(__file__).resolve().parents[1] / "dashboard" / "openapi.json"

if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(described(), encoding="utf-8")
