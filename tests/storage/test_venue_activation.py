"""What may be activated at a venue, with whose word, with how much; holding and rolling back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from conformance import storage_records as make
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode, Stage
from tradepulse.storage.activating import request_activation, request_leave
from tradepulse.storage.database import Database
from tradepulse.storage.pausing import fall_back, request_pause, request_resume
from tradepulse.storage.rolling_back import rollback_activation
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.venue_rules import Consent

D, T0 = Decimal, make.T0
RULES = {"market": "spot", "initial_cash": 5_000.0}
WORD = Consent("LIVE", by="me")
ADMIN = Consent("LIVE", admin=True, by="root")


class Desk:
    """Three accounts at one venue (spot and contracts on the test network, spot with real money),
    two wallets on each of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as tx:
            self._fill(tx)

    @staticmethod
    def _fill(tx: Transaction) -> None:
        spot, live = make.connection("spot"), make.connection("live", mode=Mode.LIVE, base_url=None)
        contracts = make.connection("contracts", market=Market.PERPETUAL)
        for connection in (spot, contracts, dataclasses.replace(live, checked_at=T0)):
            tx.connections.insert(connection)
            for n in (1, 2):
                tx.wallets.insert(
                    make.wallet(
                        f"{connection.id}-{n}", mode=connection.mode, connection_id=connection.id
                    )
                )
        tx.wallets.insert(make.wallet("paper"))
        tx.wallets.insert(make.wallet("loose", mode=Mode.LIVE))

    def configure(self, id_: str, **changes: Any) -> None:
        with self.database.transaction() as tx:
            if tx.configurations.find(id_) is None:
                tx.configurations.insert(make.configuration(id_, rules=RULES, **changes))

    def activate(self, wallet: str, id_: str = "c1", **asked: Any) -> Activation:
        known = ("pair", "exchange", "lifecycle_stage")
        changes = {name: asked.pop(name) for name in known if name in asked}
        self.configure(id_, **changes)
        mode = {"spot": Mode.TESTNET, "cont": Mode.TESTNET, "pape": Mode.PAPER}.get(
            wallet[:4], Mode.LIVE
        )
        with self.database.transaction() as tx:
            return request_activation(
                tx, id_, wallet, now_ms=T0, mode=asked.pop("mode", mode), **asked
            )

    def count(self) -> int:
        with self.database.reading() as tx:
            return len(tx.activations.running())

    def events(self, kind: str) -> list[dict[str, Any]]:
        with self.database.reading() as tx:
            return [dict(event.payload) for event in tx.events.since(types=[kind])]


@pytest.fixture
def venue(database: Database) -> Desk:
    return Desk(database)


def refused(code: str, act: Callable[[], object]) -> TradePulseError:
    with pytest.raises(TradePulseError) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def test_the_feed_is_that_of_the_connection(venue: Desk) -> None:
    assert venue.activate("spot-1").feed is Feed.SANDBOX
    mature = {"lifecycle_stage": Stage.MATURE}
    assert venue.activate("live-1", "c2", **mature).feed is Feed.LIVE
    assert venue.activate("paper", "c3").feed is Feed.REPLAY
    # Days in a sandbox must never count as live evidence.
    refused("bad_feed", lambda: venue.activate("spot-2", "c4", feed=Feed.LIVE))


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("wrong_wallet", "spot-1", {"exchange": "kraken"}),
    ("wrong_wallet", "spot-1", {"pair": "BTC/USDT:USDT"}),
    ("wrong_wallet", "contracts-1", {}),
    ("wrong_wallet", "spot-1", {"mode": Mode.LIVE}),
    ("wrong_wallet", "spot-1", {"mode": Mode.PAPER}),
    ("wrong_wallet", "paper", {"mode": Mode.TESTNET}),
    ("wrong_wallet", "spot-1", {"pair": "BTC/EUR"}),
    ("wrong_wallet", "loose", {}),
    ("confirmation_needed", "live-1", {"lifecycle_stage": Stage.VALIDATION}),
    ("confirmation_needed", "live-1", {"lifecycle_stage": Stage.WATCH}),
    ("confirmation_needed", "live-1",
     {"lifecycle_stage": Stage.VALIDATION, "consent": Consent("yes")}),
    ("confirmation_needed", "live-1",
     {"lifecycle_stage": Stage.DISCOVERY, "consent": Consent(None, admin=True)}),
    ("admin_needed", "live-1", {"lifecycle_stage": Stage.DISCOVERY, "consent": WORD}),
    ("stage_refused", "live-1", {"lifecycle_stage": Stage.DECAYED, "consent": ADMIN}),
    ("stage_refused", "live-1", {"lifecycle_stage": Stage.RETIRED, "consent": ADMIN}),
    ("bad_session_start", "live-1", {"lifecycle_stage": Stage.MATURE, "session_start": T0}),
    ("bad_allotment", "spot-1", {"allotment": D(0)}),
    ("allotment_exceeds_wallet", "spot-1", {"allotment": D("10000.01")}),
    ("live_cap", "live-1", {"lifecycle_stage": Stage.VALIDATION, "consent": WORD,
                            "allotment": D("100.01")}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "wallet", "asked"), REFUSED)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    venue: Desk, code: str, wallet: str, asked: dict[str, Any]
) -> None:
    refused(code, lambda: venue.activate(wallet, **asked))
    assert venue.count() == 0
    assert venue.events("activation.state") == []


