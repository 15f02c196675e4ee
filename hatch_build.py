"""Builds the dashboard into the package, so that `pip install .` has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `scripts/dashboard.py`; an editable install serves what `make run` built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable" or os.environ.get("TRADEPULSE_SKIP_DASHBOARD") == "1":
            return
        # A source distribution brings the bundle and not what it is made of.
        if (root / "dashboard" / "package.json").exists():
            subprocess.run(
                [sys.executable, str(root / "scripts" / "dashboard.py"), "build"], check=True
            )
        build_data["artifacts"].append("src/tradepulse/dashboard_dist/**")
