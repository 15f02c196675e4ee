"""replay, verify-parity, demo, up: the engine from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from conformance.made_bars import HOUR, START, made_bars
from conformance.way_in import headers_of
from tradepulse.bootstrap import open_home, replay_configuration
from tradepulse.cli import main
from tradepulse.domain.errors import FailedError
from tradepulse.engine.parity import ParityReport
from tradepulse.signals.graph import Graph
from tradepulse.simulation.funding import data_fingerprint
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.rules import Rules
from tradepulse.storage.paper_wallet import named_wallet

# What requests to a server that `serving` started carry.
WAY_IN: dict[str, str] = {}
# The documents these servers printed.
LAST_TOLD: list[dict[str, Any]] = []
MARKET = ["--exchange", "kraken", "--pairs", "ETH/USD", "-i", "1h"]


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A home with 2,000 hours and one configuration found on the first 1,500 of them."""
    open_home(tmp_path).bars.append("kraken", "ETH/USD", "1h", made_bars(2000))
    until = ["--timerange", f"-{START + 1500 * HOUR}"]
    code, _ = read(capsys, tmp_path, "sweep", "ema_cross", *MARKET, *until, "--grid", "slow=20,30")
    assert code == 0
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], home: Path) -> str:
    return str(read(capsys, home, "configs", "list")[1]["items"][0]["id"])


