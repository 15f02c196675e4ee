"""A crash at any moment leaves the ledger of an undisturbed run: nothing lost, nothing doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ledger_home import (
    MINUTE,
    NOW,
    START,
    Crash,
    CrashingJournal,
    Feeds,
    Home,
    engine_on,
    run_to_end,
    walk,
)

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.clock import perform
from tradepulse.engine.parity import verify_parity
from tradepulse.exchanges.paper import PaperExchange

BARS = 400


def made(folder: Path, name: str) -> tuple[Home, Feeds, tuple[str, ...]]:
    """A home with two activations on one wallet."""
    (folder / name).mkdir()
    home = Home(folder / name)
    feed = Feeds({"BTC/USDT": walk(BARS, 1), "ETH/USDT": walk(BARS, 2)})
    ids = (home.activate("c1"), home.activate("c2", pair="ETH/USDT"))
    return home, feed, ids


@pytest.fixture
def fixed_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Activations are named in order: ids in the ledger are hashes of these names."""
    count = iter(range(10_000))
    monkeypatch.setattr(
        "tradepulse.storage.activating.uuid4", lambda: f"activation-{next(count) % 2}"
    )


@pytest.fixture
def undisturbed(tmp_path: Path, fixed_ids: None) -> dict[str, Any]:
    home, feed, ids = made(tmp_path, "undisturbed")
    run_to_end(engine_on(home, feed), *ids)
    found = {name: home.ledger(name) for name in ids}
    assert all(len(ledger["trades"]) > 10 for ledger in found.values())
    return found


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_crash_at_every_commit(tmp_path: Path, undisturbed: dict[str, Any], after: bool) -> None:
    for at in range(9):
        home, feed, ids = made(tmp_path, f"crash-{at}")
        journal = CrashingJournal(home.database, at, after=after)
        try:
            run_to_end(engine_on(home, feed, journal=journal), *ids)
        except Crash:
            run_to_end(engine_on(home, feed), *ids)
        assert {name: home.ledger(name) for name in ids} == undisturbed


