"""Commands that read the ledger: status, configs, trades."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.storage_records import T0, activation, configuration, trade, wallet
from tradepulse.bootstrap import open_home
from tradepulse.cli import main
from tradepulse.domain.lifecycle import ActivationState, Stage

FIRST, SECOND = "11111111-aaaa", "22222222-bbbb"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two configurations, one of them active, and three trades."""
    with open_home(tmp_path).database as database, database.transaction() as tx:
        tx.configurations.insert(configuration(FIRST))
        tx.configurations.insert(
            configuration(
                SECOND, strategy_name="htf_sweep", pair="ETH/USDT", exchange="kraken",
                lifecycle_stage=Stage.VALIDATION, created_at=T0 + 1,
            )
        )  # fmt: skip
        tx.wallets.save(wallet())
        tx.activations.insert(
            activation(configuration_id=FIRST, state=ActivationState.RUNNING)
        )  # fmt: skip
        tx.trades.insert_many(
            trade(f"t{n}", configuration_id=FIRST, exit_time=T0 + n, pnl=Decimal(n) / 3)
            for n in range(3)
        )
    return tmp_path


def read(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_status_counts(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, document = read(capsys, home, "status")
    assert code == 0
    assert document["configurations"]["total"] == 2
    assert document["configurations"]["by_stage"] == {"DISCOVERY": 1, "VALIDATION": 1}
    assert document["activations"] == {"RUNNING": 1}
    assert document["trades"] == 3
    assert main(["status", "--home", str(home)]) == 0
    assert "1 DISCOVERY" in capsys.readouterr().out


def test_status_of_a_new_home_makes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, document = read(capsys, tmp_path / "new", "status")
    assert (code, document["bars"], document["database"]) == (0, 0, None)
    assert not (tmp_path / "new").exists()


FILTERS = [
    ([], [SECOND, FIRST]),
    (["--sort", "created_at"], [FIRST, SECOND]),
    (["-s", "HTF_SWEEP"], [SECOND]),
    (["--pairs", "BTCUSDT"], [FIRST]),
    (["--exchange", "kraken"], [SECOND]),
    (["--exchange", "Kraken"], [SECOND]),
    (["--stage", "validation"], [SECOND]),
    (["--active"], [FIRST]),
    (["--inactive"], [SECOND]),
    (["--interval", "5m"], []),
]


@pytest.mark.parametrize(("options", "expected"), FILTERS)
def test_configs_list_filters(
    capsys: pytest.CaptureFixture[str], home: Path, options: list[str], expected: list[str]
) -> None:
    code, document = read(capsys, home, "configs", "list", *options)
    assert (code, [item["id"] for item in document["items"]]) == (0, expected)
    assert document["next_cursor"] is None


def test_configs_list_pages(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    _, first = read(capsys, home, "configs", "list", "--limit", "1")
    _, second = read(
        capsys, home, "configs", "list", "--limit", "1", "--cursor", first["next_cursor"]
    )  # fmt: skip
    assert [page["items"][0]["id"] for page in (first, second)] == [SECOND, FIRST]


def test_configs_show_takes_the_start_of_an_id(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    code, document = read(capsys, home, "configs", "show", FIRST[:6])
    assert (code, document["id"], document["is_active"]) == (0, FIRST, True)
    assert document["evidence"][0] == {
        "rule": "trades", "threshold": 30, "value": 41.0, "passed": True, "note": "",
        "required": True,
    }  # fmt: skip
    assert document["graph"]["nodes"]
    assert main(["configs", "show", FIRST, "--home", str(home)]) == 0
    assert "sharpe" in capsys.readouterr().out


REFUSED = [
    (["configs", "show", "nothing-like-it"], 4, "configuration_not_found"),
    (["configs", "list", "--sort", "nonsense"], 2, "unknown_sort"),
    (["configs", "list", "--pairs", "A/B,C/D"], 2, "one_pair"),
    (["configs", "list", "--cursor", "nonsense"], 2, "bad_cursor"),
    (["configs", "list", "--limit", "0"], 2, "bad_value"),
    (["configs", "activate", "nothing-like-it"], 4, "configuration_not_found"),
    (["configs", "activate", SECOND, "--wallet", "nothing-like-it"], 4, "wallet_not_found"),
    (["configs", "activate", SECOND, "--allotment", "1e9"], 3, "allotment_exceeds_wallet"),
    (["configs", "activate", SECOND, "--allotment", "0"], 2, "bad_allotment"),
    (["configs", "activate", SECOND, "--allotment", "-5"], 2, "bad_allotment"),
    (["configs", "activate", SECOND, "--allotment", "nan"], 2, "bad_allotment"),
    (["configs", "activate", FIRST], 3, "already_active"),
    (["configs", "activate", SECOND, "--mode", "live"], 4, "wallet_not_found"),
    (["configs", "activate", SECOND, "--mode", "live", "--wallet", "w1"], 3, "wrong_wallet"),
    (["configs", "activate", SECOND, "--mode", "yolo"], 2, "bad_value"),
    (["configs", "deactivate", SECOND], 3, "not_active"),
    (["activations", "drain", "nothing-like-it"], 4, "activation_not_found"),
    (["trades", "list", "--activation", "nothing-like-it"], 4, "activation_not_found"),
    (["trades", "list", "--timerange", "20240201-20240101"], 2, "inverted_range"),
    (["trades", "export"], 2, "missing_option"),
    (["trades", "export", "no/such/folder/t.csv"], 4, "file_not_found"),
]


@pytest.mark.parametrize(("argv", "exit_code", "code"), REFUSED)
def test_wrong_requests(
    capsys: pytest.CaptureFixture[str], home: Path, argv: list[str], exit_code: int, code: str
) -> None:
    found, document = read(capsys, home, *argv)
    assert (found, document["error"]["code"]) == (exit_code, code)


def test_activating_and_deactivating(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, made = read(capsys, home, "configs", "activate", SECOND[:6], "--allotment", "1000.5")
    assert (code, made["state"], made["wallet_id"]) == (0, "STARTING", "w1")
    _, listed = read(capsys, home, "activations", "list", "--active")
    assert [item["id"] for item in listed["items"]] == [made["activation_id"], "a1"]
    assert listed["items"][0]["allotment"] == "1000.5"
    assert read(capsys, home, "configs", "show", SECOND)[1]["is_active"] is True
    code, left = read(capsys, home, "configs", "deactivate", SECOND)
    assert (code, [a["state"] for a in left["activations"]]) == (0, ["DRAINING"])
    code, left = read(capsys, home, "activations", "flatten", "a1")
    assert (code, left["state"]) == (0, "DRAINING")


def test_a_dry_run_is_paper_trading(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    argv = ["configs", "activate", SECOND, "--mode", "live", "--dry-run"]
    code, made = read(capsys, home, *argv, "--dry-run-wallet", "750")
    assert (code, made["state"]) == (0, "STARTING")
    started = read(capsys, home, "activations", "list")[1]["items"][0]
    assert (started["mode"], Decimal(started["allotment"])) == ("paper", 750)


def test_the_first_activation_of_a_home_makes_its_wallet(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "tradepulse.toml").write_text("[paper]\ncash = 250\nquote = 'EUR'\n")
    rules = {"market": "spot", "initial_cash": 1000}
    with open_home(tmp_path).database as database, database.transaction() as tx:
        tx.configurations.insert(configuration(FIRST, rules=rules))
    _, made = read(capsys, tmp_path, "configs", "activate", FIRST)
    with open_home(tmp_path).database as database, database.reading() as tx:
        given = tx.wallets.get(made["wallet_id"])
        allotment = tx.activations.get(made["activation_id"]).allotment
    # The cash is the settings', the currency the pair's: a euro pays for no tether.
    assert (given.name, given.balance, given.quote) == ("paper USDT", 250, "USDT")
    assert allotment == 250


def test_a_wallet_in_another_currency_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with open_home(tmp_path).database as database, database.transaction() as tx:
        tx.configurations.insert(configuration(FIRST, pair="ETH/EUR"))
        tx.wallets.insert(wallet())
    code, answer = read(capsys, tmp_path, "configs", "activate", FIRST, "--wallet", "w1")
    assert (code, answer["error"]["code"]) == (3, "wrong_wallet")
    assert "EUR" in answer["error"]["expected"]


def test_trades_list_newest_first(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, document = read(capsys, home, "trades", "list", "--configuration", FIRST[:8])
    assert (code, [item["id"] for item in document["items"]]) == (0, ["t2", "t1", "t0"])
    assert document["items"][0]["pnl"] == str(Decimal(2) / 3)


@pytest.mark.parametrize("name", ["t.csv", "t.json"])
def test_trades_export_is_exact_and_oldest_first(
    capsys: pytest.CaptureFixture[str], home: Path, name: str
) -> None:
    file = home / name
    code, document = read(capsys, home, "trades", "export", str(file))
    assert (code, document["trades"]) == (0, 3)
    with file.open(newline="") as stream:
        rows = json.load(stream) if name == "t.json" else list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == ["t0", "t1", "t2"]
    assert [Decimal(row["pnl"]) for row in rows] == [Decimal(n) / 3 for n in range(3)]
    assert [path.name for path in home.glob(".*.part")] == []


def test_trades_export_of_nothing(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    file = home / "none.json"
    _, document = read(capsys, home, "trades", "export", str(file), "--pairs", "X/Y")
    assert (document["trades"], json.loads(file.read_text())) == (0, [])