LIVE: list[tuple[Stage, Consent | None, str]] = [
    (Stage.MATURE, None, "5000"),
    (Stage.VALIDATION, WORD, "100"),
    (Stage.WATCH, WORD, "100"),
    (Stage.DISCOVERY, ADMIN, "100"),
]


@pytest.mark.parametrize(("stage", "consent", "allotment"), LIVE)
def test_real_money_is_capped_by_evidence(
    venue: Desk, stage: Stage, consent: Consent | None, allotment: str
) -> None:
    made = venue.activate("live-1", lifecycle_stage=stage, consent=consent)
    assert made.allotment == D(allotment)
    (event,) = venue.events("activation.state")
    said = (event.get("stage"), event.get("confirmed_by"), event.get("cap"))
    assert said == ((None, None, None) if consent is None else (stage, consent.by, "100"))


@pytest.mark.parametrize(
    ("balance", "trades", "cap"), [(1_000, 0, "20"), (1_000, 29, "20"), (1_000, 30, "1000")]
)
def test_the_cap_is_two_percent_until_thirty_live_trades(
    venue: Desk, balance: int, trades: int, cap: str
) -> None:
    venue.configure("c1", lifecycle_stage=Stage.VALIDATION)
    with venue.database.transaction() as tx:
        tx.wallets.insert(
            make.wallet("live-9", mode=Mode.LIVE, connection_id="live", balance=D(balance))
        )
        tx.activations.insert(make.activation("before", wallet_id="paper"))
        tx.activations.set_state("before", ActivationState.STOPPED, at=T0)
        kept = {"activation_id": "before", "wallet_id": "paper"}
        tx.trades.insert_many(
            [make.trade(f"t{n}", mode=Mode.LIVE, **kept) for n in range(trades)]
            + [make.trade(f"p{n}", mode=Mode.PAPER, **kept) for n in range(40)]
        )
    assert venue.activate("live-9", consent=WORD).allotment == D(cap)


@pytest.mark.parametrize(
    ("changes", "found"),
    [({"checked_at": None}, "one that was never tested"), ({"fault": "auth: no"}, "auth: no")],
)
def test_real_money_needs_keys_that_were_found_fit(
    venue: Desk, changes: dict[str, Any], found: str
) -> None:
    faulty = make.connection(
        "faulty", mode=Mode.LIVE, base_url=None, **{"checked_at": T0, **changes}
    )
    with venue.database.transaction() as tx:
        tx.connections.insert(faulty)
        tx.wallets.insert(make.wallet("live-f", mode=Mode.LIVE, connection_id="faulty"))
    error = refused(
        "connection_unchecked", lambda: venue.activate("live-f", lifecycle_stage=Stage.MATURE)
    )
    assert error.found == found


def test_an_instrument_is_traded_once_a_wallet_and_contracts_once_an_account(venue: Desk) -> None:
    venue.activate("spot-1", "c1", allotment=D(1))
    refused("instrument_taken", lambda: venue.activate("spot-1", "c2", allotment=D(1)))
    refused("already_active", lambda: venue.activate("spot-1", "c1", allotment=D(1)))
    venue.activate("spot-1", "c3", pair="ETH/USDT", allotment=D(1))
    venue.activate("spot-2", "c4", allotment=D(1))
    contract = {"pair": "BTC/USDT:USDT", "allotment": D(1)}
    first = venue.activate("contracts-1", "c5", **contract)
    for wallet in ("contracts-1", "contracts-2"):
        refused("instrument_taken", lambda w=wallet: venue.activate(w, "c6", **contract))  # type: ignore[misc]
    with venue.database.transaction() as tx:
        tx.activations.set_state(first.id, ActivationState.STOPPED, at=T0)
    venue.activate("contracts-2", "c6", **contract)


