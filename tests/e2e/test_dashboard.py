"""The dashboard in a real browser over the real stack: Playwright's own suite, run as one test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "dashboard"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@pytest.mark.slow
def test_users_complete_their_tasks_in_a_browser() -> None:
    if CHROMIUM is None:
        pytest.skip("needs Chromium (apt-get install chromium)")
    if not (ROOT / "src" / "tradepulse" / "dashboard_dist" / "index.html").exists():
        pytest.skip("needs the built dashboard (scripts/dashboard.py build)")
    told = {
        "TRADEPULSE_CHROMIUM": CHROMIUM, "TRADEPULSE_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT / "src"), "CI": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "dashboard.py"), "run", "e2e"],
        cwd=DASHBOARD, env={**os.environ, **told}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