def test_crash_at_every_action(
    tmp_path: Path, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(0, 60, 7):
        home, feed, ids = made(tmp_path, f"crash-{at}")
        left = at

        def dying(exchange: Any, action: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Crash
            perform(exchange, action)

        with monkeypatch.context() as patch:
            patch.setattr("tradepulse.engine.clock.perform", dying)
            with pytest.raises(Crash):
                run_to_end(engine_on(home, feed), *ids)
        run_to_end(engine_on(home, feed), *ids)
        assert {name: home.ledger(name) for name in ids} == undisturbed


@pytest.mark.parametrize("batch_bars", [1, 7, 64, 4096])
def test_ledger_does_not_depend_on_batches(
    tmp_path: Path, undisturbed: dict[str, Any], batch_bars: int
) -> None:
    home, feed, ids = made(tmp_path, "batches")
    run_to_end(engine_on(home, feed, batch_bars=batch_bars), *ids)
    for name in ids:
        assert home.ledger(name)["trades"] == undisturbed[name]["trades"]
        assert home.ledger(name)["fills"] == undisturbed[name]["fills"]
        assert home.ledger(name)["points"] == undisturbed[name]["points"]
        assert home.ledger(name)["orders"] == undisturbed[name]["orders"]


def test_restarted_every_few_bars(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    home, feed, ids = made(tmp_path, "often")
    while True:
        engine = engine_on(home, feed, batch_bars=23)
        for name in ids:
            engine.join(name)
        if not engine.advance():
            break
    for name in ids:
        assert home.ledger(name)["trades"] == undisturbed[name]["trades"]
        assert home.ledger(name)["points"] == undisturbed[name]["points"]


def test_changed_history_is_noticed(tmp_path: Path) -> None:
    home, feed, ids = made(tmp_path, "changed")
    run_to_end(engine_on(home, feed), *ids)
    bars = walk(BARS, 1)
    other = BarSeries(
        bars.open_time, bars.open, bars.high * 1.01, bars.low, bars.close, bars.volume, MINUTE
    )
    forged = Feeds({"BTC/USDT": other, "ETH/USDT": walk(BARS, 2)})
    with pytest.raises(TradePulseError) as caught:
        engine_on(home, forged).join(ids[0])
    assert caught.value.code == "history_changed"


def test_a_row_written_twice_is_refused(tmp_path: Path) -> None:
    home, feed, ids = made(tmp_path, "twice")
    kept: list[Any] = []
    commit = home.journal.commit
    home.journal.commit = lambda batch: (kept.append(batch), commit(batch))  # type: ignore
    run_to_end(engine_on(home, feed), *ids)
    again = next(batch for batch in kept if batch.fills)
    with pytest.raises(TradePulseError) as caught:
        commit(again)
    assert caught.value.code == "already_exists"


CHILD = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from ledger_home import Feeds, Home, engine_on, walk
home = Home(Path({folder!r}))
feed = Feeds({{"BTC/USDT": walk({bars}, 1), "ETH/USDT": walk({bars}, 2)}})
engine = engine_on(home, feed, batch_bars=16)
for run in home.journal.running():
    engine.join(run.activation.id)
while sys.stdin.readline() and engine.advance():
    print("batch", flush=True)
print("done", flush=True)
"""


@pytest.mark.slow
def test_kill_9_at_random_moments(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    import tradepulse

    home, _, ids = made(tmp_path, "killed")
    home.database.close()
    paths = [str(Path(__file__).parent), str(Path(tradepulse.__file__).parents[1])]
    program = CHILD.format(paths=paths, folder=str(tmp_path / "killed"), bars=BARS)
    rng = np.random.default_rng(5)
    kills, text = 0, ""
    while text != "done\n":
        child = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        batches = int(rng.integers(3, 7)) if kills < 3 else 1000
        for _ in range(batches):
            child.stdin.write("go\n")
            child.stdin.flush()
            text = child.stdout.readline()
            if text == "done\n":
                break
        else:
            # One more batch is under way when the process dies.
            child.stdin.write("go\n")
            child.stdin.flush()
            time.sleep(float(rng.uniform(0, 0.015)))
            child.send_signal(signal.SIGKILL)
            kills += 1
        child.communicate()
    assert kills >= 3
    found = Home(tmp_path / "killed")
    for name in ids:
        ledger = found.ledger(name)
        assert ledger["last_bar"] == START + (BARS - 1) * MINUTE
        for what in ("orders", "fills", "trades", "positions", "points", "signals"):
            assert ledger[what] == undisturbed[name][what], what


class RemotePaper(PaperExchange):
    """A paper exchange that pretends to be elsewhere, and notes what was durable when it was
    told."""

    in_process = False
    home: Home

    def place(self, approved: Any) -> None:
        with self.home.database.reading() as tx:
            row = tx.orders.find(approved.order.id)
        assert row is not None, "an order left before its intent was durable"
        super().place(approved)


def test_no_order_leaves_before_its_intent_is_durable(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    home, feed, ids = made(tmp_path, "remote")
    RemotePaper.home = home
    run_to_end(engine_on(home, feed, exchange=RemotePaper), *ids)
    for name in ids:
        assert home.ledger(name)["trades"] == undisturbed[name]["trades"]
        assert verify_parity(home.journal, feed, name).verdict == "identical"


def test_state_follows_the_session(tmp_path: Path) -> None:
    home, feed, ids = made(tmp_path, "states")
    engine = engine_on(home, feed, batch_bars=4)
    engine.join(ids[0])
    assert home.journal.load(ids[0]).activation.state is ActivationState.WARMING
    while engine.advance():
        pass
    assert home.journal.load(ids[0]).activation.state is ActivationState.RUNNING
    with home.database.reading() as tx:
        told = tx.events.since(0, types=["activation.state"], entity_id=ids[0])
    assert [event.payload["state"] for event in told] == ["STARTING", "WARMING", "RUNNING"]
    assert all(event.time == NOW for event in told)
