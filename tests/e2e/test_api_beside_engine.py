"""API and engine in two processes over one home: what is asked for over HTTP trades at once."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.live.busy import Patient
from benchmarks.live.engine_process import ServingProcess, until
from benchmarks.live.world import LiveWorld

from conformance.way_in import headers_of
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import ActivationState

pytestmark = pytest.mark.slow


WAY_IN: dict[str, str] = {}


def post(address: str, path: str, document: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{address}{path}", json.dumps(document).encode(),
        {"Content-Type": "application/json", **WAY_IN},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_what_the_api_activates_trades_within_a_second(
    open_world: Callable[..., LiveWorld], record_property: Callable[[str, object], None]
) -> None:
    world = open_world(Market.SPOT, speed=60.0)
    account = world.accounts[0]
    wanted = [world.configure(s, strategy=Patient()) for s in ("BTCUSDT", "ETHUSDT")]
    engine = ServingProcess(world.app.home.path, "engine")
    api = ServingProcess(world.app.home.path, "api", "--port", "0", "--no-worker")
    try:
        engine.ready()
        address = api.ready()["address"]
        WAY_IN.update(headers_of(world.app.database))
        took = []
        for symbol, name in zip(("BTCUSDT", "ETHUSDT"), wanted, strict=True):
            began = time.monotonic()
            path = f"/api/training/configurations/{name}/activate"
            made = post(address, path, {"wallet_id": account.wallet_id, "mode": "testnet"})
            found = account.running[symbol] = made["activation_id"]
            until(lambda found=found: world.activation(found).state is ActivationState.RUNNING)
            took.append(round(time.monotonic() - began, 2))
            until(lambda found=found: _holds(world, found))
        # The first opens the venue's streams and reads its markets; the second finds them open.
        record_property("running_after_s", took)
        print(f"running after {took} s")
        assert took[1] < 2.0
        left = post(address, f"/api/activations/{account.running['BTCUSDT']}/flatten", {})
        assert left["state"] == "DRAINING"
        until(lambda: world.activation(account.running["BTCUSDT"]).state.is_over)
        assert not _holds(world, account.running["BTCUSDT"])
    finally:
        codes = [process.terminate()[0] for process in (engine, api)]
    assert codes == [0, 0]
    assert world.laws.broken == []


def _holds(world: LiveWorld, activation_id: str) -> bool:
    with world.app.database.reading() as tx:
        return bool(tx.positions.open(activation_id=activation_id))
