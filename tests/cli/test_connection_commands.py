"""Connections, wallets and what runs on them, from a terminal, against the sandbox exchange."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.storage_records import configuration
from sandbox.small_markets import FIRST, PERPETUAL, series_of
from tradepulse.bootstrap import open_home
from tradepulse.cli import main
from tradepulse.domain.lifecycle import Stage
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server import RunningSandbox, run_in_thread

KEY, SECRET, GREEDY = "a-key-of-the-sandbox", "its-secret", "a-key-that-may-withdraw"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox that stands still, with an account and one whose key may withdraw."""
    rows = [(100.0, 101.0, 99.0, 100.0)] * 5
    with run_in_thread(SandboxMarket([series_of(rows), series_of(rows, PERPETUAL)], FIRST)) as run:
        run.open_account(KEY, SECRET, {"USDT": 1000}, 1000)
        run.open_account(GREEDY, SECRET, {"USDT": 1000}, can_withdraw=True)
        yield run


@pytest.fixture
def home(tmp_path: Path, sandbox: RunningSandbox) -> Path:
    (tmp_path / "tradepulse.toml").write_text(
        f'[exchanges.binance]\nbase_url = "{sandbox.base_url}"\n'
    )
    return tmp_path


class Terminal:
    """Runs commands on one home, with what is piped into them."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, home: Path
    ) -> None:
        self._capsys, self._patch, self._home = capsys, patch, home

    def __call__(self, *argv: str, piped: str = "") -> tuple[int, Any]:
        self._patch.setattr("sys.stdin", io.StringIO(piped))
        code = main([*argv, "--home", str(self._home), "--json"])
        told = self._capsys.readouterr()
        assert SECRET not in told.out + told.err
        return code, json.loads(told.out)

    def text(self, *argv: str) -> str:
        assert main([*argv, "--home", str(self._home)]) == 0
        return self._capsys.readouterr().out


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> Terminal:
    return Terminal(capsys, monkeypatch, home)


def test_keys_are_piped_in_tried_and_never_shown(
    run: Terminal, home: Path, sandbox: RunningSandbox
) -> None:
    code, made = run("connections", "add", "desk", piped=f"{KEY}\n{SECRET}\n")
    assert (code, made["mode"], made["market"]) == (0, "testnet", "spot")
    assert (made["key_hint"], made["base_url"]) == (KEY[-4:], sandbox.base_url)
    _, listed = run("connections", "list")
    assert [item["name"] for item in listed["items"]] == ["desk"]
    assert KEY[-4:] in run.text("connections", "list")
    code, tested = run("connections", "test", "desk")
    assert (code, tested["can_trade"], tested["can_withdraw"]) == (0, True, False)
    with open_home(home).database as database, database.reading() as tx:
        events = [event.type for event in tx.events.since()]
    assert events == ["connection.created", "connection.tested"]
    assert KEY not in (home / "tradepulse.sqlite").read_bytes().decode(errors="replace")


def test_keys_may_come_from_the_environment(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEPULSE_API_KEY", KEY)
    monkeypatch.setenv("TRADEPULSE_API_SECRET", SECRET)
    code, made = run("connections", "add", "contracts", "--market", "perpetual")
    assert (code, made["market"]) == (0, "perpetual")
    assert run("connections", "test", made["id"][:8])[0] == 0


REFUSED = [
    (f"{GREEDY}\n{SECRET}\n", [], 3, "withdrawals_allowed"),
    (f"{KEY}\nwrong\n", [], 3, "auth"),
    (f"unknown\n{SECRET}\n", [], 3, "auth"),
    (KEY, [], 2, "bad_keys"),
    ("", [], 2, "bad_keys"),
    (f"{KEY}\n\n", [], 2, "bad_keys"),
    (f"{KEY}\n{SECRET}\n", ["--mode", "paper"], 2, "bad_connection"),
    (f"{KEY}\n{SECRET}\n", ["--base-url", "nowhere"], 2, "bad_connection"),
    (f"{KEY}\n{SECRET}\n", ["--base-url", "http://127.0.0.1:9"], 5, "exchange_unavailable"),
    (f"{KEY}\n{SECRET}\n", ["--exchange", "nonesuch"], 2, "unknown_exchange"),
]


@pytest.mark.parametrize(("piped", "options", "exit_code", "code"), REFUSED)
def test_what_is_not_fit_is_refused_and_not_kept(
    run: Terminal, piped: str, options: list[str], exit_code: int, code: str
) -> None:
    found, answer = run("connections", "add", "desk", *options, piped=piped)
    assert (found, answer["error"]["code"]) == (exit_code, code)
    assert run("connections", "list")[1]["items"] == []


def test_a_connection_is_removed_with_its_keys(run: Terminal, home: Path) -> None:
    keys = f"{KEY}\n{SECRET}\n"
    run("connections", "add", "desk", piped=keys)
    code, answer = run("connections", "add", "desk", piped=keys)
    assert (code, answer["error"]["code"]) == (3, "connection_exists")
    assert run("connections", "rotate-key")[1]["connections"] == 1
    assert run("connections", "test", "desk")[0] == 0
    (home / "connection.key").unlink()
    code, answer = run("connections", "test", "desk")
    assert (code, answer["error"]["code"]) == (5, "secret_unreadable")
    assert "secret_unreadable" in run("connections", "list")[1]["items"][0]["fault"]
    assert run("connections", "remove", "desk")[0] == 0
    assert run("connections", "list")[1]["items"] == []
    assert run("connections", "test", "desk")[0] == 4


def test_a_configuration_is_set_to_work_on_an_account(run: Terminal, home: Path) -> None:
    rules = {"market": "spot", "initial_cash": 500}
    with open_home(home).database as database, database.transaction() as tx:
        tx.configurations.insert(configuration("11111111-a", rules=rules))
        tx.configurations.insert(
            configuration("22222222-b", rules=rules, lifecycle_stage=Stage.VALIDATION)
        )
    activate = ["configs", "activate", "11111111", "--mode", "testnet"]
    assert run(*activate)[1]["error"]["code"] == "wallet_not_found"
    run("connections", "add", "desk", piped=f"{KEY}\n{SECRET}\n")
    code, wallet = run("wallets", "create", "main", "--connection", "desk", "--balance", "400.5")
    assert (code, wallet["mode"], wallet["balance"]) == (0, "testnet", "400.5")
    code, made = run(*activate)
    assert (code, made["wallet_id"]) == (0, wallet["id"])
    shown = run("activations", "list")[1]["items"][0]
    assert (shown["mode"], shown["feed"], shown["allotment"]) == ("testnet", "sandbox", "400.5")
    listed = run("wallets", "list")[1]["items"][0]
    assert (listed["allotted"], listed["connection_id"]) == ("400.5", wallet["connection_id"])
    assert run("connections", "remove", "desk")[1]["error"]["code"] == "connection_in_use"
    name = made["activation_id"]
    assert run("activations", "pause", name)[1]["blocked"] == "paused"
    assert "paused" in run.text("activations", "list")
    assert run("activations", "resume", name)[1]["blocked"] is None
    assert run("activations", "resume", name)[1]["error"]["code"] == "not_paused"
    code, rolled = run("activations", "rollback", name, "--reason", "drift")
    assert (code, rolled["left"]["state"]) == (0, "DRAINING")
    assert (rolled["paper"]["mode"], rolled["paper"]["allotment"]) == ("paper", "400.5")
    assert run("activations", "rollback", name)[1]["error"]["code"] == "not_active"


def test_real_money_needs_the_word(run: Terminal, home: Path) -> None:
    with open_home(home).database as database, database.transaction() as tx:
        rules = {"market": "spot", "initial_cash": 500}
        tx.configurations.insert(
            configuration("22222222-b", rules=rules, lifecycle_stage=Stage.VALIDATION)
        )
    run("connections", "add", "real", "--mode", "live", piped=f"{KEY}\n{SECRET}\n")
    run("wallets", "create", "main", "--connection", "real", "--balance", "1000")
    activate = ["configs", "activate", "22222222", "--mode", "live"]
    code, answer = run(*activate)
    assert (code, answer["error"]["code"]) == (3, "confirmation_needed")
    code, answer = run(*activate, "--confirm", "LIVE", "--allotment", "21")
    assert (code, answer["error"]["code"]) == (3, "live_cap")
    assert run(*activate, "--confirm", "LIVE")[0] == 0
    shown = run("activations", "list")[1]["items"][0]
    assert (shown["mode"], Decimal(shown["allotment"])) == ("live", 20)


WALLETS = [
    (["--balance", "0"], 2, "bad_balance"),
    (["--balance", "much"], 2, "bad_balance"),
    (["--balance", "NaN"], 2, "bad_balance"),
    (["--connection", "nobody", "--balance", "5"], 4, "connection_not_found"),
    (["--connection", "nobody"], 2, "missing_option"),
]


@pytest.mark.parametrize(("options", "exit_code", "code"), WALLETS)
def test_wallets_are_refused(run: Terminal, options: list[str], exit_code: int, code: str) -> None:
    found, answer = run("wallets", "create", "x", *options)
    assert (found, answer["error"]["code"]) == (exit_code, code)
    assert run("wallets", "list")[1]["items"] == []


def test_a_paper_wallet_takes_its_defaults_from_the_settings(run: Terminal) -> None:
    code, made = run("wallets", "create", "second", "--quote", "eur")
    assert (code, made["balance"], made["quote"], made["mode"]) == (0, "10000", "EUR", "paper")
    assert "second" in run.text("wallets", "list")
