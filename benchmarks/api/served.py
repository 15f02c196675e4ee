"""A home, its API as a process of its own, and somebody who has signed in."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.live.engine_process import ServingProcess
from tradepulse.bootstrap import App, open_home
from tradepulse.marketdata.importing import import_paths
from tradepulse.marketdata.samples import bundled_files
from tradepulse.storage.accounts import first_admin

PASSWORD = "only as long as this benchmark runs"


@dataclass(frozen=True)
class Served:
    """`address` of the API; `token` of its admin."""

    app: App
    address: str
    token: str
    process: ServingProcess

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@contextmanager
def served(folder: Path, *argv: str) -> Iterator[Served]:
    """A fresh home with the bundled bars, served as `tradepulse api ARGV`."""
    app = open_home(folder, None)
    app.home.create()
    first_admin(app.database, PASSWORD, 1)
    import_paths(app.bars, bundled_files(), progress=lambda _: None)
    process = ServingProcess(folder, "api", "--port", "0", *argv)
    try:
        address = str(process.ready()["address"])
        yield Served(app, address, _signed_in(address), process)
    finally:
        process.terminate()


def _signed_in(address: str) -> str:
    request = urllib.request.Request(
        f"{address}/api/auth/login",
        json.dumps({"username": "admin", "password": PASSWORD}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def spread(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and worst, ms."""
    ordered = sorted(values)
    at = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "worst_ms": 1.0}
    last = len(ordered) - 1
    return {name: round(ordered[round(last * share)], 1) for name, share in at.items()}