def test_replay_records_what_the_backtest_says(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    configuration = read(capsys, home, "configs", "list")[1]["items"][0]
    code, report = read(capsys, home, "replay", configuration["id"][:8])
    assert (code, report["bars"]) == (0, 1500)
    assert report["trades"] == configuration["metrics"]["trade_count"]
    _, trades = read(
        capsys, home, "trades", "list", "--activation", report["activation_id"], "--limit", "1000"
    )
    assert len(trades["items"]) == report["trades"]
    code, parity = read(capsys, home, "verify-parity", report["activation_id"])
    assert (code, parity["verdict"], parity["first_divergence"]) == (0, "identical", None)


def test_a_replay_of_other_bars_has_its_own_wallet_and_run(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    configuration = found(capsys, home)
    reports = [
        read(capsys, home, "replay", configuration, "--timerange", span)[1]
        for span in (f"{START + 1500 * HOUR}-", f"-{START + 500 * HOUR}")
    ]
    assert [report["bars"] for report in reports] == [500, 500]
    code, parity = read(capsys, home, "verify-parity")
    assert (code, len(parity["items"])) == (0, 2)
    assert main(["verify-parity", configuration, "--home", str(home)]) == 0
    assert "identical" in capsys.readouterr().out


def test_a_tampered_ledger_is_named(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    report = read(capsys, home, "replay", found(capsys, home))[1]
    with open_home(home).database as database, database.connection(write=True) as connection:
        connection.execute(
            text("update trades set exit_price = '1' where id in (select id from trades"
                 " order by exit_time limit 1 offset 1)")
        )  # fmt: skip
    code, parity = read(capsys, home, "verify-parity", report["activation_id"])
    assert (code, parity["verdict"]) == (3, "diverged")
    first = parity["first_divergence"]
    assert (first["event"], first["number"], first["field"]) == ("trade", 1, "exit_price")
    assert main(["verify-parity", "--home", str(home)]) == 3
    assert "exit_price" in capsys.readouterr().out


REFUSED = [
    (["replay"], 2, "missing_option"),
    (["replay", "nothing-like-it"], 4, "configuration_not_found"),
    (["verify-parity"], 4, "activation_not_found"),
    (["verify-parity", "nothing-like-it"], 4, "configuration_not_found"),
]


@pytest.mark.parametrize(("argv", "exit_code", "code"), REFUSED)
def test_wrong_requests(
    capsys: pytest.CaptureFixture[str], home: Path, argv: list[str], exit_code: int, code: str
) -> None:
    got, document = read(capsys, home, *argv)
    assert (got, document["error"]["code"]) == (exit_code, code)


KILLED = """
import os, sys
from pathlib import Path
from tradepulse.bootstrap import open_home, replay_configuration

app = open_home(Path(sys.argv[1]))
with app.database.reading() as tx:
    (wallet,) = (w for w in tx.wallets.page().items if w.name == "kept")
    configuration = tx.configurations.page().items[0]
replay_configuration(
    app, configuration, wallet_id=wallet.id, clock=lambda: 1, progress=lambda *_: os._exit(9)
)
"""


def test_a_replay_killed_half_way_goes_on_where_it_was(tmp_path: Path) -> None:
    """As `demo` needs it, whose wallet is there before and after the kill."""
    app = open_home(tmp_path)
    app.bars.append("kraken", "ETH/USD", "1h", made_bars(12_000))
    argv = ["sweep", "ema_cross", *MARKET, "--grid", "slow=20", "--home", str(tmp_path)]
    assert main(argv) == 0
    with app.database.transaction() as tx:
        configuration = tx.configurations.page().items[0]
        wallet = named_wallet(tx, "kept", app.settings.paper, "USD", 1)
        # The name carries the currency where it is not the settings' own.
        tx.wallets.save(replace(wallet, name="kept"))
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == 9
    with app.database.reading() as tx:
        (left,) = tx.activations.of_configuration(configuration.id)
    assert left.last_bar is not None
    assert not left.state.is_over
    report = replay_configuration(app, configuration, wallet_id=wallet.id, clock=lambda: 2)
    assert (report.activation_id, report.trades) == (
        left.id, configuration.metrics["trade_count"],
    )  # fmt: skip
    assert 0 < report.bars < 12_000
    app.database.close()


def test_a_replay_outside_the_bars_is_refused(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    argv = ["replay", found(capsys, home), "--timerange", "20200101-20200201"]
    code, document = read(capsys, home, *argv)
    assert (code, document["error"]["code"]) == (3, "empty")
    # Nothing half-done: no wallet, no activation.
    assert read(capsys, home, "activations", "list")[1]["items"] == []


def serving(home: Path, *argv: str) -> tuple[subprocess.Popen[str], str]:
    """A command that serves, started, and its address once it answers."""
    words = [*argv, "--home", str(home), "--port", "0", "--json"]
    code = f"import sys; from tradepulse.cli import main; sys.exit(main({words!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            break
    if not lines:
        raise FailedError("no_answer", f"ended with {process.wait()}")
    with open_home(home).database as database:
        WAY_IN.update(headers_of(database))
    LAST_TOLD.append(json.loads("".join(lines)))
    return process, str(LAST_TOLD[-1]["address"])


def get(address: str, path: str) -> Any:
    request = urllib.request.Request(f"{address}{path}", headers=WAY_IN)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.parametrize(
    ("command", "stop"), [("api", signal.SIGINT), ("up", signal.SIGINT), ("up", signal.SIGTERM)]
)
def test_serving_until_stopped(
    capsys: pytest.CaptureFixture[str], home: Path, command: str, stop: signal.Signals
) -> None:
    read(capsys, home, "configs", "activate", found(capsys, home))
    process, address = serving(home, command)
    try:
        assert get(address, "/api/training/configurations")["items"][0]["is_active"] is True
        assert get(address, "/api/health/ready")["engine"] == (
            "here" if command == "up" else "none"
        )
    finally:
        process.send_signal(stop)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.slow
def test_demo_goes_the_whole_way(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, summary = read(capsys, tmp_path, "demo", "--once")
    assert (code, summary["parity"]) == (0, "identical")
    assert summary["configurations"] >= 50
    assert summary["trades"] > 0
    assert sum(summary["stages"].values()) == summary["configurations"] - 1
    assert summary["synthetic"] == "VALIDATION"
    items = read(capsys, tmp_path, "configs", "list", "--limit", "200")[1]["items"]
    assert len({item["strategy_name"] for item in items}) >= 12
    assert len({item["pair"] for item in items}) >= 6
    check_measured_again(tmp_path)
    # A second demo in the same home finds the same things and trades nothing twice.
    code, again = read(capsys, tmp_path, "demo", "--once")
    same = ("bars", "configurations", "stages", "activations", "trades", "parity")
    assert code == 0
    assert {name: again[name] for name in same} == {name: summary[name] for name in same}


def check_measured_again(home: Path) -> None:
    """Every stored configuration gives its metrics again from its row alone."""
    app = open_home(home)
    with app.database as database, database.reading() as tx:
        rows = tx.configurations.page(limit=200).items
    for row in rows:
        first, last = row.data_range
        bars = app.bars.read(row.exchange, row.pair, row.interval, first, last + 1)
        rules, funding = Rules.from_json(row.rules), None
        if rules.is_perpetual:
            funding = app.bars.read_funding(row.exchange, row.pair)
        assert data_fingerprint(bars, funding) == row.data_fingerprint
        graph = Graph.from_json(dict(row.graph))
        assert run_graph(graph, bars, rules, funding=funding).metrics == dict(row.metrics)


def test_a_parity_report_is_json() -> None:
    assert ParityReport("identical", 3, 0, None).as_json()["first_divergence"] is None