def test_a_removed_connection_activates_nothing(venue: Desk) -> None:
    with venue.database.transaction() as tx:
        tx.connections.remove("spot", T0)
    refused("connection_not_found", lambda: venue.activate("spot-1"))


# --- holding --------------------------------------------------------------------------------------
def test_pausing_holds_it_until_it_is_resumed(venue: Desk) -> None:
    made = venue.activate("spot-1")
    with venue.database.transaction() as tx:
        held = request_pause(tx, made, now_ms=T0 + 1)
        assert held.blocked == "paused"
        assert request_pause(tx, held, now_ms=T0 + 2) == held
        free = request_resume(tx, held, now_ms=T0 + 3)
        assert (free.blocked, free.state) == (None, ActivationState.STARTING)
    refused("not_paused", lambda: hold(venue, request_resume, made.id))
    told = venue.events("activation.state")
    assert [event.get("blocked", "-") for event in told] == ["-", "paused", None]
    assert told[-1]["lifted"] == "paused"


def hold(venue: Desk, change: Callable[..., Any], activation_id: str, *more: Any) -> Any:
    with venue.database.transaction() as tx:
        return change(tx, tx.activations.get(activation_id), *more, now_ms=T0)


def test_falling_back_says_why_once(venue: Desk) -> None:
    made = venue.activate("spot-1")
    for _ in range(2):
        held = hold(venue, fall_back, made.id, "two_faults", "two faults in a day")
        assert held.blocked == "fallback"
    with venue.database.reading() as tx:
        (alert,) = tx.alerts.page().items
    assert (alert.code, alert.level, alert.entity_id) == ("two_faults", "critical", made.id)
    assert len(venue.events("alert.raised")) == 1
    assert venue.events("activation.state")[-1]["reason"] == "two faults in a day"
    assert hold(venue, request_pause, made.id).blocked == "fallback"
    assert hold(venue, request_resume, made.id).blocked is None


def test_nothing_is_held_that_is_over(venue: Desk) -> None:
    made = venue.activate("spot-1")
    with venue.database.transaction() as tx:
        tx.activations.set_state(made.id, ActivationState.FAULTED, at=T0)
    for change in (request_pause, request_resume):
        refused("not_active", lambda c=change: hold(venue, c, made.id))  # type: ignore[misc]
    refused("not_active", lambda: hold(venue, fall_back, made.id, "code", "why"))


# --- rolling back ---------------------------------------------------------------------------------
@pytest.mark.parametrize("flatten", [False, True])
def test_rolling_back_leaves_and_goes_on_on_paper(venue: Desk, flatten: bool) -> None:
    made = venue.activate("spot-1", allotment=D("123.45"))
    with venue.database.transaction() as tx:
        done = rollback_activation(tx, made.id, now_ms=T0 + 1, reason="drift", flatten=flatten)
        wallet = tx.wallets.get(done.paper.wallet_id)
    assert (done.left.id, done.left.state) == (made.id, ActivationState.DRAINING)
    assert (done.paper.mode, done.paper.feed) == (Mode.PAPER, Feed.SANDBOX)
    assert (done.paper.configuration_id, done.paper.allotment) == ("c1", D("123.45"))
    assert (wallet.mode, wallet.balance) == (Mode.PAPER, D("123.45"))
    (event,) = venue.events("activation.rolled_back")
    assert (event["paper_activation_id"], event["reason"]) == (done.paper.id, "drift")
    wishes = [e["flatten"] for e in venue.events("activation.state") if "flatten" in e]
    assert wishes == [flatten]


def test_rolling_back_is_for_what_trades_at_a_venue(venue: Desk) -> None:
    def roll(activation_id: str) -> None:
        with venue.database.transaction() as tx:
            rollback_activation(tx, activation_id, now_ms=T0)

    paper, made = venue.activate("paper"), venue.activate("spot-1", "c2")
    refused("not_at_a_venue", lambda: roll(paper.id))
    refused("activation_not_found", lambda: roll("nobody"))
    with venue.database.transaction() as tx:
        request_leave(tx, made, now_ms=T0)
    refused("not_active", lambda: roll(made.id))
    assert venue.count() == 2
