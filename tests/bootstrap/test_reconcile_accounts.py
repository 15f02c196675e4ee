"""`reconcile` against a real sandbox: what agrees to the last unit, and what is made to differ."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from traded_world import KEY, SECRET, TradedWorld

from tradepulse.cli import main
from tradepulse.storage.tables import fills, reconciliations, transfers

pytestmark = pytest.mark.slow
WORLDS = ("spot", "contracts")


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> TradedWorld:
    """A traded home without what an earlier test compared."""
    found: TradedWorld = request.getfixturevalue(request.param)
    with found.app.database.transaction() as tx:
        tx.connection.execute(sa.delete(reconciliations))
        tx.connection.execute(sa.delete(transfers))
    return found


def test_the_world_has_something_to_show(contracts: TradedWorld) -> None:
    assert contracts.events("funding.paid")


def test_beside_a_trading_engine_nothing_differs(world: TradedWorld) -> None:
    (report,) = world.beside
    assert not report.differs
    assert not report.unread
    (account,) = report.accounts
    assert account.baseline in ("first", "busy")


def test_balances_agree_to_the_last_unit(world: TradedWorld) -> None:
    """The ledger's flows from the account's first moment are what the sandbox itself holds."""
    (account,) = world.reconcile().accounts
    assert (account.differences, account.baseline, account.since) == ((), "first", None)
    truth = world.sandbox.state()["accounts"][KEY]
    flows: dict[str, Decimal] = {}
    for day in account.days:
        flows[day.currency] = flows.get(day.currency, Decimal(0)) + day.net
    began = {"USDT": Decimal(20_000)}
    for currency, moved in flows.items():
        held = _held(truth, world.market.value, currency)
        assert abs(held - began.get(currency, Decimal(0)) - moved) <= Decimal("1e-7"), currency


def test_the_second_look_starts_where_the_first_agreed(world: TradedWorld) -> None:
    first = world.reconcile().accounts[0]
    second = world.reconcile().accounts[0]
    assert (second.baseline, second.since, second.differences) == ("agreed", first.until, ())
    assert set(second.ledger.values()) == {Decimal(0)}
    assert second.ledger == second.venue


def test_a_fill_that_the_ledger_lost_is_found(world: TradedWorld) -> None:
    database = world.app.database
    with database.reading() as tx:
        lost = tx.fills.of_activation(world.activation_id)[-1]
    with database.transaction() as tx:
        tx.connection.execute(sa.delete(fills).where(fills.c.id == lost.id))
    try:
        report = world.reconcile()
    finally:
        with database.transaction() as tx:
            tx.fills.insert(lost)
    kinds = {(d.kind, d.what) for d in report.accounts[0].differences}
    assert ("fill", "missing_fill") in kinds
    missing = next(d for d in report.accounts[0].differences if d.what == "missing_fill")
    assert (missing.wallet_id, missing.entity_id) == (world.wallet_id, lost.order_id)
    assert report.accounts[0].baseline in ("kept", "busy")
    with database.reading() as tx:
        kept = tx.reconciliations.page(kind="fill", limit=10).items
        alerts = tx.alerts.page().items
    assert [row.resolved_how for row in kept] == ["reported"]
    assert any(alert.code == "reconcile_difference" for alert in alerts)
    assert any(e["what"] == "missing_fill" for e in world.events("reconcile.difference"))


def test_a_deposit_differs_until_it_is_booked(
    world: TradedWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.reconcile()
    world.sandbox.open_account(KEY, SECRET, {"USDT": 250}, 250)
    home = ["--home", str(world.app.home.path), "--json"]
    assert main(["reconcile", *home]) == 3
    (found,) = json.loads(capsys.readouterr().out)["differences"]
    assert (found["kind"], found["what"], found["entity_id"]) == ("pnl", "balance", "USDT")
    assert Decimal(found["found"]) - Decimal(found["expected"]) == 250
    assert main(["reconcile", "--wallet", "desk", "--transfer", "USDT=250", *home]) == 0
    (account,) = json.loads(capsys.readouterr().out)["accounts"]
    assert account["baseline"] == "agreed"
    (change,) = [c for c in account["changes"] if c["currency"] == "USDT"]
    assert (change["ledger"], change["venue"], change["difference"]) == ("250", "250", "0")


def test_what_cannot_be_explained_is_accepted_with_a_reason(world: TradedWorld) -> None:
    world.reconcile()
    world.sandbox.open_account(KEY, SECRET, {"USDT": 1}, 1)
    assert world.reconcile().accounts[0].baseline == "kept"
    accepted = world.reconcile(accept="a gift").accounts[0]
    assert (accepted.baseline, len(accepted.differences)) == ("accepted", 1)
    assert not world.reconcile().differs
    with world.app.database.reading() as tx:
        rows = tx.reconciliations.page(kind="balance", limit=10).items
    assert "accepted: a gift" in {row.resolved_how for row in rows}


def test_an_account_that_cannot_be_read_is_no_agreement(
    world: TradedWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.sandbox.fault("maintenance", "*", times=100)
    try:
        code = main(["reconcile", "--home", str(world.app.home.path), "--json"])
    finally:
        world.sandbox.clear_faults()
    document = json.loads(capsys.readouterr().out)
    assert (code, document["differences"]) == (5, [])
    (unread,) = document["unread"]
    assert unread["connection"] == "box"
    assert unread["error"]["code"] in ("exchange_unavailable", "maintenance")


def test_a_home_without_accounts_has_no_differences(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reconcile", "--home", f"{tmp_path}/home", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


@pytest.mark.parametrize(
    ("more", "exit_code", "code"),
    [
        (["--wallet", "nobody"], 4, "wallet_not_found"),
        (["--transfer", "USDT=5"], 2, "missing_option"),
        (["--wallet", "desk", "--transfer", "USDT=much"], 2, "bad_transfer"),
        (["--wallet", "desk", "--transfer", "USDT=0"], 2, "bad_transfer"),
    ],
)
def test_questions_that_make_no_sense(
    spot: TradedWorld, capsys: pytest.CaptureFixture[str], more: list[str], exit_code: int,
    code: str,
) -> None:  # fmt: skip
    home = ["--home", str(spot.app.home.path), "--json"]
    assert main(["reconcile", *more, *home]) == exit_code
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_the_table_for_people(spot: TradedWorld, capsys: pytest.CaptureFixture[str]) -> None:
    spot.reconcile()
    main(["reconcile", "--home", str(spot.app.home.path)])
    told = capsys.readouterr().out
    assert "box (binance spot, testnet): agrees" in told
    assert "Change of balances" in told


def _held(truth: dict[str, Any], market: str, currency: str) -> Decimal:
    if market == "perpetual":
        return Decimal(truth["futures"]["wallet"])
    rows = [row for row in truth["balances"] if row["asset"] == currency]
    return sum((Decimal(row["free"]) + Decimal(row["locked"]) for row in rows), Decimal(0))
